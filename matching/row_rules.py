"""What the rows of a problem must hold together.

Every fault names its row by its place in the list as it was given, so that a reader of files can
point at the line. The rows themselves are sound: each has checked itself.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from matching.faults import FieldFault

if TYPE_CHECKING:
    from matching.problem import Demand, Lane, Settings, Supply

#: Sums of kilograms, of weighted kilograms and of money stay below this, inside 64 bits.
MAX_TOTAL = 2**62

_PLACE = ("lon", "lat", "max_m")
_STORE = ("silo_kg", "stock_kg")
#: What holds for an id and is therefore the same in all its months.
LASTING_SUPPLY = ("material", *_PLACE, "ask", *_STORE, "holding", "weight_milli")
LASTING_DEMAND = ("materials", *_PLACE, "bid", "min_lot_kg", *_STORE, "open_fen", "product")


def month_key(row: "Supply | Demand | Lane") -> int:
    """Where a row's month stands in order; a row without one comes first."""
    return -1 if row.month is None else row.month


def order_faults(
    supplies: Sequence["Supply"], demands: Sequence["Demand"], *, need_place: bool
) -> Iterator[FieldFault]:
    """Repeated rows, mixed months, values that change over the months of an id."""
    sides: tuple[tuple[str, Sequence[Supply | Demand], Sequence[str]], ...] = (
        ("supplies", supplies, LASTING_SUPPLY),
        ("demands", demands, LASTING_DEMAND),
    )
    has_months = any(row.month is not None for _, rows, _ in sides for row in rows)
    for name, rows, lasting in sides:
        yield from _repeated(name, rows)
        if has_months:
            yield from _without_month(name, rows)
        yield from _changing(name, rows, lasting)
        if need_place:
            yield from _without_place(name, rows)


def lane_faults(
    lanes: Sequence["Lane"], supplies: Sequence["Supply"], demands: Sequence["Demand"]
) -> Iterator[FieldFault]:
    """Unknown orders, repeated lanes, months where there are none, two fixed costs of one pair."""
    known = {"supply": {row.id for row in supplies}, "demand": {row.id for row in demands}}
    has_months = any(row.month is not None for rows in (supplies, demands) for row in rows)
    yield from _unknown_ends(lanes, known)
    yield from _repeated_lanes(lanes)
    yield from _two_fixed_costs(lanes)
    if not has_months:
        for row, lane in enumerate(lanes):
            if lane.month is not None:
                yield FieldFault("lanes", "no_months", row=row, column="month")


def range_faults(
    supplies: Sequence["Supply"],
    demands: Sequence["Demand"],
    lanes: Sequence["Lane"],
    settings: "Settings",
) -> Iterator[FieldFault]:
    """Sums that would leave 64 bits."""
    offered = sum(row.kg for row in supplies) + sum(_once(supplies, _stock))
    wanted = sum(row.kg for row in demands) + sum(_once(demands, _stock))
    weighted = sum(row.kg * row.weight_milli for row in supplies)
    weighted += sum(_once(supplies, lambda row: row.stock_kg * row.weight_milli))
    for name, total in (("supplies", offered), ("demands", wanted), ("supplies", weighted)):
        if total > MAX_TOTAL:
            yield FieldFault(name, "total_too_large", {"value": str(total)})
            return
    stretch = 1 + 999 // min((lane.use_milli for lane in lanes), default=1_000)
    most_kg = min(offered, wanted * stretch)
    bids = sum(min(row.kg * stretch, most_kg) * abs(row.bid) for row in demands)
    asks = sum(min(row.kg + row.stock_kg, most_kg) * abs(row.ask) for row in supplies)
    dearest = _dearest(supplies, demands, lanes, settings)
    if asks + bids + most_kg * dearest + _paid_once(demands, lanes) > MAX_TOTAL:
        yield FieldFault("problem", "value_too_large")


def _repeated(name: str, rows: Sequence["Supply | Demand"]) -> Iterator[FieldFault]:
    seen: set[tuple[str, int | None]] = set()
    for row, order in enumerate(rows):
        key = order.id, order.month
        if key in seen:
            code = "repeated_id" if order.month is None else "repeated_month"
            values = {"id": order.id, "month": str(order.month)}
            yield FieldFault(name, code, values, row, "id")
        seen.add(key)


def _without_month(name: str, rows: Sequence["Supply | Demand"]) -> Iterator[FieldFault]:
    """The first row that lacks the month that others have; naming them all would help nobody."""
    for row, order in enumerate(rows):
        if order.month is None:
            yield FieldFault(name, "mixed_months", row=row, column="month")
            return


def _changing(
    name: str, rows: Sequence["Supply | Demand"], lasting: Sequence[str]
) -> Iterator[FieldFault]:
    values: Callable[[Any], tuple[Any, ...]] = attrgetter(*lasting)
    first: dict[str, Supply | Demand] = {}
    for order in rows:
        if order.id not in first or month_key(order) < month_key(first[order.id]):
            first[order.id] = order
    if len(first) == len(rows):
        return
    for row, order in enumerate(rows):
        told, stands = values(first[order.id]), values(order)
        if told == stands or order.month == first[order.id].month:
            continue
        for column, one, other in zip(lasting, told, stands, strict=True):
            if one != other:
                yield FieldFault(name, "changes", {"id": order.id}, row, column)


def _without_place(name: str, rows: Sequence["Supply | Demand"]) -> Iterator[FieldFault]:
    for row, order in enumerate(rows):
        if order.lon is None:
            yield FieldFault(name, "no_place", {"id": order.id}, row, "lon")


def _unknown_ends(lanes: Sequence["Lane"], known: dict[str, set[str]]) -> Iterator[FieldFault]:
    supplies, demands = known["supply"], known["demand"]
    for row, lane in enumerate(lanes):
        if lane.supply not in supplies:
            yield FieldFault("lanes", "unknown_order", {"id": lane.supply}, row, "supply")
        if lane.demand not in demands:
            yield FieldFault("lanes", "unknown_order", {"id": lane.demand}, row, "demand")


def _repeated_lanes(lanes: Sequence["Lane"]) -> Iterator[FieldFault]:
    """The same pair in the same month; a lane without a month stands in every one."""
    months: dict[tuple[str, str], set[int | None]] = {}
    for row, lane in enumerate(lanes):
        pair = lane.supply, lane.demand
        stand = months.setdefault(pair, set())
        if stand and (lane.month is None or lane.month in stand or None in stand):
            values = {"supply": lane.supply, "demand": lane.demand}
            yield FieldFault("lanes", "repeated_lane", values, row, "demand")
        stand.add(lane.month)


def _two_fixed_costs(lanes: Sequence["Lane"]) -> Iterator[FieldFault]:
    stated: dict[tuple[str, str], int] = {}
    for row, lane in enumerate(lanes):
        if lane.fixed_fen:
            first = stated.setdefault((lane.supply, lane.demand), lane.fixed_fen)
            if first != lane.fixed_fen:
                values = {"supply": lane.supply, "demand": lane.demand}
                yield FieldFault("lanes", "two_fixed_costs", values, row, "fixed_fen")


def _once(rows: Iterable["Supply | Demand"], value: Callable[[Any], int]) -> Iterable[int]:
    """A value that holds for an id over all its months, once per id."""
    return {row.id: value(row) for row in rows}.values()


def _stock(row: "Supply | Demand") -> int:
    return row.stock_kg


def _paid_once(demands: Sequence["Demand"], lanes: Sequence["Lane"]) -> int:
    """All fixed and open costs together, thousandths of a fen."""
    fixed = {(lane.supply, lane.demand): lane.fixed_fen for lane in lanes if lane.fixed_fen}
    return 1_000 * (sum(fixed.values()) + sum(_once(demands, lambda row: row.open_fen)))


def _dearest(
    supplies: Sequence["Supply"],
    demands: Sequence["Demand"],
    lanes: Sequence["Lane"],
    settings: "Settings",
) -> int:
    """The most that moving, supporting and holding a tonne can cost, fen per tonne."""
    months = [row.month or 0 for rows in (supplies, demands) for row in rows]
    held = (max(months, default=0) + 1) * max((row.holding for row in supplies), default=0)
    reach = max((settings.max_m if d.max_m is None else d.max_m for d in demands), default=0)
    made = settings.freight_per_t + settings.freight_per_tkm * reach // 1_000 + 1
    way = max((abs(lane.cost) for lane in lanes), default=made)
    return way + held + settings.support
