"""What one more test of an offer's material would have opened in a run.

The frozen problem is solved again with that one offer let through to the buyers that would take it
after the test; all else stays. What leaves here follows no single firm's limit price.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from time import monotonic
from typing import Any

from app.clearing.engine import run_apart
from app.clearing.lacking import Guess, Market, MissingTest, Opened, Search
from app.clearing.levers import Crowd
from app.clearing.quality import MARK, material_of
from app.clearing.reach import by_id, in_reach, surpluses
from app.clearing.rules import may_show_lever, shown_gain, shown_price
from app.companies.rules import GroupKey
from matching import Outcome, Problem, Side, problem_to_json

COMMAND = (sys.executable, "-m", "app.clearing.trial_process")
MOST_OFFERS = 200
SEARCH_SECONDS, SOLVE_SECONDS = 20.0, 40.0
Solve = tuple[str, Opened]
"""An offer's number, and what is opened to it."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What a solve placed more of an offer, kg.

    `price` is the mean at the producer's gate over trades with whom it opened, fen per tonne.
    """

    kg: int
    price: int | None


@dataclass(frozen=True, slots=True)
class Pool:
    """The owners that a test opens to, one figure each: the room they have, kg, and what those who
    would deal at all would pay at the producer's gate, fen per tonne.
    """

    rooms: tuple[int, ...]
    prices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a test is worth at a value, as its owner may read it.

    `buyers` are the owners in reach that are opened; `kg` is 0 for nothing and none where it may
    not be told. Masses and prices are at least so much.
    """

    value: Decimal
    buyers: int
    kg: int | None
    price: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A missing test of an offer and its worth."""

    parameter: str
    at_limit: Worth
    typical: Worth | None

    @property
    def worths(self) -> tuple[Worth, ...]:
        return (self.at_limit,) if self.typical is None else (self.at_limit, self.typical)

    @property
    def is_useful(self) -> bool:
        """Whether it opens a trade, or may for all that can be told."""
        return any(worth.kg != 0 for worth in self.worths)

    @property
    def most_kg(self) -> int:
        return max(worth.kg or 0 for worth in self.worths)


def trials(
    market: Market,
    *,
    search_seconds: float = SEARCH_SECONDS,
    solve_seconds: float = SOLVE_SECONDS,
    still_wanted: Callable[[], None] = lambda: None,
) -> dict[str, list[Trial]]:
    """By offer with a rest its trials, none where no single test opens anything.

    The largest rests first; an offer that the time did not reach is left out.
    """
    around, tests = Surroundings(market), _missing(market, search_seconds)
    asked = [each for each in _solves(tests.values()) if around.hide(*each)]
    gains = _gains(market, asked, solve_seconds, still_wanted)
    unsolved = {number for number, opened in asked if (number, opened) not in gains}
    return {
        number: [_trial(around, test, gains) for test in found]
        for number, found in tests.items()
        if number not in unsolved
    }


def _missing(market: Market, seconds: float) -> dict[str, list[MissingTest]]:
    """The tests that offers with a rest lack, while there is time."""
    end, search = monotonic() + seconds, Search(market)
    in_time = takewhile(lambda _: monotonic() < end, _with_rest(market.outcome)[:MOST_OFFERS])
    return {number: search.tests(number) for number in in_time}


class Surroundings:
    """The owners around the offers of a market, an offer's own always left out."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._supplies = by_id(market.problem.supplies)
        self._demands = by_id(market.problem.demands)

    def crowd(self, number: str, opened: Opened) -> Crowd:
        """The owners that a test opens to, and those that compete for them."""
        market = self._market
        buyers = [row for each in opened for row in self._demands[each]]
        rivals = {giver for giver, _ in in_reach(market.problem, market.problem.supplies, buyers)}
        own = market.owners_of([number])
        return Crowd(len(market.owners_of(rivals) - own), len(market.owners_of(opened) - own))

    def hide(self, number: str, opened: Opened) -> bool:
        """Whether there are enough of them to tell masses and prices."""
        crowd = self.crowd(number, opened)
        return may_show_lever(crowd.rivals, crowd.counterparts)

    def pool(self, number: str, opened: Opened) -> Pool:
        """The owners that a test opens to."""
        rooms: defaultdict[GroupKey, int] = defaultdict(int)
        for each in opened:
            rooms[self._market.owners[each]] += sum(row.kg for row in self._demands[each])
        prices = self._prices(number, opened)
        own = self._market.owners[number]
        return Pool(
            rooms=tuple(sorted(kg for owner, kg in rooms.items() if owner != own)),
            prices=tuple(sorted(price for owner, price in prices.items() if owner != own)),
        )

    def buyers(self, opened: Opened) -> int:
        """How many owners stand behind these requirements."""
        return len(self._market.owners_of(opened))

    def _prices(self, number: str, opened: Opened) -> dict[GroupKey, int]:
        """What each owner that would deal at all would pay at the offer's gate."""
        rows = [replace(row, material=material_of(row.material)) for row in self._supplies[number]]
        buyers = [row for each in opened for row in self._demands[each]]
        prices: dict[GroupKey, int] = {}
        for (_, taker), surplus in surpluses(self._market.problem, rows, buyers).items():
            if surplus >= 0:
                owner, price = self._market.owners[taker], rows[0].ask + surplus // 2
                prices[owner] = max(price, prices.get(owner, price))
        return prices


def _with_rest(outcome: Outcome) -> list[str]:
    """The offers that were not placed whole, the largest rest first."""
    rest: defaultdict[str, int] = defaultdict(int)
    for line in outcome.orders:
        if line.side is Side.SUPPLY:
            rest[line.id] += line.kg - line.placed
    return sorted((number for number in rest if rest[number]), key=lambda each: (-rest[each], each))


def _solves(tests: Iterable[Iterable[MissingTest]]) -> list[Solve]:
    """The solves behind these tests, each once."""
    every = (test for found in tests for test in found)
    solves = ((test.offer, guess.opened) for test in every for guess in test.guesses)
    return [each for each in dict.fromkeys(solves) if each[1]]


def _gains(
    market: Market, asked: Sequence[Solve], seconds: float, still_wanted: Callable[[], None]
) -> dict[Solve, Gain]:
    """What these solves gave, as far as the time reached."""
    if not asked:
        return {}
    question = {
        "problem": json.loads(problem_to_json(market.problem)),
        "trials": [_question(market.problem, *each) for each in asked],
        "seconds": seconds,
    }
    answers = json.loads(run_apart(COMMAND, json.dumps(question).encode(), still_wanted))
    before: defaultdict[str, int] = defaultdict(int)
    for match in market.outcome.matches:
        before[match.supply] += match.kg
    return {
        (number, opened): _gain(opened, matches, before[number])
        for (number, opened), matches in zip(asked, answers, strict=False)
    }


def _question(problem: Problem, number: str, opened: Opened) -> dict[str, Any]:
    """An offer under a label of its own; those of a frozen book are numbered from 1."""
    label = next(row.material for row in problem.supplies if row.id == number)
    own = f"{material_of(label)}{MARK}0"
    return {"offer": number, "label": own, "opened": sorted(opened)}


def _gain(opened: Opened, matches: Sequence[Sequence[Any]], before: int) -> Gain:
    """Of matches given as requirement, kg and price."""
    new = [match for match in matches if match[0] in opened]
    kg = sum(match[1] for match in new)
    worth = sum(match[1] * match[2] for match in new)
    more = max(0, sum(match[1] for match in matches) - before)
    return Gain(more, worth // kg if kg else None)


def _trial(around: Surroundings, test: MissingTest, gains: Mapping[Solve, Gain]) -> Trial:
    worths = [_worth(around, test.offer, guess, gains) for guess in test.guesses]
    return Trial(test.parameter, worths[0], worths[1] if len(worths) > 1 else None)


def _worth(around: Surroundings, number: str, guess: Guess, gains: Mapping[Solve, Gain]) -> Worth:
    """What of a guess may be told; what was not solved has too few owners around."""
    buyers, gain = around.buyers(guess.opened), gains.get((number, guess.opened))
    if not guess.opened or (gain is not None and not gain.kg):
        return Worth(guess.value, buyers, 0, None)
    if gain is None:
        return Worth(guess.value, buyers, None, None)
    pool = around.pool(number, guess.opened)
    price = None if gain.price is None else shown_price(gain.price, pool.prices)
    return Worth(guess.value, buyers, shown_gain(gain.kg, pool.rooms), price)
