"""The question a clearing asks: who has how much of what, who needs it, and on which terms.

Mass is whole kilograms, prices are whole fen per tonne (they may be negative), road distances are
whole metres. Only positions are floats: decimal degrees on WGS-84. Every object checks itself when
it is made and raises :class:`~matching.faults.ProblemError` naming all fields that are wrong.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from matching import field_rules, row_rules
from matching.faults import FieldFault, ProblemError

#: Bounds of single values; what their sums come to is checked for the problem as a whole.
MAX_KG = 10**12
MAX_PRICE = 10**8
MAX_ROAD_M = 50_000_000
MAX_MONTH = 1_199
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
    """How the surplus of a match is shared between its two sides; see :mod:`matching.prices`."""

    MIDPOINT = "midpoint"
    MIDPOINT_5 = "midpoint_5"
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
            *field_rules.label("id", self.id),
            *field_rules.material("material", self.material, blank_allowed=True),
            *field_rules.wholes(self, _SUPPLY_WHOLES),
            *field_rules.optional_wholes(self, _OPTIONAL),
            *field_rules.flag("single", self.single),
            *field_rules.silo(self.silo_kg, self.stock_kg, single=self.single),
            *field_rules.place(self.lon, self.lat),
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
    min_lot_kg
        The least that one match may carry; 0 for no minimum.
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
    min_lot_kg: int = 0
    open_fen: int = 0
    silo_kg: int = 0
    stock_kg: int = 0
    product: str = ""

    def __post_init__(self) -> None:
        _as_floats(self)
        object.__setattr__(self, "materials", tuple(sorted(set(self.materials))))
        _refuse(
            *field_rules.label("id", self.id),
            *(
                fault
                for each in self.materials
                for fault in field_rules.material("materials", each)
            ),
            *field_rules.wholes(self, _DEMAND_WHOLES),
            *field_rules.optional_wholes(self, _OPTIONAL),
            *field_rules.silo(self.silo_kg, self.stock_kg),
            *field_rules.label("product", self.product, blank_allowed=True),
            *field_rules.place(self.lon, self.lat),
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
            *field_rules.label("supply", self.supply),
            *field_rules.label("demand", self.demand),
            *field_rules.wholes(self, _LANE_WHOLES),
            *field_rules.optional_wholes(self, _LANE_OPTIONAL),
            *field_rules.minimum(self.min_kg, self.capacity_kg),
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
            *field_rules.choices("levels", self.levels, LEVELS),
            *field_rules.choice("mode", self.mode, list(Mode)),
            *field_rules.choice("price_rule", self.price_rule, list(PriceRule)),
            *field_rules.wholes(self, _SETTINGS_WHOLES),
            *field_rules.optional_wholes(self, _SETTINGS_OPTIONAL),
            *field_rules.calendar_month("start", self.start),
        )
        object.__setattr__(self, "mode", Mode(self.mode))
        object.__setattr__(self, "price_rule", PriceRule(self.price_rule))


@dataclass(frozen=True)
class Problem:
    """One market at one time.

    The orders are kept in (id, month) order and the lanes in (supply, demand, month) order,
    whatever order they came in, and every lane of a pair carries the pair's fixed cost: equal
    markets are equal problems.

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
        self._refuse_rows()
        object.__setattr__(self, "supplies", _in_order(self.supplies))
        object.__setattr__(self, "demands", _in_order(self.demands))
        if self.lanes is not None:
            object.__setattr__(self, "lanes", _lanes_in_order(self.lanes))

    @cached_property
    def has_months(self) -> bool:
        """Whether the rows name their months."""
        return any(row.month is not None for row in self._rows)

    @cached_property
    def horizon(self) -> tuple[int, int]:
        """The first and the last month of any row; (0, 0) without months."""
        months = {row.month for row in self._rows if row.month is not None} or {0}
        return min(months), max(months)

    def orders(self, side: Side) -> Sequence[Supply | Demand]:
        """The rows of one side, in (id, month) order."""
        return self.supplies if side is Side.SUPPLY else self.demands

    @property
    def _rows(self) -> Iterator[Supply | Demand]:
        yield from self.supplies
        yield from self.demands

    def _refuse_rows(self) -> None:
        both, lanes = (self.supplies, self.demands), self.lanes or ()
        _refuse(
            *row_rules.order_faults(*both, need_place=self.lanes is None),
            *row_rules.lane_faults(lanes, *both),
        )
        _refuse(*row_rules.range_faults(*both, lanes, self.settings))


def default_mode(supplies: Iterable[Supply], demands: Iterable[Demand]) -> Mode:
    """``plan`` where no order carries a price other than 0, else ``market``."""
    priced = any(supply.ask for supply in supplies) or any(demand.bid for demand in demands)
    return Mode.MARKET if priced else Mode.PLAN


_MONTH = ("month", 0, MAX_MONTH)
_STORE = (("silo_kg", 0, MAX_KG), ("stock_kg", 0, MAX_KG))
_OPTIONAL = (("max_m", 0, MAX_ROAD_M), _MONTH)
_SUPPLY_WHOLES = (
    ("kg", 0, MAX_KG),
    ("ask", -MAX_PRICE, MAX_PRICE),
    ("min_lot_kg", 0, MAX_KG),
    *_STORE,
    ("holding", 0, MAX_PRICE),
    ("weight_milli", 0, MAX_MILLI),
)
_DEMAND_WHOLES = (
    ("kg", 0, MAX_KG),
    ("bid", -MAX_PRICE, MAX_PRICE),
    ("min_lot_kg", 0, MAX_KG),
    ("open_fen", 0, MAX_FEN),
    *_STORE,
)
_LANE_WHOLES = (
    ("cost", -MAX_PRICE, MAX_PRICE),
    ("fixed_fen", 0, MAX_FEN),
    ("min_kg", 0, MAX_KG),
    ("use_milli", 1, MAX_MILLI),
)
_LANE_OPTIONAL = (("capacity_kg", 0, MAX_KG), _MONTH)
_SETTINGS_WHOLES = (
    ("support", 0, MAX_PRICE),
    ("detour_milli", 1_000, 10_000),
    ("max_m", 0, MAX_ROAD_M),
    ("freight_per_t", 0, MAX_PRICE),
    ("freight_per_tkm", 0, 100_000),
    ("seed", 0, 2**63 - 1),
)
_SETTINGS_OPTIONAL = (
    ("time_limit_s", 0, 10**6),
    ("iterations", 0, 10**9),
    ("months", 1, 120),
)

_Order = TypeVar("_Order", Supply, Demand)


def _in_order(orders: Iterable[_Order]) -> tuple[_Order, ...]:
    return tuple(sorted(orders, key=lambda order: (order.id, row_rules.month_key(order))))


def _lanes_in_order(lanes: Iterable[Lane]) -> tuple[Lane, ...]:
    """The lanes sorted, with the fixed cost of a pair on each of its months."""
    fixed = {(lane.supply, lane.demand): lane.fixed_fen for lane in lanes if lane.fixed_fen}
    ordered = sorted(lanes, key=lambda lane: (lane.supply, lane.demand, row_rules.month_key(lane)))
    if not fixed:
        return tuple(ordered)
    costs = (fixed.get((lane.supply, lane.demand), 0) for lane in ordered)
    return tuple(
        lane if lane.fixed_fen == cost else replace(lane, fixed_fen=cost)
        for lane, cost in zip(ordered, costs, strict=True)
    )


def _refuse(*faults: FieldFault) -> None:
    if faults:
        raise ProblemError(faults)


def _as_floats(order: Supply | Demand) -> None:
    """Degrees given as whole numbers are taken; those beyond a circle are refused as they are."""
    for name in ("lon", "lat"):
        degrees = getattr(order, name)
        if type(degrees) is int and abs(degrees) <= 360:
            object.__setattr__(order, name, float(degrees))
