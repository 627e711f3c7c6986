"""What the watch looks at and what it finds, as plain values: whole kilograms, aware instants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from app.core.clock import china_day, month_of
from app.declarations.balance import MassBalance
from app.declarations.rules import ActivityKind


class Kind(StrEnum):
    """What a finding says."""

    BALANCE_OPEN = "balance_open"
    STOCK_OPEN = "stock_open"
    STOCK_BROKEN = "stock_broken"
    STOCK_OVERDRAWN = "stock_overdrawn"
    STOCK_OVER_CAPACITY = "stock_over_capacity"
    STOCK_TOO_OLD = "stock_too_old"
    DUMPED = "dumped"
    ARISINGS_OFF = "arisings_off"
    ARISINGS_CHANGED = "arisings_changed"
    USE_WITHOUT_TICKETS = "use_without_tickets"
    TICKETS_BEYOND_USE = "tickets_beyond_use"
    INTAKE_OFF = "intake_off"
    OVER_PERMIT = "over_permit"
    REPEATED_WEIGHTS = "repeated_weights"
    SHARED_WEIGHTS = "shared_weights"
    MIRRORED_WEIGHTS = "mirrored_weights"
    CONSTANT_TARE = "constant_tare"
    TARE_OFF = "tare_off"
    ROUND_WEIGHTS = "round_weights"
    OVERWEIGHT = "overweight"
    TOO_FAST = "too_fast"
    TOO_LONG = "too_long"
    TWO_PLACES = "two_places"
    GATE_CLOSED = "gate_closed"


class Severity(StrEnum):
    """`SERIOUS` where a limit of law is passed or somebody must have invented a figure."""

    NOTICE = "notice"
    WARNING = "warning"
    SERIOUS = "serious"


SERIOUS = frozenset(
    {
        Kind.DUMPED,
        Kind.OVER_PERMIT,
        Kind.STOCK_OVER_CAPACITY,
        Kind.REPEATED_WEIGHTS,
        Kind.SHARED_WEIGHTS,
        Kind.MIRRORED_WEIGHTS,
        Kind.ROUND_WEIGHTS,
        Kind.TOO_FAST,
        Kind.TWO_PLACES,
    }
)


class Measure(StrEnum):
    """What the number of a piece of evidence counts."""

    KG = "kg"
    MILLI = "milli"
    MONTHS = "months"
    COUNT = "count"
    METRES = "metres"
    MINUTES = "minutes"
    KMH = "kmh"
    HOUR = "hour"
    ONE_IN = "one_in"
    ACTIVITY = "activity"
    TEXT = "text"


class Evidence(NamedTuple):
    """One number behind a finding; months and texts are written out."""

    name: str
    value: int | str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not add up at a site in a month.

    `since` stands in place of the month in `key` where the same state of affairs lasts for months.
    `loads` are the numbers of consignment notes it rests on, `explanation` is what the firm said of
    it when it declared.
    """

    kind: Kind
    site: int
    month: date
    material: str = ""
    plate: str = ""
    evidence: tuple[Evidence, ...] = ()
    loads: tuple[str, ...] = ()
    since: str = ""
    explanation: str = ""

    @property
    def severity(self) -> Severity:
        if self.explanation:
            return Severity.NOTICE
        return Severity.SERIOUS if self.kind in SERIOUS else Severity.WARNING

    @property
    def key(self) -> str:
        """The same for the same state of affairs, whenever it is found."""
        when = self.since or f"{self.month:%Y-%m}"
        return ":".join((self.kind, str(self.site), self.material, self.plate, when))


class Waste(NamedTuple):
    """One material of one site."""

    site: int
    material: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration in force, and what of its entrusted use arrived on weighbridge tickets."""

    waste: Waste
    month: date
    balance: MassBalance
    ticketed_kg: int = 0
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Active:
    """What a site made or burnt in a month; `quantity` in the unit of its kind."""

    site: int
    month: date
    kind: ActivityKind
    quantity: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a receiver took in a month, by its own tickets."""

    waste: Waste
    month: date
    kg: int


@dataclass(frozen=True, slots=True)
class Permit:
    """How much of a material a receiver may take in a calendar year."""

    waste: Waste
    kg_per_year: int
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class GateHours:
    """The hours of China time in which a gate weighs."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """One ticket of a weighbridge."""

    site: int
    at: datetime
    gross_kg: int
    tare_kg: int

    @property
    def net_kg(self) -> int:
        return self.gross_kg - self.tare_kg


@dataclass(frozen=True, slots=True)
class Load:
    """A load weighed at both ends of `road_m` metres of road."""

    number: str
    plate: str
    material: str
    loading: Weighing
    unloading: Weighing
    road_m: int

    @property
    def month(self) -> date:
        """The month it counts in: that of its unloading, in China."""
        return month_of(china_day(self.unloading.at))


class Passage(NamedTuple):
    """A weighing and the load it belongs to."""

    load: Load
    weighing: Weighing


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known when one month is looked at: that month's loads, and the months before it.

    `capacities` are kilograms that the stores for a waste hold together; `metres` are straight
    lines between two sites, the lower number first.
    """

    month: date
    declared: Sequence[Declared] = ()
    activities: Sequence[Active] = ()
    taken: Sequence[Taken] = ()
    permits: Sequence[Permit] = ()
    capacities: Mapping[Waste, int] = field(default_factory=dict)
    loads: Sequence[Load] = ()
    gates: Mapping[int, GateHours] = field(default_factory=dict)
    metres: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def histories(self) -> Iterator[tuple[Declared, list[Declared]]]:
        """Every declaration of the month with those before it, the earliest first."""
        by_waste: dict[Waste, list[Declared]] = {}
        for one in sorted(self.declared, key=lambda one: one.month):
            by_waste.setdefault(one.waste, []).append(one)
        for past in by_waste.values():
            months = [one for one in past if one.month <= self.month]
            if months and months[-1].month == self.month:
                yield months[-1], months[:-1]

    def this_month(self) -> Iterator[Declared]:
        return (one for one in self.declared if one.month == self.month)

    def passages(self) -> Iterator[Passage]:
        """Every weighing of the month's loads."""
        for load in self.loads:
            yield Passage(load, load.loading)
            yield Passage(load, load.unloading)

    def distance(self, one: int, other: int) -> int | None:
        """Metres as the crow flies, where known."""
        if one == other:
            return 0
        return self.metres.get((min(one, other), max(one, other)))


def numbers(passages: Iterable[Passage]) -> tuple[str, ...]:
    """The consignment notes of weighings, each once."""
    return tuple(dict.fromkeys(passage.load.number for passage in passages))
