"""Which sums of the official map anybody may know. The one place that says it: pages ask here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.statistics.official import Choice, Period
from app.statistics.prepared import current_shelf
from app.statistics.unnamed import questions
from app.statistics.withholding import Told


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
    asked = questions(session, period, today)
    return [_by_all([shelf.told(secrets) for secrets in of_month]) for of_month in asked]


def _by_all(answers: Sequence[Told]) -> Told:
    """What every answer tells; nothing where nothing was asked."""
    first, *others = answers or [{}]
    return {
        materials: areas.intersection(*(other[materials] for other in others))
        for materials, areas in first.items()
    }
