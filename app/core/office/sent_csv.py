"""A CSV file somebody sent, in whichever encoding and with whichever delimiter.

UTF-8 and UTF-16 are known by their mark or by being free of faults; what is left is GB18030, the
encoding in which Excel in China saves CSV.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.office.sent import (
    HEAD_WITHIN,
    MOST_CHARACTERS,
    SentRow,
    SentTable,
    cell_too_long,
    refused,
    sent_row,
)
from app.core.spreadsheets import plain

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNMARKED = ("utf-8", "gb18030")
DELIMITERS = (",", ";", "\t")
_PIECE = 1 << 16


class CsvTable(SentTable):
    """The records are read from the bytes each time, one at a time."""

    suffix = ".csv"

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.encoding = _encoding(content)
        self.delimiter = max(DELIMITERS, key=self._head_width)
        super().__init__()

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Every record with its number, its cells as they stand in the file."""
        return self._records(self.delimiter)

    def all_rows(self) -> Iterator[SentRow]:
        for number, cells in self.records():
            yield sent_row(number, (plain(cell.strip()) for cell in cells))

    def _head_width(self, delimiter: str) -> int:
        records = islice(self._records(delimiter), HEAD_WITHIN)
        return next((len(cells) for _, cells in records if any(cells)), 0)

    def _records(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        lines = io.TextIOWrapper(io.BytesIO(self._content), self.encoding, newline="")
        number = 0
        try:
            for number, cells in enumerate(
                csv.reader(lines, delimiter=delimiter, strict=True), start=1
            ):
                _check(number, cells)
                yield number, cells
        except csv.Error as error:
            raise _broken(number + 1, error) from error


def _check(number: int, cells: list[str]) -> None:
    for cell in cells:
        if len(cell) > MOST_CHARACTERS:
            raise cell_too_long(number)
        if "\0" in cell:
            raise refused(
                _l(
                    "第 %(row)s 行有空字符，可能已损坏。请在 Excel 里另存为 .xlsx 或 .csv 再上传。",
                    row=number,
                )
            )


def _broken(number: int, error: csv.Error) -> Refused:
    if "field limit" in str(error):
        return cell_too_long(number)
    return refused(
        _l("第 %(row)s 行的引号不成对，后面的内容分不清格子。请改好这一行再上传。", row=number)
    )


def _encoding(content: bytes) -> str:
    """The encoding in which the whole content can be read."""
    marked = [encoding for mark, encoding in MARKS if content.startswith(mark)]
    faults = []
    for encoding in marked or UNMARKED:
        fault = _first_fault(content, encoding)
        if fault is None:
            return encoding
        faults.append(fault)
    raise refused(
        _l(
            "第 %(row)s 行附近有认不出的字符。请在 Excel 里另存为 .xlsx 或“CSV UTF-8”再上传。",
            row=content.count(b"\n", 0, max(faults)) + 1,
        )
    )


def _first_fault(content: bytes, encoding: str) -> int | None:
    """Where the content leaves the encoding; decoded piece by piece, to hold only one of them."""
    # The variant with a mark counts places from behind the mark.
    decoder = codecs.getincrementaldecoder(encoding.removesuffix("-sig"))()
    for start in range(0, len(content), _PIECE):
        carried = len(decoder.getstate()[0])
        end = start + _PIECE
        try:
            decoder.decode(content[start:end], final=end >= len(content))
        except UnicodeDecodeError as error:
            return max(0, start - carried + error.start)
    return None
