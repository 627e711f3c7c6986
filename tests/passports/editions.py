"""A new edition of a standard for tests: the committed files with rows of it added from a day."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.catalogue.operations import load_reference_data
from app.core.actor import SYSTEM
from app.settings import ROOT
from tests.conftest import NOW

OLD, NEW = "GB/T 1596-2017", "GB/T 1596-2027"
FROM = date(2027, 2, 1)
Row = dict[str, str]
Ends = dict[tuple[str, str], str]
"""The upper end of a limit by its grade, blank for all grades, and its parameter."""
TIGHTER: Ends = {("I", "loi"): "4.0", ("II", "loi"): "6.0", ("", "so3"): "2.5"}
LOOSER: Ends = {("I", "residue_45um"): "15.0", ("III", "loi"): "12.0", ("", "moisture"): "2.0"}


def with_edition(folder: Path, ends: Ends, start: date = FROM) -> Path:
    """Copy the data to a folder; from `start` a new edition stands there with these ends."""
    shutil.copytree(ROOT / "data" / "catalogue", folder / "catalogue")

    def described(row: Row) -> Row:
        return row | {"code": NEW, "replaces": OLD}

    def bounded(row: Row) -> Row:
        end = ends.get((row["grade"], row["parameter"]), row["maximum"])
        return row | {"standard": NEW, "maximum": end}

    _renewed(folder, "standards.csv", "code", start, described)
    _renewed(folder, "uses.csv", "standard", start, lambda row: row | {"standard": NEW})
    _renewed(folder, "quality_limits.csv", "standard", start, bounded)
    return folder


def load_edition(session: Session, folder: Path, ends: Ends, start: date = FROM) -> None:
    """Load it as `flask catalogue load` does."""
    load_reference_data(session, SYSTEM, with_edition(folder, ends, start), NOW)


def _renewed(
    folder: Path, name: str, column: str, start: date, renew: Callable[[Row], Row]
) -> None:
    """End the rows of the old edition the day before, and add what becomes of them."""
    path = folder / "catalogue" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    old = [row for row in rows if row[column] == OLD]
    added = [renew(row) | {"valid_from": start.isoformat()} for row in old]
    for row in old:
        row["valid_to"] = (start - timedelta(days=1)).isoformat()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows + added)
