"""Who may trade with whom, in which month, and what the way costs.

This rule is shared by the solver and the verifier: nodes (:mod:`~matching.lanes.nodes`), pairs in
reach (:mod:`~matching.lanes.reach`), lanes (:mod:`~matching.lanes.book`), and the lanes that a rule
forbids (:mod:`~matching.lanes.near`).
"""

from matching.lanes.book import Book, Failed, Lanes, build, capacity
from matching.lanes.near import Near, near
from matching.lanes.nodes import Horizon, Nodes
from matching.lanes.pairs import NO_LIMIT, Pairs
from matching.lanes.reach import lane_cost

__all__ = [
    "NO_LIMIT",
    "Book",
    "Failed",
    "Horizon",
    "Lanes",
    "Near",
    "Nodes",
    "Pairs",
    "build",
    "capacity",
    "lane_cost",
    "near",
]
