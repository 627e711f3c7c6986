"""From the texts of a row to what a form takes."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.i18n import is_english, speaking
from app.imports.cells import Choices, RowRefused, form_values, words_of
from app.imports.columns import Column, Reading

COLUMNS = (
    Column("site", "厂区", "", reading=Reading.WORD),
    Column("materials", "物料", "", reading=Reading.WORDS),
    Column("month", "月份", "", reading=Reading.MONTH),
    Column("at", "时间", "", reading=Reading.MOMENT),
    Column("shown", "公开", "", reading=Reading.YES_NO),
    Column("note", "说明", ""),
)


def choices() -> Choices:
    ash, slag = ("Fly ash", "Slag") if is_english() else ("粉煤灰", "炉渣")
    return {
        "site": [("7", "一厂（东区）"), ("8", "一厂（西区）"), ("9", "二厂"), ("10", "二厂")],
        "materials": [("ash", ash), ("slag", slag)],
    }


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ({"site": "一厂（东区）"}, {"site": ["7"]}),
        ({"site": "一厂(西区) "}, {"site": ["8"]}),
        ({"site": "8"}, {"site": ["8"]}),
        ({"materials": "粉煤灰、炉渣"}, {"materials": ["ash", "slag"]}),
        ({"materials": "fly ash; SLAG"}, {"materials": ["ash", "slag"]}),
        ({"month": "2026-12"}, {"month": ["2026-12"]}),
        ({"month": "2026-12-01"}, {"month": ["2026-12"]}),
        ({"month": "2026/1/1"}, {"month": ["2026-01"]}),
        ({"month": "2026年3月"}, {"month": ["2026-03"]}),
        ({"month": "2026.3"}, {"month": ["2026-03"]}),
        ({"month": "下个月"}, {"month": ["下个月"]}),
        ({"at": "2026/1/5 8:05"}, {"at": ["2026-01-05 08:05"]}),
        ({"at": "2026-01-05 08:05:59"}, {"at": ["2026-01-05 08:05"]}),
        ({"at": "2026年1月5日 8:05"}, {"at": ["2026-01-05 08:05"]}),
        ({"at": "昨天"}, {"at": ["昨天"]}),
        ({"shown": "是"}, {"shown": ["y"]}),
        ({"shown": "TRUE"}, {"shown": ["y"]}),
        ({"shown": "否"}, {}),
        ({"shown": ""}, {}),
        ({"note": "=1+1"}, {"note": ["=1+1"]}),
    ],
)
def test_a_cell_becomes_what_the_form_takes(
    app: Flask, cells: dict[str, str], values: dict[str, list[str]]
) -> None:
    found = form_values(COLUMNS, cells, words_of(choices))
    assert {name: found.getlist(name) for name in found if found.getlist(name)} == values


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (
            {"site": "三厂"},
            [("厂区", "没有“三厂”这一项；可填：一厂（东区）、一厂（西区）、二厂、二厂。")],
        ),
        ({"materials": "粉煤灰、煤"}, [("物料", "没有“煤”这一项；可填：粉煤灰、炉渣。")]),
        ({"shown": "也许"}, [("公开", "“也许”看不懂，请填“是”或“否”。")]),
    ],
)
def test_a_word_that_is_not_understood_is_named_with_its_column(
    app: Flask, cells: dict[str, str], told: list[tuple[str, str]]
) -> None:
    with pytest.raises(RowRefused) as refusal:
        form_values(COLUMNS, cells, words_of(choices))
    assert [(one.column, one.sentence) for one in refusal.value.remarks] == told


def test_everything_wrong_with_a_row_is_told_at_once(app: Flask) -> None:
    cells = {"site": "三厂", "materials": "煤", "shown": "?"}
    with pytest.raises(RowRefused) as refusal:
        form_values(COLUMNS, cells, words_of(choices))
    assert len(refusal.value.remarks) == 3


def test_a_name_that_two_sites_share_means_neither(app: Flask) -> None:
    assert words_of(choices)["site"].value("二厂") is None


def test_words_are_shown_in_the_language_of_the_reader(app: Flask) -> None:
    with speaking("en"):
        assert words_of(choices)["materials"].shown == ("Fly ash", "Slag")
