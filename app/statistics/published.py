"""Which sums of the official map anybody may know. The one place that says it: pages ask here."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.core.clock import months_between
from app.statistics.official import Choice, Period, open_months
from app.statistics.prepared import current_shelf
from app.statistics.withholding import Told, month_secrets


def publishable_areas(
    session: Session, period: Period, chosen: Choice, today: date
) -> frozenset[str]:
    """The codes of the areas whose sums anybody may know, `WHOLE` for all counties together.

    Of several months only what each of them publishes: their difference would tell the rest. What
    is withheld as a whole is withheld in all its parts.
    """
    told = published(session, period, today)
    return frozenset.intersection(*(each.get(chosen.materials, frozenset()) for each in told))


def published(session: Session, period: Period, today: date) -> list[Told]:
    """The same of every choice of wastes that a page sums, month by month.

    Of an open month nothing: read before and after a declaration it would tell that firm's masses.
    """
    shelf, still_open = current_shelf(), open_months(session, period)
    months = zip(
        months_between(period.first, period.last),
        month_secrets(session, period, today),
        strict=True,
    )
    return [{} if month in still_open else shelf.told(secrets) for month, secrets in months]
