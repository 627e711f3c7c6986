"""Signs that look like others or like nothing: in plates, in ticket numbers, in names on papers."""

from __future__ import annotations

import io

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Refused
from app.core.office.docx import docx_of
from app.core.office.paper import Facts, Heading, Paper, Paragraph, Table
from app.core.office.pdf import pdf_of
from app.core.office.workbook import Sheet, workbook
from app.core.texts import is_one_line, writable
from app.shipments.plates import normal_plate, plate_kind
from app.shipments.rules import End, normal_ticket_number
from tests.shipments.factories import confirmed, weigh
from tests.trades.factories import contracted_trade

SPOILED = [
    "甲\n乙",
    "甲\x0b乙",
    "甲\x7f乙",
    "甲\x85乙",
    "甲\u2028乙",
    "甲\u2029乙",
    "甲\u202e乙",
    "甲\u2066乙",
    "甲\ufffe乙",
    "甲\uffff乙",
    "甲\U0001ffff乙",
    "甲\ud800乙",
]
SOUND = ["甲乙 Ab-1（二）", "𠮷野", "e\u0301", "=1+1", "<w:t>&amp;]]>", "😀"]


@pytest.mark.parametrize(
    "plate",
    [
        "鲁А12345",  # a Cyrillic letter
        "鲁P1234Ο",  # a Greek one
        "鲁P٣٣٣٣٣D",
        "鲁P１２３４٥D",
        "鲁D٣٣٣٣٣",
        "鲁P12\u200b345",
        "鲁P12345\u202e",
        "魯P12345",
    ],
)
def test_a_plate_is_made_of_the_signs_that_are_on_plates(plate: str) -> None:
    assert plate_kind(normal_plate(plate)) is None


@pytest.mark.parametrize(
    "typed",
    ["ab-001", " AB-001 ", "ＡＢ－００１", "ab-\u200b001", "AB\u00a0-001", "\ufeffab-001\u2060"],
)
def test_a_ticket_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert normal_ticket_number(typed) == "AB-001"


def test_one_paper_is_not_two_because_its_number_is_typed_otherwise(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    weigh(any_session, confirmed(any_session, trade), End.LOADING, number="AB-001")
    other = confirmed(any_session, trade)
    for number in ("ab-001", "ＡＢ－００１", "AB-00\u200b1"):
        with pytest.raises(Conflict):
            weigh(any_session, other, End.LOADING, number=number)
    with pytest.raises(Refused):
        weigh(any_session, other, End.LOADING, number="\u200b\u2060")


@pytest.mark.parametrize("text", SPOILED, ids=ascii)
def test_a_text_that_breaks_a_line_or_turns_the_writing_is_no_line(text: str) -> None:
    assert not is_one_line(text)


@pytest.mark.parametrize("text", SOUND, ids=ascii)
def test_any_other_text_is_a_line(text: str) -> None:
    assert is_one_line(text)
    assert writable(text) == text


def test_no_name_keeps_a_paper_from_being_made() -> None:
    text = " ".join([*SPOILED, *SOUND, "\0", "甲\x1b[31m"])
    blocks = (Facts((("甲方", text),)), Heading(text), Paragraph(text), Table((text,), ((text,),)))
    paper = Paper("合同", text, blocks)
    assert pdf_of(paper).startswith(b"%PDF")
    cell = Document(io.BytesIO(docx_of(paper))).tables[0].rows[0].cells[1].text
    assert cell.split() == writable(text).split()
    table = Sheet("表", text, (text,), ((text,), ("=1+1",)), (text,))
    page = load_workbook(io.BytesIO(workbook([table])))["表"]
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s"}
