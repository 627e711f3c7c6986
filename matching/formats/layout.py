"""The columns of the three tables of a problem: their names, their units and the fields they fill.

A blank cell, or a column left out, is the default of its field.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from matching.formats import tables
from matching.formats.tables import Row, plain
from matching.problem import Demand, Lane, Supply

T = TypeVar("T", Supply, Demand, Lane)

#: Other names under which columns are read.
ALIASES = {"waste": "material", "tonnes_per_year": "tonnes"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how a cell becomes the value of a field and back.

    Attributes
    ----------
    decimals
        Decimals of the whole unit a number is kept in.
    lasting
        It holds for the id over all its months and may stand on the first of them only.
    """

    name: str
    field: str
    read: Callable[[Row, str], Any]
    write: Callable[[Any], str]
    decimals: int = 0
    lasting: bool = False


@dataclass(frozen=True)
class Layout(Generic[T]):
    """One file of the format.

    Attributes
    ----------
    kind
        What a row makes.
    required
        How many of the columns, from the left, have to stand.
    """

    file: str
    kind: type[T]
    required: int
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Name → column."""
        return {column.name: column for column in self.columns}

    @cached_property
    def places(self) -> Mapping[str, tables.Column]:
        """Field → the column it stands in, for what is to be said of it."""
        return {each.field: tables.Column(each.name, each.decimals) for each in self.columns}

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        """Field → the value a blank cell stands for."""
        return {each.name: each.default for each in dataclasses.fields(self.kind)}

    def made(self, row: Row) -> T:
        """What a row says.

        Raises
        ------
        ProblemError
            A value breaks an invariant; what cannot be read at all is noted in the row.
        """
        values: dict[str, Any] = {}
        for name, text in row.cells.items():
            column = self.by_name.get(name) if text else None
            if column and (value := column.read(row, name)) is not None:
                values[column.field] = value
        for column in self.columns[: self.required]:
            if column.field not in values:
                row.refuse(column.name, "blank")
                values[column.field] = _NOTHING[column.field]
        return self.kind(**values)

    def table(self, rows: Iterable[T]) -> bytes:
        """The file of these rows, without columns in which nothing stands."""
        cells = [self._cells(row) for row in rows]
        used = [
            index
            for index, _ in enumerate(self.columns)
            if index < self.required or any(row[index] for row in cells)
        ]
        names = [self.columns[index].name for index in used]
        return tables.write(names, [[row[index] for index in used] for row in cells])

    def _cells(self, row: T) -> Sequence[str]:
        return [
            "" if value == self.defaults[column.field] else column.write(value)
            for column in self.columns
            for value in (getattr(row, column.field),)
        ]


#: What a required field reads as where its cell is blank, which is noted beside it.
_NOTHING = {"id": "?", "kg": 0, "supply": "?", "demand": "?"}


def _text(name: str, field: str | None = None) -> Column:
    return Column(name, field or name, Row.text, str)


def _number(name: str, field: str, decimals: int, *, lasting: bool = False) -> Column:
    def read(row: Row, column: str) -> int | None:
        return row.optional_in(column, decimals)

    def write(value: int) -> str:
        return tables.tonnes(value) if decimals == 3 else plain(value, decimals)

    return Column(name, field, read, write, decimals, lasting)


def _degrees(name: str) -> Column:
    def write(value: float) -> str:
        """The shortest decimal that reads back as the same float, never in exponent form."""
        import numpy as np  # noqa: PLC0415  (a slow import, and only writing needs it)

        return np.format_float_positional(value, trim="-")

    return Column(name, name, Row.degrees, write)


def _flag(name: str) -> Column:
    return Column(name, name, Row.flag, lambda value: str(int(value)))


def _materials(name: str, field: str) -> Column:
    def read(row: Row, column: str) -> tuple[str, ...]:
        parts = (part.strip() for part in row.text(column).split("|"))
        return tuple(part for part in parts if part)

    return Column(name, field, read, "|".join)


_PLACE = (_degrees("lon"), _degrees("lat"))
_REACH = (_number("max_km", "max_m", 3), _number("month", "month", 0))
_STORE = (
    _number("silo_t", "silo_kg", 3, lasting=True),
    _number("stock_t", "stock_kg", 3, lasting=True),
)

SUPPLIES = Layout(
    "supplies.csv",
    Supply,
    2,
    (
        _text("id"),
        _number("tonnes", "kg", 3),
        _text("material"),
        *_PLACE,
        _number("ask", "ask", 2),
        *_REACH,
        _flag("single"),
        _number("min_lot", "min_lot_kg", 3),
        *_STORE,
        _number("holding", "holding", 2, lasting=True),
        _number("weight", "weight_milli", 3),
    ),
)
DEMANDS = Layout(
    "demands.csv",
    Demand,
    2,
    (
        _text("id"),
        _number("tonnes", "kg", 3),
        _materials("material", "materials"),
        *_PLACE,
        _number("bid", "bid", 2),
        *_REACH,
        _number("min_lot", "min_lot_kg", 3, lasting=True),
        _number("open_cost", "open_fen", 2, lasting=True),
        *_STORE,
        _text("product"),
    ),
)
LANES = Layout(
    "lanes.csv",
    Lane,
    2,
    (
        _text("supply"),
        _text("demand"),
        _number("cost", "cost", 2),
        _number("fixed", "fixed_fen", 2),
        _number("min_t", "min_kg", 3),
        _number("capacity_t", "capacity_kg", 3),
        _number("use", "use_milli", 3),
        _number("month", "month", 0),
    ),
)
