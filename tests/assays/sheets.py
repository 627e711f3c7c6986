"""Sheets of laboratories as tests write them, and what was read from them in few words."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from app.assays.sheet import Found, SheetReading, read_sheet
from app.catalogue.quality import ParameterRow
from app.catalogue.rules import Basis, Confidence, QualityUnit
from app.core.office.sent import SentRow, sent_row
from app.settings import ROOT

FILE = ROOT / "data" / "catalogue" / "quality_parameters.csv"


@cache
def parameters() -> dict[str, ParameterRow]:
    """The parameters of the catalogue, without a database."""
    with FILE.open(encoding="utf-8-sig", newline="") as lines:
        return {row["code"]: _parameter(row) for row in csv.DictReader(lines)}


def rows_of(lines: Iterable[Iterable[str]]) -> list[SentRow]:
    rows = (sent_row(number, cells) for number, cells in enumerate(lines, start=1))
    return [row for row in rows if row.cells]


def drawn(sheet: str) -> list[SentRow]:
    """The rows of a sheet drawn with `|` between its cells."""
    lines = sheet.strip("\n").split("\n")
    return rows_of(line.strip().split("|") for line in lines)


def read(sheet: str) -> SheetReading:
    return read_sheet(drawn(sheet), parameters())


def said(found: Found) -> str:
    """A value in few words: `0 loi 4.9 % A1 (no_reading)`."""
    parts = [str(found.batch), found.parameter, found.text, found.unit, found.cell]
    fault = f" ({found.fault})" if found.fault else ""
    return " ".join(filter(None, parts)) + fault


def _parameter(row: dict[str, str]) -> ParameterRow:
    lowest, highest = (Decimal(row[end]) if row[end] else None for end in ("lowest", "highest"))
    return ParameterRow(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        symbol=row["symbol"],
        unit=QualityUnit(row["unit"]),
        lowest=lowest,
        highest=highest,
        basis=Basis(row["basis"]) if row["basis"] else None,
        synonyms=tuple(row["synonyms"].split("|")),
        sort_order=int(row["sort_order"]),
        confidence=Confidence(row["confidence"]),
        source=row["source"],
    )
