"""Which orders of a problem could meet, by the rule that makes the engine's lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from app.clearing.engine import as_plan
from matching import Demand, Problem, Supply, lanes

Row = TypeVar("Row", Supply, Demand)


def in_reach(
    problem: Problem, supplies: Sequence[Supply], demands: Sequence[Demand]
) -> set[tuple[str, str]]:
    """The pairs of orders that material, distance and months let trade, whatever the prices."""
    book = _meeting(problem, supplies, demands)
    return {(giver, taker) for giver, taker, _surplus in _ends(book)}


def surpluses(
    problem: Problem, supplies: Sequence[Supply], demands: Sequence[Demand]
) -> dict[tuple[str, str], int]:
    """The same with what each pair would have to share, fen per tonne; negative if it lacks."""
    book = _meeting(problem, supplies, demands)
    return {(giver, taker): surplus for giver, taker, surplus in _ends(book)}


def by_id(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The months of each order."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.id].append(row)
    return dict(found)


def _meeting(problem: Problem, supplies: Sequence[Supply], demands: Sequence[Demand]) -> lanes.Book:
    """The lanes between some rows of a problem that hold anything."""
    givers = tuple(row for row in supplies if row.kg)
    takers = tuple(row for row in demands if row.kg)
    return lanes.build(as_plan(replace(problem, supplies=givers, demands=takers)))


def _ends(book: lanes.Book) -> Iterable[tuple[str, str, int]]:
    """Of each lane the offer, the requirement and the surplus."""
    givers = (book.supply.ids[each] for each in book.supply.order[book.lanes.supply].tolist())
    takers = (book.demand.ids[each] for each in book.demand.order[book.lanes.demand].tolist())
    return zip(givers, takers, book.lanes.surplus.tolist(), strict=True)
