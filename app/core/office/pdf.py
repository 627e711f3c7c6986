"""A paper as PDF: A4, one embedded font that knows Chinese, page numbers.

The same paper gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import singledispatchmethod
from itertools import zip_longest

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from app.core.office.paper import (
    Area,
    Block,
    Drawing,
    Facts,
    Heading,
    Label,
    NewPage,
    Paper,
    Paragraph,
    Point,
    Signatures,
    Table,
)
from app.core.texts import writable
from app.settings import ROOT

FONT_FILE = ROOT / "data" / "fonts" / "NotoSansCJKsc-GBK.otf"
FONT = "noto"
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
"""Stands as the time of making in every file, so that the bytes depend on the paper alone."""
MARGIN_MM, LINE_MM, LINE_WIDTH_MM = 20, 6, 0.1
HEADING_ROOM_MM = 40
"""A heading, and the head and first rows of what follows it."""
TITLE_PT, HEADING_PT, TEXT_PT, SMALL_PT = 18, 12, 10, 8
FACTS_SHARES = (1, 3)
LABEL_MM, DASH_MM = 3.4, 1.2
BLACK, WHITE = "#000000", "#ffffff"
HEAD_STYLE = FontFace(fill_color=(236, 239, 241))


def pdf_of(paper: Paper) -> bytes:
    """The bytes of the PDF."""
    sheet = _Sheet(paper)
    sheet.add_page()
    sheet.write_title()
    for block, following in zip_longest(paper.blocks, paper.blocks[1:]):
        if isinstance(block, Heading):
            sheet.keep_with(following)
        sheet.write_block(block)
    return bytes(sheet.output())


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Where a drawing stands on its page, in mm, and how many mm a unit of it is."""

    left: float
    top: float
    scale: float

    def place(self, point: Point) -> Point:
        across, down = point
        return self.left + across * self.scale, self.top + down * self.scale


class _Sheet(FPDF):
    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self.set_creation_date(EPOCH)
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM)
        self.add_font(FONT, fname=FONT_FILE)
        self.set_title(writable(f"{paper.title} {paper.number}"))
        self.set_lang("zh-CN")
        self.set_line_width(LINE_WIDTH_MM)

    def header(self) -> None:
        if self._paper.notice:
            self._line(self._paper.notice, SMALL_PT, Align.C)

    def footer(self) -> None:
        self.set_y(-MARGIN_MM + LINE_MM)
        self._line(f"{self._paper.number}　{self.page_no()} / {{nb}}", SMALL_PT, Align.C)

    def write_title(self) -> None:
        self._line(self._paper.title, TITLE_PT, Align.C)
        self._line(self._paper.number, SMALL_PT, Align.C)
        self.ln(LINE_MM / 2)

    def keep_with(self, following: Block | None) -> None:
        """Begin a page where a heading would end the one before."""
        room: float = HEADING_ROOM_MM
        if isinstance(following, Drawing):
            room += following.height * self._scale(following)
        if self.will_page_break(room):
            self.add_page()

    def _scale(self, drawing: Drawing) -> float:
        """How many mm a unit of a drawing is."""
        return float(self.epw * drawing.share / drawing.width)

    @singledispatchmethod
    def write_block(self, block: object) -> None:
        raise TypeError(f"{type(block).__name__} cannot be printed")

    @write_block.register
    def _heading(self, block: Heading) -> None:
        self.ln(LINE_MM / 2)
        self._line(block.text, HEADING_PT)

    @write_block.register
    def _paragraph(self, block: Paragraph) -> None:
        self._line(block.text, TEXT_PT)

    @write_block.register
    def _facts(self, block: Facts) -> None:
        self._rows(block.rows, FACTS_SHARES)

    @write_block.register
    def _table(self, block: Table) -> None:
        self._rows((block.head, *block.rows), block.shares, block.right, has_head=True)

    @write_block.register
    def _signatures(self, block: Signatures) -> None:
        self.ln(LINE_MM)
        cells = tuple("\n\n".join(lines) for lines in block.boxes)
        self._rows((cells,), (1,) * len(cells))

    @write_block.register
    def _drawing(self, block: Drawing) -> None:
        """On one page, whole."""
        scale = self._scale(block)
        if self.will_page_break(block.height * scale):
            self.add_page()
        canvas = _Canvas(self.l_margin + (self.epw - block.width * scale) / 2, self.get_y(), scale)
        for shape in block.shapes:
            self._draw(shape, canvas)
        self.set_y(canvas.top + block.height * scale)
        self.set_fill_color(WHITE)
        self.set_text_color(BLACK)
        self.ln(LINE_MM / 2)

    @singledispatchmethod
    def _draw(self, shape: object, canvas: _Canvas) -> None:
        raise TypeError(f"{type(shape).__name__} cannot be drawn")

    @_draw.register
    def _area(self, shape: Area, canvas: _Canvas) -> None:
        self.set_fill_color(shape.fill or WHITE)
        self.set_draw_color(shape.line or shape.fill or BLACK)
        if shape.is_dashed:
            self.set_dash_pattern(dash=DASH_MM, gap=DASH_MM)
        style = "".join(sign for sign, wanted in (("D", shape.line), ("F", shape.fill)) if wanted)
        self.polygon([canvas.place(point) for point in shape.points], style=style)
        self.set_dash_pattern()
        self.set_draw_color(BLACK)

    @_draw.register
    def _label(self, shape: Label, canvas: _Canvas) -> None:
        self.set_font(FONT, size=SMALL_PT)
        self.set_text_color(shape.colour or BLACK)
        left, middle = canvas.place(shape.at)
        first = middle - LABEL_MM * (len(shape.lines) / 2 - 0.75)
        for number, line in enumerate(shape.lines):
            shift = self.get_string_width(line) / 2 if shape.is_centred else 0
            self.text(left - shift, first + number * LABEL_MM, line)

    @write_block.register
    def _new_page(self, _block: NewPage) -> None:
        self.add_page()

    def _line(self, text: str, points: int, align: Align = Align.L) -> None:
        self.set_font(FONT, size=points)
        height = LINE_MM * max(1.0, points / TEXT_PT * 0.9)
        self.multi_cell(0, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rows(
        self,
        rows: tuple[tuple[str, ...], ...],
        shares: tuple[int, ...],
        right: frozenset[int] = frozenset(),
        *,
        has_head: bool = False,
    ) -> None:
        self.set_font(FONT, size=SMALL_PT + 1)
        aligns = [Align.R if column in right else Align.L for column in range(len(shares))]
        with self.table(
            rows,
            col_widths=shares,
            text_align=aligns,
            line_height=LINE_MM,
            first_row_as_headings=has_head,
            headings_style=HEAD_STYLE,
            borders_layout=TableBordersLayout.ALL,
        ):
            pass
        self.ln(LINE_MM / 2)
