"""An outcome as one canonical JSON document: what programs exchange and the product stores.

It holds no time and no memory figure: the bytes depend on the problem alone. Reading is for the
verifier and for replays, so every type is checked and nothing is repaired.

Documents of version 1 stay readable as they stand: they have no months and no storage, their
``tonnes`` level counts kilograms, and their one multiplier, of either sign, is per kilogram.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from matching.faults import Fault, InputFaults
from matching.files import canonical_json, json_object
from matching.outcome import (
    Certificate,
    Level,
    Match,
    OrderResult,
    Outcome,
    Reason,
    Storage,
    Totals,
)
from matching.problem import Side

FORMAT = "gufei-matching-outcome"
VERSION = 2
READABLE = (1, 2)

_MATCH_FIELDS = (
    "supply",
    "demand",
    "month",
    "kg",
    "cost",
    "support",
    "price_producer",
    "price_consumer",
)
_ORDER_FIELDS = ("side", "id", "month", "kg", "placed", "reason", "detail")
_STORAGE_FIELDS = ("side", "id", "month", "opening", "added", "drawn", "closing")
_TOTALS_FIELDS = ("kg", "consumer", "producer", "freight", "support")
_LEVEL_FIELDS = (
    "name",
    "value",
    "bound",
    "supply_dual",
    "demand_dual",
    "multipliers",
    "claimed",
)

Word = TypeVar("Word", Side, Reason)


def outcome_to_json(outcome: Outcome) -> bytes:
    """The canonical JSON: equal outcomes give equal bytes."""
    return canonical_json(
        {
            "format": FORMAT,
            "version": VERSION,
            "matches": _objects(outcome.matches, _MATCH_FIELDS),
            "orders": _objects(outcome.orders, _ORDER_FIELDS),
            "storage": _objects(outcome.storage, _STORAGE_FIELDS),
            "certificate": _certificate_object(outcome.certificate),
        }
    )


def outcome_from_json(data: bytes) -> Outcome:
    """Read what ``outcome_to_json`` wrote, now or in an earlier version.

    Raises
    ------
    InputFaults
        It is not an outcome of this format, with every place that is wrong.
    """
    content = json_object(data, FORMAT, *READABLE)
    node = Node("outcome", content, [])
    storage = node.items("storage") if content["version"] > 1 else []
    outcome = Outcome(
        tuple(_match(each) for each in node.items("matches")),
        tuple(_order(each) for each in node.items("orders")),
        _certificate(node.object("certificate"), content["version"]),
        tuple(_storage(each) for each in storage),
    )
    node.raise_faults()
    return outcome


def certificate_to_json(certificate: Certificate) -> bytes:
    """The certificate alone, as ``certificate.json`` holds it."""
    content = _certificate_object(certificate)
    return canonical_json({"format": FORMAT, "version": VERSION, **content})


def certificate_from_json(place: str, data: bytes) -> Certificate:
    """Read what ``certificate_to_json`` wrote, now or in an earlier version.

    Raises
    ------
    InputFaults
        It is no certificate, with every key that is wrong.
    """
    try:
        content = json_object(data, FORMAT, *READABLE)
    except InputFaults as error:
        raise InputFaults([replace(fault, file=place) for fault in error.faults]) from error
    node = Node(place, content, [])
    certificate = _certificate(node, content["version"])
    node.raise_faults()
    return certificate


def version_of(data: bytes) -> int:
    """The version a stored outcome was written in; only the present one can be written again."""
    version: int = json_object(data, FORMAT, *READABLE)["version"]
    return version


class Node:
    """An object inside a JSON document that notes every key whose value is of a wrong kind."""

    def __init__(self, place: str, content: object, faults: list[Fault]) -> None:
        self.place, self.faults = place, faults
        self.content: Mapping[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            faults.append(Fault(place, None, None, "not_an_object"))

    def text(self, key: str) -> str:
        """The text of a key."""
        return str(self._value(key, str, "not_text", ""))

    def whole(self, key: str) -> int:
        """The whole number of a key."""
        return int(self._value(key, int, "not_whole", 0))

    def optional_whole(self, key: str) -> int | None:
        """The whole number of a key, ``None`` where it is null or absent."""
        return None if self.content.get(key) is None else self.whole(key)

    def wholes(self, key: str) -> tuple[int, ...]:
        """The list of whole numbers of a key."""
        values = self._value(key, list, "not_a_list", [])
        if any(type(value) is not int for value in values):
            self._refuse(key, "not_whole")
            return ()
        return tuple(values)

    def tables(self, key: str) -> tuple[tuple[int, ...], ...]:
        """The list of lists of whole numbers of a key."""
        values = self._value(key, list, "not_a_list", [])
        parts = {f"{key}[{index}]": value for index, value in enumerate(values)}
        inner = Node(self.place, parts, self.faults)
        return tuple(inner.wholes(part) for part in parts)

    def word(self, kind: type[Word], key: str) -> Word:
        """The word of a key, out of a closed list."""
        words = list(kind)
        text = self.text(key)
        if text not in words:
            values = {"value": text, "allowed": ", ".join(words)}
            self.faults.append(Fault(self.place, None, key, "bad_choice", values))
            return words[0]
        return kind(text)

    def object(self, key: str) -> "Node":
        """The object of a key."""
        return Node(f"{self.place}.{key}", self.content.get(key), self.faults)

    def items(self, key: str) -> list["Node"]:
        """The list of objects of a key."""
        values = self._value(key, list, "not_a_list", [])
        places = (f"{self.place}.{key}[{index}]" for index in range(len(values)))
        return [Node(place, each, self.faults) for place, each in zip(places, values, strict=True)]

    def raise_faults(self) -> None:
        """Refuse the document if anything in it is wrong."""
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


def _objects(items: Iterable[object], fields: Sequence[str]) -> list[dict[str, object]]:
    return [{field: getattr(each, field) for field in fields} for each in items]


def _certificate_object(certificate: Certificate) -> dict[str, object]:
    return {
        "problem_sha256": certificate.problem_sha256,
        "totals": _objects([certificate.totals], _TOTALS_FIELDS)[0],
        "levels": _objects(certificate.levels, _LEVEL_FIELDS),
        "supply_block": certificate.supply_block,
        "demand_block": certificate.demand_block,
    }


def _match(node: Node) -> Match:
    return Match(
        node.text("supply"),
        node.text("demand"),
        node.whole("kg"),
        node.whole("cost"),
        node.whole("support"),
        node.whole("price_producer"),
        node.whole("price_consumer"),
        node.optional_whole("month"),
    )


def _order(node: Node) -> OrderResult:
    detail = node.object("detail")
    return OrderResult(
        node.word(Side, "side"),
        node.text("id"),
        node.whole("kg"),
        node.whole("placed"),
        node.word(Reason, "reason"),
        {key: detail.whole(key) for key in detail.content},
        node.optional_whole("month"),
    )


def _storage(node: Node) -> Storage:
    numbers = (node.whole(key) for key in _STORAGE_FIELDS[2:])
    return Storage(node.word(Side, "side"), node.text("id"), *numbers)


def _certificate(node: Node, version: int) -> Certificate:
    sums = node.object("totals")
    totals = Totals(*(sums.whole(name) for name in _TOTALS_FIELDS))
    levels = tuple(
        _level(each) if version > 1 else _first_level(each) for each in node.items("levels")
    )
    blocks = (
        ((), ()) if version == 1 else (node.wholes("supply_block"), node.wholes("demand_block"))
    )
    return Certificate(node.text("problem_sha256"), totals, levels, *blocks)


def _level(node: Node) -> Level:
    return Level(
        node.text("name"),
        node.whole("value"),
        node.whole("bound"),
        node.wholes("supply_dual"),
        node.wholes("demand_dual"),
        node.tables("multipliers"),
        node.optional_whole("claimed"),
    )


def _first_level(node: Node) -> Level:
    """A level of version 1, whose second had the one multiplier ``tonnes_dual``."""
    return Level(
        node.text("name"),
        node.whole("value"),
        node.whole("bound"),
        node.wholes("supply_dual"),
        node.wholes("demand_dual"),
        ((node.whole("tonnes_dual"),),),
    )
