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


Point = tuple[float, float]
"""Across and down, in the units of its drawing."""


@dataclass(frozen=True, slots=True)
class Area:
    """A closed line round the points; colours are `#rrggbb`, without `fill` it stays empty."""

    points: tuple[Point, ...]
    fill: str = ""
    line: str = ""
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text round a point, centred, or to its right."""

    at: Point
    lines: tuple[str, ...]
    colour: str = ""
    is_centred: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a ground of `width` by `height`; the last lie on top. `share` is that of the page.

    `text` says what is drawn, where nothing can be.
    """

    width: float
    height: float
    shapes: tuple[Area | Label, ...]
    text: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Facts | Table | Signatures | Drawing | NewPage


@dataclass(frozen=True, slots=True)
class Paper:
    """A title, what stands under it, and the body. `notice` is printed on top of every page."""

    title: str
    number: str
    blocks: tuple[Block, ...] = field(default=())
    notice: str = ""
