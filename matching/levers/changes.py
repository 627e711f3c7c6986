"""The fields of an order that its owner can change, and the least change that places a row.

Each field knows how a market goes when the field has changed by so much, and where to look for the
least change. A price is sought between the changes at which lanes open: there only worth is
compared, and the value of the plan is convex and piecewise linear in the price, so that Newton's
method finds the corner in a few solves.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from matching.lanes import Failed
from matching.levers import least, trials
from matching.levers.standing import KM, Standing
from matching.levers.trials import Trial, Trials
from matching.problem import MAX_PRICE, MAX_ROAD_M, Mode, Supply


class Field(ABC):
    """One field of the order of a row, in the market the row stands in.

    Attributes
    ----------
    unit
        What a change counts; ``limit`` is the greatest one that is tried.
    """

    unit: ClassVar[str]

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.trials = Trials(self._trial)

    @property
    @abstractmethod
    def limit(self) -> int:
        """The greatest change there is."""

    @abstractmethod
    def value(self, change: int) -> int:
        """What the field holds after a change, in the whole unit of the problem."""

    def told(self, change: int) -> dict[str, int]:
        """A change with what the field holds before and after it."""
        return {"change": change, "from": self.value(0), "to": self.value(change)}

    @abstractmethod
    def least(self) -> int | None:
        """The least change that places the row whole, if there is one."""

    @abstractmethod
    def _trial(self, change: int) -> Trial:
        """The market after a change."""

    def settled(self, found: int) -> int | None:
        """The least change near one that was found in a part of this market."""
        return least.settle(self.trials, found, self.limit)


class Price(Field):
    """A producer's ask, lowered, or a consumer's bid, raised, in all months of the order."""

    unit = "0.01 CNY/t"

    @property
    def limit(self) -> int:
        order = self.standing.order
        return MAX_PRICE + (order.ask if isinstance(order, Supply) else -order.bid)

    def value(self, change: int) -> int:
        order = self.standing.order
        return order.ask - change if isinstance(order, Supply) else order.bid + change

    def least(self) -> int | None:
        starts = sorted({1, *self._opens()})
        ends = [*(each - 1 for each in starts[1:]), self.limit]
        found = least.among(self.trials, ends) if self.limit > 0 else None
        if found is None:
            return None
        start = starts[found]
        if self.trials.places(start):
            return start
        return least.between(self.trials, start, ends[found], self._corner)

    def _opens(self) -> list[int]:
        """The changes at which a lane of the order begins to pay, growing."""
        book, problem = self.standing.book, self.standing.problem
        if problem.settings.mode is Mode.PLAN:
            return []
        lanes, own = book.lanes, self.standing.own_lanes
        shut = own & (lanes.failed == Failed.PRICE)
        missing = -(lanes.surplus[shut] + problem.settings.support)
        return [each for each in np.unique(missing).tolist() if each <= self.limit]

    def _corner(self, fails: int, places: int) -> int | None:
        """Where the values of the plans at two changes would be equal, rounded up."""
        low, high = self.trials.at(fails), self.trials.at(places)
        if low.surplus is None or high.surplus is None or high.order_kg <= low.order_kg:
            return None
        rise = low.surplus - fails * low.order_kg - high.surplus + places * high.order_kg
        return -(-rise // (high.order_kg - low.order_kg))

    def _trial(self, change: int) -> Trial:
        standing = self.standing
        book = trials.repriced(standing.problem, standing.book, standing.row, change)
        return trials.run(standing.problem, standing.row, book)


class Reach(Field):
    """How far the order sends or fetches, in all its months."""

    unit = "1 km"

    @property
    def limit(self) -> int:
        own = self._own_m
        return 0 if own is None else (MAX_ROAD_M - own) // KM

    def value(self, change: int) -> int:
        return (self._own_m or 0) + change * KM

    def least(self) -> int | None:
        opens = self.standing.opens_km
        found = least.among(self.trials, opens)
        return None if found is None else opens[found]

    @property
    def _own_m(self) -> int | None:
        return self.standing.reach_m

    def _trial(self, change: int) -> Trial:
        standing, reach = self.standing, self.value(change)
        wider = standing.edited(lambda order: replace(order, max_m=reach))
        return trials.run(wider, standing.row)


class Tonnes(Field):
    """The kilograms of the row, lowered to not less than one."""

    unit = "1 kg"

    @property
    def limit(self) -> int:
        return self.standing.order.kg - 1

    def value(self, change: int) -> int:
        return self.standing.order.kg - change

    def least(self) -> int | None:
        fails = 0
        for change in self._likely():
            if self.trials.places(change):
                return least.between(self.trials, fails, change, self._one_less)
            fails = change
        return None

    def _likely(self) -> list[int]:
        """What is left when only what was placed is offered, or what fits a lane, or a kilogram."""
        standing = self.standing
        rooms = trials.rooms(standing.problem, standing.row, standing.book)
        kilograms = (standing.placed_kg, *rooms, 1)
        return sorted({self.limit + 1 - kg for kg in kilograms if 0 < kg <= self.limit})

    @staticmethod
    def _one_less(_: int, places: int) -> int:
        return places - 1

    def _trial(self, change: int) -> Trial:
        standing, kg = self.standing, self.value(change)
        smaller = standing.edited_row(lambda order: replace(order, kg=kg))
        return trials.run(smaller, standing.row)


class Window(Field):
    """The month of the row, moved to one in which its order has none; nearer months first.

    Changes are counted along that order of months, so a later one may be no further away.
    """

    unit = "1 month"

    @property
    def limit(self) -> int:
        return len(self._months)

    def value(self, change: int) -> int:
        return self._months[change - 1] if change else self.standing.row.month or 0

    def told(self, change: int) -> dict[str, int]:
        months = self.value(change) - self.value(0)
        return {"change": months, "from": self.value(0), "to": self.value(change)}

    def least(self) -> int | None:
        every = range(1, self.limit + 1)
        return next((change for change in every if self.trials.places(change)), None)

    def settled(self, found: int) -> int | None:
        every = range(found, self.limit + 1)
        return next((change for change in every if self.trials.places(change)), None)

    @property
    def _months(self) -> Sequence[int]:
        return self.standing.free_months

    def _trial(self, change: int) -> Trial:
        standing, month = self.standing, self.value(change)
        moved = standing.edited_row(lambda order: replace(order, month=month))
        return trials.run(moved, replace(standing.row, month=month))


FIELDS: dict[str, type[Field]] = {
    "price": Price,
    "reach": Reach,
    "tonnes": Tonnes,
    "window": Window,
}
