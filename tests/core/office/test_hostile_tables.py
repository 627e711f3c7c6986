"""Files that are no table, or were made to do harm, are refused with a sentence that helps."""

from __future__ import annotations

import codecs
import io
import struct
import tracemalloc
from contextlib import suppress
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core.errors import Refused
from tests.core.office.sheets import (
    SHEET,
    book_of,
    cells_of,
    changed,
    refusal,
    row_of,
    with_sheet,
    with_strings,
)

BOOK = book_of([["头", "二"], ["a", 1], ["b", 2]])
MEBIBYTE = 1 << 20
LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>{}]>".format(
    "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
)
OUTSIDE = "<!DOCTYPE x [<!ENTITY a9 SYSTEM 'file:///etc/passwd'>]>"


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def claiming(content: bytes, member: str, size: int) -> bytes:
    """The archive with another unpacked size for one member in its directory."""
    found = content.rindex(member.encode()) - 46
    assert content[found : found + 4] == b"PK\x01\x02"
    return content[: found + 24] + struct.pack("<I", size) + content[found + 28 :]


def all_hidden() -> bytes:
    return changed(
        BOOK, {"xl/workbook.xml": lambda xml: xml.replace(b'state="visible"', b'state="hidden"')}
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \r\n\t", id="blank"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, id="old or encrypted"),
        pytest.param(b"%PDF-1.7\n", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0", id="jpeg"),
        pytest.param(b"7z\xbc\xaf\x27\x1c", id="7z"),
        pytest.param(b"\n<html><table><tr><td>1</td></tr></table></html>", id="web page"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", id="xml workbook"),
        pytest.param(docx(), id="docx"),
        pytest.param(zipped({"mimetype": b"x", "content.xml": b"<x/>"}), id="ods"),
        pytest.param(zipped({"[Content_Types].xml": b"<Types/>", "xl/w.bin": b"1"}), id="xlsb"),
        pytest.param(zipped({"a.csv": b"1,2"}), id="zip of csv"),
        pytest.param(BOOK[:-100], id="cut off"),
        pytest.param(all_hidden(), id="all sheets hidden"),
        pytest.param(book_of([]), id="no row"),
        pytest.param(with_sheet(row_of(21, "头")), id="head too far down"),
        pytest.param(b"\n" * 20 + b"a,b\n1,2\n", id="csv head too far down"),
        pytest.param(b"a" * (16 * MEBIBYTE + 1), id="too large"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content: bytes) -> None:
    assert "请" in refusal(content)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"a,b\n1,2\n3,\0\n", "第 3 行"),
        (("a,b\n1,2\n" + "x" * 100_001 + ",1\n").encode(), "第 3 行"),
        (("a,b\n1,2\n" + "x" * 200_000 + ",1\n").encode(), "第 3 行"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "第 3 行"),
        (b'a,b\n1,2\n"3"x,4\n', "第 3 行"),
        ("磅单号\n粉煤灰\n".encode() + b"\xff\xff\xff\n", "第 3 行"),
        (b"\xef\xbb\xbfa\nb\n\xb7\xdb\xc3\xba\n", "第 3 行"),
        (codecs.BOM_UTF16_LE + "a\nb\n".encode("utf-16-le") + b"\x00\xd8a\0", "第 3 行"),
        (with_sheet(row_of(1, "头") + row_of(7, "x" * 100_001)), "第 7 行"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row(content: bytes, named: str) -> None:
    assert named in refusal(content)


@pytest.mark.parametrize(
    "rows",
    [
        row_of(2, "a") + row_of(1, "b"),
        row_of(2, "a") + row_of(2, "b"),
        '<row r="-1"/>',
        '<row r="x"/>',
        f'<row r="{"9" * 5000}"/>',
        '<row r="1"><c t="s"><v>7</v></c></row>',
        '<row r="1"><c s="99999"><v>7</v></c></row>',
        '<row r="1"><c s="x"><v>7</v></c></row>',
        '<row r="1"><c r="ZZZZ1"><v>7</v></c></row>',
        '<row r="1"><c><v>seven</v></c></row>',
        '<row r="1"><c><v>1e999</v></c></row>',
        f'<row r="1"><c><v>{"9" * 5000}</v></c></row>',
        '<row r="1"><c t="d"><v>2026-99-99</v></c></row>',
        '<row r="1"><c><v>1</v></row>',
    ],
)
def test_a_sheet_that_no_program_writes_is_called_damaged(rows: str) -> None:
    assert "已损坏" in refusal(with_sheet(rows))


def peak_of_refusing(content: bytes) -> tuple[str, float]:
    """What is said, and the memory taken meanwhile in MiB."""
    tracemalloc.start()
    try:
        return refusal(content), tracemalloc.get_traced_memory()[1] / MEBIBYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(claiming(BOOK, SHEET, 400 * MEBIBYTE), id="unpacks to 400 MB"),
        pytest.param(zipped({f"{n}": b"" for n in range(2001)}), id="2,001 members"),
        pytest.param(
            claiming(with_strings([], ""), "xl/sharedStrings.xml", 65 * MEBIBYTE),
            id="65 MB of strings",
        ),
        pytest.param(
            changed(BOOK, {"xl/workbook.xml": b" " * 40 * MEBIBYTE}), id="40 MB list of sheets"
        ),
        pytest.param(
            changed(BOOK, {"xl/styles.xml": b"<a>" + b"<xf/>" * MEBIBYTE + b"</a>"}),
            id="a million styles",
        ),
    ],
)
def test_a_file_that_unpacks_beyond_its_limits_is_refused_before_it_does(content: bytes) -> None:
    said, peak = peak_of_refusing(content)
    assert "过大" in said
    assert peak < 40


@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_a_directory_that_lies_unpacks_no_more_than_it_says(member: str) -> None:
    content = changed(BOOK, {member: b" " * 40 * MEBIBYTE})
    said, peak = peak_of_refusing(claiming(content, member, 200))
    assert "已损坏" in said
    assert peak < 2


def test_a_row_of_twenty_thousand_cells_takes_the_memory_of_sixty() -> None:
    content = with_sheet(f'<row r="1">{"<c><v>1</v></c>" * 20_000}</row>')
    tracemalloc.start()
    (head,) = cells_of(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(head) == 60
    assert peak < MEBIBYTE


@pytest.mark.parametrize("document_type", [LAUGHS, OUTSIDE])
@pytest.mark.parametrize(
    "member", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_entities_are_never_resolved(document_type: str, member: str) -> None:
    def poisoned(xml: bytes) -> bytes:
        root = xml.rpartition(b"?>")[2]
        return document_type.encode() + root.replace(b"</", b"&a9;</", 1)

    said, peak = peak_of_refusing(changed(BOOK, {member: poisoned}))
    assert "已损坏" in said
    assert "root:" not in said
    assert peak < 8


def test_entities_among_the_shared_strings_are_never_resolved() -> None:
    rows = '<row r="1"><c t="s"><v>0</v></c></row>'
    book = with_strings(["<t>头</t>"], rows)
    poisoned = changed(
        book,
        {"xl/sharedStrings.xml": lambda xml: LAUGHS.encode() + xml.replace(b"</t>", b"&a9;</t>")},
    )
    assert "已损坏" in refusal(poisoned)


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(st.data())
def test_a_file_with_any_bytes_overwritten_is_read_or_refused(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from([BOOK, "磅单号,净重\nBD-1,30\n".encode("gb18030")]))
    at = data.draw(st.integers(0, len(base) - 1))
    other = data.draw(st.binary(min_size=1, max_size=8))
    content = base[:at] + other + base[at + len(other) :]
    with suppress(Refused):
        cells_of(content)


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(st.text(alphabet="<>/crvtsi =\"'&;!0129-xF", max_size=80))
def test_any_sheet_at_all_is_read_or_refused(rows: str) -> None:
    with suppress(Refused):
        cells_of(with_sheet(f'<row r="1">{rows}</row>'))
