"""Random problems that are the same for the same kind, size and seed.

They are made up from end to end: no tonnage, place or price stands for a real firm.
"""

import random
from collections.abc import Callable, Mapping

from matching.generate import flows, lots
from matching.problem import Problem

Kind = Callable[[random.Random, int, int], Problem]

#: Kinds in which everything can be divided at will.
FLOW_KINDS: Mapping[str, Kind] = {
    "market": flows.market,
    "plan": flows.plan,
    "ties": flows.ties,
    "listed": flows.listed,
    "gate_fees": flows.gate_fees,
    "capacities": flows.capacities,
    "seasons": flows.seasons,
}
#: Kinds with parts that go whole or not at all.
LOT_KINDS: Mapping[str, Kind] = {
    "lots": lots.lots,
    "generalised": lots.generalised,
    "single_source": lots.single_source,
    "facilities": lots.facilities,
    "fixed_charge": lots.fixed_charge,
}
KINDS: Mapping[str, Kind] = {**FLOW_KINDS, **LOT_KINDS}


def generate(kind: str, seed: int, supplies: int, demands: int) -> Problem:
    """A problem of one of the :data:`KINDS` with so many orders on each side."""
    return KINDS[kind](random.Random(f"{kind} {seed}"), supplies, demands)
