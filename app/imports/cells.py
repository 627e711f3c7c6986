"""From the texts of a row to what a form takes: words are looked up, dates get one shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.core.i18n import LOCALES, speaking
from app.imports.columns import Column, Reading
from app.imports.rules import Remark, folded

MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月|[-/.月]\d{1,2}日?)?")
MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T](\d{1,2}):(\d{2})(:\d{2})?")
BETWEEN_WORDS = re.compile(r"[、,，;；/]")
YES = frozenset({"是", "yes", "y", "true", "1", "√"})
NO = frozenset({"", "否", "no", "n", "false", "0", "×"})
MOST_SHOWN = 12
"""Words that a remark lists; the others stand in the blank table."""

Choices = Mapping[str, Iterable[tuple[str, str]]]
"""For a column of words, the values of the form and what each is called."""


class RowRefused(Exception):
    """A row that cannot be taken, with everything that speaks against it."""

    def __init__(self, remarks: Iterable[Remark]) -> None:
        super().__init__()
        self.remarks = tuple(remarks)


@dataclass(frozen=True, slots=True)
class Words:
    """What a column understands: `values` by folded word; `shown` in the page's language."""

    values: Mapping[str, str]
    shown: tuple[str, ...]

    def value(self, text: str) -> str | None:
        return self.values.get(folded(text))


def words_of(choices: Callable[[], Choices]) -> dict[str, Words]:
    """What may be written in each column of words, in both languages and as the bare value.

    A word that means two things, such as the name of two sites, means nothing.
    """
    shown = {name: tuple(word for _value, word in found) for name, found in choices().items()}
    meanings: dict[str, dict[str, set[str]]] = {name: {} for name in shown}
    for language in LOCALES:
        with speaking(language):
            for name, found in choices().items():
                for value, word in found:
                    for said in (word, value):
                        meanings[name].setdefault(folded(said), set()).add(value)
    return {
        name: Words({word: next(iter(one)) for word, one in said.items() if len(one) == 1}, words)
        for (name, said), words in zip(meanings.items(), shown.values(), strict=True)
    }


def form_values(
    columns: Iterable[Column], cells: Mapping[str, str], words: Mapping[str, Words]
) -> MultiDict[str, str]:
    """What the row's form is to process; raises `RowRefused` for words that are not understood."""
    values: MultiDict[str, str] = MultiDict()
    remarks: list[Remark] = []
    for column in columns:
        text = cells.get(column.name, "")
        try:
            values.setlist(column.name, list(_read(column, text, words)))
        except ValueError as reason:
            remarks.append(Remark(str(column.heading), str(reason)))
    if remarks:
        raise RowRefused(remarks)
    return values


def _read(column: Column, text: str, words: Mapping[str, Words]) -> Iterator[str]:
    if column.reading is Reading.YES_NO:
        yield from _yes_no(text)
    elif not text:
        return
    elif column.reading is Reading.WORD:
        yield _word(text, words[column.name])
    elif column.reading is Reading.WORDS:
        yield from (_word(part, words[column.name]) for part in BETWEEN_WORDS.split(text) if part)
    else:
        yield SHAPES.get(column.reading, str)(text)


def _yes_no(text: str) -> Iterator[str]:
    """Nothing for no, as a browser sends a box that is not ticked."""
    word = folded(text)
    if word in YES:
        yield "y"
    elif word not in NO:
        raise ValueError(_l("“%(text)s”看不懂，请填“是”或“否”。") % {"text": text})


def _word(text: str, words: Words) -> str:
    value = words.value(text)
    if value is None:
        known = str(_l("、")).join(words.shown[:MOST_SHOWN])
        raise ValueError(
            _l("没有“%(text)s”这一项；可填：%(known)s。") % {"text": text, "known": known}
        )
    return value


def _month(text: str) -> str:
    """`2026-12` from the shapes in which spreadsheets write a month or its first day."""
    found = MONTH.fullmatch(text)
    return f"{found[1]}-{int(found[2]):02d}" if found else text


def _moment(text: str) -> str:
    """`2026-11-25 15:00` from `2026/11/25 15:00:07` and its like."""
    found = MOMENT.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, _seconds = found.groups()
    return f"{year}-{int(month):02d}-{int(day):02d} {int(hour):02d}:{minute}"


SHAPES: Mapping[Reading, Callable[[str], str]] = {Reading.MONTH: _month, Reading.MOMENT: _moment}
