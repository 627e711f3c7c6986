"""Decisions about runs, on plain values: the months cleared, whose tonnes go, what may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.companies.rules import GroupKey
from app.core.clock import add_months
from app.listings.rules import Side

FEWEST_FOR_TOTALS = 3
"""A sum over fewer owners than this would let one of them compute another's limit price."""

FEWEST_FOR_LEVERS = 3
"""With fewer owners than this on either side, a lever would follow one's limit price."""

FEWEST_FOR_INDEX = 3
"""A mean over fewer owners on a side would let one of them compute another's price."""

LEVER_STEP_FEN = 500
DISTANCE_STEP_M = 5_000


class RunState(StrEnum):
    """What became of a run, for its reader."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        return self in (RunState.WAITING, RunState.RUNNING)


class Unplaced(StrEnum):
    """Why an order, or the rest of it, has no match: the engine's codes plus the book's own."""

    PLACED = "placed"
    ZERO = "zero"
    STOCK = "stock"
    NO_LANE_MATERIAL = "no_lane_material"
    NO_LANE_DISTANCE = "no_lane_distance"
    NO_LANE_LISTED = "no_lane_listed"
    QUALITY = "quality"
    MONTH = "month"
    PRICE = "price"
    LOT_TOO_LARGE = "lot_too_large"
    LOT_TOO_SMALL = "lot_too_small"
    COSTS = "costs"
    SILO = "silo"
    FULL = "full"
    TIE = "tie"
    IDLE = "idle"
    CHANGED = "changed"


PUBLIC_DETAIL = ("counterparts", "rivals", "nearest_m")
REGION_DETAIL = ("region_supplies", "region_demands", "shortage_kg")
Draws = dict[date, int]
"""Kilograms by the month whose lot they come out of."""


@dataclass(frozen=True, slots=True)
class Line:
    """One month, or step, of an order's result: masses in kg."""

    number: str
    owner: GroupKey
    month: date
    side: Side
    material: str
    kg: int
    placed: int
    plan_placed: int
    reason: Unplaced
    plan_reason: Unplaced | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """A proposal as the price index counts it: owners, kg, fen per tonne at the gate."""

    material: str
    producer: GroupKey
    consumer: GroupKey
    kg: int
    price: int


@dataclass(frozen=True, slots=True)
class IndexValue:
    """A material's mean price at the producer's gate, fen per tonne, weighted by kg.

    `firms` counts the owners of the smaller side.
    """

    material: str
    kg: int
    price: int
    firms: int


def listing_of(order_id: str) -> str:
    """The listing behind an order of the engine: `S-2611-0028/2` is a step of `S-2611-0028`."""
    return order_id.partition("/")[0]


def step_of(order_id: str) -> int:
    """The step of its bid that an order is; 0 without a bid."""
    return int(order_id.partition("/")[2] or 0)


def price_index(fills: Iterable[Fill]) -> list[IndexValue]:
    """The weighted mean per material, rounded half up, where three owners on each side traded."""
    by_material: dict[str, list[Fill]] = {}
    for fill in fills:
        by_material.setdefault(fill.material, []).append(fill)
    values = (_mean(material, found) for material, found in sorted(by_material.items()))
    return [value for value in values if value.firms >= FEWEST_FOR_INDEX]


def _mean(material: str, fills: Sequence[Fill]) -> IndexValue:
    kg = sum(fill.kg for fill in fills)
    worth = sum(fill.kg * fill.price for fill in fills)
    producers, consumers = ({fill.producer for fill in fills}, {fill.consumer for fill in fills})
    firms = min(len(producers), len(consumers))
    return IndexValue(material, kg, (2 * worth + kg) // (2 * kg), firms)


def horizon(month: date, count: int) -> list[date]:
    """The months a run clears: its own and those after it."""
    return [add_months(month, step) for step in range(count)]


def drawn(given: Mapping[date, int], shipped: Iterable[int]) -> list[Draws]:
    """For each mass shipped, in the order of shipping, the months it comes out of.

    `given` is what each month of the order gives, in order: first in, first out. The same rule says
    which months of need a delivery fills. Raises `ValueError` when more is shipped than given.
    """
    left = dict(given)
    return [_draw(left, kg) for kg in shipped]


def _draw(left: Draws, kg: int) -> Draws:
    """Take a mass out of the first months that hold something."""
    draws: Draws = {}
    for month, held in left.items():
        if part := min(kg, held):
            draws[month] = part
            left[month] -= part
            kg -= part
    if kg:
        raise ValueError(f"{kg} kg more shipped than given")
    return draws


def run_number(month: date, count: int) -> str:
    """`R-2612-2` is the second run for December 2026."""
    return f"R-{month:%y%m}-{count}"


def sha256(plain: bytes) -> str:
    """The fingerprint by which a stored problem or outcome is named in public."""
    return hashlib.sha256(plain).hexdigest()


def public_detail(detail: Mapping[str, int], *, in_steps: bool = False) -> dict[str, int]:
    """Of the engine's detail, what betrays no limit and no exact position.

    How much a price is short of (`missing`) and a counterpart's own reach (`limit_m`) are private;
    distances are rounded to 5 km because sites are. Which orders make up a saturated region follows
    from limits, so one of few orders is not told. Of a call round no counts are told at all: one
    firm's bid is several orders there (`in_steps`).
    """
    names: tuple[str, ...] = ("nearest_m",) if in_steps else PUBLIC_DETAIL
    if not in_steps and min(detail.get(name, 0) for name in REGION_DETAIL[:2]) >= FEWEST_FOR_LEVERS:
        names += REGION_DETAIL
    shown = {name: detail[name] for name in names if name in detail}
    if "nearest_m" in shown:
        steps = max(1, (shown["nearest_m"] + DISTANCE_STEP_M // 2) // DISTANCE_STEP_M)
        shown["nearest_m"] = steps * DISTANCE_STEP_M
    return shown


def reason_of(code: str, kg: int, idle: Mapping[str, int], *, is_named: bool = False) -> Unplaced:
    """The engine's reason, unless the works stand still so long that the month has no mass.

    The engine knows materials only as quality parts them: where somebody handles the material in
    the month (`is_named`), it was quality that left nobody.
    """
    if kg == 0 and idle:
        return Unplaced.IDLE
    reason = Unplaced(code)
    return Unplaced.QUALITY if reason is Unplaced.NO_LANE_MATERIAL and is_named else reason


def gap_kg(gap_milli: int) -> int:
    """A gap of the tonnes level, in thousandths of a kilogram, rounded up to whole kilograms."""
    return -(-gap_milli // 1000)


def published(lines: Sequence[Line]) -> list[Line]:
    """Of a call round the lines whose sums everybody may read.

    What a firm bid in it is its own affair: of the offers of a material that fewer than three
    owners bid, nothing is told and nothing is added in, so that no subtraction brings it back.
    """
    bidders: dict[str, set[GroupKey]] = {}
    for line in lines:
        if line.side is Side.OFFER:
            bidders.setdefault(line.material, set()).add(line.owner)
    told = {code for code, owners in bidders.items() if len(owners) >= FEWEST_FOR_TOTALS}
    return [line for line in lines if line.material in told]


def offered_totals(lines: Iterable[Line]) -> dict[str, dict[str, int]]:
    """Per material of the offers: kg that took part, placed by the market and by the plan."""
    totals: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.side is not Side.OFFER:
            continue
        sums = totals.setdefault(line.material, {"kg": 0, "placed": 0, "plan_placed": 0})
        sums["kg"] += line.kg
        sums["placed"] += line.placed
        sums["plan_placed"] += line.plan_placed
    return totals


def month_totals(lines: Iterable[Line]) -> dict[date, tuple[int, int, int]]:
    """Per month of the offers: kg that took part, placed by the market and by the plan."""
    totals: dict[date, tuple[int, int, int]] = {}
    for line in lines:
        if line.side is Side.OFFER:
            kg, placed, planned = totals.get(line.month, (0, 0, 0))
            totals[line.month] = kg + line.kg, placed + line.placed, planned + line.plan_placed
    return totals


def surplus_to_show(surplus_milli_fen: int, *, producers: int, consumers: int) -> int | None:
    """The run's surplus in fen, or None where it would betray a limit.

    Owners count, not matches: who owns most of the matches could subtract their own.
    """
    if min(producers, consumers) < FEWEST_FOR_TOTALS:
        return None
    return surplus_milli_fen // 1000


def may_show_lever(rivals: int, counterparts: int) -> bool:
    """Whether a lever hides whose limit price it follows.

    Counted are other owners: those that compete for the same counterparts, and the counterparts.
    """
    return min(rivals, counterparts) >= FEWEST_FOR_LEVERS


def shown_lever(side: Side, limit_fen: int) -> int:
    """The limit that would have placed the rest, rounded outward to whole steps of 5 CNY/t.

    It is the limit that is rounded and not the distance to it: the steps stand still whatever limit
    the owner states, so that stating one after the other narrows nothing down.
    """
    if side is Side.OFFER:
        return limit_fen // LEVER_STEP_FEN * LEVER_STEP_FEN
    return -(-limit_fen // LEVER_STEP_FEN) * LEVER_STEP_FEN


def shown_gain(kg: int, by_owner: Iterable[int]) -> int:
    """A mass placed more, rounded down to two significant figures.

    `by_owner` is what each of the owners that may have taken it has room for, kg. No more is told
    than all but any two of them have: none can be shown to have taken a part.
    """
    told = min(kg, sum(sorted(by_owner)[: -(FEWEST_FOR_LEVERS - 1)]))
    unit: int = 10 ** max(0, len(str(told)) - 2)
    return told // unit * unit


def shown_price(price_fen: int, by_owner: Iterable[int]) -> int | None:
    """A mean price at the producer's gate, rounded down to whole steps of 5 CNY/t.

    `by_owner` is what each of the owners behind it would have paid. No more is told than three of
    them would, and nothing where there are fewer.
    """
    best = sorted(by_owner, reverse=True)[:FEWEST_FOR_LEVERS]
    if len(best) < FEWEST_FOR_LEVERS:
        return None
    return shown_lever(Side.OFFER, min(price_fen, best[-1]))
