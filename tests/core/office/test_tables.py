"""Tables that people upload: what stands in the file is what is read, in its own row."""

from __future__ import annotations

import codecs
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from app.core.errors import Refused
from app.core.office.sent_xlsx import Value, shown
from app.core.office.tables import MOST_ROWS, open_table
from tests.core.office.sheets import (
    book_of,
    cells_of,
    numbers_of,
    refusal,
    row_of,
    saved,
    with_sheet,
    with_strings,
)

HEAD = ("磅单号", "净重（吨）")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("BD-001", "BD-001"),
        ("'=1", "'=1"),
        ("  粉煤灰 ", "粉煤灰"),
        (46240, "46240"),
        (46240.0, "46240"),
        (0.1 + 0.2, "0.3"),
        (-12.5, "-12.5"),
        (1e-7, "0.0000001"),
        (1.5e17, "150000000000000000"),
        (True, "TRUE"),
        (False, "FALSE"),
        (datetime.fromisoformat("2026-11-25 15:00"), "2026-11-25 15:00"),
        (datetime.fromisoformat("2026-11-25 15:07:09"), "2026-11-25 15:07:09"),
        (datetime.fromisoformat("2026-11-25"), "2026-11-25"),
        (date(2026, 11, 25), "2026-11-25"),
        (time(15, 30), "15:30:00"),
        (timedelta(hours=26), "1 day, 2:00:00"),
    ],
)
def test_a_cell_of_excel_is_read_as_the_text_its_reader_sees(value: Value, text: str) -> None:
    assert cells_of(book_of([["格"], [value]]))[1] == (text,)


def test_every_minute_of_a_day_reads_as_that_minute() -> None:
    day = datetime.fromisoformat("2026-11-25")
    moments = [day + timedelta(minutes=minute) for minute in range(1, 1440, 7)]
    cells = cells_of(book_of([["时间"], *([moment] for moment in moments)]))[1:]
    assert cells == [(f"{moment:%Y-%m-%d %H:%M}",) for moment in moments]


def test_a_long_number_written_without_exponent_keeps_its_digits() -> None:
    assert cells_of(with_sheet('<row r="1"><c><v>370000000000000001</v></c></row>')) == [
        ("370000000000000001",)
    ]


def test_a_number_that_is_nothing_has_no_sign() -> None:
    assert shown(-0.0) == "0"


def test_a_formula_reads_as_its_stored_value_and_without_one_as_blank() -> None:
    stored = '<row r="2"><c><f>1+1</f><v>2</v></c><c><f>1+1</f></c><c t="str"><v>三</v></c></row>'
    assert cells_of(with_sheet(row_of(1, "甲", "乙", "丙") + stored))[1] == ("2", "", "三")


def test_texts_kept_apart_are_joined_without_their_reading_aids() -> None:
    texts = ["<t>磅单号</t>", "<r><t>粉煤</t></r><r><t>灰</t></r><rPh><t>fen</t></rPh>", "<t/>"]
    rows = '<row r="1"><c t="s"><v>0</v></c></row><row r="2"><c t="s"><v>1</v></c></row>'
    assert cells_of(with_strings(texts, rows)) == [("磅单号",), ("粉煤灰",)]


def test_characters_written_as_escapes_are_read_as_themselves() -> None:
    assert cells_of(with_sheet(row_of(1, "一_x000A_二 _x005F_x0041_ _x0007_ _x1_"))) == [
        ("一\n二 _x0041_ _x0007_ _x1_",)
    ]


def test_a_date_beyond_the_calendar_stays_a_number() -> None:
    book = Workbook()
    book.active.append(["日期"])
    book.active["A2"] = 99999999
    book.active["A2"].number_format = "yyyy-mm-dd"
    assert cells_of(saved(book))[1] == ("99999999",)


def test_the_first_visible_sheet_is_the_table() -> None:
    book = Workbook()
    book.active.append(["隐藏"])
    book.active.sheet_state = "hidden"
    book.create_chartsheet("图").add_chart(BarChart())
    book.create_sheet("数据").append(["看得见"])
    assert cells_of(saved(book)) == [("看得见",)]


def test_rows_keep_the_numbers_the_program_shows() -> None:
    rows = row_of(3, *HEAD) + row_of(4, " ") + row_of(7, "BD-1", "30") + row_of(9, "BD-2")
    assert numbers_of(open_table(with_sheet(rows))) == [3, 7, 9]


def test_the_size_a_sheet_claims_is_not_believed() -> None:
    rows = row_of(1, *HEAD) + row_of(2, "BD-1", "30")
    for claimed in ("A1", "A1:XFD1048576", "Z9:Z9"):
        assert cells_of(with_sheet(rows, dimension=claimed)) == [HEAD, ("BD-1", "30")]


def test_columns_beyond_the_sixtieth_are_not_read() -> None:
    assert [len(row) for row in cells_of(book_of([["列"] * 70, ["值"] * 70]))] == [60, 60]


def test_rows_below_a_long_gap_are_read_too() -> None:
    rows = row_of(1, "头") + row_of(2, "一") + row_of(9003, "远")
    assert numbers_of(open_table(with_sheet(rows))) == [1, 2, 9003]
    records = ["头", "一", *[""] * 9000, "远"]
    assert numbers_of(open_table("\n".join(records).encode())) == [1, 2, 9003]


def test_a_row_below_the_last_one_of_excel_makes_the_file_a_damaged_one() -> None:
    with pytest.raises(Refused) as refusal:
        list(open_table(with_sheet(row_of(1, "头") + row_of(1_048_577, "远"))).rows())
    assert "文件已损坏" in str(refusal.value.message)


def test_rows_can_be_read_again_from_the_start() -> None:
    for content in (book_of([HEAD, ("a", 1), ("b", 2)]), "头\na\nb\n".encode()):
        table = open_table(content)
        assert next(table.rows()).number == 2
        assert list(table.rows()) == list(table.rows())
        assert len(list(table.rows())) == 2


TEXT = "磅单号,净重（吨）\r\nBD-1,30.5\r\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.strip().encode(),
    ],
)
def test_csv_is_read_in_every_encoding_and_delimiter_that_programs_write(content: bytes) -> None:
    table = open_table(content)
    assert table.suffix == ".csv"
    assert cells_of(content) == [HEAD, ("BD-1", "30.5")]


def test_a_character_across_two_pieces_is_no_fault() -> None:
    filler = "a" * 65_535
    assert cells_of(f"头\n{filler[:-4]}粉煤灰\n".encode())[1] == (f"{filler[:-4]}粉煤灰",)


def test_a_head_that_begins_like_a_picture_is_still_a_head() -> None:
    assert cells_of(b"BM,II\n1,2\n")[0] == ("BM", "II")


def test_records_are_counted_not_lines() -> None:
    content = '\n说明\n"磅单\n号",净重\n\nBD-1,"1\n2\n3"\nBD-2,4\n'.encode()
    table = open_table(content)
    assert (table.head.number, table.head.cells) == (2, ("说明",))
    assert numbers_of(table) == [2, 3, 5, 6]


def test_the_guard_of_an_exported_cell_is_taken_off_in_csv_only() -> None:
    assert cells_of("头\n'-5\n''=1\n'tis\n".encode())[1:] == [("-5",), ("'=1",), ("'tis",)]
    assert cells_of(book_of([["头"], ["'-5"]]))[1:] == [("'-5",)]


def test_more_rows_than_allowed_are_refused_when_the_first_of_them_is_met() -> None:
    allowed = "头\n" + "a\n" * MOST_ROWS
    assert len(list(open_table(allowed.encode()).rows())) == MOST_ROWS
    assert "50,000" in refusal((allowed + "a\n").encode())
