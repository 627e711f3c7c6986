"""Markets with parts that cannot be divided: lots that go whole, minimums, fixed costs.

``single`` rows, minimums of a lane, fixed costs of a pair, opening costs of a demand order and
lanes that take other room than they carry, in any mixture, over months and silos. A component is
solved by branch and cut over its yes-or-no parts; what flows once these are decided is solved again
in whole kilograms, so every plan is exact. See ``matching/README.md`` for the mathematics.
"""

from collections.abc import Sequence

from matching.assignment.budget import Budget
from matching.assignment.parts import Parts
from matching.assignment.search import Search, plan_of
from matching.assignment.start import starting_plans
from matching.network import Gain, Network, Plan

__all__ = ["Budget", "solve"]


def solve(network: Network, gains: Sequence[Gain], budget: Budget | None = None) -> Plan:
    """The best plan found for one component, with one proof per gain.

    Parameters
    ----------
    gains
        One per level, first things first.
    budget
        When to stop; by default after the engine's own number of rounds.
    """
    parts = Parts.of(network)
    search = Search.of(parts, gains, budget or Budget(), starting_plans(parts, gains))
    search.run()
    return plan_of(search)
