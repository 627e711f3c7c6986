"""Papers and tables: what is written can be read again, and no cell runs as a formula."""

from __future__ import annotations

import io
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from docx import Document
from openpyxl import load_workbook
from pypdfium2 import PdfDocument

from app.core.office.docx import docx_of
from app.core.office.paper import (
    Area,
    Drawing,
    Facts,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Signatures,
    Table,
)
from app.core.office.pdf import pdf_of
from app.core.office.workbook import Sheet, SourceWords, Traced, Value, workbook

PAPER = Paper(
    "粉煤灰委托利用合同",
    "T-2612-0001",
    (
        Heading("一、双方"),
        Facts((("产废方", "茌平一电厂"), ("统一社会信用代码", "91371500MA3N0T5A1B"))),
        Paragraph("运输途中的污染防治责任由承运方承担。"),
        Table(("项目", "数量（吨）"), (("粉煤灰", "1,200.5"),) * 40, (3, 1), frozenset({1})),
        NewPage(),
        Signatures((("产废方（盖章）", "日期"), ("利废方（盖章）", "日期"))),
    ),
    notice="演示数据",
)


def pages_of(pdf: bytes) -> list[str]:
    with closing(PdfDocument(pdf)) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_a_pdf_holds_every_word_of_the_paper_and_its_notice() -> None:
    text = "".join(pages_of(pdf_of(PAPER)))
    words = (
        "粉煤灰委托利用合同",
        "一、双方",
        "茌平一电厂",
        "1,200.5",
        "演示数据",
        "利废方（盖章）",
    )
    assert [word for word in words if word not in text] == []


def test_a_long_table_goes_on_on_the_next_page_and_pages_are_numbered() -> None:
    pages = pages_of(pdf_of(PAPER))
    assert len(pages) == 3
    assert "2 / 3" in pages[1]


def test_the_head_of_a_long_table_stands_on_each_of_its_pages() -> None:
    assert [page.count("数量（吨）") for page in pages_of(pdf_of(PAPER))] == [1, 1, 0]


def test_a_heading_goes_on_to_the_next_page_with_the_drawing_under_it() -> None:
    lines = tuple(Paragraph("一行") for _line in range(25))
    ring = ((0.0, 0.0), (100.0, 0.0), (100.0, 60.0))
    drawing = Drawing(100, 60, (Area(ring, fill="#000000"),), "图")
    first, second = pages_of(pdf_of(Paper("简报", "1", (*lines, Heading("二、地图"), drawing))))
    assert ("二、地图" in first, "二、地图" in second) == (False, True)


def test_the_same_paper_gives_the_same_pdf() -> None:
    assert pdf_of(PAPER) == pdf_of(PAPER)


def test_a_docx_holds_the_same_paper() -> None:
    document = Document(io.BytesIO(docx_of(PAPER)))
    assert [p.text for p in document.paragraphs][:3] == [
        "粉煤灰委托利用合同",
        "T-2612-0001",
        "一、双方",
    ]
    assert document.tables[0].cell(0, 1).text == "茌平一电厂"
    assert document.tables[1].cell(40, 1).text == "1,200.5"
    assert document.sections[0].header.paragraphs[0].text == "演示数据"


@pytest.mark.parametrize(
    "value", ["=1+1", "+cmd|' /C calc'!A0", "-5", "@SUM(A1)", "\tx", "电厂", 12, Decimal("1.234")]
)
def test_a_cell_comes_back_as_the_value_it_was_and_never_as_a_formula(value: Value) -> None:
    book = load_workbook(io.BytesIO(workbook([Sheet("表", "标题", ("列",), ((value,),))])))
    cell = book["表"]["A3"]
    assert cell.data_type != "f"
    assert cell.value == (float(value) if isinstance(value, Decimal) else value)


def test_days_and_times_are_written_as_china_reads_them() -> None:
    late = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    sheet = Sheet("表", "标题", ("日", "时"), ((date(2026, 11, 22), late),))
    page = load_workbook(io.BytesIO(workbook([sheet])))["表"]
    assert page["A3"].value.isoformat() == "2026-11-22T00:00:00"
    assert page["B3"].value.isoformat() == "2026-11-23T01:30:00"


def test_every_traced_cell_is_listed_with_its_events() -> None:
    words = SourceWords("依据", "各数字的依据", ("表", "单元格", "数值", "凭据"))
    sheet = Sheet(
        "表2",
        "流向汇总表",
        ("物料", "数量"),
        (("粉煤灰", Traced(Decimal("30.5"), ("E-1", "E-2"))),),
        ("备注",),
    )
    book = load_workbook(io.BytesIO(workbook([sheet], words)))
    sources = list(book["依据"].iter_rows(min_row=3, values_only=True))
    assert sources == [("表2", "B4", 30.5, "E-1"), ("表2", "B4", 30.5, "E-2")]
    assert book["表2"]["B4"].value == 30.5
