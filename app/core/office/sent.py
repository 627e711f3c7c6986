"""A table somebody sent: its head, its rows as texts, and what is said of one that cannot be read.

Rows are counted as the sender's own program counts them, so that a remark can name them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from flask_babel import lazy_gettext as _l

from app.core.errors import Refused

MOST_ROWS = 50_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 100_000
"""Of one cell; Excel itself allows 32,767."""
HEAD_WITHIN = 20


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row's texts without surrounding blanks; blank cells at its end are left out."""

    number: int
    cells: tuple[str, ...]


class SentTable(ABC):
    """A table that was sent. `rows` may be called again and starts anew each time."""

    suffix: ClassVar[str]

    def __init__(self) -> None:
        self.head = self._found_head()

    def rows(self) -> Iterator[SentRow]:
        """The rows below the head that are not blank."""
        count = 0
        for row in self.all_rows():
            if row.number > self.head.number and row.cells:
                count += 1
                if count > MOST_ROWS:
                    raise too_many_rows()
                yield row

    @abstractmethod
    def all_rows(self) -> Iterator[SentRow]:
        """Every row from the top to the end of the table."""

    def _found_head(self) -> SentRow:
        for row in islice(self.all_rows(), HEAD_WITHIN):
            if row.cells and row.number <= HEAD_WITHIN:
                return row
        raise refused(_l("前 20 行都是空的，没有找到表头。请把表头放在第一行，再上传。"))


def sent_row(number: int, cells: Iterable[str]) -> SentRow:
    texts = [cell.strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return SentRow(number, tuple(texts))


def refused(message: object) -> Refused:
    return Refused(message, field="file")


def too_many_rows() -> Refused:
    return refused(_l("表格超过 %(limit)s 行。请拆成几个文件，分别上传。", limit=f"{MOST_ROWS:,}"))


def cell_too_long(row: int) -> Refused:
    return refused(
        _l(
            "第 %(row)s 行有一格超过 %(limit)s 个字。请检查引号是否成对，改好再上传。",
            row=row,
            limit=f"{MOST_CHARACTERS:,}",
        )
    )
