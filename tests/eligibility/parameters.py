"""The parameters of the catalogue, for tests without a database."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from app.catalogue.quality import ParameterRow
from app.catalogue.rules import Basis, Confidence, QualityUnit

FILE = Path(__file__).parents[2] / "data" / "catalogue" / "quality_parameters.csv"


def parameters() -> dict[str, ParameterRow]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: _parameter(row) for row in csv.DictReader(file)}


def _parameter(row: dict[str, str]) -> ParameterRow:
    return ParameterRow(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        symbol=row["symbol"],
        unit=QualityUnit(row["unit"]),
        lowest=Decimal(row["lowest"]) if row["lowest"] else None,
        highest=Decimal(row["highest"]) if row["highest"] else None,
        basis=Basis(row["basis"]) if row["basis"] else None,
        synonyms=tuple(row["synonyms"].split("|")),
        sort_order=int(row["sort_order"]),
        confidence=Confidence(row["confidence"]),
        source=row["source"],
    )
