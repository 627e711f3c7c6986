"""Tables of a page as sheets: figures are numbers, names are text, drawings stay behind."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.core.office.on_screen import sheets_of
from app.core.office.workbook import Percent, Sheet, Value, workbook

PAGE = """<!doctype html>
<html lang="zh-CN"><body>
<span class="demo-badge">演示数据</span>
<h1>聊城市 · 利用率</h1>
<p class="page-facts"><span>2026 年 10 月</span><span>月结 v1</span></p>
<section class="panel">
  <h2>各县</h2><span class="panel-note">吨</span>
  <table>
    <caption data-sheet="counties">各县的利用率</caption>
    <thead><tr><th>县</th><th class="num">利用率</th><th>图</th>
      <th class="num">产生量<small>吨</small></th><th>做什么</th></tr></thead>
    <tbody>{rows}</tbody>
    <tfoot><tr><th>全市</th><td class="num">90.0%</td><td></td><td class="num">30.5</td><td></td>
      </tr></tfoot>
  </table>
  <div class="panel-foot"><span>各县之和等于全市</span><a class="table-file" href="/">下载</a></div>
</section>
<section><h2>无名的表</h2><table><tbody><tr><td>1</td></tr></tbody></table></section>
<footer><p>本页全部为演示数据。</p><p class="print-line">口径 v3</p></footer>
</body></html>"""
BAR = "<td><svg aria-hidden='true'><text>图</text></svg></td>"
BUTTON = "<td><button class='button'>催报</button></td>"


@pytest.fixture(autouse=True)
def _speaking(app: Flask) -> None:
    """Heads and remarks are written in the language of the request."""


def read(*rows: str) -> Sheet:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return sheets_of(PAGE.replace("{rows}", body))["counties"]


def row(name: str, share: str, mass: str) -> str:
    figures = f"<td class='num'>{share}</td>{BAR}<td class='num'>{mass}</td>"
    return f"<th>{name}</th>{figures}{BUTTON}"


def test_only_a_table_with_a_name_can_be_taken() -> None:
    assert list(sheets_of(PAGE.replace("{rows}", ""))) == ["counties"]


def test_figures_become_numbers_and_columns_of_drawings_or_buttons_stay_behind() -> None:
    sheet = read(row("茌平区", "86.9%", "1,234.567"), row("莘县", "—", "−20"))
    assert sheet.head == ("县", "利用率", "产生量（吨）")
    assert sheet.rows == (
        ("茌平区", Percent("0.869"), Decimal("1234.567")),
        ("莘县", "—", -20),
        ("全市", Percent("0.9"), Decimal("30.5")),
    )
    assert isinstance(sheet.rows[1][2], int)


@pytest.mark.parametrize(
    ("shown", "value", "remark"),
    [
        ("≈ 1,200", 1_200, "产生量（吨） ≈"),
        ("+35", 35, ""),
        ("12<span class='second-line'>缺 2 份申报</span>", 12, "产生量（吨） 缺 2 份申报"),
        ("1,000 / 500", "1,000 / 500", ""),
    ],
)
def test_what_is_said_of_a_figure_stands_in_a_column_of_remarks(
    shown: str, value: Value, remark: str
) -> None:
    first = read(row("茌平区", "86.9%", shown)).rows[0]
    assert (first[2], *first[3:]) == ((value, remark) if remark else (value,))


def test_a_second_line_of_text_follows_on_the_same_line() -> None:
    named = "电厂<span class='second-line'>一厂</span>"
    assert read(row(named, "1.0%", "1")).rows[0][0] == "电厂 · 一厂"


def test_what_is_withheld_is_told_in_words_and_fills_no_other_column() -> None:
    withheld = "<th>临清市</th><td colspan='4'><span class='muted'>不公布</span></td>"
    sheet = read(row("茌平区", "86.9%", "1"), withheld)
    assert sheet.rows[1] == ("临清市", "不公布", None)


def test_the_sheet_says_of_what_until_when_in_which_unit_and_that_it_is_a_demonstration() -> None:
    sheet = read(row("茌平区", "86.9%", "1"))
    assert (sheet.name, sheet.title) == ("各县", "聊城市 · 利用率 · 各县")
    assert sheet.notes == (
        "各县的利用率",
        "2026 年 10 月 · 月结 v1",
        "吨",
        "各县之和等于全市",
        "口径 v3",
        "本页全部为演示数据。",
    )


def test_a_page_whose_heading_is_a_slogan_names_its_subject() -> None:
    page = PAGE.replace("<h1>", "<h1 data-subject='综合利用与供需'>")
    assert sheets_of(page.replace("{rows}", ""))["counties"].title == "综合利用与供需 · 各县"


def test_a_table_that_is_cut_says_which_rows_it_has() -> None:
    pager = '<nav class="pager"><span>第 1–25 条，共 62 条</span><span><a>下一页</a></span></nav>'
    page = PAGE.replace("{rows}", "").replace('<div class="panel-foot">', f"{pager}<div>")
    assert "第 1–25 条，共 62 条" in sheets_of(page)["counties"].notes


def test_numbers_of_a_column_have_the_decimals_of_the_page() -> None:
    sheet = read(row("甲", "1.0%", "1,234.000"), row("乙", "1.0%", "9.007"))
    page = load_workbook(io.BytesIO(workbook([sheet]))).active
    cells = [page.cell(sheet.first_row + place, 3) for place in (0, 1)]
    assert [(cell.value, cell.number_format) for cell in cells] == [
        (1_234, "#,##0.000"),
        (9.007, "#,##0.000"),
    ]


def test_a_name_that_looks_like_a_formula_is_text_in_the_file_under_a_frozen_head() -> None:
    sheet = read(row("=HYPERLINK(1)", "1.0%", "1"), row("@SUM(A1)", "1.0%", "1"))
    page = load_workbook(io.BytesIO(workbook([sheet]))).active
    first = sheet.first_row
    names = [page.cell(first + place, 1) for place in (0, 1)]
    assert [(cell.value, cell.data_type) for cell in names] == [
        ("=HYPERLINK(1)", "s"),
        ("@SUM(A1)", "s"),
    ]
    assert page.freeze_panes == f"A{first}"
    assert page.print_title_rows == f"${first - 1}:${first - 1}"
    assert page.cell(first, 2).number_format == "0.0%"
