"""The months of the demo market's past as the city published them, some of them more than once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.clock import add_months, china_instant
from app.declarations.models import Declaration
from app.demo import practice
from app.demo.deliveries import MONTHS, SEED, Partners
from app.demo.rules import HISTORY
from app.history.declaring import Books, declare_month, ticketed_masses
from app.history.rules import past_months
from app.statistics.closing import close, publish
from app.statistics.facts import SETTLING, keep_up, prepare

CITY = Actor(kind=ActorKind.REGULATOR, region="371500")
CLOSING_DAY, CLOSING_HOUR = 15, 10
"""When the city closes a month: after the day on which declarations are due."""
PATIENCE = timedelta(days=2)
"""How long it waits for more before it restates a month."""
REASON = "企业更正申报"


def published_before(now: datetime) -> list[date]:
    """The months that were closed when the market opened."""
    return [month for month in past_months(now, MONTHS) if closing_of(month) <= now - HISTORY]


def published_since(now: datetime) -> list[date]:
    """The other months that are over."""
    return [month for month in past_months(now, MONTHS) if closing_of(month) > now - HISTORY]


def closing_of(month: date) -> datetime:
    return china_instant(add_months(month, 1).replace(day=CLOSING_DAY), CLOSING_HOUR)


def declare_before(session: Session, partners: Partners, now: datetime) -> Books:
    """Let all works declare the months that were closed when the market opened."""
    books = Books(
        random=Random(SEED),
        works=practice.works(session, partners.folder, partners.sites),
        first_month=past_months(now, MONTHS)[0],
        logs={pair: {} for pair in practice.logged(partners.folder, partners.sites)},
    )
    tickets = ticketed_masses(session)
    for month in published_before(now):
        declare_month(session, books, month, tickets, now)
    return books


def publish_before(session: Session, now: datetime) -> None:
    """Those months as they were published; the market's trail begins later."""
    publish_in_turn(session, CITY, published_before(now), now - HISTORY)


def publish_in_turn(session: Session, by: Actor, months: list[date], until: datetime) -> None:
    """Each month on its day, and once more where something of it was declared late."""
    for month in months:
        publish(session, by, month, 1, closing_of(month))
    for month, at in _corrected(session, months, until):
        publish(session, by, month, 2, at, REASON)


def publish_since(session: Session, city: Actor, now: datetime) -> None:
    """Close what has become due since, late as the city is; prepare what is not due yet."""
    for month in published_since(now):
        if closing_of(month) <= now:
            close(session, city, month, now)
        else:
            prepare(session, month, now - SETTLING)
    keep_up(session, now - SETTLING)


def _corrected(
    session: Session, months: list[date], until: datetime
) -> Iterator[tuple[date, datetime]]:
    """The months in which something was declared after their close, and when that was restated."""
    found = (
        select(Declaration.month, func.max(Declaration.declared_at))
        .where(Declaration.month.in_(months), Declaration.declared_at <= until - PATIENCE)
        .group_by(Declaration.month)
        .order_by(Declaration.month)
    )
    for month, at in session.execute(found):
        if at > closing_of(month) - SETTLING:
            yield month, at + PATIENCE
