"""A paper as DOCX, for those who fill it in or bargain over it."""

from __future__ import annotations

import io
from functools import singledispatchmethod

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Pt

from app.core.office.paper import (
    Drawing,
    Facts,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Signatures,
    Table,
)
from app.core.texts import writable

FONT = "Noto Sans CJK SC"
EAST_ASIAN_FONT = "宋体"
TITLE_PT, HEADING_PT, TEXT_PT = 18, 12, 10.5


def docx_of(paper: Paper) -> bytes:
    """The bytes of the DOCX."""
    sheet = _Sheet(paper)
    for block in paper.blocks:
        sheet.write_block(block)
    return sheet.bytes()


class _Sheet:
    def __init__(self, paper: Paper) -> None:
        self._document = Document()
        self._document.core_properties.title = writable(f"{paper.title} {paper.number}")
        self._document.core_properties.author = ""
        self._set_font()
        section = self._document.sections[0]
        section.header.paragraphs[0].text = paper.notice
        section.footer.paragraphs[0].text = writable(paper.number)
        self._line(paper.title, TITLE_PT, centred=True)
        self._line(paper.number, TEXT_PT, centred=True)

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    @singledispatchmethod
    def write_block(self, block: object) -> None:
        raise TypeError(f"{type(block).__name__} cannot be written")

    @write_block.register
    def _heading(self, block: Heading) -> None:
        self._line(block.text, HEADING_PT, bold=True)

    @write_block.register
    def _paragraph(self, block: Paragraph) -> None:
        self._line(block.text, TEXT_PT)

    @write_block.register
    def _facts(self, block: Facts) -> None:
        self._rows(block.rows)

    @write_block.register
    def _table(self, block: Table) -> None:
        self._rows((block.head, *block.rows), block.right)

    @write_block.register
    def _signatures(self, block: Signatures) -> None:
        self._rows((tuple("\n\n".join(lines) for lines in block.boxes),))

    @write_block.register
    def _drawing(self, block: Drawing) -> None:
        self._line(block.text, TEXT_PT)

    @write_block.register
    def _new_page(self, _block: NewPage) -> None:
        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _set_font(self) -> None:
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(TEXT_PT)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), EAST_ASIAN_FONT)

    def _line(self, text: str, points: float, *, bold: bool = False, centred: bool = False) -> None:
        paragraph = self._document.add_paragraph()
        if centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(writable(text))
        run.font.size, run.bold = Pt(points), bold

    def _rows(self, rows: tuple[tuple[str, ...], ...], right: frozenset[int] = frozenset()) -> None:
        table = self._document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
        for row in rows:
            for column, (cell, text) in enumerate(zip(table.add_row().cells, row, strict=True)):
                cell.text = writable(text)
                if column in right:
                    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._document.add_paragraph()
