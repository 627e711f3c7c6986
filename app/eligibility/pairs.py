"""Many lots held against many wishes: a lot is graded once per use, a buyer's own limits apart.

Own limits stand beside those of a standard and in no grade, so that they can only take away: the
outcome with them is the worse of the two. `Grading.suits` says the same of a single pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.catalogue.quality import UseRow
from app.eligibility.fitting import BEST_FIRST, Grading, Option, Wish, may_go
from app.eligibility.rules import Finding, Lot, Outcome, Ruling, judge

OF_RULING = {
    Ruling.MET: Outcome.QUALIFIES,
    Ruling.UNKNOWN: Outcome.NOT_SHOWN,
    Ruling.BROKEN: Outcome.FAILS,
}


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a lot may go to a buyer, for the best of the uses its wish allows, and why not.

    `if_accepted` says whether it might if the buyer took lots that are not shown. `decisive` are
    the findings that fail, or else those that are missing; none of a lot that is shown fit.
    """

    use: UseRow | None
    outcome: Outcome
    is_allowed: bool
    if_accepted: bool
    decisive: tuple[Finding, ...]

    def with_more(self, decisive: tuple[Finding, ...]) -> Fit:
        """The same with findings behind those it has; made by hand, for there are many."""
        found = (*self.decisive, *decisive)
        return Fit(self.use, self.outcome, self.is_allowed, self.if_accepted, found)


class Applicant:
    """A lot that asks many buyers; what their uses say of it is found once and remembered."""

    def __init__(self, grading: Grading, kind: str, lot: Lot) -> None:
        self._grading, self._kind, self._lot = grading, kind, lot
        self._options: dict[str, list[Option]] = {}
        self._of_uses: dict[tuple[str, Outcome, bool], Fit] = {}

    def fit(self, wish: Wish) -> Fit:
        """Whether the lot may go to a buyer with this wish."""
        own = [judge(limit, self._lot) for limit in wish.own]
        found = self._by_uses(wish, _worst(OF_RULING[each.ruling] for each in own))
        mine = tuple(each for each in own if OF_RULING[each.ruling] is found.outcome)
        if not mine or found.outcome is Outcome.QUALIFIES:
            return found
        return found.with_more(mine)

    def _by_uses(self, wish: Wish, own: Outcome) -> Fit:
        """The same with what the uses' standards say of it alone, own limits being `own`."""
        key = wish.product, own, wish.accepts_not_shown
        if key not in self._of_uses:
            options = self._graded(wish.product)
            fits = [_fit(each, own, accepts=wish.accepts_not_shown) for each in options]
            best = min(fits, key=_rank)
            allowed = any(_fit(each, own, accepts=True).is_allowed for each in options)
            self._of_uses[key] = replace(best, if_accepted=allowed)
        return self._of_uses[key]

    def _graded(self, product: str) -> list[Option]:
        if product not in self._options:
            self._options[product] = self._grading.options(self._kind, self._lot, product)
        return self._options[product]


def _fit(option: Option, own: Outcome, *, accepts: bool) -> Fit:
    rung, outcome = option.verdict.rung, _worst((option.verdict.outcome, own))
    decisive = {Outcome.FAILS: rung.failing, Outcome.NOT_SHOWN: rung.missing}
    allowed = may_go(option.use, outcome, accepts_not_shown=accepts)
    return Fit(option.use, outcome, allowed, allowed, decisive.get(outcome, ()))


def _worst(outcomes: Iterable[Outcome]) -> Outcome:
    return max(outcomes, key=BEST_FIRST.index, default=Outcome.QUALIFIES)


def _rank(fit: Fit) -> tuple[bool, int]:
    return not fit.is_allowed, BEST_FIRST.index(fit.outcome)
