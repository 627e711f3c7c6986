"""The months of the demo market's past as the city published them, and one it had to restate."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import add_months, china_instant
from app.declarations.models import Declaration
from app.demo.deliveries import MONTHS
from app.demo.stage import Stage
from app.history.rules import past_months
from app.statistics.closing import close, restate
from app.statistics.facts import SETTLING, keep_up, prepare
from app.statistics.models import MonthClose

CLOSING_DAY, CLOSING_HOUR = 15, 10
"""When the city closes a month: after the day on which declarations are due."""
PATIENCE = timedelta(days=2)
"""How long it waits for more before it restates a month."""


def publish(session: Session, stage: Stage) -> None:
    """Close every month whose day has come and prepare the rest; restate what firms corrected."""
    now, city = stage.calendar.now, stage.person(session, "city")
    for month in past_months(now, MONTHS):
        at = china_instant(add_months(month, 1).replace(day=CLOSING_DAY), CLOSING_HOUR)
        if at <= now:
            close(session, city, month, at)
        else:
            prepare(session, month, now - SETTLING)
    for month, corrected in _corrected(session):
        if corrected + PATIENCE <= now:
            restate(session, city, month, "企业更正申报", corrected + PATIENCE)
    keep_up(session, now - SETTLING)


def _corrected(session: Session) -> list[tuple[date, datetime]]:
    """The closed months in which something was declared after the close, and when last."""
    last = func.max(Declaration.declared_at)
    found = (
        select(Declaration.month, last)
        .join(MonthClose, MonthClose.month == Declaration.month)
        .where(Declaration.declared_at > MonthClose.as_of)
        .group_by(Declaration.month)
        .order_by(Declaration.month)
    )
    return [(month, at) for month, at in session.execute(found)]
