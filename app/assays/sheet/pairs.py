"""Lines without a head: a name and its value side by side, or both in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.assays.sheet.cells import (
    Line,
    first_method,
    has_no_value,
    is_bound,
    is_figure,
    is_method,
    is_serial,
)
from app.assays.sheet.page import Page
from app.eligibility.naming import Named
from app.eligibility.units import is_unit

_SAID = re.compile(r"\s*(?P<name>[^:：=]+?)\s*[:：=]\s*(?P<value>[^:：=]+?)\s*")
_JOINTS = re.compile(r"[;；，、\n]|,(?!\d)|\s{2,}|(?<=[%％\d])\s+(?=[^\W\d][^:：=]*[:：=])")
_JUDGED = frozenset({"合格", "不合格", "符合", "不符合", "达标", "pass", "ok", "√"})


@dataclass
class Item:
    """A name, in one part or several, with what stands behind it up to the next name."""

    names: list[str]
    unit: str = ""
    method: str = ""
    figures: list[int] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether its value is still to come."""
        return not self.figures


def read_pairs(line: Line, page: Page) -> None:
    """Take the values of a line that belongs to no table."""
    within = {column: found for column, text in line.cells.items() if (found := _said(text))}
    for column, said in within.items():
        for name, value in said:
            _take_said(name, value, line, column, page)
    rest = Line(line.number, {n: text for n, text in line.cells.items() if n not in within})
    for item in _items(rest, page):
        _take(item, rest, page)


def _said(text: str) -> list[tuple[str, str]]:
    """Names with figures in one cell: `烧失量：4.9%；SO3：2.1%`."""
    found = map(_SAID.fullmatch, _JOINTS.split(text))
    return [(one["name"], one["value"]) for one in found if one and is_figure(one["value"])]


def _take_said(name: str, value: str, line: Line, column: int, page: Page) -> None:
    alone = Line(line.number, {column: value})
    named = page.named([name], [line.cell(column)])
    if named is None:
        page.leave_unread(name, alone, [column])
    else:
        page.take(page.loose_draft(0), alone, column, named, unit="")


def _items(line: Line, page: Page) -> Iterator[Item]:
    item = Item([])
    for column, text in line.cells.items():
        if is_figure(text):
            item.figures.append(column)
        elif is_unit(text):
            item.unit = item.unit or text
        elif is_method(text) and item.names:
            item.method = item.method or text
        elif text.casefold() in _JUDGED or has_no_value(text):
            continue
        elif item.is_open and item.names and not page.is_name(text):
            item.names.append(text)
        else:
            yield item
            item = Item([text])
    yield item


def _take(item: Item, line: Line, page: Page) -> None:
    if not item.names:
        _leave_numbering(item, line, page)
        return
    named = _named(item, line, page)
    demands = [column for column in item.figures if is_bound(line.cell(column))]
    values = [column for column in item.figures if column not in demands] or demands
    if named is None:
        page.leave_unread(" ".join(item.names), line, item.figures)
        return
    page.leave_unread(named.words, line, set(item.figures) - set(values))
    for number, column in enumerate(values):
        draft = page.loose_draft(number)
        page.take(draft, line, column, named, unit=item.unit, method=item.method)


def _named(item: Item, line: Line, page: Page) -> Named | None:
    near = [*item.names, item.method or first_method(line.cells.values())]
    return page.named(item.names, near, item.unit) or page.named(item.names[-1:], near, item.unit)


def _leave_numbering(item: Item, line: Line, page: Page) -> None:
    """Figures before any name: the number of the line, or nobody knows what."""
    first = min(line.cells, default=-1)
    for column in item.figures:
        if column == first and len(line.cells) > 1 and is_serial(line.cell(column)):
            page.ignore_column("序号", column)
        else:
            page.leave_unread("", line, [column])
