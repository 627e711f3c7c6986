"""Reading the reference files, every fault named by file, row and column.

Rows come out as plain values ready for the models; nothing here knows the database.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.catalogue.rules import is_day_of_year, is_item_code

Parser = Callable[[str], Any]
Row = dict[str, Any]
POSITION = "position"
PRINTED_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong where. `row` counts lines from 1 (the header); 0 means the whole file."""

    file: str
    row: int
    column: str
    code: str
    value: str = ""


class DamagedFiles(Exception):
    """Reference files that cannot be loaded; nothing was changed."""

    def __init__(self, faults: list[FileFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells that together name a row of another file, `target`, by its `keys`.

    They name none where one of them is blank or one of the words in `besides`.
    """

    attributes: tuple[str, ...]
    target: str
    keys: tuple[str, ...] = ("code",)
    besides: frozenset[str] = frozenset()

    def named_in(self, row: Row) -> tuple[str, ...] | None:
        cells = tuple(row[attribute] for attribute in self.attributes)
        names = all(cell and cell not in self.besides for cell in cells)
        return cells if names else None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file: attribute of the model → parser. `key` names what makes a row unique.

    With `ordered`, the place of a row in the file is kept in `position`.
    """

    file: str
    key: tuple[str, ...]
    columns: Mapping[str, Parser]
    renamed: Mapping[str, str] = field(default_factory=dict)
    ordered: bool = False
    references: tuple[Reference, ...] = ()

    def column(self, attribute: str) -> str:
        """The name of an attribute's column in the file."""
        return self.renamed.get(attribute, attribute)


def read(folder: Path, layouts: tuple[Layout, ...]) -> dict[str, list[Row]]:
    """The rows of every file by its name; raises `DamagedFiles` with all faults of all files."""
    faults: list[FileFault] = []
    found = {layout.file: _read_file(folder / layout.file, layout, faults) for layout in layouts}
    faults.extend(dict.fromkeys(_dangling(layouts, found)))
    if faults:
        raise DamagedFiles(faults)
    return found


def required(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


def optional(parser: Parser) -> Parser:
    """The same parser, letting a blank cell be `None`."""
    return lambda text: parser(text) if text else None


def blank_or(parser: Parser) -> Parser:
    """The same parser, letting a blank cell be an empty text: in a key nothing may be `None`."""
    return lambda text: parser(text) if text else ""


def alike(parser: Parser, *attributes: str) -> dict[str, Parser]:
    """Several columns that one parser reads."""
    return dict.fromkeys(attributes, parser)


def word(choices: type[StrEnum]) -> Parser:
    """A parser for one of the words of a code list."""
    return lambda text: choices(required(text))


def flag(text: str) -> bool:
    return {"yes": True, "no": False}[required(text)]


def item_code(text: str) -> str:
    if not is_item_code(required(text)):
        raise ValueError("not a waste code")
    return text


def day_of_year(text: str) -> str:
    if not is_day_of_year(required(text)):
        raise ValueError("not a day of the year")
    return text


def thousandths(text: str) -> int:
    return _scaled(text, 1000)


def fen(text: str) -> int:
    return _scaled(text, 100)


def printed_number(text: str) -> str:
    """A number as it stands in print, so that its decimals are kept."""
    if not PRINTED_NUMBER.fullmatch(required(text)):
        raise ValueError("not a number in figures")
    return text


def micro_degrees(text: str) -> int:
    degrees = _scaled(text, 1_000_000)
    if abs(degrees) > 180_000_000:
        raise ValueError("not an angle")
    return degrees


def _scaled(text: str, scale: int) -> int:
    try:
        number = Decimal(required(text)) * scale
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError("not a number with so many decimals")
    return int(number)


def _read_file(path: Path, layout: Layout, faults: list[FileFault]) -> list[Row]:
    text = _text(path, faults)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text))
    absent = [name for name in map(layout.column, layout.columns) if name not in _header(reader)]
    if absent:
        faults.extend(FileFault(path.name, 1, name, "no_column") for name in absent)
        return []
    rows = [row for row in _rows(reader, layout, faults) if row is not None]
    faults.extend(_duplicates(layout, rows))
    return [row[1] for row in rows]


def _header(reader: csv.DictReader[str]) -> list[str]:
    return list(reader.fieldnames or [])


def _text(path: Path, faults: list[FileFault]) -> str | None:
    """A spreadsheet saves UTF-8 with a mark in front or, in China, GB18030: both are read."""
    if not path.is_file():
        faults.append(FileFault(path.name, 0, "", "no_file"))
        return None
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    faults.append(FileFault(path.name, 0, "", "no_text"))
    return None


def _rows(
    reader: csv.DictReader[str], layout: Layout, faults: list[FileFault]
) -> Iterator[tuple[int, Row] | None]:
    for position, cells in enumerate(reader, start=1):
        line = reader.line_num
        if None in cells or None in cells.values():
            faults.append(FileFault(layout.file, line, "", "ragged"))
            yield None
            continue
        row = _row(cells, layout, line, faults)
        yield (line, row | {POSITION: position} if layout.ordered else row)


def _row(cells: Mapping[str, str], layout: Layout, line: int, faults: list[FileFault]) -> Row:
    row: Row = {}
    for attribute, parse in layout.columns.items():
        column = layout.column(attribute)
        text = cells[column].strip()
        try:
            row[attribute] = parse(text)
        except (ValueError, KeyError):
            code = "bad_value" if text else "empty"
            faults.append(FileFault(layout.file, line, column, code, text))
            row[attribute] = None
    return row


def _duplicates(layout: Layout, rows: list[tuple[int, Row]]) -> Iterator[FileFault]:
    seen: set[tuple[Any, ...]] = set()
    for line, row in rows:
        key = key_of(layout, row)
        if key in seen:
            yield FileFault(layout.file, line, layout.key[0], "twice", str(key[0]))
        seen.add(key)


def key_of(layout: Layout, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in layout.key)


def _dangling(layouts: tuple[Layout, ...], found: Mapping[str, list[Row]]) -> Iterator[FileFault]:
    """Codes that name a row of another file which is not there."""
    for layout in layouts:
        for reference in layout.references:
            rows = found.get(reference.target, [])
            known = {tuple(row[key] for key in reference.keys) for row in rows}
            for line, row in enumerate(found[layout.file], start=2):
                named = reference.named_in(row)
                if known and named and named not in known:
                    yield FileFault(
                        layout.file, line, reference.attributes[-1], "unknown", named[-1]
                    )
