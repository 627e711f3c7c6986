"""Tables that go back to people: their own file with remarks, and plain tables in the same shape.

Text is written as text, so that no cell runs as a formula, and reads back as it was. A workbook is
copied by its values and number formats; pictures, formulas and looks stay in the sender's own file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from functools import singledispatch
from itertools import chain, count, groupby
from operator import itemgetter
from typing import TypeVar

from openpyxl import Workbook
from openpyxl.cell import Cell as OpenpyxlCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.core.office.sent import SentTable
from app.core.office.sent_csv import CsvTable
from app.core.office.sent_xlsx import GENERAL, Cell, Page, Value, XlsxTable
from app.core.spreadsheets import harmless, plain
from app.core.texts import writable

Remark = tuple[int, str]
"""A row's number as the table counts rows, and what is said of it."""

Line = tuple[int, list[object]]
"""A row's number and what is appended for it."""
Record = TypeVar("Record")

REMARK_FILL = PatternFill("solid", fgColor="FBE3E1")
REMARK_WIDTH, COLUMN_WIDTH = 60, 16
JOINT = "；"
LONGEST_NAME = 31
TAKEN_FOR_OTHERS = ("=", "#")
"""With these texts begin that openpyxl takes for formulas and for errors."""
_NAME_SIGNS = re.compile(r"[\\*?:/\[\]]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@singledispatch
def annotated(
    table: SentTable, title: str, remarks: Iterable[Remark], *, only: bool = False
) -> bytes:
    """A copy of the sent file with one more column, headed `title`, for the remarks.

    `remarks` come in the order of the rows; several on one row are joined. Row numbers stay,
    unless `only` the rows with a remark are wanted: then they move up under the head.
    """
    raise TypeError(f"{type(table).__name__} cannot be copied")


@annotated.register
def _annotated_csv(
    table: CsvTable, title: str, remarks: Iterable[Remark], *, only: bool = False
) -> bytes:
    width = _width(table)
    rows = (
        [*_padded([plain(cell) for cell in cells], width), remark]
        for _, cells, remark in _beside(table, table.records(), title, remarks, only=only)
    )
    return _csv(rows, table.encoding, table.delimiter)


@annotated.register
def _annotated_xlsx(
    table: XlsxTable, title: str, remarks: Iterable[Remark], *, only: bool = False
) -> bytes:
    width = _width(table)
    book = Workbook(write_only=True)
    for page in table.pages:
        sheet = _new_sheet(book, page)
        if page is table.page:
            _set_widths(sheet, [COLUMN_WIDTH] * width + [REMARK_WIDTH])
            sheet.freeze_panes = f"A{table.head.number + 1}"
            lines = _beside(table, table.lines(page), title, remarks, only=only)
            rows = _with_remarks(sheet, lines, width, table.head.number)
            _append(sheet, _moved_up(rows, table.head.number) if only else rows)
        else:
            _append(sheet, ((number, _copied(sheet, row)) for number, row in table.lines(page)))
    return _saved(book)


def written(head: Iterable[str], rows: Iterable[Iterable[str]], suffix: str) -> bytes:
    """A table of texts as `.xlsx` (one sheet, the head in row 1) or `.csv`."""
    return {".xlsx": _written_xlsx, ".csv": _written_csv}[suffix](head, rows)


def _written_csv(head: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    return _csv(chain([head], rows), "utf-8-sig", ",")


def _csv(rows: Iterable[Iterable[str]], encoding: str, delimiter: str) -> bytes:
    out = io.BytesIO()
    with io.TextIOWrapper(out, encoding, newline="") as text:
        writer = csv.writer(text, delimiter=delimiter)
        writer.writerows([harmless(cell) for cell in row] for row in rows)
        text.flush()
        return out.getvalue()


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def _written_xlsx(head: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    names = tuple(head)
    sheet.freeze_panes = "A2"
    _set_widths(sheet, [COLUMN_WIDTH] * len(names))
    sheet.append([_bold(sheet, name) for name in names])
    for row in rows:
        sheet.append([_writable(sheet, text) for text in row])
    return _saved(book)


class _Remarks:
    """Joins remarks with rows while both go by in the order of their numbers."""

    def __init__(self, remarks: Iterable[Remark]) -> None:
        self._groups = groupby(remarks, key=itemgetter(0))
        self._number, self._text = self._following()

    def of(self, number: int) -> str:
        """What is said of the row; empty if nothing is."""
        while self._number is not None and self._number < number:
            self._number, self._text = self._following()
        return self._text if self._number == number else ""

    def _following(self) -> tuple[int | None, str]:
        for number, group in self._groups:
            return number, JOINT.join(text for _, text in group)
        return None, ""


def _beside(
    table: SentTable,
    records: Iterable[tuple[int, Record]],
    title: str,
    remarks: Iterable[Remark],
    *,
    only: bool,
) -> Iterator[tuple[int, Record, str]]:
    """Each record with its number and what the new column says of it, from the top of the file."""
    column = _Remarks(chain([(table.head.number, title)], remarks))
    for number, record in records:
        remark = column.of(number)
        if remark or not only or number < table.head.number:
            yield number, record, remark


def _width(table: SentTable) -> int:
    """The columns that hold anything; below them the new column would hide something."""
    return max(len(row.cells) for row in table.all_rows())


def _with_remarks(
    sheet: Worksheet, lines: Iterable[tuple[int, dict[int, Cell], str]], width: int, head: int
) -> Iterator[Line]:
    for number, cells, remark in lines:
        last = _bold(sheet, remark) if number == head else _remark(sheet, remark)
        yield number, [*_copied(sheet, cells, width), last]


def _moved_up(rows: Iterable[Line], head: int) -> Iterator[Line]:
    """The rows up to the head at their numbers, those below it one after the other."""
    below = count(head + 1)
    for number, cells in rows:
        yield (number if number <= head else next(below)), cells


def _append(sheet: Worksheet, rows: Iterable[Line]) -> None:
    """Write every row at its number; the rows between them are blank."""
    above = 0
    for number, cells in rows:
        for _ in range(above + 1, number):
            sheet.append(())
        sheet.append(cells)
        above = number


def _copied(sheet: Worksheet, cells: dict[int, Cell], width: int = 0) -> list[object]:
    columns = range(1, (width or max(cells, default=0)) + 1)
    return [_writable(sheet, *cells[n]) if n in cells else None for n in columns]


def _writable(sheet: Worksheet, value: Value, number_format: str = GENERAL) -> object:
    """What to append for a value: itself, or a cell where openpyxl would take it for another."""
    if isinstance(value, str):
        value = _in_xml(value)
        if number_format == GENERAL and not value.startswith(TAKEN_FOR_OTHERS):
            return value
    elif number_format == GENERAL:
        return value
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = number_format
    return cell


def _in_xml(text: str) -> str:
    """The text with what XML cannot hold left out, and what looks like an escape escaped."""
    text = writable(text)
    return _ESCAPE_LIKE.sub("_x005F_", text).replace("\r", "_x000D_")


def _remark(sheet: Worksheet, text: str) -> OpenpyxlCell | None:
    if not text:
        return None
    cell = _text_cell(sheet, text)
    cell.fill = REMARK_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _bold(sheet: Worksheet, text: str) -> OpenpyxlCell:
    cell = _text_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _text_cell(sheet: Worksheet, text: str) -> OpenpyxlCell:
    cell = WriteOnlyCell(sheet, value=_in_xml(text))
    cell.data_type = "s"
    return cell


def _new_sheet(book: Workbook, page: Page) -> Worksheet:
    sheet = book.create_sheet(_NAME_SIGNS.sub("_", page.name)[:LONGEST_NAME])
    sheet.sheet_state = page.state
    return sheet


def _set_widths(sheet: Worksheet, widths: Iterable[int]) -> None:
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
