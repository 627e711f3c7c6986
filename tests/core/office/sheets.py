"""Workbooks made by hand, so that a test can put into them what no office program would."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from app.core.errors import Refused
from app.core.office.tables import SentTable, open_table

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHARED_STRINGS_TYPE = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(rows: Iterable[Iterable[object]]) -> bytes:
    """A workbook of one sheet, as openpyxl writes it."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def changed(content: bytes, changes: dict[str, Callable[[bytes], bytes] | bytes]) -> bytes:
    """The archive with some members replaced, rewritten or added."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(set(changes) - set(old.namelist()))]:
            change = changes.get(name)
            if isinstance(change, bytes):
                new.writestr(name, change)
            else:
                new.writestr(name, change(old.read(name)) if change else old.read(name))
    return out.getvalue()


def with_sheet(rows: str, *, before: str = "", dimension: str = "A1:B2") -> bytes:
    """A workbook whose sheet holds the given XML of rows; `before` stands before the root."""
    sheet = (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{NAMESPACE}">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    )
    return changed(book_of([["a"]]), {SHEET: sheet.encode()})


def with_strings(texts: Iterable[str], rows: str) -> bytes:
    """A workbook with a table of shared strings; the texts are XML of `si` elements' bodies."""
    table = "".join(f"<si>{text}</si>" for text in texts)
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED_STRINGS_TYPE}"/>'
    return changed(
        with_sheet(rows),
        {
            "xl/sharedStrings.xml": f'<sst xmlns="{NAMESPACE}">{table}</sst>'.encode(),
            "[Content_Types].xml": lambda old: (
                old
                if b"/xl/sharedStrings.xml" in old
                else old.replace(b"</Types>", part.encode() + b"</Types>")
            ),
        },
    )


def row_of(number: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


def cells_of(content: bytes) -> list[tuple[str, ...]]:
    """The head and the rows."""
    table = open_table(content)
    return [table.head.cells, *(row.cells for row in table.rows())]


def numbers_of(table: SentTable) -> list[int]:
    return [table.head.number, *(row.number for row in table.rows())]


def refusal(content: bytes) -> str:
    """What is said of a file that cannot be read to its end."""
    with pytest.raises(Refused) as caught:
        cells_of(content)
    assert caught.value.field == "file"
    return str(caught.value.message)
