"""The dated figures of the watch: from the reference files, or as they were loaded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import files, layouts
from app.catalogue.models import ArisingFactor, WatchTerm
from app.catalogue.rules import FactorSide, Threshold
from app.declarations.rules import ActivityKind
from app.watch.signs.thresholds import Factor, ThresholdBook, ThresholdRow


def book_from_files(folder: Path) -> ThresholdBook:
    """As `folder/catalogue` has them; raises `files.DamagedFiles`."""
    terms, factors = layouts.WATCH_TERMS, layouts.ARISING_FACTORS
    rows = files.read(folder / "catalogue", (terms, factors))
    return _book(rows[terms.file], rows[factors.file])


def book(session: Session) -> ThresholdBook:
    """As the database has them."""
    terms, factors = select(WatchTerm.__table__), select(ArisingFactor.__table__)
    rows = session.execute(terms).mappings().all(), session.execute(factors).mappings().all()
    return _book(*(map(dict, each) for each in rows))


def _book(terms: Iterable[files.Row], factors: Iterable[files.Row]) -> ThresholdBook:
    return ThresholdBook([_term(row) for row in terms], [_factor(row) for row in factors])


def _term(row: files.Row) -> ThresholdRow:
    names = ("material", "value", "valid_from", "valid_to")
    return ThresholdRow(code=Threshold(row["code"]), **{name: row[name] for name in names})


def _factor(row: files.Row) -> Factor:
    names = ("material", "low_milli", "central_milli", "high_milli", "valid_from", "valid_to")
    return Factor(
        side=FactorSide(row["side"]),
        activity=ActivityKind(row["activity"]),
        **{name: row[name] for name in names},
    )
