"""Reading a CSV table cell by cell, collecting what is wrong instead of stopping at it.

Numbers are read as exact decimals and must fit the whole unit they are kept in: tonnes have at
most three decimals, money at most two. Files are UTF-8 (with or without a byte order mark) or
GB18030, the encoding older spreadsheets in China write.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from matching.faults import Fault, FieldFault

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,40})?")


def decode(data: bytes) -> str | None:
    """The text of a file, or ``None`` where it is neither UTF-8 nor GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def scaled(text: str, decimals: int) -> int | None:
    """The number as whole 10⁻ᵈ units, or ``None`` where it has more decimals than that."""
    value = Decimal(text).scaleb(decimals)
    return int(value) if value == value.to_integral_value() else None


def plain(value: int, decimals: int) -> str:
    """Whole 10⁻ᵈ units as a decimal number with exactly ``decimals`` decimals."""
    if not decimals:
        return str(value)
    digits = f"{abs(value):0{decimals + 1}d}"
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def tonnes(kg: int) -> str:
    """Kilograms as tonnes, without idle zeros."""
    return plain(kg, 3).rstrip("0").rstrip(".")


class Column(NamedTuple):
    """Where a field stands in a table, and the decimals of the whole unit it is kept in."""

    name: str
    decimals: int = 0

    def written(self, value: int | str) -> str:
        """A value of a fault as the table would write it: numbers in its unit, texts as they are.

        >>> Column("tonnes", 3).written(1_500), Column("tonnes", 3).written("S1")
        ('1.500', 'S1')
        """
        return plain(value, self.decimals) if isinstance(value, int) else value


class Origin(NamedTuple):
    """Where a value that stands in the place of a cell was written: file and row."""

    file: str
    row: int | None
    column: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; what cannot be read is noted in ``faults`` and reads as a blank.

    ``number`` counts as a spreadsheet does: the header is row 1. ``origins`` names the cells whose
    value was written elsewhere, so that a fault points at what has to be mended; ``edited`` is the
    last edit of the row, which answers for what it breaks in other cells.
    """

    file: str
    number: int | None
    cells: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    edited: Origin | None = None

    def refuse(self, column: str, code: str, **values: str) -> None:
        """Note that a cell of this row is wrong; the first thing said about a cell stands."""
        place = self.origins.get(column) or self.edited or (self.file, self.number, column)
        if all((fault.file, fault.row, fault.column) != place for fault in self.faults):
            self.faults.append(Fault(*place, code, values))

    def refuse_fields(self, faults: Iterable[FieldFault], columns: Mapping[str, Column]) -> None:
        """Note what an object said of its fields, in the table's own names and units."""
        for fault in faults:
            column = columns.get(fault.field, Column(fault.field))
            written = {name: column.written(value) for name, value in fault.values.items()}
            self.refuse(column.name, fault.code, **written)

    def with_cell(self, column: str, text: str, origin: Origin) -> "Row":
        """The same row with another text in one cell, which was written elsewhere."""
        cells, origins = {**self.cells, column: text}, {**self.origins, column: origin}
        return replace(self, cells=cells, faults=[], origins=origins)

    def with_edit(self, column: str, text: str, origin: Origin) -> "Row":
        """The same row after an edit."""
        return replace(self.with_cell(column, text, origin), edited=origin)

    def text(self, column: str) -> str:
        """The cell's text, empty where blank or absent."""
        return self.cells.get(column, "")

    def number_in(self, column: str, decimals: int) -> int:
        """The cell's number in whole 10⁻ᵈ units, 0 where blank."""
        return self.optional_in(column, decimals) or 0

    def optional_in(self, column: str, decimals: int) -> int | None:
        """The cell's number in whole 10⁻ᵈ units, ``None`` where blank."""
        text = self.text(column)
        if not text:
            return None
        if len(text) <= 18 and text.isascii() and text.isdigit():
            unit: int = 10**decimals
            return int(text) * unit
        if not _PLAIN_NUMBER.fullmatch(text):
            self.refuse(column, "not_a_number", value=text)
            return None
        number = scaled(text, decimals)
        if number is None:
            self.refuse(column, "too_many_decimals", value=text, decimals=str(decimals))
        return number

    def degrees(self, column: str) -> float | None:
        """The cell's number as a float, ``None`` where blank."""
        text = self.text(column)
        if text and not _PLAIN_NUMBER.fullmatch(text):
            self.refuse(column, "not_a_number", value=text)
            return None
        return float(text) if text else None

    def flag(self, column: str) -> bool:
        """Whether the cell says 1; 0 and blank say no."""
        text = self.text(column)
        if text not in ("", "0", "1"):
            self.refuse(column, "bad_choice", value=text, allowed="0, 1")
        return text == "1"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file and its columns by the names the format gives them."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(file: str, data: bytes, aliases: Mapping[str, str], faults: list[Fault]) -> Table | None:
    """Parse one CSV file; ``None`` where not even its header can be read."""
    text = decode(data)
    if text is None:
        faults.append(Fault(file, None, None, "bad_encoding"))
        return None
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        faults.append(Fault(file, None, None, "bad_csv", {"error": str(error)}))
        return None
    if not records or not any(cell.strip() for cell in records[0]):
        faults.append(Fault(file, 1, None, "no_header"))
        return None
    columns = tuple(aliases.get(cell.strip(), cell.strip()) for cell in records[0])
    faults.extend(_repeated_columns(file, columns))
    return Table(file, columns, tuple(_rows(file, columns, records, faults)))


def _repeated_columns(file: str, columns: Sequence[str]) -> Iterator[Fault]:
    for column, times in Counter(columns).items():
        if times > 1 and column:
            yield Fault(file, 1, column, "repeated_column")


def _rows(
    file: str, columns: Sequence[str], records: Sequence[Sequence[str]], faults: list[Fault]
) -> Iterator[Row]:
    for number, record in enumerate(records[1:], start=2):
        cells = [cell.strip() for cell in record]
        if not any(cells):
            continue
        if len(cells) != len(columns):
            counts = {"cells": str(len(cells)), "columns": str(len(columns))}
            faults.append(Fault(file, number, None, "ragged_row", counts))
            continue
        yield Row(file, number, dict(zip(columns, cells, strict=True)))


def require(table: Table, required: Sequence[str], faults: list[Fault]) -> bool:
    """Whether the required columns stand; those that do not are noted."""
    missing = [column for column in required if column not in table.columns]
    faults.extend(Fault(table.file, 1, column, "missing_column") for column in missing)
    return not missing


def write(columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> bytes:
    """A CSV file in UTF-8 with line feeds."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()
