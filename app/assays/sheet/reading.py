"""Down the lines of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from app.assays.sheet.cells import Line, line_of
from app.assays.sheet.facts import Fact, certificates_of, facts_of, laboratory_of
from app.assays.sheet.found import Ignored, SheetReading
from app.assays.sheet.horizontal import Horizontal, horizontal_head
from app.assays.sheet.page import Page
from app.assays.sheet.pairs import read_pairs
from app.assays.sheet.roles import is_footer
from app.assays.sheet.samples import sorted_out
from app.assays.sheet.vertical import Vertical, vertical_head
from app.catalogue.quality import ParameterRow
from app.core.office.sent import SentRow
from app.eligibility.naming import Names

MOST_LINES = 2_000
"""A sheet of a laboratory is short; what stands further down is told as not read."""

Table = Vertical | Horizontal | None


def read_sheet(rows: Iterable[SentRow], parameters: Mapping[str, ParameterRow]) -> SheetReading:
    """Propose the values of a sheet, by the codes of `parameters`. Raises nothing of its own."""
    waiting = iter(rows)
    lines = [line for row in islice(waiting, MOST_LINES) if (line := line_of(row)).cells]
    page = Page(parameters, Names(parameters))
    _read(lines, page)
    if next(waiting, None) is not None:
        page.ignored[Ignored("", f"{MOST_LINES + 1}+")] = None
    found, samples = sorted_out(page.drafts)
    return SheetReading(found, tuple(page.unread), samples, tuple(page.ignored))


def _read(lines: list[Line], page: Page) -> None:
    table: Table = None
    at = 0
    while at < len(lines):
        head = None if _tells(table, lines[at]) else _head(lines, at, page)
        if head is None:
            _read_line(lines[at], table, page)
            at += 1
        else:
            table, at = head


def _tells(table: Table, line: Line) -> bool:
    return isinstance(table, Vertical) and table.tells(line)


def _head(lines: list[Line], at: int, page: Page) -> tuple[Vertical | Horizontal, int] | None:
    return horizontal_head(lines, at, page) or vertical_head(lines, at, page)


def _read_line(line: Line, table: Table, page: Page) -> None:
    if is_footer(next(iter(line.cells.values()))):
        _read_around(line, page)
        page.ignore_line(line)
    elif table is not None and table.holds(line):
        table.read(line, page)
    else:
        rest = _read_around(line, page)
        if isinstance(table, Horizontal) and not any(map(page.is_name, rest.cells.values())):
            page.leave_unread("", rest, rest.cells)
        else:
            read_pairs(rest, page)


def _read_around(line: Line, page: Page) -> Line:
    """Keep what a line says of the sheet as a whole, and give back what else it holds."""
    told, used = facts_of(line)
    certificates, numbers = certificates_of(line)
    if not page.tables and (laboratory := laboratory_of(line)):
        told.setdefault(Fact.LABORATORY, laboratory)
    page.note(told)
    page.facts.certificates |= certificates
    page.hear(line.cells.values())
    left = {n: text for n, text in line.cells.items() if n not in used | numbers}
    return Line(line.number, left)
