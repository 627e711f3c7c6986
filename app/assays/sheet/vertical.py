"""A table with a parameter in each line, and its results in one column or several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.assays.sheet.cells import (
    Line,
    date_of,
    first_method,
    has_no_value,
    is_date,
    is_figure,
    is_serial,
)
from app.assays.sheet.facts import OF_A_SAMPLE, Fact, label_of
from app.assays.sheet.page import Page
from app.assays.sheet.roles import Role, is_repeat, names_a_sample, role_of
from app.assays.sheet.samples import Draft
from app.eligibility.naming import folded, split

_RESULT_WORDS = re.compile(r"检测|检验|测试|试验|化验|实测|测定|结果|数值|数据|值|[()（）：:]")


@dataclass(frozen=True, slots=True)
class Result:
    """A column of results: the head that tells its sample, and the unit named over it."""

    column: int
    head: str
    unit: str


@dataclass
class Group:
    """The columns that belong together; a table may have two groups side by side."""

    columns: range
    names: range
    unit: int | None
    method: int | None
    results: tuple[Result, ...]
    above: list[str] = field(default_factory=list)
    """The name of the line before: its first parts may span several lines."""


@dataclass
class Vertical:
    groups: tuple[Group, ...]
    left_out: dict[int, str]
    """Columns that hold no results, with their heads."""
    drafts: list[Draft]

    def holds(self, line: Line) -> bool:
        """Whether a line belongs to the table."""
        is_value_left_blank = any(column in self.left_out for column in line.figures)
        return any(_holds(group, line, blank=is_value_left_blank) for group in self.groups)

    def tells(self, line: Line) -> bool:
        """Whether a line says when the samples were taken, or what they are called."""
        return self.holds(line) and any(_kind(group, line) for group in self.groups)

    def read(self, line: Line, page: Page) -> None:
        for group in self.groups:
            self._read_group(group, line, page)
        used = {result.column for group in self.groups for result in group.results}
        for column in line.figures:
            if column in self.left_out:
                page.ignore_column(self.left_out[column], column)
            elif column not in used:
                page.leave_unread(_name_at(self.groups, line), line, [column])

    def _read_group(self, group: Group, line: Line, page: Page) -> None:
        parts = _name(group, line)
        kind = _kind(group, line)
        if kind is not None:
            self._tell(kind, group, line, page)
            return
        near = [line.cell(column) for column in group.columns if column in line.cells]
        unit = _unit(group, line)
        named = page.named(parts, near, unit)
        method = line.cell(group.method) if group.method is not None else first_method(near)
        columns = [result.column for result in group.results]
        if named is None:
            page.leave_unread(" ".join(filter(None, parts)), line, columns)
            return
        for draft, result in zip(self.drafts, group.results, strict=False):
            own = unit or named.unit or result.unit
            page.take(draft, line, result.column, named, unit=own, method=method)

    def _tell(self, kind: Fact, group: Group, line: Line, page: Page) -> None:
        """A line that says of each sample when it was taken, or what it is called."""
        for draft, result in zip(self.drafts, group.results, strict=False):
            text = line.cell(result.column)
            if kind is Fact.SAMPLED_ON:
                draft.sampled_on = draft.sampled_on or date_of(text)
            elif not draft.label:
                draft.label = text
                continue
            page.leave_unread(kind, line, [result.column])


def vertical_head(lines: Sequence[Line], at: int, page: Page) -> tuple[Vertical, int] | None:
    """The table whose head stands at a line, and the line behind the head."""
    line = lines[at]
    if any(map(page.is_name, line.cells.values())):
        return None
    below = _subhead(lines, at) or Line(line.number, {})
    groups = tuple(_groups(line, below)) or tuple(_headless(lines, at, page))
    if not groups:
        return None
    page.hear((*line.cells.values(), *below.cells.values()))
    used = {result.column for group in groups for result in group.results}
    for one in (line, below):
        page.leave_unread("", one, [column for column in one.figures if column not in used])
    return _opened(line, below, groups, page), at + 1 + bool(below.cells)


def _opened(line: Line, below: Line, groups: tuple[Group, ...], page: Page) -> Vertical:
    """The table under a head, with a sample for each column of results."""
    table, most = page.open_table(), max(len(group.results) for group in groups)
    drafts = [page.draft(table) for _ in range(most)]
    for group in groups:
        for draft, result in zip(drafts, group.results, strict=False):
            draft.sampled_on = draft.sampled_on or date_of(result.head)
            draft.label = draft.label or _label(result.head)
    return Vertical(groups, _left_out(line, below, groups), drafts)


def _groups(line: Line, below: Line) -> Iterator[Group]:
    """The groups of columns under a head, each from a column of names on."""
    starts = [column for column in line.cells if _role(line, column) is Role.NAME]
    width = max((*line.cells, *below.cells)) + 1
    first = [min(line.cells), *starts[1:]] if starts else []
    ends = [*starts[1:], width] if starts else []
    for start, begin, end in zip(starts, first, ends, strict=True):
        roles = {_role(line, column): column for column in range(end - 1, start, -1)}
        results = _results(line, below, range(start + 1, end))
        if results:
            names = range(start, _span(line, start, end).stop)
            unit, method = roles.get(Role.UNIT), roles.get(Role.METHOD)
            yield Group(range(begin, end), names, unit, method, results)


def _role(line: Line, column: int) -> Role | None:
    """The role of a column; `指标` behind a column of names is what a standard demands."""
    found = role_of(line.cell(column))
    if found is Role.NAME and folded(line.cell(column)) == "指标" and column != min(line.cells):
        earlier = [role_of(text) for before, text in line.cells.items() if before < column]
        return Role.LIMIT if Role.NAME in earlier else found
    return found


def _span(line: Line, column: int, end: int) -> range:
    """A column with the blank ones behind it, over which its head may be merged."""
    following = (later for later in line.cells if later > column)
    return range(column, min(end, next(following, end)))


def _results(line: Line, below: Line, columns: range) -> tuple[Result, ...]:
    """The columns of results: those called so, else those whose heads may be samples.

    Averages are no samples, unless what stands beside them are repetitions of one measurement.
    """
    heads = {column: line.cell(column) for column in columns if line.cell(column)}
    called = [column for column in heads if _role(line, column) is Role.RESULT]
    averages = [column for column in heads if _role(line, column) is Role.AVERAGE]
    if not called:
        called = [
            column for column, text in heads.items() if not _role(line, column) and _is_sample(text)
        ]
    found = [
        one
        for column in called
        for one in _under(line, below, _span(line, column, columns.stop), alone=len(called) == 1)
    ]
    means = [one for one in found if role_of(one.head) is Role.AVERAGE]
    samples = [one for one in found if one not in means]
    means += (_result(line, column, "", column) for column in averages)
    if means and all(is_repeat(one.head) for one in samples):
        return tuple(Result(one.column, "", one.unit) for one in means)
    return tuple(samples)


def _is_sample(text: str) -> bool:
    is_value = is_figure(text) and not is_serial(text)
    return is_date(text) or (names_a_sample(text) and not is_value)


def _under(line: Line, below: Line, span: range, *, alone: bool) -> Iterator[Result]:
    """The columns under one head: those that a second line of the head names, else all."""
    named = [column for column in span if below.cell(column)]
    for column in named or span:
        head = below.cell(column) or ("" if alone else line.cell(column))
        if role_of(head) in {None, Role.RESULT, Role.AVERAGE}:
            yield _result(line, span.start, head, column)


def _result(line: Line, over: int, head: str, column: int) -> Result:
    return Result(column, head, split(head)[1] or split(line.cell(over))[1])


def _label(head: str) -> str:
    """What a head calls its sample, without the words for results and without its unit."""
    return "" if is_date(head) or not split(head)[0] else _RESULT_WORDS.sub("", head).strip()


def _subhead(lines: Sequence[Line], at: int) -> Line | None:
    """The second line of a head: nothing under the names, and no measured value."""
    if at + 1 >= len(lines) or not lines[at + 1].cells:
        return None
    line, below = lines[at], lines[at + 1]
    names = {column for column in line.cells if _role(line, column) is Role.NAME}
    texts = below.cells.values()
    is_head = names and not names & below.cells.keys() and min(below.cells) > min(names)
    return below if is_head and all(not is_figure(one) or is_serial(one) for one in texts) else None


def _headless(lines: Sequence[Line], at: int, page: Page) -> Iterator[Group]:
    """A table whose head has only the samples: `样品编号 | 1# | 2#`, or dates behind a blank."""
    line = lines[at]
    first, start = min(line.cells), 0
    if label_of(line.cell(first)) in OF_A_SAMPLE:
        start = first
    elif first == start:
        return
    results = tuple(
        Result(column, text, "") for column, text in line.cells.items() if column > start
    )
    if len(results) < 2 or not all(_is_sample(one.head) for one in results):
        return
    following = (one for one in lines[at + 1 : at + 4] if page.is_name(one.cell(start)))
    data = next(following, None)
    if data is not None and sum(is_figure(data.cell(one.column)) for one in results) > 1:
        end = results[-1].column + 1
        yield Group(range(start, end), range(start, start + 1), None, None, results)


def _left_out(line: Line, below: Line, groups: tuple[Group, ...]) -> dict[int, str]:
    """The columns that are known to hold no results, each with its head."""
    used = {result.column for group in groups for result in group.results}
    width = max((*line.cells, *below.cells)) + 1
    heads = {
        covered: [text for text in (line.cell(column), below.cell(covered)) if text]
        for column in line.cells
        for covered in _span(line, column, width)
        if covered not in used and _role(line, column) is not Role.NAME
    }
    return {
        column: " ".join(texts) for column, texts in heads.items() if any(map(_no_sample, texts))
    }


def _no_sample(head: str) -> bool:
    return role_of(head) not in {None, Role.RESULT, Role.NAME} or is_repeat(head)


def _holds(group: Group, line: Line, *, blank: bool) -> bool:
    """Whether a line has a value here, or at least what surrounds one that was left blank."""
    has_value = blank or any(line.cell(result.column) for result in group.results)
    kind = label_of("".join(line.cell(column) for column in group.names))
    return has_value and (kind is None or kind in OF_A_SAMPLE)


def _kind(group: Group, line: Line) -> Fact | None:
    """What a line says of its samples, if it is no line of values."""
    found = label_of("".join(line.cell(column) for column in group.names))
    return found if found in OF_A_SAMPLE else None


def _name(group: Group, line: Line) -> list[str]:
    """The parts of a name; what spans several lines stands in the first of them only."""
    parts = [line.cell(column) for column in group.names]
    if len(parts) > 1 and not parts[0] and any(parts):
        parts[0] = group.above[0] if group.above else ""
    if any(parts):
        group.above = parts
    return parts


def _name_at(groups: tuple[Group, ...], line: Line) -> str:
    return " ".join(line.cell(column) for column in groups[0].names if line.cell(column))


def _unit(group: Group, line: Line) -> str:
    text = line.cell(group.unit) if group.unit is not None else ""
    return "" if has_no_value(text) or folded(text) in {"无量纲", "无"} else text
