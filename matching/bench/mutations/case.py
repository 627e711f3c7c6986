"""An honest outcome and the ways to change it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from matching.outcome import Match, Outcome
from matching.problem import Problem, Side
from matching.verify.audit import Audit
from matching.verify.properties import Property


@dataclass(frozen=True, slots=True)
class Case:
    """An honest outcome, what it rests on, and a source of chance for what to change."""

    problem: Problem
    outcome: Outcome
    audit: Audit
    draw: random.Random

    @classmethod
    def of(cls, problem: Problem, outcome: Outcome, seed: int) -> "Case":
        """The case of an outcome."""
        return cls(problem, outcome, Audit.of(problem, outcome), random.Random(f"mutation {seed}"))

    def some_match(self, fits: Callable[[int], bool] = lambda at: True) -> int | None:
        """One of the matches that fit."""
        return self._some(range(len(self.outcome.matches)), fits)

    def some_line(self, fits: Callable[[int], bool] = lambda at: True) -> int | None:
        """One of the order lines that fit."""
        return self._some(range(len(self.outcome.orders)), fits)

    def some_storage(self, fits: Callable[[int], bool] = lambda at: True) -> int | None:
        """One of the storage lines that fit."""
        return self._some(range(len(self.outcome.storage)), fits)

    def some_level(self) -> int:
        """One of the levels."""
        return self.draw.randrange(len(self.outcome.certificate.levels))

    def _some(self, among: range, fits: Callable[[int], bool]) -> int | None:
        fitting = [at for at in among if fits(at)]
        return self.draw.choice(fitting) if fitting else None

    def lane(self, match: int) -> int:
        """Position of the lane of a match."""
        return int(self.audit.claim.matches.lane[match])

    def node(self, side: Side, match: int) -> int:
        """The node of a match on one side."""
        matches = self.audit.claim.matches
        return int((matches.supply if side is Side.SUPPLY else matches.demand)[match])

    def with_match(self, at: int, **changes: Any) -> Outcome:
        """The outcome with another match in this place."""
        return replace(self.outcome, matches=_changed(self.outcome.matches, at, changes))

    def with_matches(self, *matches: Match) -> Outcome:
        """The outcome with these matches."""
        return replace(self.outcome, matches=matches)

    def with_line(self, at: int, **changes: Any) -> Outcome:
        """The outcome with another order line in this place."""
        return replace(self.outcome, orders=_changed(self.outcome.orders, at, changes))

    def with_storage(self, at: int, **changes: Any) -> Outcome:
        """The outcome with another storage line in this place."""
        return replace(self.outcome, storage=_changed(self.outcome.storage, at, changes))

    def with_certificate(self, **changes: Any) -> Outcome:
        """The outcome with another certificate."""
        return replace(self.outcome, certificate=replace(self.outcome.certificate, **changes))

    def with_level(self, at: int, **changes: Any) -> Outcome:
        """The outcome with another proof of this level."""
        return self.with_certificate(levels=_changed(self.outcome.certificate.levels, at, changes))


def _changed(items: tuple[Any, ...], at: int, changes: dict[str, Any]) -> tuple[Any, ...]:
    return (*items[:at], replace(items[at], **changes), *items[at + 1 :])


@dataclass(frozen=True, slots=True)
class Mutation:
    """A way to change an outcome, and the promise that is broken by it."""

    name: str
    broken: Property
    apply: Callable[[Case], Outcome | None]
