"""The XML of a worksheet and of its shared strings, read as a stream.

openpyxl's own reader keeps a row until it ends, and a hostile row may be as long as the file. Here
nothing is kept but the row being read and, of that, the columns asked for. Elements are told by
their names without prefix, which programs choose as they like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple, TypeVar
from xml.parsers import expat

from openpyxl.utils.cell import column_index_from_string

from app.core.office.sent import MOST_CHARACTERS, cell_too_long

_PIECE = 1 << 16
LAST_ROW = 1 << 20
"""Excel has no more rows; a copy writes every one of them."""
_COLUMN = re.compile(r"[A-Za-z]+")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


Found = TypeVar("Found")


class RawCell(NamedTuple):
    """A cell as it is written: its type, the number of its style, and its text."""

    kind: str
    style: int
    text: str


RawRow = tuple[int, dict[int, RawCell]]
"""A row's number and its cells that hold something, by column; both from 1."""


def raw_rows(stream: IO[bytes], most_columns: int) -> Iterator[RawRow]:
    """The rows of a sheet, blank ones only where the file has them."""
    found: list[RawRow] = []
    yield from _streamed(stream, _RowHandler(found.append, most_columns), found)


def shared_strings(stream: IO[bytes]) -> Iterator[str]:
    """The texts that cells of the type `s` point to, in order."""
    found: list[str] = []
    yield from _streamed(stream, _StringHandler(found.append), found)


def unescaped(text: str) -> str:
    """The text meant by one in which office programs wrote odd characters as `_x000D_`."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character.isprintable() or character in "\t\n\r" else escape[0]


class _TextHandler:
    """Collects the text of the elements that hold text, but not of the reading aids (rPh)."""

    TEXTS = frozenset({"t"})

    def __init__(self) -> None:
        self.row = 0
        self._pieces: list[str] = []
        self._length = 0
        self._listening = self._aside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._aside = True
        self._listening = local in self.TEXTS and not self._aside
        self.opened(local, attributes)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._aside = False
        self._listening = False
        self.closed(local)

    def text(self, data: str) -> None:
        if self._listening:
            self._pieces.append(data)
            self._length += len(data)
            if self._length > MOST_CHARACTERS:
                raise cell_too_long(self.row)

    def taken(self) -> str:
        """The text since the last call."""
        whole = "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        return whole

    def opened(self, local: str, attributes: dict[str, str]) -> None:
        """An element has begun."""

    def closed(self, local: str) -> None:
        """An element has ended."""


class _StringHandler(_TextHandler):
    def __init__(self, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._keep = keep

    def closed(self, local: str) -> None:
        if local == "si":
            self._keep(unescaped(self.taken()))


class _RowHandler(_TextHandler):
    TEXTS = frozenset({"t", "v"})

    def __init__(self, keep: Callable[[RawRow], None], most_columns: int) -> None:
        super().__init__()
        self._keep, self._most_columns = keep, most_columns
        self._cells: dict[int, RawCell] = {}
        self._column = 0
        self._kind, self._style = "n", 0

    def opened(self, local: str, attributes: dict[str, str]) -> None:
        if local == "c":
            self._open_cell(attributes)
        elif local == "row":
            self._open_row(attributes)

    def closed(self, local: str) -> None:
        if local == "c":
            self._close_cell()
        elif local == "row":
            self._keep((self.row, self._cells))

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self.row + 1))
        if not self.row < number <= LAST_ROW:
            raise ValueError(f"row {number} after row {self.row}")
        self.row, self._column, self._cells = number, 0, {}

    def _open_cell(self, attributes: dict[str, str]) -> None:
        place = _COLUMN.match(attributes.get("r", ""))
        self._column = column_index_from_string(place[0]) if place else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))

    def _close_cell(self) -> None:
        text = self.taken()
        if text and self._column <= self._most_columns:
            self._cells[self._column] = RawCell(self._kind, self._style, text)


def _streamed(stream: IO[bytes], handler: _TextHandler, found: list[Found]) -> Iterator[Found]:
    """What the handler finds, as the stream is read; `found` is emptied after every piece."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.CharacterDataHandler = handler.text
    while piece := stream.read(_PIECE):
        parser.Parse(piece)
        yield from found
        found.clear()
    parser.Parse(b"", True)


def _no_document_type(*_: object) -> None:
    """Office files have none; one that has may define entities without end."""
    raise ValueError("document type in an office file")
