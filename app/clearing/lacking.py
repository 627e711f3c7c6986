"""Which single test an offer of a run lacks: for whom it would be enough, and at what value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.clearing.quality import material_of
from app.clearing.reach import by_id, in_reach
from app.companies.rules import GroupKey
from app.eligibility.fitting import Grading, Wish
from app.eligibility.missing import (
    Hurdle,
    Usual,
    just_passing,
    lacking_alone,
    passes,
    with_values,
)
from app.eligibility.pairs import Applicant
from app.eligibility.rules import judge
from app.listings.queries import Quality
from matching import Outcome, Problem

Opened = frozenset[str]
"""The numbers of requirements that may take an offer after a test and might not before."""
Buyers = Mapping[Wish, Sequence[str]]
"""The numbers of requirements by what they ask."""


@dataclass(frozen=True, slots=True)
class Market:
    """A recorded run as its trials need it. `quality` is of every listing in it, by number."""

    problem: Problem
    outcome: Outcome
    owners: Mapping[str, GroupKey]
    quality: Mapping[str, Quality]
    grading: Grading
    usual: Usual

    def owners_of(self, numbers: Iterable[str]) -> set[GroupKey]:
        """Who is behind these listings."""
        return {self.owners[number] for number in numbers}


@dataclass(frozen=True, slots=True)
class Guess:
    """A value that a test may find, and whom it opens."""

    value: Decimal
    opened: Opened


@dataclass(frozen=True, slots=True)
class MissingTest:
    """A test that an offer lacks: whom a value opens that just passes, and the usual one."""

    offer: str
    parameter: str
    at_limit: Guess
    typical: Guess | None

    @property
    def guesses(self) -> tuple[Guess, ...]:
        return (self.at_limit,) if self.typical is None else (self.at_limit, self.typical)


class Search:
    """Looks for the tests that offers of a market lack."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._supplies = by_id(market.problem.supplies)

    def tests(self, number: str) -> list[MissingTest]:
        """The tests that alone would open an offer to somebody in reach, by parameter."""
        buyers = self._shut_out(number)
        hurdles = self._hurdles(number, buyers)
        tests = (self._test(number, name, hurdles[name], buyers) for name in sorted(hurdles))
        return [test for test in tests if test is not None]

    def _hurdles(self, number: str, buyers: Buyers) -> dict[str, set[Hurdle]]:
        """What the offer lacks alone for any of these buyers, by parameter."""
        known = self._market.quality[number]
        products = {wish.product for wish in buyers}
        grade = self._market.grading.options
        options = {product: grade(known.kind, known.lot, product) for product in products}
        hurdles: defaultdict[str, set[Hurdle]] = defaultdict(set)
        for wish in buyers:
            own = [judge(limit, known.lot) for limit in wish.own]
            for parameter, found in lacking_alone(options[wish.product], own).items():
                hurdles[parameter] |= found
        return hurdles

    def _shut_out(self, number: str) -> Buyers:
        """The requirements in reach that quality keeps from an offer."""
        rows, problem = self._supplies[number], self._market.problem
        strangers = [row for row in problem.demands if not row.accepts(rows[0].material)]
        unlabelled = [replace(row, material=material_of(row.material)) for row in rows]
        applicant = self._applicant(number)
        found: defaultdict[Wish, list[str]] = defaultdict(list)
        for _, taker in sorted(in_reach(problem, unlabelled, strangers)):
            wish = self._market.quality[taker].wish
            if not applicant.fit(wish).is_allowed:
                found[wish].append(taker)
        return found

    def _test(
        self, number: str, parameter: str, hurdles: set[Hurdle], buyers: Buyers
    ) -> MissingTest | None:
        """A test, if a value passes for anybody: of the values that just pass the best.

        That is the one that opens most; of several the one that is met most easily.
        """

        def merit(guess: Guess) -> tuple[int, int, int, Decimal]:
            strictness = sum(passes(guess.value, hurdle) for hurdle in hurdles)
            owners = self._market.owners_of(guess.opened)
            return -len(owners), -len(guess.opened), strictness, guess.value

        values = {value for hurdle in hurdles for value in just_passing(hurdle)}
        guesses = [self._guess(number, parameter, value, buyers) for value in values]
        best = min(guesses, key=merit, default=None)
        if best is None or not best.opened:
            return None
        usual = self._market.usual.get((self._market.quality[number].kind, parameter))
        typical = None if usual is None else self._guess(number, parameter, usual, buyers)
        return MissingTest(number, parameter, best, typical)

    def _guess(self, number: str, parameter: str, value: Decimal, buyers: Buyers) -> Guess:
        applicant = self._applicant(number, {parameter: value})
        opened = (buyers[wish] for wish in buyers if applicant.fit(wish).is_allowed)
        return Guess(value, frozenset(each for numbers in opened for each in numbers))

    def _applicant(self, number: str, found: Mapping[str, Decimal] | None = None) -> Applicant:
        """The lot of an offer with what one more test may find."""
        known = self._market.quality[number]
        return Applicant(self._market.grading, known.kind, with_values(known.lot, found or {}))
