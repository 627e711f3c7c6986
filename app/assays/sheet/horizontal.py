"""A table with a sample in each line, and the parameters across its head."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.assays.sheet.cells import (
    Line,
    date_of,
    has_no_value,
    is_bound,
    is_date,
    is_figure,
    is_method,
    is_serial,
)
from app.assays.sheet.facts import facts_of
from app.assays.sheet.page import Page
from app.assays.sheet.roles import (
    Role,
    is_date_head,
    is_left_out,
    label_rank,
    names_a_sample,
    role_of,
)
from app.eligibility.naming import Named, split

MOST_HEAD_LINES = 4
_OPEN = (None, Role.NAME, Role.RESULT)
"""What a head may be for without telling that its column holds no values."""


@dataclass
class Horizontal:
    table: int
    columns: dict[int, Named]
    methods: dict[int, str]
    heads: dict[int, str]
    """What stands over the other columns."""
    dates: list[int]
    labels: list[int]
    """The columns that name a sample, the most telling first."""
    last_date: date | None = field(default=None)

    def holds(self, line: Line) -> bool:
        """Whether a line has values under the parameters."""
        return any(is_figure(line.cell(column)) for column in self.columns)

    def read(self, line: Line, page: Page) -> None:
        others = [text for column, text in line.cells.items() if column not in self.columns]
        if any(map(is_left_out, others)) or self._is_demanded(line):
            page.ignore_line(line)
            return
        draft = page.draft(self.table)
        draft.label = next(filter(None, map(line.cell, self.labels)), "")
        draft.sampled_on = self._date(line)
        for column, named in self.columns.items():
            method = self.methods.get(column, "")
            page.take(draft, line, column, named, unit="", method=method)
        self._leave(line, page)

    def _date(self, line: Line) -> date | None:
        """The day of a line; a cell may span several lines."""
        told = next(filter(None, (date_of(line.cell(column)) for column in self.dates)), None)
        self.last_date = told or self.last_date
        return self.last_date

    def _is_demanded(self, line: Line) -> bool:
        """Whether all values of a line are bounds, as those of a standard are."""
        texts = [line.cell(column) for column in self.columns if line.cell(column)]
        demands = [text for text in texts if is_bound(text)]
        return len(demands) > 1 and all(is_bound(one) or has_no_value(one) for one in texts)

    def _leave(self, line: Line, page: Page) -> None:
        """Tell the figures that are neither values nor the name of a sample."""
        label = next((column for column in self.labels if line.cell(column)), None)
        for column in line.figures:
            head = self.heads.get(column, "")
            if column in self.columns or column == label:
                continue
            if column in {*self.labels, *self.dates} or role_of(head) not in _OPEN:
                page.ignore_column(head, column)
            else:
                page.leave_unread(head, line, [column])


def horizontal_head(lines: Sequence[Line], at: int, page: Page) -> tuple[Horizontal, int] | None:
    """The table whose head begins at a line, and the first line of its values."""
    size = _size(lines, at, page)
    if not size:
        return None
    head, data = lines[at : at + size], lines[at + size]
    columns = _columns(head, page)
    values = [column for column in columns if is_figure(data.cell(column))]
    if not values or any(map(page.is_name, data.cells.values())):
        return None
    page.hear(text for line in head for column, text in line.cells.items() if column not in columns)
    return _table(head, data, columns, page.open_table()), at + size


def _size(lines: Sequence[Line], at: int, page: Page) -> int:
    """How many lines without figures stand from here to the first values; 0 if it is no head."""
    first = lines[at]
    if not _may_begin(first, page):
        return 0
    for size, line in enumerate(lines[at : at + MOST_HEAD_LINES + 1]):
        if line.figures and size:
            return size
        if line.figures or (size and facts_of(line)[0] and not _has_unit(line)):
            return 0
    return 0


def _may_begin(line: Line, page: Page) -> bool:
    names = any(map(page.is_name, line.cells.values()))
    return bool(line.cells) and (names or (len(line.cells) > 1 and not _is_said(line)))


def _is_said(line: Line) -> bool:
    """Whether a line tells of the sheet, as in `报告编号：12`, and not of columns."""
    return any(":" in text or "：" in text for text in line.cells.values())


def _has_unit(line: Line) -> bool:
    return any(split(text)[1] for text in line.cells.values())


def _columns(head: Sequence[Line], page: Page) -> dict[int, Named]:
    """The columns over which a parameter is named."""
    width = max((column for line in head for column in line.cells), default=-1) + 1
    found = {}
    for column in range(width):
        texts = _over(head, column)
        parts = [text for text in texts if not is_method(text)]
        named = page.named(parts, texts) if head_of(head, column) else None
        if named is not None:
            found[column] = named
    return found


def head_of(head: Sequence[Line], column: int) -> str:
    """What stands over a column itself, without the words that begin a line of units or methods."""
    texts = [line.cell(column) for line in head if line.cell(column)]
    said = [text for text in texts if role_of(text) not in {Role.METHOD, Role.UNIT}]
    return " ".join(said or texts)


def _over(head: Sequence[Line], column: int) -> list[str]:
    """All that stands over a column: its own cells, and those merged over it and its neighbours.

    A cell merged over several columns has a name below it in its own column too.
    """
    texts: list[str] = []
    for depth, line in enumerate(head):
        lower = head[depth + 1 :]
        left = max((other for other in line.cells if other < column), default=None)
        if line.cell(column):
            texts.append(line.cell(column))
        elif left is not None and not texts and _has_name(lower, left) and _has_name(lower, column):
            texts.append(line.cell(left))
    return texts


def _has_name(lines: Sequence[Line], column: int) -> bool:
    """Whether one of the lines says more over a column than a unit."""
    return any(split(line.cell(column))[0] for line in lines)


def _table(head: Sequence[Line], data: Line, columns: dict[int, Named], number: int) -> Horizontal:
    width = max(column for line in (*head, data) for column in line.cells) + 1
    heads = {column: head_of(head, column) for column in range(width) if column not in columns}
    methods = {
        column: text for column in columns for text in _over(head, column) if is_method(text)
    }
    dates = [column for column, text in heads.items() if is_date_head(text)]
    dates += [column for column, text in heads.items() if not text and is_date(data.cell(column))]
    return Horizontal(number, columns, methods, heads, dates, _labels(heads, data, columns))


def _labels(heads: dict[int, str], data: Line, columns: Collection[int]) -> list[int]:
    """The columns that name a sample; one without a head may do so too, left of all values."""
    ranked = [(label_rank(text), column) for column, text in heads.items()]
    named = sorted((rank, column) for rank, column in ranked if rank is not None)
    blank = [
        column
        for column, text in heads.items()
        if column < min(columns)
        and (not text or role_of(text) is Role.NAME)
        and _may_name(data.cell(column))
    ]
    ranked_columns = [column for _, column in named]
    return ranked_columns + [column for column in blank if column not in ranked_columns]


def _may_name(text: str) -> bool:
    is_word = not is_figure(text) and not is_date(text)
    return bool(text) and (is_word or is_serial(text) or names_a_sample(text))
