"""The process that solves a market again for one offer: `python -m app.clearing.trial_process`.

On standard input it gets `problem` as the engine writes it, `trials` with the `offer`, the `label`
of its own under which it goes and the requirements `opened` to it, and `seconds`; on standard
output it puts the matches of each trial's offer as requirement, kilograms and price at the
producer's gate. A trial that the time did not reach, and all after it, have no entry.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from matching import Demand, Problem, problem_from_json, solve

Found = list[tuple[str, int, int]]
"""Matches: requirement, kilograms, fen per tonne at the producer's gate."""


def let_through(problem: Problem, offer: str, label: str, opened: Collection[str]) -> Problem:
    """The problem with one offer under a label that more requirements accept."""
    (before,) = {row.material for row in problem.supplies if row.id == offer}

    def taking(row: Demand) -> Demand:
        takes = row.id in opened or row.accepts(before)
        return replace(row, materials=(*row.materials, label)) if takes else row

    supplies = (
        replace(row, material=label) if row.id == offer else row for row in problem.supplies
    )
    return replace(problem, supplies=tuple(supplies), demands=tuple(map(taking, problem.demands)))


def answers(asked: Mapping[str, Any]) -> Iterator[Found]:
    """What came of each trial, in their order, while there is time."""
    end = monotonic() + asked["seconds"]
    problem = problem_from_json(json.dumps(asked["problem"]).encode())
    for trial in asked["trials"]:
        if monotonic() >= end:
            return
        outcome = solve(let_through(problem, trial["offer"], trial["label"], trial["opened"]))
        yield [
            (match.demand, match.kg, match.price_producer)
            for match in outcome.matches
            if match.supply == trial["offer"]
        ]


if __name__ == "__main__":
    json.dump(list(answers(json.load(sys.stdin))), sys.stdout)
