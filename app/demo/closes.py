"""The months of the demo market's past as the city published them, some of them more than once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.declarations.models import Declaration
from app.demo import oddities, practice
from app.demo.deliveries import SEED, Partners
from app.demo.rules import MONTHS, closing_of, declared_before
from app.history.declaring import Books, declare_month, ticketed_masses
from app.history.rules import past_months
from app.settings import LIAOCHENG
from app.statistics.closing import publish
from app.statistics.facts import SETTLING

CITY = Actor(kind=ActorKind.REGULATOR, region=LIAOCHENG)
PATIENCE = timedelta(days=2)
"""How long it waits for more before it restates a month."""
REASON = "企业更正申报"


def declare_before(session: Session, partners: Partners, now: datetime) -> Books:
    """Let all works declare the months that were declared when the market opened."""
    books = Books(
        random=Random(SEED),
        works=practice.works(session, partners.folder, partners.sites),
        first_month=past_months(now, MONTHS)[0],
        logs={pair: {} for pair in practice.logged(partners.folder, partners.sites)},
        understated=oddities.of(partners.folder, partners.sites, now).understated,
    )
    tickets = ticketed_masses(session)
    for month in declared_before(now):
        declare_month(session, books, month, tickets, now)
    return books


def publish_before(session: Session, opened: datetime, months: list[date]) -> None:
    """Those months as they were published; the market's trail begins later."""
    publish_in_turn(session, CITY, months, opened)


def publish_in_turn(session: Session, by: Actor, months: list[date], until: datetime) -> None:
    """Each month on its day, and once more where something of it was declared late."""
    for month in months:
        publish(session, by, month, 1, closing_of(month))
    for month, at in corrected(session, months, until):
        publish(session, by, month, 2, at, REASON)


def corrected(
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
