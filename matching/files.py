"""A problem as a directory of CSV files and as one canonical JSON document.

The directory is for people: tonnes, CNY, kilometres. The JSON is for programs: the whole numbers of
:mod:`matching.problem` under the names of its fields. Both are documented in ``README.md``.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from matching import months
from matching.faults import Fault, FieldFault, InputFaults, ProblemError
from matching.formats import edits as edit_rule
from matching.formats import settings_file, tables
from matching.formats.edits import Edit
from matching.formats.layout import ALIASES, DEMANDS, LANES, SUPPLIES, Layout
from matching.formats.tables import Origin, Row
from matching.problem import Demand, Lane, Mode, Problem, Settings, Supply, default_mode

FORMAT = "gufei-matching-problem"
#: Version 1 stated every field, this one leaves out what has its default. Both can be read.
VERSION = 2
READABLE = (1, 2)

T = TypeVar("T")
Each = TypeVar("Each", Supply, Demand, Lane)


class Reading(NamedTuple):
    """A problem, and per file the columns that were kept aside as unknown."""

    problem: Problem
    unknown_columns: Mapping[str, tuple[str, ...]]


def problem_from_directory(
    directory: Path,
    overrides: Mapping[str, str] | None = None,
    settings: Path | None = None,
    edits: Sequence[Edit] = (),
) -> Reading:
    """Read ``supplies.csv``, ``demands.csv`` and, where they stand, lanes and settings.

    Where the settings ask for months and the rows have none, the rows are split.

    Parameters
    ----------
    overrides
        Settings in written form that replace those of the file.
    settings
        A settings file to use instead of the directory's own.
    edits
        Changes to make before the files are understood; they outrank the overrides.

    Raises
    ------
    InputFaults
        One fault per thing to mend, each with file, row and column.
    """
    reader = _Reader(directory, edits)
    supplies, demands = reader.rows(SUPPLIES), reader.rows(DEMANDS)
    lanes = reader.rows(LANES) if (directory / LANES.file).exists() else None
    reader.refuse_edits_elsewhere()
    mode = default_mode(supplies.made, demands.made)
    stated = reader.settings(settings or directory / settings_file.FILE, overrides or {}, mode)
    reader.raise_faults()
    problem = _of_files(supplies, demands, lanes, stated)
    if problem.has_months and reader.months_asked_at:
        raise InputFaults([Fault(*reader.months_asked_at, "already_months")])
    return Reading(months.split(problem), reader.unknown_columns)


def problem_to_directory(problem: Problem, directory: Path) -> None:
    """Write the files that ``problem_from_directory`` reads back as an equal problem."""
    directory.mkdir(parents=True, exist_ok=True)
    content = {
        SUPPLIES.file: SUPPLIES.table(problem.supplies),
        DEMANDS.file: DEMANDS.table(problem.demands),
        settings_file.FILE: settings_file.to_json(problem.settings),
    }
    if problem.lanes is None:
        (directory / LANES.file).unlink(missing_ok=True)
    else:
        content[LANES.file] = LANES.table(problem.lanes)
    for name, data in content.items():
        (directory / name).write_bytes(data)


def problem_to_json(problem: Problem) -> bytes:
    """The canonical JSON: equal problems give equal bytes.

    Rows leave out what has its default; the settings are stated in full.
    """
    content = {
        "supplies": [_stated(row) for row in problem.supplies],
        "demands": [_stated(row) for row in problem.demands],
        "lanes": None if problem.lanes is None else [_stated(row) for row in problem.lanes],
        "settings": dataclasses.asdict(problem.settings),
    }
    return canonical_json({"format": FORMAT, "version": VERSION, **content})


def problem_from_json(data: bytes) -> Problem:
    """Read what ``problem_to_json`` wrote, now or as version 1, or the same with less left out.

    Raises
    ------
    InputFaults
        One fault per thing to mend; the row of an order is its place in its list, from 1.
    """
    faults: list[Fault] = []
    content = json_object(data, FORMAT, *READABLE)
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
        raise InputFaults(_of_lists(error)) from error


def problem_under(problem: Problem, overrides: Mapping[str, str]) -> Problem:
    """A problem that was not read from a directory, under other settings in written form.

    Where the settings then ask for months and the rows have none, the rows are split.

    Raises
    ------
    InputFaults
        A key is unknown, a value is bad, or rows that name their months are to be split.
    """
    if problem.has_months and overrides.get("months"):
        raise InputFaults([Fault(settings_file.FILE, None, "months", "already_months")])
    settings = settings_file.overridden(problem.settings, overrides)
    return months.split(dataclasses.replace(problem, settings=settings))


def problem_sha256(problem: Problem) -> str:
    """The SHA-256 of the canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(problem_to_json(problem)).hexdigest()


def canonical_json(content: Mapping[str, object]) -> bytes:
    """UTF-8, sorted keys, no idle blanks, one line."""
    text = json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return f"{text}\n".encode()


def json_object(data: bytes, expected_format: str, *versions: int) -> dict[str, Any]:
    """The object in a JSON document of this format and one of these versions.

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
    for key, expected in (("format", (expected_format,)), ("version", versions)):
        if content.get(key) not in expected:
            allowed = ", ".join(map(repr, expected))
            values = {"value": repr(content.get(key)), "allowed": allowed}
            raise InputFaults([Fault("json", None, key, "bad_choice", values)])
    return content


@dataclass(frozen=True, slots=True)
class _Rows(Generic[Each]):
    """The rows of a file and what they make, as long as nothing is wrong in the same order."""

    layout: Layout[Each]
    rows: Sequence[Row]
    made: Sequence[Each]


class _Reader:
    """Reads the files of one directory and gathers the faults of all of them."""

    def __init__(self, directory: Path, edits: Sequence[Edit]) -> None:
        self.directory, self.edits = directory, edits
        self.faults: list[Fault] = []
        self.unknown_columns: dict[str, tuple[str, ...]] = {}
        self.files: list[str] = []
        self.months_asked_at: Origin | None = None

    def rows(self, layout: Layout[Each]) -> _Rows[Each]:
        """The rows of a file and, but for those at fault, what they make."""
        rows = _with_lasting(layout, self._table(layout))
        made = [each for row in rows if (each := _attempt(layout, row)) is not None]
        self.faults.extend(_faults(rows))
        return _Rows(layout, rows, made)

    def settings(self, path: Path, overrides: Mapping[str, str], mode: Mode) -> Settings:
        """The settings of a file, if it stands, under the overrides and the edits."""
        edited, origins = edit_rule.of_settings(self.edits)
        asked = {**overrides, **edited}
        if asked.get("months"):
            here = Origin(settings_file.FILE, None, "months")
            self.months_asked_at = origins.get("months", here)
        try:
            stated = settings_file.texts_from_json(path.read_bytes()) if path.exists() else {}
            return settings_file.parsed({**stated, **asked}, mode, origins)
        except InputFaults as error:
            self.faults.extend(error.faults)
        except OSError as error:
            self._unreadable(path.name, error)
        return Settings()

    def refuse_edits_elsewhere(self) -> None:
        """Note the edits of tables that the directory does not have."""
        self.faults.extend(edit_rule.without_file(self.edits, self.files))

    def raise_faults(self) -> None:
        """Refuse the directory if anything in it is wrong."""
        if self.faults:
            raise InputFaults(self.faults)

    def _table(self, layout: Layout[Each]) -> Sequence[Row]:
        self.files.append(layout.file)
        try:
            data = (self.directory / layout.file).read_bytes()
        except FileNotFoundError:
            self.faults.append(Fault(layout.file, None, None, "missing_file"))
            return ()
        except OSError as error:
            self._unreadable(layout.file, error)
            return ()
        table = tables.read(layout.file, data, ALIASES, self.faults)
        if table is None:
            return ()
        unknown = tuple(column for column in table.columns if column not in layout.names)
        if unknown:
            self.unknown_columns[layout.file] = unknown
        if not tables.require(table, layout.names[: layout.required], self.faults):
            return ()
        return edit_rule.applied(table, self.edits, self.faults).rows

    def _unreadable(self, file: str, error: OSError) -> None:
        values = {"error": error.strerror or str(error)}
        self.faults.append(Fault(file, None, None, "unreadable_file", values))


def _of_files(
    supplies: _Rows[Supply], demands: _Rows[Demand], lanes: _Rows[Lane] | None, settings: Settings
) -> Problem:
    """The problem of sound rows, which may still not fit together."""
    listed = None if lanes is None else tuple(lanes.made)
    try:
        return Problem(tuple(supplies.made), tuple(demands.made), settings, listed)
    except ProblemError as error:
        read: dict[str, _Rows[Any] | None]
        read = {"supplies": supplies, "demands": demands, "lanes": lanes}
        raise InputFaults(_of_rows(error, read)) from error


def _with_lasting(layout: Layout[Each], rows: Sequence[Row]) -> list[Row]:
    """The rows with what an id states on its first month filled in on its other months."""
    lasting = [column.name for column in layout.columns if column.lasting]
    first: dict[str, Row] = {}
    for row in rows:
        other = first.setdefault(row.text("id"), row)
        if _month(row) < _month(other):
            first[row.text("id")] = row
    if not lasting or len(first) == len(rows):
        return list(rows)
    return [_filled(row, first[row.text("id")], lasting) for row in rows]


def _filled(row: Row, first: Row, columns: Sequence[str]) -> Row:
    for column in columns:
        if first.text(column) and not row.text(column):
            origin = first.origins.get(column, Origin(first.file, first.number, column))
            row = row.with_cell(column, first.text(column), origin)
    return row


def _month(row: Row) -> int:
    """The month of a row as far as it can be read, which is what finds the first of an id."""
    text = row.text("month")
    return int(text) if text.isdecimal() else -1


def _attempt(layout: Layout[Each], row: Row) -> Each | None:
    try:
        made = layout.made(row)
    except ProblemError as error:
        row.refuse_fields(error.faults, layout.places)
    return None if row.faults else made


def _faults(rows: Iterable[Row]) -> list[Fault]:
    """The faults of all rows; a cell that several rows read is named once."""
    told = (fault for row in rows for fault in row.faults)
    return list({(fault.file, fault.row, fault.column): fault for fault in told}.values())


def _of_rows(error: ProblemError, read: Mapping[str, _Rows[Any] | None]) -> list[Fault]:
    """What a problem said of its rows, in the words of the files they came from."""
    touched: list[Row] = []
    whole: list[Fault] = []
    for fault in error.faults:
        table = read.get(fault.field)
        if table is None or fault.row is None or fault.column is None:
            file = fault.field if table is None else table.layout.file
            whole.append(Fault(file, None, None, fault.code, _texts(fault)))
            continue
        row = table.rows[fault.row]
        row.refuse_fields([FieldFault(fault.column, fault.code, fault.values)], table.layout.places)
        touched.append(row)
    return _faults(touched) + whole


def _of_lists(error: ProblemError) -> list[Fault]:
    """The same for a JSON document, whose rows count from 1."""
    return [
        Fault(
            fault.field,
            None if fault.row is None else fault.row + 1,
            fault.column,
            fault.code,
            _texts(fault),
        )
        for fault in error.faults
    ]


def _texts(fault: FieldFault) -> dict[str, str]:
    return {name: str(value) for name, value in fault.values.items()}


def _stated(row: Supply | Demand | Lane) -> dict[str, object]:
    """The fields of a row that differ from their defaults."""
    return {
        name: value
        for name, default in _DEFAULTS[type(row)]
        if (value := getattr(row, name)) != default
    }


_DEFAULTS = {
    kind: tuple((field.name, field.default) for field in dataclasses.fields(kind))
    for kind in (Supply, Demand, Lane)
}


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
    known, needed = _KEYS[kind]
    for key in sorted(item.keys() - known):
        row.refuse(key, "unknown_key")
    for key in sorted(needed - item.keys()):
        row.refuse(key, "blank")
    for key in ("materials", "levels"):
        if key in item and not _is_texts(item[key]):
            row.refuse(key, "not_a_list")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _names(fields: Iterable[dataclasses.Field[Any]]) -> frozenset[str]:
    return frozenset(field.name for field in fields)


#: The fields of each kind, and those that have no default.
_KEYS: Mapping[type[Any], tuple[frozenset[str], frozenset[str]]] = {
    kind: (
        _names(dataclasses.fields(kind)),
        _names(each for each in dataclasses.fields(kind) if each.default is dataclasses.MISSING),
    )
    for kind in (Supply, Demand, Lane, Settings)
}
