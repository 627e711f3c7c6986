"""Which sums of the official map anybody may know. The one place that says it: pages ask here."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.statistics.official import Choice, Period
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
    """The same of every choice of wastes that a page sums, month by month."""
    shelf = current_shelf()
    return [shelf.told(secrets) for secrets in month_secrets(session, period, today)]
