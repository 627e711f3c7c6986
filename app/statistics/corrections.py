"""What firms have declared since a month was published: its figures are still the old ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import material_map
from app.declarations.models import Declaration
from app.statistics.facts import SETTLING
from app.statistics.models import MonthClose

RECENT_MONTHS = 6
"""How many published months are asked about at once."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A published month with how many declarations came after it, of which materials by name."""

    month: date
    version: int
    declarations: int
    materials: tuple[str, ...]


def corrected_since(session: Session, now: datetime, month: date | None = None) -> list[Corrected]:
    """The published months that could be stated again, the latest first; or one month alone."""
    closes = select(
        MonthClose.month,
        func.max(MonthClose.version).label("version"),
        func.max(MonthClose.as_of).label("as_of"),
    )
    wanted = closes if month is None else closes.where(MonthClose.month == month)
    latest = wanted.group_by(MonthClose.month).order_by(MonthClose.month.desc())
    known = latest.limit(RECENT_MONTHS).subquery("known")
    after = and_(Declaration.month == known.c.month, Declaration.declared_at > known.c.as_of)
    query = (
        select(known.c.month, known.c.version, Declaration.material, func.count())
        .join(Declaration, after)
        .where(Declaration.declared_at <= now - SETTLING)
        .group_by(known.c.month, known.c.version, Declaration.material)
        .order_by(known.c.month.desc(), Declaration.material)
    )
    rows = session.execute(query).all()
    return [
        _corrected(session, month, version, list(group))
        for (month, version), group in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


def _corrected(
    session: Session, month: date, version: int, rows: Sequence[Row[*tuple[Any, ...]]]
) -> Corrected:
    known = material_map(session, month)
    return Corrected(
        month,
        version,
        declarations=sum(row[3] for row in rows),
        materials=tuple(known[row[2]].name for row in rows),
    )
