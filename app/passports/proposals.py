"""What is proposed to whoever confirms a sheet: samples with rows, ready to fill the form in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.assays.sheet import Found, Ignored, SampleHead, SheetReading, Unread, read_sheet
from app.catalogue.quality import ParameterRow
from app.catalogue.rules import Basis
from app.core.office.sent import SentRow

CELL = re.compile(r"([A-Z]+)(\d+)")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposals:
    """The samples of a sheet as values of the form, and what was taken for no result."""

    samples: list[Values]
    ignored: tuple[Ignored, ...]

    @property
    def rows(self) -> int:
        return sum(len(sample["rows"]) for sample in self.samples)


def proposals(rows: Iterable[SentRow], parameters: Mapping[str, ParameterRow]) -> Proposals:
    """What a sheet seems to say; a figure nobody knows stands with the sample it lies next to."""
    reading = read_sheet(rows, parameters)
    if not reading.found and not reading.unread:
        return Proposals([], reading.ignored)
    samples = [_head(head) for head in reading.samples] or [_head(None)]
    for found in reading.found:
        samples[found.batch]["rows"].append(_row(found))
    for unread in reading.unread:
        samples[_next_to(unread, reading)]["rows"].append(_unknown(unread))
    return Proposals(samples, reading.ignored)


def blank_sample(codes: Iterable[str]) -> Values:
    """A sample to be typed: a row for each parameter, in its own unit."""
    return {"rows": [{"parameter": code, "keep": True} for code in codes]}


def _head(head: SampleHead | None) -> Values:
    if head is None:
        return {"rows": []}
    return {
        "label": head.label,
        "sampled_on": head.sampled_on,
        "laboratory": head.laboratory,
        "certificate": head.certificate,
        "report_number": head.report_number,
        "basis": head.basis or Basis.DRY,
        "rows": [],
    }


def _row(found: Found) -> Values:
    return {
        "name": found.name,
        "cell": found.cell,
        "method": found.method,
        "text": found.text,
        "unit": found.unit,
        "parameter": found.parameter,
        "keep": True,
    }


def _unknown(unread: Unread) -> Values:
    return {"name": unread.name, "cell": unread.cell, "text": unread.text, "keep": True}


def _next_to(unread: Unread, reading: SheetReading) -> int:
    """The sample with most values in the line or column of a cell; the first if there is none."""
    column, line = _place(unread.cell)
    counts = [0] * max(1, len(reading.samples))
    for found in reading.found:
        own_column, own_line = _place(found.cell)
        counts[found.batch] += (own_column == column) + (own_line == line)
    return counts.index(max(counts))


def _place(cell: str) -> tuple[str, str]:
    found = CELL.fullmatch(cell)
    return (found[1], found[2]) if found else ("", "")
