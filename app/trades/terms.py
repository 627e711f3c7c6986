"""The market's own terms of a day, as the rules of trades want them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy.orm import Session

from app.catalogue.queries import terms
from app.core.clock import china_day
from app.trades.rules import Terms


def terms_at(session: Session, at: datetime) -> Terms:
    """The terms of the day of an instant; raises `LookupError` naming what the catalogue lacks."""
    day = china_day(at)
    values = {row.code.value: row.value for row in terms(session, day)}
    wanted = [field.name for field in fields(Terms)]
    lacking = [name for name in wanted if name not in values]
    if lacking:
        raise LookupError(f"the market has no terms {', '.join(lacking)} on {day}")
    return Terms(**{name: values[name] for name in wanted})
