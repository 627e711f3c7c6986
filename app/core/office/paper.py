"""A paper to be printed or signed, described once and written as PDF and as DOCX alike."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with their values, two columns."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head. `widths` are shares of the page; `right` the columns of figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()
    right: frozenset[int] = frozenset()

    @property
    def shares(self) -> tuple[int, ...]:
        return self.widths or (1,) * len(self.head)


@dataclass(frozen=True, slots=True)
class Signatures:
    """Boxes to sign in, side by side; each a list of lines."""

    boxes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Facts | Table | Signatures | NewPage


@dataclass(frozen=True, slots=True)
class Paper:
    """A title, what stands under it, and the body. `notice` is printed on top of every page."""

    title: str
    number: str
    blocks: tuple[Block, ...] = field(default=())
    notice: str = ""
