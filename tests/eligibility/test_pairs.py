"""Many lots against many wishes: what is remembered says the same as each pair asked alone."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.eligibility.fitting import Grading, Wish
from app.eligibility.kept import kept, told
from app.eligibility.pairs import Applicant
from app.eligibility.queries import Chapter
from app.eligibility.ranges import exactly
from app.eligibility.rules import Lot, Outcome
from tests.eligibility.factories import LOTS, WISHES, at_most, gradings, own_limit, use_row

KINDS = st.sampled_from(["fly_ash", "bottom_ash", ""])


@given(gradings(), KINDS, LOTS, st.lists(WISHES, min_size=1, max_size=6))
def test_a_remembered_lot_is_judged_as_each_pair_alone(
    rules: Grading, kind: str, lot: Lot, wishes: list[Wish]
) -> None:
    applicant = Applicant(rules, kind, lot)
    for wish in wishes:
        fit, alone = applicant.fit(wish), rules.suits(kind, lot, wish)
        accepting = rules.suits(kind, lot, replace(wish, accepts_not_shown=True))
        assert (fit.use, fit.outcome) == (alone.use, alone.verdict.outcome)
        assert (fit.is_allowed, fit.if_accepted) == (alone.is_allowed, accepting.is_allowed)
        rung = alone.verdict.rung
        reasons = {Outcome.FAILS: rung.failing, Outcome.NOT_SHOWN: rung.missing}
        assert set(fit.decisive) <= set(reasons.get(fit.outcome, ()))
        assert bool(fit.decisive) == (fit.outcome is not Outcome.QUALIFIES)


@given(gradings(), LOTS, WISHES)
def test_a_finding_that_was_kept_is_told_as_it_was(rules: Grading, lot: Lot, wish: Wish) -> None:
    for found in rules.suits("fly_ash", lot, wish).verdict.rung.findings:
        assert told(json.loads(json.dumps(kept(found)))) == found


@pytest.mark.parametrize(
    ("tolerates", "accepts", "allowed"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_what_is_not_shown_goes_to_a_tolerant_use_whose_buyer_accepts_it(
    tolerates: bool, accepts: bool, allowed: bool
) -> None:
    use = use_row("concrete", tolerates_unknown=tolerates)
    rules = Grading({"fly_ash": [Chapter(use, (at_most("loi", "10"),))]}, ())
    fit = Applicant(rules, "fly_ash", Lot()).fit(Wish("concrete", accepts_not_shown=accepts))
    assert (fit.is_allowed, fit.if_accepted) == (allowed, tolerates)
    assert [each.limit.subject for each in fit.decisive] == ["loi"]


def test_what_fails_goes_nowhere_whatever_is_accepted() -> None:
    use = use_row("concrete", tolerates_unknown=True)
    rules = Grading({"fly_ash": [Chapter(use, (at_most("loi", "10"),))]}, ())
    lot = Lot({"loi": exactly(Decimal("11.2"))})
    fit = Applicant(rules, "fly_ash", lot).fit(Wish("concrete", accepts_not_shown=True))
    assert (fit.outcome, fit.is_allowed, fit.if_accepted) == (Outcome.FAILS, False, False)


def test_a_buyers_own_limit_stands_behind_what_the_standard_asks() -> None:
    rules = Grading({"fly_ash": [Chapter(use_row("concrete"), (at_most("loi", "10"),))]}, ())
    lot = Lot({"loi": exactly(Decimal("11.2"))})
    fit = Applicant(rules, "fly_ash", lot).fit(Wish(own=(own_limit("loi", "8"),)))
    assert [each.limit.standard for each in fit.decisive] == ["标准", ""]
