"""An Excel workbook somebody sent: its first visible sheet is the table.

openpyxl reads what the workbook says of itself (sheets, styles, epoch); the cells are read as a
stream. Macros, links and pictures are not looked at. A formula counts as the value stored with it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS

from app.core.office.archive import BoundedArchive, legible, too_large
from app.core.office.sent import (
    MOST_COLUMNS,
    SentRow,
    SentTable,
    refused,
    sent_row,
)
from app.core.office.sheet_xml import RawCell, raw_rows, shared_strings, unescaped

MOST_STRINGS_BYTES = 64 << 20
MOST_STRINGS = 3_000_000
"""As many as the cells of the largest table."""
GENERAL = "General"
"""The number format of cells that have none of their own."""
EXACT_DIGITS = 15
"""As many as spreadsheets keep and show of a number."""

Value = str | int | float | bool | date | time | timedelta | None
"""What a cell holds; a `datetime` is a `date`."""


class Cell(NamedTuple):
    value: Value
    number_format: str


@dataclass(frozen=True, slots=True)
class Page:
    """A worksheet: its name, where it stands in the archive, and its state (`visible` or not)."""

    name: str
    member: str
    state: str


class XlsxTable(SentTable):
    suffix = ".xlsx"

    def __init__(self, content: bytes) -> None:
        with legible():
            self._book = _Book(content)
            self.pages = self._book.pages()
        self.page = _first_visible(self.pages)
        super().__init__()

    def lines(self, page: Page) -> Iterator[tuple[int, dict[int, Cell]]]:
        """The rows of a sheet that stand in the file: number, and filled cells by column from 1."""
        return self._book.lines(page)

    def all_rows(self) -> Iterator[SentRow]:
        for number, cells in self.lines(self.page):
            texts = {column: shown(cell.value) for column, cell in cells.items()}
            yield sent_row(number, (texts.get(n, "") for n in range(1, max(texts, default=0) + 1)))


def _first_visible(pages: list[Page]) -> Page:
    for page in pages:
        if page.state == "visible":
            return page
    raise refused(_l("文件里没有可见的工作表。请取消隐藏要上传的那张表，保存后再上传。"))


def shown(value: Value) -> str:
    """A cell's value as a text that says the same: no exponent, no noise of binary fractions.

    >>> shown(0.1 + 0.2), shown(46240.0), shown(datetime(2026, 11, 25, 15)), shown(True)
    ('0.3', '46240', '2026-11-25 15:00', 'TRUE')
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{Decimal(f'{value:.{EXACT_DIGITS}g}'):f}" if value else "0"
    if isinstance(value, datetime):
        return _shown_time(value)
    return "" if value is None else str(value)


def _shown_time(value: datetime) -> str:
    """The time to the second; days are counted in binary fractions, so some fall just short."""
    value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if value.time() == time():
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


class _Book(ExcelReader):
    """The parts of a workbook that a table needs."""

    def __init__(self, content: bytes) -> None:
        # openpyxl warns of odd files. With their contents in it, every warning would be kept.
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        archive = BoundedArchive(content)
        super().__init__(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        self.archive = archive
        self.read_manifest()
        self.read_workbook()
        apply_stylesheet(archive, self.wb)
        self._strings = self._read_strings()
        self._formats = [self._number_format(style.numFmtId) for style in self.wb._cell_styles]
        self._readers: dict[str, Callable[[str, int], Value]] = {
            "n": self._number,
            "s": lambda text, _style: self._strings[int(text)],
            "b": lambda text, _style: text.strip() in ("1", "true"),
            "d": lambda text, _style: from_ISO8601(text),
        }

    def pages(self) -> list[Page]:
        return [
            Page(sheet.name, rel.target, sheet.state or "visible")
            for sheet, rel in self.parser.find_sheets()
            if rel.Type.endswith("/worksheet") and rel.target in self.valid_files
        ]

    def lines(self, page: Page) -> Iterator[tuple[int, dict[int, Cell]]]:
        with legible(), self.archive.open(page.member) as stream:
            for number, cells in raw_rows(stream, MOST_COLUMNS):
                yield number, {column: self._cell(raw) for column, raw in cells.items()}

    def _read_strings(self) -> list[str]:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return []
        member = self.archive.getinfo(part.PartName.removeprefix("/"))
        if member.file_size > MOST_STRINGS_BYTES:
            raise too_large()
        strings: list[str] = []
        with self.archive.open(member) as stream:
            for text in shared_strings(stream):
                strings.append(text)
                if len(strings) > MOST_STRINGS:
                    raise too_large()
        return strings

    def _cell(self, raw: RawCell) -> Cell:
        """The cell's value; of kinds without a reader (texts, errors) it is the text."""
        read = self._readers.get(raw.kind)
        value = read(raw.text, raw.style) if read else unescaped(raw.text)
        return Cell(value, self._formats[raw.style])

    def _number(self, text: str, style: int) -> Value:
        number = int(text) if text.removeprefix("-").isdigit() else float(text)
        if not isfinite(number):
            raise ValueError(f"{text} is no number of a spreadsheet")
        if style not in self.wb._date_formats:
            return number
        try:
            is_span = style in self.wb._timedelta_formats
            moment: Value = from_excel(number, self.wb.epoch, timedelta=is_span)
        except (OverflowError, ValueError):
            return number
        return moment

    def _number_format(self, number: int) -> str:
        own = number - BUILTIN_FORMATS_MAX_SIZE
        return str(
            self.wb._number_formats[own] if own >= 0 else BUILTIN_FORMATS.get(number, GENERAL)
        )
