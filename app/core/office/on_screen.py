"""The tables of a page as sheets: what stands on screen, no more and no less.

A table takes part under the name that its caption gives it (`data-sheet`, see the macro `caption`
in templates/macros/tables.html). Drawings and buttons stay behind; a figure becomes a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html.parser import HTMLParser
from itertools import zip_longest
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, TreeBuilder

from flask_babel import gettext as _

from app.core.office.workbook import Percent, Sheet, Value

LONGEST_NAME = 31
NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]+")
"""What a spreadsheet refuses in the name of a sheet."""
NARROWEST, WIDEST, SPARE = 8, 48, 2
EMPTY_TAGS = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
UNREAD_TAGS = frozenset({"svg", "script", "noscript"})
SECOND_LINE = "second-line"
NOTES = ("panel-note", "sheet-note")
SPACES = re.compile(r"\s+")
FIGURE = re.compile(r"([≈≥≤]?)\s*([+−-]?)(\d[\d,]*(?:\.\d+)?)(%?)")
"""About or at least, the sign, the digits, a share in per cent."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and what is remarked on it; `None` where the cell before reaches over."""

    value: Value
    remark: str = ""


Line = list[Cell]


def sheets_of(html: str) -> dict[str, Sheet]:
    """By name, the tables of a page that can be taken away."""
    page = _tree(html)
    return {
        name: _sheet(page, panel, table)
        for panel, table in _tables(page)
        if (name := _caption(table).get("data-sheet"))
    }


class _Reader(HTMLParser):
    """A tree of what our own templates write: every element but the empty ones is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in EMPTY_TAGS:
            self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY_TAGS:
            self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def _tree(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.builder.close()


def _tables(page: Element) -> Iterator[tuple[Element, Element]]:
    """Every table with the panel it stands in."""
    for panel in page.iter("section"):
        for table in panel.iter("table"):
            yield panel, table


def _sheet(page: Element, panel: Element, table: Element) -> Sheet:
    head, lines, last = _head(table), _lines(table, "tbody"), _lines(table, "tfoot")
    kept = [column for column in range(len(head)) if not _is_drawn(column, lines)]
    heads = tuple(head[column] for column in kept)
    rows, remarks = _rows(heads, kept, [*lines, *last])
    if any(remarks):
        heads = (*heads, _("备注"))
        rows = [(*row, remark) for row, remark in zip(rows, remarks, strict=True)]
    title, part = _subject(page), _line(panel, "h2")
    return Sheet(
        name=NO_SHEET_NAME.sub(" ", part or title)[:LONGEST_NAME],
        title=title if title.endswith(part) else f"{title} · {part}",
        head=heads,
        rows=tuple(rows),
        notes=tuple(filter(None, _notes(page, panel, table))),
        widths=tuple(_widths([heads, *rows])),
    )


def _subject(page: Element) -> str:
    """What a page is about: its heading, unless that is a slogan and says so (`data-subject`)."""
    named = page.find(".//*[@data-subject]")
    return _line(page, "h1") if named is None else named.get("data-subject", "")


def _rows(
    heads: Sequence[str], kept: Sequence[int], lines: Iterable[Line]
) -> tuple[list[tuple[Value, ...]], list[str]]:
    """The values of the columns that are kept, and the remarks of each row under their heads."""
    rows, remarks = [], []
    for line in lines:
        cells = [line[column] if column < len(line) else Cell(None) for column in kept]
        pairs = zip(heads, cells, strict=True)
        rows.append(tuple(cell.value for cell in cells))
        told = [f"{head} {cell.remark}" for head, cell in pairs if cell.remark]
        remarks.append(_("；").join(told))
    return rows, remarks


def _is_drawn(column: int, lines: Iterable[Line]) -> bool:
    """Whether a column holds drawings or buttons alone: its cells are there, and all are empty."""
    cells = [line[column].value for line in lines if column < len(line)]
    return "" in cells and not any(cell not in (None, "") for cell in cells)


def _head(table: Element) -> list[str]:
    row = table.find("thead/tr")
    return [] if row is None else [_with_unit(cell) for cell in row]


def _with_unit(cell: Element) -> str:
    label, unit = _text(cell, without="small"), _line(cell, "small")
    return str(_("%(label)s（%(unit)s）", label=label, unit=unit)) if unit else label


def _lines(table: Element, part: str) -> list[Line]:
    return [[each for cell in row for each in _cells(cell)] for row in table.iterfind(f"{part}/tr")]


def _cells(cell: Element) -> Iterator[Cell]:
    yield _figure(cell) if "num" in _classes(cell) else Cell(_text(cell))
    yield from [Cell(None)] * (int(cell.get("colspan", 1)) - 1)


def _figure(cell: Element) -> Cell:
    """A number where one is shown; what stands on a line of its own under it is a remark."""
    found = FIGURE.fullmatch(_text(cell, without=SECOND_LINE))
    if found is None:
        return Cell(_text(cell))
    about, sign, digits, percent = found.groups()
    remarks = [about, *(_text(each) for each in cell.iter() if SECOND_LINE in _classes(each))]
    number = Decimal(("-" if sign in "−-" and sign else "") + digits.replace(",", ""))
    remark = " ".join(filter(None, remarks))
    if percent:
        return Cell(Percent(number / 100), remark)
    return Cell(number if "." in digits else int(number), remark)


def _notes(page: Element, panel: Element, table: Element) -> Iterator[str]:
    """What the page says of its figures: of what, until when, in which unit, from where."""
    yield _text(_caption(table))
    for facts in _of_class(page, "page-facts"):
        yield " · ".join(_text(fact) for fact in facts)
    yield from (_text(note) for name in NOTES for note in _of_class(panel, name))
    yield from (_line(pager, "span") for pager in _of_class(panel, "pager"))
    for foot in _of_class(panel, "panel-foot"):
        yield from (_text(note) for note in foot.iterfind("span"))
    yield from (_text(line) for line in _of_class(page, "print-line"))
    if next(_of_class(page, "demo-badge"), None) is not None:
        yield from (_line(footer, "p") for footer in page.iter("footer"))


def _caption(table: Element) -> Element:
    found = table.find("caption")
    return Element("caption") if found is None else found


def _of_class(node: Element, name: str) -> Iterator[Element]:
    return (each for each in node.iter() if name in _classes(each))


def _classes(node: Element) -> list[str]:
    return node.get("class", "").split()


def _line(node: Element, tag: str) -> str:
    """The text of the first element of that kind, or nothing."""
    found = next(node.iter(tag), None)
    return "" if found is None else _text(found)


def _text(node: Element, without: str = "") -> str:
    """What is read of an element, on one line; `without` a tag or a class."""
    return SPACES.sub(" ", "".join(_pieces(node, without))).strip(" ·")


def _pieces(node: Element, without: str) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if not _is_left_out(child, without):
            yield " · " if SECOND_LINE in _classes(child) else " " if child.tag == "br" else ""
            yield from _pieces(child, without)
        yield child.tail or ""


def _is_left_out(node: Element, without: str) -> bool:
    if node.tag in UNREAD_TAGS or node.get("aria-hidden") == "true":
        return True
    classes = _classes(node)
    return "button" in classes or "table-file" in classes or without in (node.tag, *classes)


def _widths(rows: Iterable[Sequence[Value]]) -> Iterator[int]:
    for column in zip_longest(*rows, fillvalue=""):
        longest = max(_width(str(value)) for value in column if value is not None)
        yield min(WIDEST, max(NARROWEST, longest + SPARE))


def _width(text: str) -> int:
    """In columns of Latin letters; a Chinese character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
