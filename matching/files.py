"""A problem as a directory of CSV files and as one canonical JSON document.

The directory is for people: tonnes, CNY, kilometres. The JSON is for programs: the whole numbers of
:mod:`matching.problem` under the names of its fields. Both are documented in ``README.md``.
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from matching import settings_file, tables
from matching.faults import Fault, InputFaults, ProblemError
from matching.problem import Demand, Lane, Problem, Settings, Supply, default_mode
from matching.tables import Column, Row, Table, plain, tonnes

FORMAT = "gufei-matching-problem"
VERSION = 1

_ALIASES = {"waste": "material", "tonnes_per_year": "tonnes"}
_ORDER_COLUMNS = {
    "kg": Column("tonnes", 3),
    "max_m": Column("max_km", 3),
    "materials": Column("material"),
    "ask": Column("ask", 2),
    "bid": Column("bid", 2),
    "cost": Column("cost", 2),
}

T = TypeVar("T")


class Layout(NamedTuple):
    """The columns of one file of the format."""

    file: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    unsupported: tuple[str, ...]


SUPPLIES = Layout(
    "supplies.csv",
    ("id", "tonnes"),
    ("material", "lon", "lat", "ask", "max_km"),
    ("month", "single", "min_lot", "silo_t", "stock_t", "holding", "weight"),
)
DEMANDS = Layout(
    "demands.csv",
    ("id", "tonnes"),
    ("material", "lon", "lat", "bid", "max_km"),
    ("month", "open_cost", "silo_t", "stock_t"),
)
LANES = Layout(
    "lanes.csv",
    ("supply", "demand"),
    ("cost",),
    ("fixed", "min_t", "capacity_t", "use", "month"),
)


class Reading(NamedTuple):
    """A problem, and per file the columns that were kept aside as unknown."""

    problem: Problem
    unknown_columns: Mapping[str, tuple[str, ...]]


def problem_from_directory(
    directory: Path, overrides: Mapping[str, str] | None = None, settings: Path | None = None
) -> Reading:
    """Read ``supplies.csv``, ``demands.csv`` and, where they stand, lanes and settings.

    Parameters
    ----------
    overrides
        Settings in written form that replace those of the file.
    settings
        A settings file to use instead of the directory's own.

    Raises
    ------
    InputFaults
        One fault per thing to mend, each with file, row and column.
    """
    reader = _DirectoryReader(directory)
    supplies = reader.orders(SUPPLIES, _supply)
    demands = reader.orders(DEMANDS, _demand)
    lanes = reader.lanes()
    made = reader.settings(
        settings or directory / settings_file.FILE, overrides or {}, supplies, demands
    )
    reader.raise_faults()
    try:
        problem = Problem(tuple(supplies), tuple(demands), made, lanes)
    except ProblemError as error:
        raise InputFaults(_whole_problem(error)) from error
    return Reading(problem, reader.unknown_columns)


def problem_to_directory(problem: Problem, directory: Path) -> None:
    """Write the files that ``problem_from_directory`` reads back as an equal problem."""
    directory.mkdir(parents=True, exist_ok=True)
    content = {
        SUPPLIES.file: _table(SUPPLIES, map(_supply_cells, problem.supplies)),
        DEMANDS.file: _table(DEMANDS, map(_demand_cells, problem.demands)),
        settings_file.FILE: settings_file.to_json(problem.settings),
    }
    if problem.lanes is not None:
        cells = ((lane.supply, lane.demand, plain(lane.cost, 2)) for lane in problem.lanes)
        content[LANES.file] = _table(LANES, cells)
    for name, data in content.items():
        (directory / name).write_bytes(data)


def problem_to_json(problem: Problem) -> bytes:
    """The canonical JSON: equal problems give equal bytes."""
    content = dataclasses.asdict(problem)
    return canonical_json({"format": FORMAT, "version": VERSION, **content})


def problem_from_json(data: bytes) -> Problem:
    """Read what ``problem_to_json`` wrote, or the same with optional keys left out.

    Raises
    ------
    InputFaults
        One fault per thing to mend; the row of an order is its place in its list, from 1.
    """
    faults: list[Fault] = []
    content = json_object(data, FORMAT, VERSION)
    supplies = _made(Supply, "supplies", content.get("supplies"), faults)
    demands = _made(Demand, "demands", content.get("demands"), faults)
    lanes = None
    if content.get("lanes") is not None:
        lanes = tuple(_made(Lane, "lanes", content["lanes"], faults))
    stated = content.get("settings") or {}
    if isinstance(stated, dict):
        stated = {"mode": default_mode(supplies, demands), **stated}
    settings = _made(Settings, "settings", [stated], faults)
    if faults:
        raise InputFaults(faults)
    try:
        return Problem(tuple(supplies), tuple(demands), settings[0], lanes)
    except ProblemError as error:
        raise InputFaults(_whole_problem(error)) from error


def problem_sha256(problem: Problem) -> str:
    """The SHA-256 of the canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(problem_to_json(problem)).hexdigest()


def canonical_json(content: Mapping[str, object]) -> bytes:
    """UTF-8, sorted keys, no idle blanks, one line."""
    text = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return f"{text}\n".encode()


def json_object(data: bytes, expected_format: str, version: int) -> dict[str, Any]:
    """The object in a JSON document of this format and version.

    Raises
    ------
    InputFaults
        It is no JSON, no object, or of another format or version.
    """
    try:
        content = json.loads(data, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise InputFaults([Fault("json", None, None, "bad_json", {"error": str(error)})]) from error
    if not isinstance(content, dict):
        raise InputFaults([Fault("json", None, None, "bad_json", {"error": "not an object"})])
    for key, expected in (("format", expected_format), ("version", version)):
        if content.get(key) != expected:
            values = {"value": repr(content.get(key)), "allowed": repr(expected)}
            raise InputFaults([Fault("json", None, key, "bad_choice", values)])
    return content


class _DirectoryReader:
    """Reads the files of one directory and gathers the faults of all of them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.faults: list[Fault] = []
        self.unknown_columns: dict[str, tuple[str, ...]] = {}
        self.ids: dict[str, set[str]] = {}
        self.lanes_listed = (directory / LANES.file).exists()

    def orders(self, layout: Layout, make: Callable[[Row], T]) -> list[T]:
        """The supplies or demands of a file, without those that are at fault."""
        table = self._table(layout)
        rows = table.rows if table else ()
        _refuse_repeated_ids(rows)
        if not self.lanes_listed:
            _refuse_unplaced(rows)
        self.ids[layout.file] = {row.text("id") for row in rows}
        return self._made(rows, make)

    def lanes(self) -> tuple[Lane, ...] | None:
        """The listed lanes; ``None`` where no file lists any."""
        if not self.lanes_listed:
            return None
        table = self._table(LANES)
        rows = table.rows if table else ()
        seen: set[tuple[str, str]] = set()
        for row in rows:
            pair = row.text("supply"), row.text("demand")
            for column, layout in (("supply", SUPPLIES), ("demand", DEMANDS)):
                if row.text(column) not in self.ids[layout.file]:
                    row.refuse(column, "unknown_order", id=row.text(column))
            if pair in seen:
                row.refuse("demand", "repeated_lane", supply=pair[0], demand=pair[1])
            seen.add(pair)
        return tuple(self._made(rows, _lane))

    def settings(
        self,
        path: Path,
        overrides: Mapping[str, str],
        supplies: Iterable[Supply],
        demands: Iterable[Demand],
    ) -> Settings:
        """The settings of a file, if it stands, under the overrides."""
        try:
            stated = settings_file.texts_from_json(path.read_bytes()) if path.exists() else {}
            mode = default_mode(supplies, demands)
            return settings_file.parsed({**stated, **overrides}, mode)
        except InputFaults as error:
            self.faults.extend(error.faults)
        except OSError as error:
            self._unreadable(path.name, error)
        return Settings()

    def raise_faults(self) -> None:
        """Refuse the directory if anything in it is wrong."""
        if self.faults:
            raise InputFaults(self.faults)

    def _table(self, layout: Layout) -> Table | None:
        try:
            data = (self.directory / layout.file).read_bytes()
        except FileNotFoundError:
            self.faults.append(Fault(layout.file, None, None, "missing_file"))
            return None
        except OSError as error:
            self._unreadable(layout.file, error)
            return None
        table = tables.read(layout.file, data, _ALIASES, self.faults)
        if table is None:
            return None
        known = layout.required + layout.optional + layout.unsupported
        unknown = tuple(column for column in table.columns if column not in known)
        if unknown:
            self.unknown_columns[layout.file] = unknown
        sound = tables.require(table, layout.required, layout.unsupported, self.faults)
        return table if sound else None

    def _made(self, rows: Sequence[Row], make: Callable[[Row], T]) -> list[T]:
        made = [each for row in rows if (each := _attempt(row, make)) is not None]
        self.faults.extend(fault for row in rows for fault in row.faults)
        return made

    def _unreadable(self, file: str, error: OSError) -> None:
        values = {"error": error.strerror or str(error)}
        self.faults.append(Fault(file, None, None, "unreadable_file", values))


def _attempt(row: Row, make: Callable[[Row], T]) -> T | None:
    try:
        made = make(row)
    except ProblemError as error:
        row.refuse_fields(error.faults, _ORDER_COLUMNS)
    return None if row.faults else made


def _refuse_repeated_ids(rows: Sequence[Row]) -> None:
    first: dict[str, int | None] = {}
    for row in rows:
        order_id = row.text("id")
        if order_id and order_id in first:
            row.refuse("id", "repeated_id", id=order_id, row=str(first[order_id]))
        first.setdefault(order_id, row.number)


def _refuse_unplaced(rows: Sequence[Row]) -> None:
    for row in rows:
        if not row.text("lon") and not row.text("lat"):
            row.refuse("lon", "no_place", id=row.text("id"))


def _supply(row: Row) -> Supply:
    return Supply(
        id=row.text("id"),
        kg=_mass(row),
        material=row.text("material"),
        lon=row.degrees("lon"),
        lat=row.degrees("lat"),
        ask=row.number_in("ask", 2),
        max_m=row.optional_in("max_km", 3),
    )


def _demand(row: Row) -> Demand:
    materials = (part.strip() for part in row.text("material").split("|"))
    return Demand(
        id=row.text("id"),
        kg=_mass(row),
        materials=tuple(material for material in materials if material),
        lon=row.degrees("lon"),
        lat=row.degrees("lat"),
        bid=row.number_in("bid", 2),
        max_m=row.optional_in("max_km", 3),
    )


def _lane(row: Row) -> Lane:
    return Lane(row.text("supply"), row.text("demand"), row.number_in("cost", 2))


def _mass(row: Row) -> int:
    if not row.text("tonnes"):
        row.refuse("tonnes", "blank")
    return row.number_in("tonnes", 3)


def _table(layout: Layout, cells: Iterable[Sequence[str]]) -> bytes:
    return tables.write(layout.required + layout.optional, list(cells))


def _supply_cells(supply: Supply) -> tuple[str, ...]:
    return (
        supply.id,
        tonnes(supply.kg),
        supply.material,
        *_place_cells(supply),
        plain(supply.ask, 2),
        _km(supply.max_m),
    )


def _demand_cells(demand: Demand) -> tuple[str, ...]:
    return (
        demand.id,
        tonnes(demand.kg),
        "|".join(demand.materials),
        *_place_cells(demand),
        plain(demand.bid, 2),
        _km(demand.max_m),
    )


def _place_cells(order: Supply | Demand) -> tuple[str, str]:
    if order.lon is None or order.lat is None:
        return "", ""
    return _degrees(order.lon), _degrees(order.lat)


def _degrees(value: float) -> str:
    """The shortest decimal that reads back as the same float, never in exponent form."""
    return np.format_float_positional(value, trim="-")


def _km(metres: int | None) -> str:
    return "" if metres is None else plain(metres, 3)


def _whole_problem(error: ProblemError) -> list[Fault]:
    return [Fault(fault.field, None, None, fault.code, fault.values) for fault in error.faults]


def _made(kind: type[T], name: str, items: object, faults: list[Fault]) -> list[T]:
    if not isinstance(items, list):
        faults.append(Fault(name, None, None, "not_a_list"))
        return []
    made = (_one(kind, Row(name, row, {}), item, faults) for row, item in enumerate(items, start=1))
    return [each for each in made if each is not None]


def _one(kind: type[T], row: Row, item: object, faults: list[Fault]) -> T | None:
    """An object of this kind from its JSON form, or ``None`` and what is wrong with it."""
    if not isinstance(item, dict):
        faults.append(Fault(row.file, row.number, None, "not_an_object"))
        return None
    _refuse_keys(kind, row, item)
    made = None
    if not row.faults:
        try:
            made = kind(**item)
        except ProblemError as error:
            row.refuse_fields(error.faults, {})
    faults.extend(row.faults)
    return made


def _refuse_keys(kind: type[Any], row: Row, item: Mapping[str, object]) -> None:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in sorted(set(item) - set(fields)):
        row.refuse(key, "unknown_key")
    for key, field in fields.items():
        if field.default is dataclasses.MISSING and key not in item:
            row.refuse(key, "blank")
        elif key in ("materials", "levels") and not _is_texts(item.get(key, [])):
            row.refuse(key, "not_a_list")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
