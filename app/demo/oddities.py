"""What does not add up in the demo's past, put there on purpose for the watch to find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from app.demo import files
from app.demo.rules import looked_through
from app.history.deals import Deal, Load

TYPED_STEP_KG = 500
HURRY = timedelta(minutes=22)


class Oddity(StrEnum):
    """A scale whose weights are typed in round figures, a clock that is wrong, a statement that
    tells only a part of what arose.
    """

    TYPED = "typed"
    HASTY = "hasty"
    UNDERSTATED = "understated"


@dataclass(frozen=True, slots=True)
class Oddities:
    """What is odd: by month and the site that takes, of its loads; by waste and month, of its
    statements, with the thousandths that are told.
    """

    deals: Mapping[tuple[date, int], Oddity]
    understated: Mapping[tuple[int, str, date], int]

    def told(self, deal: Deal) -> Deal:
        """A deal as its tickets tell it."""
        oddity = self.deals.get((deal.month, deal.route.consumer.site_id))
        return deal if oddity is None else replace(deal, loads=LOADS[oddity](deal.loads))


def of(folder: Path, sites: Mapping[str, int], now: datetime) -> Oddities:
    """Those of the table, in the months that the watch looks at."""
    deals: dict[tuple[date, int], Oddity] = {}
    understated: dict[tuple[int, str, date], int] = {}
    for row in files.rows(folder, "oddities.csv"):
        month, site_id = looked_through(now, int(row["look"])), sites[row["site_key"]]
        if Oddity(row["oddity"]) is Oddity.UNDERSTATED:
            understated[site_id, row["material"], month] = int(row["told_milli"])
        else:
            deals[month, site_id] = Oddity(row["oddity"])
    return Oddities(deals, understated)


def _typed(loads: Sequence[Load]) -> tuple[Load, ...]:
    """All weighed in round figures at the gate that takes them; what was sent goes with it."""
    return tuple(_with_typed_weights(load) for load in loads)


def _with_typed_weights(load: Load) -> Load:
    unloading = replace(
        load.unloading,
        gross_kg=_rounded(load.unloading.gross_kg),
        tare_kg=_rounded(load.unloading.tare_kg),
    )
    sent = unloading.net_kg + load.lost_kg
    loading = replace(load.loading, gross_kg=load.loading.tare_kg + sent)
    return replace(load, loading=loading, unloading=unloading)


def _hasty(loads: Sequence[Load]) -> tuple[Load, ...]:
    """The first of them is there sooner than any truck drives."""
    first, *others = loads
    there = replace(first.unloading, at=first.loading.at + HURRY)
    return (replace(first, unloading=there), *others)


def _rounded(kg: int) -> int:
    return (kg + TYPED_STEP_KG // 2) // TYPED_STEP_KG * TYPED_STEP_KG


LOADS: Mapping[Oddity, Callable[[Sequence[Load]], tuple[Load, ...]]] = {
    Oddity.TYPED: _typed,
    Oddity.HASTY: _hasty,
}
