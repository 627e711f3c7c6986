"""Files that go back to people: their own data untouched, the remarks beside it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from app.core.office.remarks import annotated, written
from app.core.office.tables import open_table
from tests.core.office.sheets import (
    book_of,
    cells_of,
    changed,
    numbers_of,
    row_of,
    saved,
    with_sheet,
)

SUFFIXES = (".xlsx", ".csv")
TITLE = "导入意见"
AFTERNOON = datetime.fromisoformat("2026-11-25 15:00")
HEAD = ("磅单号", "净重（吨）")
ROWS = (("BD-1", "30.5"), ("BD-2", "-1"), ("=1+1", "#N/A"), ("'=x", "_x0041_"))

legal = st.characters(
    exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff\u2028\u2029\x85"
)
texts = st.text(alphabet=legal | st.sampled_from("'=+-@_x0041_#N/A,;\""), max_size=12).map(
    str.strip
)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.lists(texts, min_size=1, max_size=5), max_size=6))
def test_what_is_written_reads_back_as_the_same_cells(suffix: str, rows: list[list[str]]) -> None:
    filled = [row for row in rows if any(row)]
    trimmed = [tuple(row[: max(n for n, cell in enumerate(row, 1) if cell)]) for row in filled]
    assert cells_of(written(["头"], rows, suffix)) == [("头",), *trimmed]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_written_table_is_of_the_kind_its_suffix_says(suffix: str) -> None:
    assert open_table(written(HEAD, ROWS, suffix)).suffix == suffix


def test_what_xml_cannot_hold_is_left_out_of_a_workbook() -> None:
    assert cells_of(written(["头"], [["a\x00b\ud800c\uffffd\r\ne"]], ".xlsx"))[1] == ("abcd\r\ne",)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_remark_stands_in_the_last_column_of_its_row(suffix: str) -> None:
    table = open_table(written(HEAD, ROWS, suffix))
    remarks = [(3, "净重不能是负数"), (5, "磅单号不对"), (5, "=净重不是数")]
    copy = cells_of(annotated(table, TITLE, remarks))
    assert copy == [
        (*HEAD, TITLE),
        ROWS[0],
        (*ROWS[1], "净重不能是负数"),
        ROWS[2],
        (*ROWS[3], "磅单号不对；=净重不是数"),
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_copy_of_the_remarked_rows_alone_holds_them_under_the_head(suffix: str) -> None:
    table = open_table(written(HEAD, ROWS, suffix))
    copy = open_table(annotated(table, TITLE, [(3, "负数"), (5, "不对")], only=True))
    assert numbers_of(copy) == [1, 2, 3]
    assert [row.cells for row in copy.rows()] == [(*ROWS[1], "负数"), (*ROWS[3], "不对")]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_remarks_on_rows_that_are_not_there_are_passed_over(suffix: str) -> None:
    table = open_table(written(HEAD, ROWS, suffix))
    assert cells_of(annotated(table, TITLE, [(4, "对"), (9, "没有")]))[3][2:] == ("对",)


@pytest.mark.parametrize(
    "content",
    [
        with_sheet(row_of(2, "说明", "长", "长") + row_of(4, *HEAD) + row_of(9, "BD-1")),
        '说明,长,长\n\n"磅单\n号",净重\n\n\nBD-1,30\n'.encode("gb18030"),
    ],
)
def test_rows_keep_their_numbers_in_the_copy_and_nothing_is_covered(content: bytes) -> None:
    table = open_table(content)
    last = numbers_of(table)[-1]
    copy = open_table(annotated(table, TITLE, [(last, "不对")]))
    assert numbers_of(copy) == numbers_of(table)
    assert copy.head.cells[: len(table.head.cells)] == table.head.cells
    assert [row.cells for row in copy.rows()][-1][3] == "不对"


@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(st.tuples(texts.filter(bool), texts), max_size=6),
    marked=st.sets(st.integers(2, 8)),
)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_copy_sent_again_holds_the_same_data(
    suffix: str, rows: list[tuple[str, str]], marked: set[int]
) -> None:
    table = open_table(written(HEAD, rows, suffix))
    copy = open_table(annotated(table, TITLE, ((n, "不对") for n in sorted(marked))))
    again = open_table(annotated(copy, TITLE, []))
    for later in (copy, again):
        data = [(*row.cells, "")[:2] for row in later.rows()]
        assert data == [(*row.cells, "")[:2] for row in table.rows()]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8-sig", codecs.BOM_UTF8), ("gb18030", b""), ("utf-16", b"\xff\xfe")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_goes_back_in_the_encoding_and_with_the_delimiter_it_came(
    encoding: str, mark: bytes, delimiter: str
) -> None:
    sent = f"磅单号{delimiter}净重\r\n=1+1{delimiter}30\r\n".encode(encoding)
    copy = annotated(open_table(sent), TITLE, [(2, "不对")])
    assert copy.startswith(mark)
    records = list(csv.reader(io.StringIO(copy.decode(encoding)), delimiter=delimiter))
    assert records == [["磅单号", "净重", TITLE], ["'=1+1", "30", "不对"]]


def a_workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "磅单"
    sheet.append(["时间", "净重", "代码", "式", "错"])
    sheet.append([AFTERNOON, 30.5, "00123", "=1+1", True])
    sheet["B2"].number_format = "0.00"
    sheet["C2"].number_format = "@"
    hidden = book.create_sheet("字典")
    hidden.append(["粉煤灰", 1])
    hidden.sheet_state = "hidden"
    return saved(book)


def test_a_workbook_goes_back_with_its_values_formats_and_other_sheets() -> None:
    copy = annotated(open_table(a_workbook()), TITLE, [(2, "不对")])
    book = load_workbook(io.BytesIO(copy))
    sheet = book["磅单"]
    assert [cell.value for cell in sheet[2]] == [
        AFTERNOON, 30.5, "00123", None, True, "不对"
    ]  # fmt: skip
    assert [sheet[place].number_format for place in ("A2", "B2", "C2")] == [
        "yyyy-mm-dd h:mm:ss", "0.00", "@"
    ]  # fmt: skip
    assert [cell.value for cell in book["字典"][1]] == ["粉煤灰", 1]
    assert book["字典"].sheet_state == "hidden"
    assert sheet["F2"].fill.fgColor.rgb.endswith("FBE3E1")
    assert sheet["F1"].value == TITLE


def test_nothing_in_a_copy_runs_as_a_formula() -> None:
    cells = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0")
    table = open_table(with_sheet(row_of(1, *cells) + row_of(2, *cells)))
    book = load_workbook(io.BytesIO(annotated(table, "=1", [(2, "=2")])))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} == {"s"}


def test_a_sheet_with_a_name_no_program_allows_can_be_given_back() -> None:
    odd = changed(
        book_of([["头"], ["a"]]),
        {"xl/workbook.xml": lambda xml: xml.replace(b'name="Sheet"', b'name="[a]/b*c?"')},
    )
    assert load_workbook(io.BytesIO(annotated(open_table(odd), TITLE, []))).sheetnames == [
        "_a__b_c_"
    ]


def test_remarks_are_taken_one_by_one() -> None:
    """A long list of them may come from a database."""

    def remarks() -> Iterator[tuple[int, str]]:
        for number in range(2, 6):
            yield number, f"第 {number} 行"

    copy = cells_of(annotated(open_table(written(HEAD, ROWS, ".csv")), TITLE, remarks()))
    assert [row[2] for row in copy[1:]] == ["第 2 行", "第 3 行", "第 4 行", "第 5 行"]
