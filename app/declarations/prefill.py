"""A statement made ready from what is on record, each figure with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.declarations.balance import MassBalance
from app.declarations.checking import Known, proposal, taking
from app.declarations.rules import EventKind

DISPOSALS = (EventKind.SELF_DISPOSED, EventKind.ENTRUSTED_DISPOSED)
STORAGE = (EventKind.STORED, EventKind.TAKEN_OUT)


class Origin(StrEnum):
    """Where a figure comes from: records of the yard, tickets, the last statement, a formula."""

    LOG = "log"
    TICKETS = "tickets"
    LAST = "last"
    STOCK = "stock"
    FORMULA = "formula"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Tally:
    """Kilograms, and how many records they are the sum of."""

    kg: int = 0
    count: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.kg + other.kg, self.count + other.count)


@dataclass(frozen=True, slots=True)
class Source:
    """Where one figure comes from, and how many records it is the sum of."""

    origin: Origin
    count: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is on record of a waste in a month.

    `stock` is what the yard's records say lay there when it began; `last_closing_kg` what was last
    declared, under `last_number`.
    """

    logged: Mapping[EventKind, Tally] = field(default_factory=dict)
    ticketed: Tally = Tally()
    stock: Tally = Tally()
    last_closing_kg: int | None = None
    last_number: str = ""

    @property
    def known(self) -> Known:
        return Known(self.last_closing_kg, self.ticketed.kg)

    @property
    def is_generation_known(self) -> bool:
        """Without a record the mass is unknown, which is not nothing."""
        return self.of(EventKind.GENERATED).count > 0

    @property
    def opening_kg(self) -> int:
        return max(0, self.stock.kg) if self.last_closing_kg is None else self.last_closing_kg

    def of(self, *kinds: EventKind) -> Tally:
        return sum((self.logged.get(kind, Tally()) for kind in kinds), Tally())


def prefilled(evidence: Evidence) -> MassBalance:
    """The statement by the records.

    What came in and left a store within the month only passed through it: of the two the larger
    counts, by what it is larger, as stored or as taken from earlier stock. Where no store is
    recorded, earlier stock is what closes the balance.
    """
    stored = evidence.of(EventKind.STORED).kg - evidence.of(EventKind.TAKEN_OUT).kg
    found = MassBalance(
        generated_kg=evidence.of(EventKind.GENERATED).kg,
        self_used_kg=evidence.of(EventKind.SELF_USED).kg,
        entrusted_used_kg=evidence.ticketed.kg,
        stored_kg=max(0, stored),
        disposed_kg=evidence.of(*DISPOSALS).kg,
        opening_kg=evidence.opening_kg,
        closing_kg=evidence.opening_kg,
    )
    if evidence.of(*STORAGE).count:
        most = min(found.opening_kg, found.used_kg + found.disposed_kg)
        return taking(found, min(max(0, -stored), most))
    closed = proposal(found, evidence.known) if evidence.is_generation_known else None
    return closed or replace(found, closing_kg=found.opening_kg + found.stored_kg)


def sources(evidence: Evidence) -> dict[str, Source]:
    """By the name of each mass, where its figure comes from."""
    is_first = evidence.last_closing_kg is None
    opening = _logged(evidence.stock, Origin.STOCK) if is_first else Source(Origin.LAST)
    return {
        "generated_kg": _logged(evidence.of(EventKind.GENERATED)),
        "self_used_kg": _logged(evidence.of(EventKind.SELF_USED)),
        "entrusted_used_kg": _logged(evidence.ticketed, Origin.TICKETS),
        "old_used_kg": Source(Origin.FORMULA),
        "stored_kg": _logged(evidence.of(*STORAGE)),
        "disposed_kg": _logged(evidence.of(*DISPOSALS)),
        "old_disposed_kg": Source(Origin.FORMULA),
        "dumped_kg": Source(Origin.NOTHING),
        "opening_kg": opening,
        "closing_kg": Source(Origin.FORMULA),
    }


def _logged(tally: Tally, origin: Origin = Origin.LOG) -> Source:
    return Source(origin, tally.count) if tally.count else Source(Origin.NOTHING)
