"""An outcome as a directory of CSV files with its certificate, in tonnes and CNY.

As in :mod:`.outcome_json` the bytes depend on the problem alone, every cell is checked when
it is read back and nothing is repaired.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from matching.faults import Fault, InputFaults
from matching.formats import tables
from matching.formats.outcome_json import certificate_from_json, certificate_to_json
from matching.formats.tables import Row, plain, tonnes
from matching.outcome import Certificate, Match, OrderResult, Outcome, Reason, Storage
from matching.problem import Side

MATCHES = "matches.csv"
ORDERS = "orders.csv"
STORAGE = "storage.csv"
CERTIFICATE = "certificate.json"
#: Every file an outcome may consist of.
FILES = (MATCHES, ORDERS, STORAGE, CERTIFICATE)

T = TypeVar("T")
Word = TypeVar("Word", Side, Reason)


def outcome_to_directory(outcome: Outcome, directory: Path) -> None:
    """Write the outcome's files; ``storage.csv`` only where something has a silo.

    What stands there of an earlier outcome is replaced or removed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    content = outcome_to_files(outcome)
    for name in FILES:
        if name in content:
            (directory / name).write_bytes(content[name])
        else:
            (directory / name).unlink(missing_ok=True)


def outcome_to_files(outcome: Outcome) -> dict[str, bytes]:
    """File name → content."""
    content = {
        MATCHES: tables.write(_MATCHES.columns, [_match_cells(each) for each in outcome.matches]),
        ORDERS: tables.write(_ORDERS.columns, [_order_cells(each) for each in outcome.orders]),
        CERTIFICATE: certificate_to_json(outcome.certificate),
    }
    if outcome.storage:
        cells = [_storage_cells(each) for each in outcome.storage]
        content[STORAGE] = tables.write(_STORAGE.columns, cells)
    return content


def outcome_from_directory(directory: Path) -> Outcome:
    """Read what ``outcome_to_directory`` wrote.

    Raises
    ------
    InputFaults
        A file is missing or holds what no solver writes.
    """
    faults: list[Fault] = []
    matches = _read(directory, MATCHES, _MATCHES, faults)
    orders = _read(directory, ORDERS, _ORDERS, faults)
    stored = (directory / STORAGE).exists()
    storage = _read(directory, STORAGE, _STORAGE, faults) if stored else []
    certificate = _certificate(directory, faults)
    if faults or certificate is None:
        raise InputFaults(faults)
    return Outcome(tuple(matches), tuple(orders), certificate, tuple(storage))


def _match_cells(match: Match) -> tuple[str, ...]:
    money = (match.cost, match.support, match.price_producer, match.price_consumer)
    ends = match.supply, match.demand, _month(match.month)
    return *ends, tonnes(match.kg), *(plain(fen, 2) for fen in money)


def _order_cells(order: OrderResult) -> tuple[str, ...]:
    detail = "; ".join(f"{key}={value}" for key, value in sorted(order.detail.items()))
    mass = tonnes(order.kg), tonnes(order.placed)
    return order.side.value, order.id, _month(order.month), *mass, order.reason.value, detail


def _storage_cells(storage: Storage) -> tuple[str, ...]:
    mass = (storage.opening, storage.added, storage.drawn, storage.closing)
    return storage.side.value, storage.id, _month(storage.month), *map(tonnes, mass)


def _month(month: int | None) -> str:
    return "" if month is None else str(month)


def _match_of_row(row: Row) -> Match:
    return Match(
        row.text("supply"),
        row.text("demand"),
        row.number_in("tonnes", 3),
        row.number_in("cost", 2),
        row.number_in("support", 2),
        row.number_in("price_producer", 2),
        row.number_in("price_consumer", 2),
        row.optional_in("month", 0),
    )


def _order_of_row(row: Row) -> OrderResult:
    return OrderResult(
        _word(Side, row, "side"),
        row.text("id"),
        row.number_in("tonnes", 3),
        row.number_in("placed", 3),
        _word(Reason, row, "reason"),
        _detail_of_row(row),
        row.optional_in("month", 0),
    )


def _storage_of_row(row: Row) -> Storage:
    return Storage(
        _word(Side, row, "side"),
        row.text("id"),
        row.number_in("month", 0),
        row.number_in("opening_t", 3),
        row.number_in("in_t", 3),
        row.number_in("out_t", 3),
        row.number_in("closing_t", 3),
    )


def _detail_of_row(row: Row) -> Mapping[str, int]:
    detail: dict[str, int] = {}
    for part in filter(None, row.text("detail").split("; ")):
        key, _, value = part.partition("=")
        if value.removeprefix("-").isdecimal():
            detail[key] = int(value)
        else:
            row.refuse("detail", "not_a_number", value=part)
    return detail


def _word(kind: type[Word], row: Row, column: str) -> Word:
    words, text = list(kind), row.text(column)
    if text not in words:
        row.refuse(column, "bad_choice", value=text, allowed=", ".join(words))
        return words[0]
    return kind(text)


class _Layout(NamedTuple, Generic[T]):
    """The columns of one file, what a row makes, and which cells may be blank."""

    columns: tuple[str, ...]
    make: Callable[[Row], T]
    blank: tuple[str, ...] = ()


_MATCHES = _Layout(
    ("supply", "demand", "month", "tonnes", "cost", "support", "price_producer", "price_consumer"),
    _match_of_row,
    ("month",),
)
_ORDERS = _Layout(
    ("side", "id", "month", "tonnes", "placed", "reason", "detail"),
    _order_of_row,
    ("month", "detail"),
)
_STORAGE = _Layout(
    ("side", "id", "month", "opening_t", "in_t", "out_t", "closing_t"), _storage_of_row
)


def _read(directory: Path, file: str, layout: _Layout[T], faults: list[Fault]) -> list[T]:
    data = _bytes(directory, file, faults)
    table = None if data is None else tables.read(file, data, {}, faults)
    if table is None or not tables.require(table, layout.columns, faults):
        return []
    made = [_made(row, layout) for row in table.rows]
    faults.extend(fault for row in table.rows for fault in row.faults)
    return made


def _made(row: Row, layout: _Layout[T]) -> T:
    for column in layout.columns:
        if column not in layout.blank and not row.cells[column]:
            row.refuse(column, "blank")
    return layout.make(row)


def _certificate(directory: Path, faults: list[Fault]) -> Certificate | None:
    data = _bytes(directory, CERTIFICATE, faults)
    if data is None:
        return None
    try:
        return certificate_from_json(CERTIFICATE, data)
    except InputFaults as error:
        faults.extend(error.faults)
        return None


def _bytes(directory: Path, file: str, faults: list[Fault]) -> bytes | None:
    try:
        return (directory / file).read_bytes()
    except OSError:
        faults.append(Fault(file, None, None, "missing_file"))
        return None
