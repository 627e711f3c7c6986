"""Tables as XLSX. Text is stored as text, so that no cell runs as a formula wherever it came from.

A `Traced` cell carries the numbers of the events it was computed from; a workbook that holds any
gets a last sheet with one line per such cell and event.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from app.core.clock import CHINA
from app.core.texts import writable


class Percent(Decimal):
    """A share of one, shown in per cent."""


Value = str | int | Decimal | date | datetime | None
"""What a cell may hold; an aware time is written as China time."""

THIN = Side(style="thin", color="BFC8CD")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD_FILL = PatternFill("solid", fgColor="ECEFF1")
FORMATS: tuple[tuple[type, str], ...] = (
    (datetime, "yyyy-mm-dd hh:mm"),
    (date, "yyyy-mm-dd"),
    (Percent, "0.0%"),
    (int, "#,##0"),
)
WRAPPED = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True)
class Traced:
    """A value and the numbers of the events it comes from."""

    value: Value
    events: tuple[str, ...]


Row = tuple[Value | Traced, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under a title and notes. `widths` are in characters."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    widths: tuple[int, ...] = field(default=())

    @property
    def first_row(self) -> int:
        """The row number, counted from 1, of the first row of the table's body."""
        return len(self.notes) + 3


def workbook(sheets: Iterable[Sheet], sources: SourceWords | None = None) -> bytes:
    """The bytes of a workbook; `sources` names the last sheet, needed if any cell is traced."""
    sheets = tuple(sheets)
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    if sources is not None:
        _write(book, _source_sheet(sheets, sources))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class SourceWords:
    """How the sheet of sources is called, and its head: sheet, cell, value, event."""

    name: str
    title: str
    head: tuple[str, str, str, str]


def _source_sheet(sheets: tuple[Sheet, ...], words: SourceWords) -> Sheet:
    rows = tuple(row for sheet in sheets for row in _sources(sheet))
    return Sheet(words.name, words.title, words.head, rows, widths=(20, 10, 24, 24))


def _sources(sheet: Sheet) -> Iterator[tuple[Value, ...]]:
    for number, row in enumerate(sheet.rows, sheet.first_row):
        for column, cell in enumerate(row, 1):
            if isinstance(cell, Traced):
                place = f"{get_column_letter(column)}{number}"
                for event in cell.events:
                    yield sheet.name, place, _shown(cell.value), event


def _shown(value: Value) -> Value:
    return value if isinstance(value, str | int | Decimal | None) else str(value)


def _write(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name)
    for column, width in enumerate(sheet.widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = f"A{sheet.first_row}"
    _fit_to_paper(page, head=sheet.first_row - 1)
    page.append([_cell(page, sheet.title, Font(bold=True, size=14))])
    for note in sheet.notes:
        page.append([_cell(page, note)])
    page.append([_head(page, text) for text in sheet.head])
    for row in sheet.rows:
        page.append([_body(page, value) for value in row])


def _fit_to_paper(page: Worksheet, head: int) -> None:
    """All columns on a sheet of paper lying flat, the head on top of each."""
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{head}:{head}"


def _head(page: Worksheet, text: str) -> Cell:
    cell = _cell(page, text, Font(bold=True))
    cell.fill, cell.border = HEAD_FILL, GRID
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _body(page: Worksheet, value: Value | Traced) -> Cell:
    cell = _cell(page, value.value if isinstance(value, Traced) else value)
    cell.border = GRID
    if cell.data_type == "s":
        cell.alignment = WRAPPED
    return cell


def _pattern(value: Value) -> str | None:
    """How a value is written: a number with the decimals that it has, so that columns align."""
    if isinstance(value, Decimal) and not isinstance(value, Percent):
        places = max(0, -int(value.as_tuple().exponent))
        return "#,##0." + "0" * places if places else "#,##0"
    return next((pattern for kind, pattern in FORMATS if isinstance(value, kind)), None)


def _cell(page: Worksheet, value: Value, font: Font | None = None) -> Cell:
    """A cell that holds just this value; text that looks like a formula stays text."""
    if isinstance(value, datetime):
        value = value.astimezone(CHINA).replace(tzinfo=None)
    elif isinstance(value, str):
        value = writable(value)
    cell = WriteOnlyCell(page, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    if pattern := _pattern(value):
        cell.number_format = pattern
    if font is not None:
        cell.font = font
    return cell
