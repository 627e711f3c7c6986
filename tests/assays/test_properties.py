"""What holds for every sheet."""

from __future__ import annotations

import re
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils import coordinate_to_tuple, get_column_letter

from app.assays.sheet import SheetReading, read_sheet, typed_rows
from app.assays.sheet.cells import is_figure
from app.core.office.sent import SentRow, sent_row
from tests.assays.sheets import parameters, rows_of

Lines = list[tuple[str, str, str, str, str]]
"""Name, unit, what a standard demands, result and method."""
HEAD = ["序号", "检测项目", "单位", "标准要求", "检测结果", "单项判定", "检测方法"]
NAMES = [
    "烧失量",
    "细度(45μm筛余)",
    "SO₃",
    "f-CaO",
    "密度",
    "烧失量允许偏差",
    "未知项",
    "pH值",
    "安定性",
]
FIGURES = ["4.9", "0.02L", "<0.01", "140", "3.5 %", "未检出", "1,420", "-3"]
WORDS = [
    "",
    "",
    "合格",
    "%",
    "mg/kg",
    "GB/T 176-2017",
    "平均",
    "标准要求",
    "检测项目",
    "检测结果",
    "单位",
]
OTHERS = [
    "2026-11-05",
    "1#",
    "序号",
    "备注",
    "1",
    "2",
    "日期",
    "批号",
    "≤5.0",
    "车重",
    "7d",
    "水溶性",
]
LINES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["", "%", "mg/kg", "斤"]),
        st.sampled_from(["", "≤5.0", "70"]),
        st.sampled_from([*FIGURES, "", "合格", "/"]),
        st.sampled_from(["", "GB/T 176-2017", "HJ/T 299-2007"]),
    ),
    max_size=8,
)
HEADS_OF_SAMPLES = {"批号", "检测项目"}
"""What stands right of these is the number of a sample, whatever it looks like."""
GRIDS = st.lists(
    st.lists(st.sampled_from([*NAMES, *FIGURES, *WORDS, *OTHERS]), max_size=7), max_size=9
)


def vertical(lines: Lines) -> list[SentRow]:
    cells = (
        [str(n), name, unit, limit, result, "", method]
        for n, (name, unit, limit, result, method) in enumerate(lines)
    )
    return rows_of([["报告编号：A-1"], HEAD, *cells])


def bare(reading: SheetReading) -> tuple[object, ...]:
    """What was read, without the places and the order of the lines."""
    found = sorted(
        (f.batch, f.parameter, f.name, f.text, f.unit, f.method, f.fault) for f in reading.found
    )
    unread = sorted((one.name, one.text) for one in reading.unread)
    return found, unread, reading.samples, set(reading.ignored)


@settings(deadline=None)
@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_of_a_sheet_changes_nothing(lines: Lines, random: Random) -> None:
    shuffled = random.sample(lines, len(lines))
    first, second = (read_sheet(vertical(one), parameters()) for one in (lines, shuffled))
    assert bare(first) == bare(second)


@settings(deadline=None)
@given(LINES)
def test_the_column_of_a_standard_is_never_taken_for_a_result(
    lines: Lines,
) -> None:
    reading = read_sheet(vertical(lines), parameters())
    cells = [one.cell for one in reading.found] + [one.cell for one in reading.unread]
    assert {cell[0] for cell in cells} <= {"E"}


def told_at(reading: SheetReading, cell: str) -> bool:
    """Whether a cell is spoken of: found, not read, or in a column or line that is left out."""
    row, column = coordinate_to_tuple(cell)
    spoken = {one.cell for one in reading.found} | {one.cell for one in reading.unread}
    areas = {one.area for one in reading.ignored}
    return cell in spoken or bool(areas & {str(row), get_column_letter(column)})


@settings(max_examples=150, deadline=None)
@given(GRIDS)
@example([["检测项目", "140"]])
def test_every_figure_of_a_sheet_is_found_or_told(grid: list[list[str]]) -> None:
    reading = read_sheet(rows_of(grid), parameters())
    numbers = {"1", "2"}  # heads of columns without values may be the numbers of samples
    labels = {sample.label for sample in reading.samples} | numbers
    missed = [
        (row.number, text)
        for row in rows_of(grid)
        for column, text in enumerate(row.cells, start=1)
        if is_figure(text) and not told_at(reading, f"{get_column_letter(column)}{row.number}")
        if not HEADS_OF_SAMPLES & set(row.cells[: column - 1])
    ]
    assert [one for one in missed if one[1] not in labels] == []


@settings(deadline=None)
@given(GRIDS)
def test_what_is_read_can_be_looked_up_in_the_sheet(grid: list[list[str]]) -> None:
    rows = {row.number: row.cells for row in rows_of(grid)}
    reading = read_sheet(rows_of(grid), parameters())
    assert {one.batch for one in reading.found} == set(range(len(reading.samples)))
    for found in reading.found:
        number, column = coordinate_to_tuple(found.cell)
        assert found.text in rows[number][column - 1]
        assert found.parameter in parameters()


TEXTS = st.text(max_size=30) | st.sampled_from([*NAMES, *FIGURES, *WORDS, *OTHERS, *HEAD])


@settings(deadline=None)
@given(st.lists(st.lists(TEXTS, max_size=6), max_size=8))
def test_arbitrary_cells_never_raise(grid: list[list[str]]) -> None:
    rows = (sent_row(number, cells) for number, cells in enumerate(grid, start=1))
    read_sheet(rows, parameters())


@settings(deadline=None)
@given(
    st.text(alphabet=st.sampled_from('烧失量SO3:：=,，;\t \n4.9<%mgk/一()（）|"\\'), max_size=60)
    | st.text()
)
def test_arbitrary_typing_never_raises(text: str) -> None:
    rows = typed_rows(text)
    assert [row.number for row in rows] == sorted({row.number for row in rows})
    read_sheet(rows, parameters())


@settings(deadline=None)
@given(st.sampled_from(sorted(parameters())), st.data())
def test_every_name_of_the_catalogue_is_read_from_a_sheet(code: str, data: st.DataObject) -> None:
    row = parameters()[code]
    name = data.draw(st.sampled_from([row.name_zh, row.name_en, *row.synonyms]))
    unit = "" if row.unit == "-" else f" ({row.unit})"
    reading = read_sheet(rows_of([["检测项目", "检测结果"], [f"{name}{unit}", "1"]]), parameters())
    assert [(one.parameter, one.fault) for one in reading.found] == [(code, "")]
    assert re.sub(r"\s", "", reading.found[0].name).startswith(re.sub(r"\s", "", name))
