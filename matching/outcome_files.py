"""An outcome as a directory of CSV files with a certificate, and as one canonical JSON document.

Neither holds a time or a memory figure: the bytes depend on the problem alone. Reading is for the
verifier and for replays, so every type is checked and nothing is repaired.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from matching import tables
from matching.faults import Fault, InputFaults
from matching.files import canonical_json, json_object
from matching.outcome import Certificate, Level, Match, OrderResult, Outcome, Reason, Totals
from matching.problem import Side
from matching.tables import Row, plain, tonnes

FORMAT = "gufei-matching-outcome"
VERSION = 1

MATCHES = "matches.csv"
ORDERS = "orders.csv"
CERTIFICATE = "certificate.json"

_MATCH_COLUMNS = (
    "supply",
    "demand",
    "month",
    "tonnes",
    "cost",
    "support",
    "price_producer",
    "price_consumer",
)
_ORDER_COLUMNS = ("side", "id", "month", "tonnes", "placed", "reason", "detail")

T = TypeVar("T")
Word = TypeVar("Word", Side, Reason)


def outcome_to_json(outcome: Outcome) -> bytes:
    """The canonical JSON: equal outcomes give equal bytes."""
    return canonical_json({"format": FORMAT, "version": VERSION, **dataclasses.asdict(outcome)})


def outcome_from_json(data: bytes) -> Outcome:
    """Read what ``outcome_to_json`` wrote.

    Raises
    ------
    InputFaults
        It is not an outcome of this format and version, with every place that is wrong.
    """
    node = _Node("outcome", json_object(data, FORMAT, VERSION), [])
    outcome = Outcome(
        tuple(_match(each) for each in node.items("matches")),
        tuple(_order(each) for each in node.items("orders")),
        _certificate(node.object("certificate")),
    )
    node.raise_faults()
    return outcome


def outcome_to_directory(outcome: Outcome, directory: Path) -> None:
    """Write ``matches.csv``, ``orders.csv`` and ``certificate.json``."""
    directory.mkdir(parents=True, exist_ok=True)
    certificate = dataclasses.asdict(outcome.certificate)
    content = {
        MATCHES: tables.write(_MATCH_COLUMNS, [_match_cells(match) for match in outcome.matches]),
        ORDERS: tables.write(_ORDER_COLUMNS, [_order_cells(order) for order in outcome.orders]),
        CERTIFICATE: canonical_json({"format": FORMAT, "version": VERSION, **certificate}),
    }
    for name, data in content.items():
        (directory / name).write_bytes(data)


def outcome_from_directory(directory: Path) -> Outcome:
    """Read what ``outcome_to_directory`` wrote.

    Raises
    ------
    InputFaults
        A file is missing or holds what no solver writes.
    """
    faults: list[Fault] = []
    matches = _read(directory, MATCHES, _MATCH_COLUMNS, _match_of_row, faults)
    orders = _read(directory, ORDERS, _ORDER_COLUMNS, _order_of_row, faults)
    data = _bytes(directory, CERTIFICATE, faults)
    node = _Node(CERTIFICATE, {}, faults)
    if data is not None:
        try:
            node = _Node(CERTIFICATE, json_object(data, FORMAT, VERSION), faults)
        except InputFaults as error:
            faults.extend(error.faults)
    certificate = None if faults else _certificate(node)
    if faults or certificate is None:
        raise InputFaults(faults)
    return Outcome(tuple(matches), tuple(orders), certificate)


def _match_cells(match: Match) -> tuple[str, ...]:
    money = (match.cost, match.support, match.price_producer, match.price_consumer)
    return match.supply, match.demand, "", tonnes(match.kg), *(plain(fen, 2) for fen in money)


def _order_cells(order: OrderResult) -> tuple[str, ...]:
    detail = "; ".join(f"{key}={value}" for key, value in sorted(order.detail.items()))
    mass = tonnes(order.kg), tonnes(order.placed)
    return order.side.value, order.id, "", *mass, order.reason.value, detail


def _read(
    directory: Path,
    file: str,
    columns: tuple[str, ...],
    make: Callable[[Row], T],
    faults: list[Fault],
) -> list[T]:
    data = _bytes(directory, file, faults)
    table = None if data is None else tables.read(file, data, {}, faults)
    if table is None or not tables.require(table, columns, ("month",), faults):
        return []
    made = [make(row) for row in table.rows]
    faults.extend(fault for row in table.rows for fault in row.faults)
    return made


def _bytes(directory: Path, file: str, faults: list[Fault]) -> bytes | None:
    try:
        return (directory / file).read_bytes()
    except OSError:
        faults.append(Fault(file, None, None, "missing_file"))
        return None


def _match_of_row(row: Row) -> Match:
    return Match(
        row.text("supply"),
        row.text("demand"),
        row.number_in("tonnes", 3),
        row.number_in("cost", 2),
        row.number_in("support", 2),
        row.number_in("price_producer", 2),
        row.number_in("price_consumer", 2),
    )


def _order_of_row(row: Row) -> OrderResult:
    return OrderResult(
        _word(Side, row.text("side"), row, "side"),
        row.text("id"),
        row.number_in("tonnes", 3),
        row.number_in("placed", 3),
        _word(Reason, row.text("reason"), row, "reason"),
        _detail_of_row(row),
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


def _word(kind: type[Word], text: str, row: Row, column: str) -> Word:
    words = list(kind)
    if text not in words:
        row.refuse(column, "bad_choice", value=text, allowed=", ".join(words))
        return words[0]
    return kind(text)


class _Node:
    """An object inside a JSON document that notes every key whose value is of a wrong kind."""

    def __init__(self, place: str, content: object, faults: list[Fault]) -> None:
        self.place, self.faults = place, faults
        self.content: Mapping[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            faults.append(Fault(place, None, None, "not_an_object"))

    def text(self, key: str) -> str:
        return str(self._value(key, str, "not_text", ""))

    def whole(self, key: str) -> int:
        return int(self._value(key, int, "not_whole", 0))

    def wholes(self, key: str) -> tuple[int, ...]:
        values = self._value(key, list, "not_a_list", [])
        if any(type(value) is not int for value in values):
            self._refuse(key, "not_whole")
            return ()
        return tuple(values)

    def word(self, kind: type[Word], key: str) -> Word:
        row = Row(self.place, None, {})
        word = _word(kind, self.text(key), row, key)
        self.faults.extend(row.faults)
        return word

    def object(self, key: str) -> "_Node":
        return _Node(f"{self.place}.{key}", self.content.get(key), self.faults)

    def items(self, key: str) -> list["_Node"]:
        values = self._value(key, list, "not_a_list", [])
        places = (f"{self.place}.{key}[{index}]" for index in range(len(values)))
        return [_Node(place, each, self.faults) for place, each in zip(places, values, strict=True)]

    def raise_faults(self) -> None:
        if self.faults:
            raise InputFaults(self.faults)

    def _value(self, key: str, kind: type[Any], code: str, instead: Any) -> Any:
        value = self.content.get(key)
        if type(value) is kind:
            return value
        self._refuse(key, code)
        return instead

    def _refuse(self, key: str, code: str) -> None:
        value = json.dumps(self.content.get(key), default=repr)
        self.faults.append(Fault(self.place, None, key, code, {"value": value}))


def _match(node: _Node) -> Match:
    money = (node.whole(key) for key in ("cost", "support", "price_producer", "price_consumer"))
    return Match(node.text("supply"), node.text("demand"), node.whole("kg"), *money)


def _order(node: _Node) -> OrderResult:
    detail = node.object("detail")
    return OrderResult(
        node.word(Side, "side"),
        node.text("id"),
        node.whole("kg"),
        node.whole("placed"),
        node.word(Reason, "reason"),
        {key: detail.whole(key) for key in detail.content},
    )


def _certificate(node: _Node) -> Certificate:
    sums = node.object("totals")
    names = ("kg", "consumer", "producer", "freight", "support")
    totals = Totals(*(sums.whole(name) for name in names))
    levels = tuple(_level(each) for each in node.items("levels"))
    return Certificate(node.text("problem_sha256"), totals, levels)


def _level(node: _Node) -> Level:
    return Level(
        node.text("name"),
        node.whole("value"),
        node.whole("bound"),
        node.wholes("supply_dual"),
        node.wholes("demand_dual"),
        node.whole("tonnes_dual"),
    )
