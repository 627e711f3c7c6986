"""The question a clearing asks: who has how much of what, who needs it, and on which terms.

Mass is whole kilograms, prices are whole fen per tonne (they may be negative), road distances are
whole metres. Only positions are floats: decimal degrees on WGS-84. Every object checks itself when
it is made and raises :class:`~matching.faults.ProblemError` naming all fields that are wrong.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from matching.faults import FieldFault, ProblemError

#: Bounds that keep every product and sum of the engine inside 64-bit integers.
MAX_KG = 10**12
MAX_PRICE = 10**8
MAX_ROAD_M = 50_000_000
MAX_TOTAL_KG = 2**62
MAX_MONTH = 1_200
#: Policy weights and the use of a lane are decimals with three places, kept in thousandths.
MILLI = 1_000
MAX_MILLI = 1_000_000
MAX_FEN = 10**13

LEVELS = ("tonnes", "surplus", "cost")
DEFAULT_LEVELS = ("tonnes", "surplus")


class Side(StrEnum):
    """The two sides of a market."""

    SUPPLY = "supply"
    DEMAND = "demand"

    @property
    def opposite(self) -> "Side":
        """The other side."""
        return Side.DEMAND if self is Side.SUPPLY else Side.SUPPLY


class Mode(StrEnum):
    """Which lanes count: those that pay for themselves, or all that are physically possible."""

    MARKET = "market"
    PLAN = "plan"


class PriceRule(StrEnum):
    """How the surplus of a match is shared between its two sides."""

    MIDPOINT = "midpoint"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Supply:
    """An offer in one month, or without months.

    Attributes
    ----------
    id
        Any text that is not blank; stands once per month.
    kg
        Mass on offer.
    material
        What it is; the empty text fits only demands that take anything.
    lon, lat
        Decimal degrees (WGS-84), or both ``None`` where the problem lists its own lanes.
    ask
        The least the producer accepts at its gate, fen per tonne; negative where it pays.
    max_m
        The farthest road distance the producer accepts, metres; ``None`` for no limit of its own.
    month
        Index of the horizon, from 0; ``None`` in a problem without months.
    single
        All of it goes to one demand in this month, or none does.
    min_lot_kg
        The least that one match may carry; 0 for no minimum.
    silo_kg, stock_kg, holding
        Room to store at the producer, what lies there before the first month, and the cost of
        keeping it, fen per tonne and month. They hold for the id, over all its months.
    weight_milli
        Policy weight of a tonne, in thousandths; the same in all months of the id.
    """

    id: str
    kg: int
    material: str = ""
    lon: float | None = None
    lat: float | None = None
    ask: int = 0
    max_m: int | None = None
    month: int | None = None
    single: bool = False
    min_lot_kg: int = 0
    silo_kg: int = 0
    stock_kg: int = 0
    holding: int = 0
    weight_milli: int = MILLI

    def __post_init__(self) -> None:
        _as_floats(self)
        _refuse(
            *_label("id", self.id, blank_allowed=False),
            *_label("material", self.material, blank_allowed=True),
            *_joined_material("material", self.material),
            *_whole("kg", self.kg, 0, MAX_KG),
            *_whole("ask", self.ask, -MAX_PRICE, MAX_PRICE),
            *_reach(self.max_m),
            *_place(self.lon, self.lat),
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """A requirement in one month, or without months.

    Attributes
    ----------
    id
        Any text that is not blank; stands once per month.
    kg
        Mass it can take.
    materials
        What it accepts, kept sorted; empty for anything.
    lon, lat
        Decimal degrees (WGS-84), or both ``None`` where the problem lists its own lanes.
    bid
        The most the consumer pays at its gate, fen per tonne; negative where it is paid.
    max_m
        The farthest road distance, metres; ``None`` for the default in the settings.
    month
        Index of the horizon, from 0; ``None`` in a problem without months.
    open_fen
        Paid once over the horizon if the id takes anything, fen.
    silo_kg, stock_kg
        Room to take deliveries ahead of need, and what lies there before the first month; both
        hold for the id, over all its months.
    product
        What the consumer makes; a calendar may idle its works in some months.
    """

    id: str
    kg: int
    materials: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    bid: int = 0
    max_m: int | None = None
    month: int | None = None
    open_fen: int = 0
    silo_kg: int = 0
    stock_kg: int = 0
    product: str = ""

    def __post_init__(self) -> None:
        _as_floats(self)
        object.__setattr__(self, "materials", tuple(sorted(set(self.materials))))
        _refuse(
            *_label("id", self.id, blank_allowed=False),
            *(f for m in self.materials for f in _label("materials", m, blank_allowed=False)),
            *(f for m in self.materials for f in _joined_material("materials", m)),
            *_whole("kg", self.kg, 0, MAX_KG),
            *_whole("bid", self.bid, -MAX_PRICE, MAX_PRICE),
            *_reach(self.max_m),
            *_place(self.lon, self.lat),
        )

    def accepts(self, material: str) -> bool:
        """Whether this demand takes the material."""
        return not self.materials or material in self.materials


@dataclass(frozen=True, slots=True)
class Lane:
    """A pair that may trade, by the ids of its two orders.

    Attributes
    ----------
    cost
        Freight, fen per tonne.
    fixed_fen
        Paid once over the horizon if the pair trades at all, fen.
    min_kg
        A month's match carries nothing or at least this.
    capacity_kg
        The most that can pass in one month; ``None`` for no limit.
    use_milli
        Thousandths of a tonne of the demand's room that a tonne shipped takes (wet to dry basis).
    month
        The month it is open; ``None`` for every month.
    """

    supply: str
    demand: str
    cost: int = 0
    fixed_fen: int = 0
    min_kg: int = 0
    capacity_kg: int | None = None
    use_milli: int = MILLI
    month: int | None = None

    def __post_init__(self) -> None:
        _refuse(
            *_label("supply", self.supply, blank_allowed=False),
            *_label("demand", self.demand, blank_allowed=False),
            *_whole("cost", self.cost, -MAX_PRICE, MAX_PRICE),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """How a problem is to be solved; distance and freight defaults are assumptions, not facts.

    Attributes
    ----------
    levels
        What is pursued, first things first: any of ``tonnes`` (Σ weight · t, most), ``surplus``
        (most) and ``cost`` (least), each at most once.
    mode
        ``market`` keeps the lanes with bid − ask − cost + support ≥ 0, ``plan`` keeps all.
    support
        Public money per tonne of each match in market mode, fen per tonne.
    detour_milli
        Road distance over great-circle distance, in thousandths.
    max_m
        Farthest road distance of a demand that states none, metres.
    freight_per_t, freight_per_tkm
        Loading (fen per tonne) and haulage (fen per tonne and road kilometre).
    seed
        Recorded with the run. The flow engine draws nothing at random.
    price_rule
        How each match's surplus is shared.
    time_limit_s, iterations
        When the search over indivisible parts ends: after so many seconds, or after so many of its
        iterations, which can be repeated exactly. ``None`` for the engine's own budget.
    months, start
        So many months yearly rows were split into, and the calendar month of index 0 (assumed).
    """

    levels: tuple[str, ...] = DEFAULT_LEVELS
    mode: Mode = Mode.MARKET
    support: int = 0
    detour_milli: int = 1_300
    max_m: int = 300_000
    freight_per_t: int = 1_200
    freight_per_tkm: int = 50
    seed: int = 0
    price_rule: PriceRule = PriceRule.MIDPOINT
    time_limit_s: int | None = None
    iterations: int | None = None
    months: int | None = None
    start: str = "2026-01"

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(self.levels))
        _refuse(
            *_choice("levels", ",".join(self.levels), [",".join(LEVELS)]),
            *_choice("mode", self.mode, list(Mode)),
            *_choice("price_rule", self.price_rule, list(PriceRule)),
            *_whole("support", self.support, 0, MAX_PRICE),
            *_whole("detour_milli", self.detour_milli, 1_000, 10_000),
            *_whole("max_m", self.max_m, 0, MAX_ROAD_M),
            *_whole("freight_per_t", self.freight_per_t, 0, MAX_PRICE),
            *_whole("freight_per_tkm", self.freight_per_tkm, 0, 100_000),
            *_whole("seed", self.seed, 0, 2**63 - 1),
        )
        object.__setattr__(self, "mode", Mode(self.mode))
        object.__setattr__(self, "price_rule", PriceRule(self.price_rule))


@dataclass(frozen=True, slots=True)
class Problem:
    """One market at one time.

    The orders are kept in id order and the lanes in (supply, demand) order, whatever order they
    came in: equal markets are equal problems.

    Attributes
    ----------
    lanes
        The permitted pairs; ``None`` to make them from material and distance.
    """

    supplies: tuple[Supply, ...]
    demands: tuple[Demand, ...]
    settings: Settings = field(default_factory=Settings)
    lanes: tuple[Lane, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "supplies", _by_id(self.supplies))
        object.__setattr__(self, "demands", _by_id(self.demands))
        if self.lanes is not None:
            in_order = sorted(self.lanes, key=lambda lane: (lane.supply, lane.demand))
            object.__setattr__(self, "lanes", tuple(in_order))
        _refuse(
            *_repeated("supplies", (supply.id for supply in self.supplies)),
            *_repeated("demands", (demand.id for demand in self.demands)),
            *_total("supplies", self.supplies),
            *_total("demands", self.demands),
            *(_unplaced(self) if self.lanes is None else _lane_faults(self, self.lanes)),
        )

    def orders(self, side: Side) -> Sequence[Supply | Demand]:
        """The orders of one side, in id order."""
        return self.supplies if side is Side.SUPPLY else self.demands


def default_mode(supplies: Iterable[Supply], demands: Iterable[Demand]) -> Mode:
    """``plan`` where no order carries a price other than 0, else ``market``."""
    priced = any(supply.ask for supply in supplies) or any(demand.bid for demand in demands)
    return Mode.MARKET if priced else Mode.PLAN


_Order = TypeVar("_Order", Supply, Demand)


def _by_id(orders: Iterable[_Order]) -> tuple[_Order, ...]:
    return tuple(sorted(orders, key=lambda order: order.id))


def _refuse(*faults: FieldFault) -> None:
    if faults:
        raise ProblemError(faults)


def _as_floats(order: Supply | Demand) -> None:
    for name in ("lon", "lat"):
        if type(getattr(order, name)) is int:
            object.__setattr__(order, name, float(getattr(order, name)))


def _whole(field: str, value: object, low: int, high: int) -> Iterator[FieldFault]:
    if type(value) is not int:
        yield FieldFault(field, "not_whole", {"value": repr(value)})
    elif value < low and low == 0:
        yield FieldFault(field, "negative", {"value": str(value)})
    elif not low <= value <= high:
        limits = {"value": str(value), "low": str(low), "high": str(high)}
        yield FieldFault(field, "out_of_range", limits)


def _label(field: str, value: object, *, blank_allowed: bool) -> Iterator[FieldFault]:
    if not isinstance(value, str):
        yield FieldFault(field, "not_text", {"value": repr(value)})
    elif not value and not blank_allowed:
        yield FieldFault(field, "blank")
    elif value != value.strip() or any(unicodedata.category(c) in ("Cc", "Cs") for c in value):
        yield FieldFault(field, "untidy_text", {"value": repr(value)})


def _joined_material(field: str, value: str) -> Iterator[FieldFault]:
    if isinstance(value, str) and "|" in value:
        yield FieldFault(field, "several_materials", {"value": value})


def _reach(max_m: int | None) -> Iterator[FieldFault]:
    if max_m is not None:
        yield from _whole("max_m", max_m, 0, MAX_ROAD_M)


def _choice(field: str, value: str, allowed: list[str]) -> Iterator[FieldFault]:
    if value not in allowed:
        yield FieldFault(field, "bad_choice", {"value": value, "allowed": ", ".join(allowed)})


def _place(lon: float | None, lat: float | None) -> Iterator[FieldFault]:
    if lon is None and lat is None:
        return
    for name, degrees, limit in (("lon", lon, 180), ("lat", lat, 90)):
        if degrees is None:
            yield FieldFault(name, "blank")
        elif type(degrees) is not float or not math.isfinite(degrees):
            yield FieldFault(name, "not_a_number", {"value": repr(degrees)})
        elif abs(degrees) > limit:
            yield _outside(name, degrees, limit, lon)


def _outside(field: str, degrees: float, limit: int, lon: float | None) -> FieldFault:
    """A latitude beyond 90 beside a longitude within it is most likely the pair swapped."""
    if field == "lat" and abs(degrees) <= 180 and isinstance(lon, float) and abs(lon) <= 90:
        return FieldFault("lat", "swapped", {"value": repr(degrees)})
    limits = {"value": repr(degrees), "low": str(-limit), "high": str(limit)}
    return FieldFault(field, "out_of_range", limits)


def _repeated(field: str, ids: Iterable[str]) -> Iterator[FieldFault]:
    for order_id, times in Counter(ids).items():
        if times > 1:
            yield FieldFault(field, "repeated_id", {"id": order_id})


def _total(field: str, orders: Iterable[Supply | Demand]) -> Iterator[FieldFault]:
    total = sum(order.kg for order in orders)
    if total > MAX_TOTAL_KG:
        yield FieldFault(field, "total_too_large", {"value": str(total)})


def _unplaced(problem: Problem) -> Iterator[FieldFault]:
    for side, name in ((Side.SUPPLY, "supplies"), (Side.DEMAND, "demands")):
        for order in problem.orders(side):
            if order.lon is None:
                yield FieldFault(name, "no_place", {"id": order.id})


def _lane_faults(problem: Problem, lanes: Iterable[Lane]) -> Iterator[FieldFault]:
    supplies = {supply.id for supply in problem.supplies}
    demands = {demand.id for demand in problem.demands}
    for (supply, demand), times in Counter((lane.supply, lane.demand) for lane in lanes).items():
        if supply not in supplies:
            yield FieldFault("lanes", "unknown_order", {"id": supply})
        if demand not in demands:
            yield FieldFault("lanes", "unknown_order", {"id": demand})
        if times > 1:
            yield FieldFault("lanes", "repeated_lane", {"supply": supply, "demand": demand})
