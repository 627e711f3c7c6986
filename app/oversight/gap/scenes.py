"""A market as a scenario edits it: the frozen problem, and what the engine need not know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from app.clearing.engine import month_at
from app.clearing.quality import material_of
from matching import Demand, Problem, Supply

Row = TypeVar("Row", Supply, Demand)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an order's site lies, and what the works there make; blank for an offer."""

    site_id: int
    adcode: str
    product: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """How many of a month's days the works that make a product stand still."""

    product: str
    month: date
    idle: int
    days: int

    @property
    def open(self) -> int:
        return self.days - self.idle


class NotInScene(Exception):
    """An edit names a site, a material or a month that the market does not have."""


@dataclass(frozen=True)
class Scene:
    """What a run solved, and the target it is held against.

    Attributes
    ----------
    spots
        By order id, for every order of the problem.
    stops
        Months in which works stand still on some days; the problem has them already.
    target_milli
        The share of what is generated that is to be used, thousandths of a per cent.
    """

    problem: Problem
    months: tuple[date, ...]
    spots: Mapping[str, Spot]
    stops: tuple[Stop, ...] = ()
    target_milli: int = 100_000

    def month(self, row: Supply | Demand) -> date:
        """The month of a row."""
        return month_at(self.months, row.month)

    def months_between(self, first: date, last: date) -> list[date]:
        """The months of the scene in a span, both ends included; raises `NotInScene` for none."""
        found = [month for month in self.months if first <= month <= last]
        if not found:
            raise NotInScene("month")
        return found

    def orders_of(self, site_id: int) -> set[str]:
        """The ids of a site's orders; raises `NotInScene` where it has none."""
        found = {order for order, spot in self.spots.items() if spot.site_id == site_id}
        if not found:
            raise NotInScene("site")
        return found

    def order_of(self, rows: tuple[Row, ...], site_id: int, material: str) -> Row:
        """The first row of a site's largest order of a material; raises `NotInScene`."""
        orders = self.orders_of(site_id)
        kg: dict[str, int] = {}
        for row in rows:
            if row.id in orders and material in materials_of(row):
                kg[row.id] = kg.get(row.id, 0) + row.kg
        if not kg:
            raise NotInScene("material")
        largest = min(kg, key=lambda each: (-kg[each], each))
        return next(row for row in rows if row.id == largest)

    def share_worked(self, product: str, month: date) -> tuple[int, int]:
        """Days open and all days; a month without a stop is one day of one."""
        for stop in self.stops:
            if (stop.product, stop.month) == (product, month):
                return stop.open, stop.days
        return 1, 1

    def with_supplies(self, change: Callable[[Supply], Supply]) -> Scene:
        """The scene with every row of an offer changed."""
        return self.with_rows(supplies=tuple(map(change, self.problem.supplies)))

    def with_demands(self, change: Callable[[Demand], Demand]) -> Scene:
        """The scene with every row of a requirement changed."""
        return self.with_rows(demands=tuple(map(change, self.problem.demands)))

    def with_rows(self, **rows: object) -> Scene:
        """The scene with other rows, lanes or settings in its problem."""
        return replace(self, problem=replace(self.problem, **rows))  # type: ignore[arg-type]


def materials_of(row: Supply | Demand) -> set[str]:
    """The codes of what a row offers or takes, without the marks of quality."""
    labels = (row.material,) if isinstance(row, Supply) else row.materials
    return {material_of(label) for label in labels}


def scene_to_document(scene: Scene) -> dict[str, Any]:
    """All of a scene but its problem, as plain values."""
    return {
        "months": [month.isoformat() for month in scene.months],
        "spots": {
            order: [spot.site_id, spot.adcode, spot.product]
            for order, spot in sorted(scene.spots.items())
        },
        "stops": [
            [stop.product, stop.month.isoformat(), stop.idle, stop.days] for stop in scene.stops
        ],
        "target_milli": scene.target_milli,
    }


def scene_from_document(problem: Problem, document: Mapping[str, Any]) -> Scene:
    """The scene of a problem and what :func:`scene_to_document` wrote."""
    return Scene(
        problem=problem,
        months=tuple(date.fromisoformat(month) for month in document["months"]),
        spots={order: Spot(*spot) for order, spot in document["spots"].items()},
        stops=tuple(_stops(document["stops"])),
        target_milli=document["target_milli"],
    )


def _stops(rows: list[list[Any]]) -> Iterator[Stop]:
    for product, month, idle, days in rows:
        yield Stop(product, date.fromisoformat(month), idle, days)
