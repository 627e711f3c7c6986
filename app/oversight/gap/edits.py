"""What a scenario may change about a market: each edit makes another scene of one.

Edits are made in the order of :data:`KINDS`, whatever order they were written down in: what holds
for the whole market first, single routes last, since those need every other lane written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, ClassVar, Protocol

import numpy as np

from app.clearing.engine import road_metres
from app.clearing.quality import material_of
from app.oversight.gap.scenes import NotInScene, Scene, Stop
from matching import Demand, Lane, Problem, Supply, lanes
from matching.lanes.reach import lane_cost

PERCENT = 100
M_PER_KM = 1_000


class Edit(Protocol):
    """A change of a market."""

    kind: ClassVar[str]

    def apply(self, scene: Scene) -> Scene:
        """The scene with the change; raises `NotInScene` where it has nothing to change."""


@dataclass(frozen=True, slots=True)
class SetTarget:
    """Another target, thousandths of a per cent of what is generated."""

    kind: ClassVar[str] = "set_target"
    milli: int

    def apply(self, scene: Scene) -> Scene:
        return replace(scene, target_milli=self.milli)


@dataclass(frozen=True, slots=True)
class SetFreight:
    """Another price of haulage, fen per tonne and road kilometre."""

    kind: ClassVar[str] = "set_freight"
    per_tkm_fen: int

    def apply(self, scene: Scene) -> Scene:
        settings = replace(scene.problem.settings, freight_per_tkm=self.per_tkm_fen)
        return scene.with_rows(settings=settings)


@dataclass(frozen=True, slots=True)
class RaiseReach:
    """A site sends and fetches at least so far, road kilometres."""

    kind: ClassVar[str] = "raise_reach"
    site_id: int
    km: int

    def apply(self, scene: Scene) -> Scene:
        orders, reach = scene.orders_of(self.site_id), self.km * M_PER_KM
        usual = scene.problem.settings.max_m

        def sending(row: Supply) -> Supply:
            if row.id not in orders or row.max_m is None:
                return row
            return replace(row, max_m=max(row.max_m, reach))

        def fetching(row: Demand) -> Demand:
            own = usual if row.max_m is None else row.max_m
            return replace(row, max_m=max(own, reach)) if row.id in orders else row

        return scene.with_supplies(sending).with_demands(fetching)


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """The works that make a product do not stand still in a month; in one county, or everywhere.

    A month without a day of work takes what the fullest of the order's other months would take
    if it were worked whole.
    """

    kind: ClassVar[str] = "open_month"
    product: str
    month: date
    adcode: str = ""

    def apply(self, scene: Scene) -> Scene:
        open_days, days = scene.share_worked(self.product, self.month)
        full = _fullest(scene, self.product)

        def opened(row: Demand) -> Demand:
            spot = scene.spots[row.id]
            here = spot.product == self.product and self.adcode in ("", spot.adcode)
            if not here or scene.month(row) != self.month or open_days == days:
                return row
            kg = row.kg * days // open_days if open_days else full[row.id]
            return replace(row, kg=max(row.kg, kg))

        changed = scene.with_demands(opened)
        if changed.problem == scene.problem:
            raise NotInScene("month")
        return changed if self.adcode else replace(changed, stops=self._without(scene))

    def _without(self, scene: Scene) -> tuple[Stop, ...]:
        lifted = (self.product, self.month)
        return tuple(stop for stop in scene.stops if (stop.product, stop.month) != lifted)


@dataclass(frozen=True, slots=True)
class AddLine:
    """Room for so many more kilograms of a material a month at a site, on the days it works.

    A requirement that the site has for the material grows. Otherwise the line takes what it is
    given free at its gate, of the quality that everybody takes.
    """

    kind: ClassVar[str] = "add_line"
    site_id: int
    material: str
    kg: int
    first: date
    last: date

    def apply(self, scene: Scene) -> Scene:
        months = scene.months_between(self.first, self.last)
        try:
            order = scene.order_of(scene.problem.demands, self.site_id, self.material)
        except NotInScene:
            return self._new(scene, months)
        return scene.with_demands(
            lambda row: self._wider(scene, row, months) if row.id == order.id else row
        )

    def _wider(self, scene: Scene, row: Demand, months: list[date]) -> Demand:
        month = scene.month(row)
        if month not in months:
            return row
        open_days, days = scene.share_worked(scene.spots[row.id].product, month)
        return replace(row, kg=row.kg + self.kg * open_days // days)

    def _new(self, scene: Scene, months: list[date]) -> Scene:
        beside = min(scene.orders_of(self.site_id))
        every: list[Supply | Demand] = [*scene.problem.supplies, *scene.problem.demands]
        place = next(row for row in every if row.id == beside)
        line = f"+{self.site_id}/{self.material}"
        rows = tuple(
            Demand(line, self.kg, (self.material,), place.lon, place.lat, month=index)
            for index, month in _indexed(scene)
            if month in months
        )
        spot = replace(scene.spots[beside], product="")
        named = replace(scene, spots={**scene.spots, line: spot})
        return named.with_rows(demands=(*scene.problem.demands, *rows))


@dataclass(frozen=True, slots=True)
class AddSilo:
    """Room to keep so many more kilograms of a material at a site from a month to the next.

    It goes to the site's largest offer of the material, or else to its largest requirement. An
    offer that goes whole or not at all keeps nothing.
    """

    kind: ClassVar[str] = "add_silo"
    site_id: int
    material: str
    kg: int

    def apply(self, scene: Scene) -> Scene:
        try:
            giver = scene.order_of(scene.problem.supplies, self.site_id, self.material)
        except NotInScene:
            taker = scene.order_of(scene.problem.demands, self.site_id, self.material)
            return scene.with_demands(
                lambda row: (
                    replace(row, silo_kg=row.silo_kg + self.kg) if row.id == taker.id else row
                )
            )
        if giver.single:
            raise NotInScene("silo")
        return scene.with_supplies(
            lambda row: replace(row, silo_kg=row.silo_kg + self.kg) if row.id == giver.id else row
        )


@dataclass(frozen=True, slots=True)
class CloseSite:
    """A site makes and takes nothing in some months; what lies in its silo may still leave."""

    kind: ClassVar[str] = "close_site"
    site_id: int
    first: date
    last: date

    def apply(self, scene: Scene) -> Scene:
        orders = scene.orders_of(self.site_id)
        months = scene.months_between(self.first, self.last)

        def shut(row: Supply | Demand) -> bool:
            return row.id in orders and scene.month(row) in months

        return scene.with_supplies(
            lambda row: replace(row, kg=0) if shut(row) else row
        ).with_demands(lambda row: replace(row, kg=0) if shut(row) else row)


@dataclass(frozen=True, slots=True)
class Alert:
    """Pollution alerts stop a share, in per cent, of what leaves and enters sites of some counties.

    What could not leave in such a month stays unplaced. Without counties it holds everywhere.
    """

    kind: ClassVar[str] = "alert"
    percent: int
    first: date
    last: date
    adcodes: tuple[str, ...] = ()

    def apply(self, scene: Scene) -> Scene:
        months = scene.months_between(self.first, self.last)

        def left(row: Supply | Demand) -> int:
            hit = not self.adcodes or scene.spots[row.id].adcode in self.adcodes
            share = PERCENT - self.percent if hit and scene.month(row) in months else PERCENT
            return row.kg * share // PERCENT

        return scene.with_supplies(lambda row: replace(row, kg=left(row))).with_demands(
            lambda row: replace(row, kg=left(row))
        )


@dataclass(frozen=True, slots=True)
class OpenRoute:
    """A site may send a material to another, however far the two are apart.

    It goes between all their orders of the material; the freight is that of the road between them.
    """

    kind: ClassVar[str] = "open_route"
    from_site: int
    to_site: int
    material: str

    def apply(self, scene: Scene) -> Scene:
        listed = written_out(scene.problem)
        assert listed.lanes is not None
        known = {(lane.supply, lane.demand) for lane in listed.lanes}
        fresh = [
            Lane(giver.id, taker.id, _freight(listed, giver, taker))
            for giver, taker in self._pairs(scene)
            if (giver.id, taker.id) not in known
        ]
        return scene.with_rows(lanes=(*listed.lanes, *fresh))

    def _pairs(self, scene: Scene) -> list[tuple[Supply, Demand]]:
        """Pairs of orders, one row of each, whose quality fits."""
        senders, takers = scene.orders_of(self.from_site), scene.orders_of(self.to_site)
        givers = {row.id: row for row in scene.problem.supplies if row.id in senders}
        wanting = {row.id: row for row in scene.problem.demands if row.id in takers}
        found = [
            (giver, taker)
            for giver in givers.values()
            for taker in wanting.values()
            if material_of(giver.material) == self.material and taker.accepts(giver.material)
        ]
        if not found:
            raise NotInScene("material")
        return found


KINDS: tuple[type[Edit], ...] = (
    SetTarget,
    SetFreight,
    RaiseReach,
    OpenMonth,
    AddLine,
    AddSilo,
    CloseSite,
    Alert,
    OpenRoute,
)
_BY_KIND = {each.kind: each for each in KINDS}
_RANK = {each.kind: rank for rank, each in enumerate(KINDS)}


def edited(scene: Scene, edits: Iterable[Edit]) -> Scene:
    """The scene with all edits made; raises `NotInScene`."""
    for edit in sorted(edits, key=lambda each: _RANK[each.kind]):
        scene = edit.apply(scene)
    return scene


def edit_to_document(edit: Edit) -> dict[str, Any]:
    """An edit as plain values, to be kept."""
    columns = {each.name: _plain(getattr(edit, each.name)) for each in fields(edit)}  # type: ignore[arg-type]
    return {"kind": edit.kind, **columns}


def edit_from_document(document: Mapping[str, Any]) -> Edit:
    """The edit that :func:`edit_to_document` wrote."""
    kind = _BY_KIND[document["kind"]]
    values = {
        each.name: _typed(each.type, document[each.name])
        for each in fields(kind)  # type: ignore[arg-type]
    }
    return kind(**values)


def written_out(problem: Problem) -> Problem:
    """The same market with its lanes listed, so that one more can be added."""
    if problem.lanes is not None:
        return problem
    book = lanes.build(problem)
    columns = (book.pairs.supply.tolist(), book.pairs.demand.tolist(), book.pairs.cost.tolist())
    listed = (
        Lane(book.supply.ids[giver], book.demand.ids[taker], cost)
        for giver, taker, cost in zip(*columns, strict=True)
    )
    return replace(problem, lanes=tuple(listed))


def _fullest(scene: Scene, product: str) -> dict[str, int]:
    """The most that each order of a product would take in a month worked whole."""
    most: dict[str, int] = {}
    for row in scene.problem.demands:
        if scene.spots[row.id].product == product:
            open_days, days = scene.share_worked(product, scene.month(row))
            kg = row.kg * days // open_days if open_days else 0
            most[row.id] = max(kg, most.get(row.id, 0))
    return most


def _indexed(scene: Scene) -> list[tuple[int | None, date]]:
    """The months as the problem numbers them; one alone has no number."""
    if not scene.problem.has_months:
        return [(None, month) for month in scene.months]
    return list(enumerate(scene.months))


def _freight(problem: Problem, giver: Supply, taker: Demand) -> int:
    """Fen per tonne for the road between two orders, by the rule of the lanes."""
    settings = problem.settings
    assert giver.lon is not None and giver.lat is not None  # noqa: PT018 (one fact: a place)
    assert taker.lon is not None and taker.lat is not None  # noqa: PT018
    ends = ((giver.lon, giver.lat), (taker.lon, taker.lat))
    metres = np.array(road_metres([ends], settings.detour_milli))
    return int(lane_cost(metres, settings)[0])


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _typed(written: object, value: Any) -> Any:
    if written == "date":
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
