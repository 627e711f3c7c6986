"""Verdicts on lots, with limits made for the purpose; the loaded ones stand in test_standards."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.rules import Confidence, LimitRole
from app.eligibility.ranges import Range, exactly, read
from app.eligibility.rules import (
    USE_STANDARD,
    Finding,
    Limit,
    Lot,
    Outcome,
    Purpose,
    Ruling,
    Verdict,
    in_force,
    verdict,
)

SEEN, UNSURE = Confidence.SEEN, Confidence.UNSURE


def limit(subject: str, allowed: Range | None, **given: Any) -> Limit:
    row = Limit(LimitRole.ACCEPT, subject, allowed, "标准", "6.1", SEEN)
    return replace(row, **given)


def at_most(subject: str, most: str, **given: Any) -> Limit:
    return limit(subject, Range(high=Decimal(most)), **given)


LOI = [
    at_most("loi", most, grade=grade, rank=rank)
    for rank, (grade, most) in enumerate((("I", "5.0"), ("II", "8.0"), ("III", "10.0")), start=1)
]
MOISTURE = at_most("moisture", "1.0")
FREE_LIME = [
    at_most("f_cao", "1.0", fact="ash_class", fact_values=frozenset("F")),
    at_most("f_cao", "4.0", fact="ash_class", fact_values=frozenset("C")),
]
BOILER = limit("boiler_type", None, role=LimitRole.ORIGIN, words=frozenset({"pulverised"}))
EXTRACT_PH = limit(
    "ph",
    Range(Decimal("2.0"), Decimal("12.5"), low_open=True, high_open=True),
    role=LimitRole.HAZARD,
)
CLASS_1_PH = limit("leach557_ph", Range(Decimal(6), Decimal(9)), role=LimitRole.CLASS_1)
RADIUM = at_most("ira", "1.0", role=LimitRole.PRODUCT)
CONCRETE = [*LOI, MOISTURE, *FREE_LIME, BOILER, EXTRACT_PH, CLASS_1_PH, RADIUM]
PURPOSE = Purpose("标准")
FINE = {"loi": "4.9", "moisture": "0.5", "f_cao": "0.8"}
FACTS = {"boiler_type": "pulverised", "ash_class": "F"}


def lot(readings: dict[str, str], facts: dict[str, str] = FACTS) -> Lot:
    return Lot({name: read(text) for name, text in readings.items()}, facts)


def judged(found: Lot, limits: list[Limit] = CONCRETE, purpose: Purpose = PURPOSE) -> Verdict:
    return verdict(limits, found, purpose)


def subjects(found: tuple[Finding, ...]) -> list[str]:
    return [finding.limit.subject for finding in found]


@pytest.mark.parametrize(
    ("loi", "grade"),
    [("4.99", "I"), ("5.0", "I"), ("5.01", "II"), ("8.0", "II"), ("8.01", "III"), ("10.0", "III")],
)
def test_a_lot_has_the_best_grade_it_meets(loi: str, grade: str) -> None:
    found = judged(lot(FINE | {"loi": loi}))
    assert (found.outcome, found.grade) == (Outcome.QUALIFIES, grade)
    assert not found.rung.failing
    assert not found.rung.missing


def test_a_lot_beyond_the_easiest_grade_fails_by_that_grades_limit() -> None:
    found = judged(lot(FINE | {"loi": "11.2"}))
    (why,) = found.rung.failing
    assert found.outcome is Outcome.FAILS
    assert found.grade == ""
    assert (why.limit.grade, why.limit.allowed, why.reading) == (
        "III",
        Range(high=Decimal("10.0")),
        exactly(Decimal("11.2")),
    )


def test_what_was_not_measured_is_never_a_pass() -> None:
    found = judged(lot({"loi": "4.9", "moisture": "0.5"}))
    assert (found.outcome, subjects(found.rung.missing)) == (Outcome.NOT_SHOWN, ["f_cao"])


def test_a_broken_limit_decides_whatever_else_is_missing() -> None:
    found = judged(lot({"moisture": "1.1"}))
    assert (found.outcome, subjects(found.rung.failing)) == (Outcome.FAILS, ["moisture"])
    assert set(subjects(found.rung.missing)) == {"loi", "f_cao"}


def test_what_is_missing_is_counted_for_the_easiest_grade_still_open() -> None:
    extra = at_most("na2o", "0.06", grade="I", rank=1)
    found = judged(lot({"moisture": "0.5", "f_cao": "0.8"}), [*CONCRETE, extra])
    assert subjects(found.rung.missing) == ["loi"]
    assert [one.limit.grade for one in found.rung.missing] == ["III"]
    assert [subjects(rung.missing)[-1] for rung in found.ladder] == ["na2o", "loi", "loi"]


def test_a_better_grade_may_ask_for_more_than_the_one_shown() -> None:
    extra = at_most("na2o", "0.06", grade="I", rank=1)
    found = judged(lot(FINE), [*CONCRETE, extra])
    assert (found.outcome, found.grade, found.rung.missing) == (Outcome.QUALIFIES, "II", ())
    assert subjects(found.ladder[0].missing) == ["na2o"]


@pytest.mark.parametrize(
    ("boiler", "outcome"),
    [
        ("pulverised", Outcome.QUALIFIES),
        ("cfb", Outcome.FAILS),
        ("cofired", Outcome.FAILS),
        ("", Outcome.NOT_SHOWN),
    ],
)
def test_where_a_lot_comes_from_decides_and_must_be_known(boiler: str, outcome: Outcome) -> None:
    facts = {"ash_class": "F"} | ({"boiler_type": boiler} if boiler else {})
    found = judged(lot(FINE, facts))
    assert found.outcome is outcome
    assert subjects((*found.rung.failing, *found.rung.missing)) == ["boiler_type"] * (
        boiler != "pulverised"
    )


@pytest.mark.parametrize(("ash_class", "outcome"), [("F", Outcome.FAILS), ("C", Outcome.QUALIFIES)])
def test_a_limit_under_a_condition_binds_where_the_condition_holds(
    ash_class: str, outcome: Outcome
) -> None:
    facts = FACTS | {"ash_class": ash_class}
    assert judged(lot(FINE | {"f_cao": "3"}, facts)).outcome is outcome


def test_a_relaxed_limit_takes_the_place_of_the_plain_one_only_for_the_lots_it_names() -> None:
    relaxed = at_most("tio2", "10", fact="ore", fact_values=frozenset({"vanadium_titanium"}))
    limits = [at_most("tio2", "2.0"), relaxed]
    for facts, outcome in (
        ({}, Outcome.FAILS),
        ({"ore": "other"}, Outcome.FAILS),
        ({"ore": "vanadium_titanium"}, Outcome.QUALIFIES),
    ):
        assert judged(lot({"tio2": "9"}, facts), limits).outcome is outcome


SULFITE = at_most(
    "caso3_half_h2o", "3.0", fact="desulfurisation", fact_values=frozenset({"dry", "semi_dry"})
)


@pytest.mark.parametrize(
    ("facts", "readings", "outcome", "is_condition"),
    [
        ({}, {}, Outcome.QUALIFIES, True),
        ({"desulfurisation": "wet"}, {}, Outcome.QUALIFIES, False),
        ({"desulfurisation": "dry"}, {}, Outcome.NOT_SHOWN, False),
        ({"desulfurisation": "dry"}, {"caso3_half_h2o": "2"}, Outcome.QUALIFIES, False),
        ({"desulfurisation": "wet"}, {"caso3_half_h2o": "4"}, Outcome.QUALIFIES, False),
        ({}, {"caso3_half_h2o": "4"}, Outcome.FAILS, False),
        ({}, {"caso3_half_h2o": "2"}, Outcome.QUALIFIES, False),
    ],
)
def test_a_limit_of_an_open_question_is_a_condition_until_it_is_measured(
    facts: dict[str, str], readings: dict[str, str], outcome: Outcome, is_condition: bool
) -> None:
    found = judged(lot(FINE | readings, FACTS | facts), [*CONCRETE, SULFITE])
    assert found.outcome is outcome
    assert (SULFITE in found.conditions) == is_condition


@pytest.mark.parametrize(
    ("ph", "ruling", "outcome"),
    [
        (None, Ruling.UNKNOWN, Outcome.QUALIFIES),
        ("11", Ruling.MET, Outcome.QUALIFIES),
        ("12.5", Ruling.BROKEN, Outcome.FAILS),
        ("2.0", Ruling.BROKEN, Outcome.FAILS),
    ],
)
def test_a_hazard_is_presumed_absent_until_a_reading_shows_it(
    ph: str | None, ruling: Ruling, outcome: Outcome
) -> None:
    found = judged(lot(FINE | ({"ph": ph} if ph else {})))
    (gate,) = (gate for gate in found.gates if gate.limit.subject == "ph")
    assert (gate.ruling, found.outcome) == (ruling, outcome)
    assert not found.rung.missing


@pytest.mark.parametrize("needs_class_1", [True, False])
def test_class_two_shuts_out_of_the_uses_that_want_class_one(needs_class_1: bool) -> None:
    found = judged(lot(FINE | {"leach557_ph": "9.5"}), purpose=Purpose("标准", needs_class_1))
    assert (found.outcome is Outcome.FAILS) == needs_class_1
    assert Ruling.BROKEN in {gate.ruling for gate in found.gates}


def test_what_binds_the_buyers_product_is_told_and_does_not_decide() -> None:
    found = judged(lot(FINE | {"ira": "1.8"}))
    assert (found.outcome, found.conditions) == (Outcome.QUALIFIES, (RADIUM,))


def test_a_use_that_is_closed_fails_by_the_row_that_closes_it() -> None:
    barred = limit("permitted", None, role=LimitRole.BARRED)
    found = judged(lot(FINE), [*CONCRETE, barred])
    assert (found.outcome, subjects(found.rung.failing)) == (Outcome.FAILS, ["permitted"])


def test_a_use_without_loaded_limits_is_not_shown() -> None:
    found = judged(lot(FINE), [BOILER, EXTRACT_PH], Purpose("GB/T 23456-2025"))
    (missing,) = found.rung.missing
    assert found.outcome is Outcome.NOT_SHOWN
    assert (missing.limit.subject, missing.limit.standard) == (USE_STANDARD, "GB/T 23456-2025")
    assert found.is_unconfirmed


def test_the_buyers_own_limit_decides_like_the_standards() -> None:
    own = at_most("loi", "4.0", standard="")
    assert judged(lot(FINE), [*CONCRETE, own]).outcome is Outcome.FAILS
    assert judged(lot(FINE | {"loi": "3.9"}), [*CONCRETE, own]).outcome is Outcome.QUALIFIES
    other = at_most("cl", "0.06", standard="")
    assert subjects(judged(lot(FINE), [*CONCRETE, other]).rung.missing) == ["cl"]


def test_a_censored_reading_that_leaves_the_question_open_is_missing_with_what_it_says() -> None:
    found = judged(lot(FINE | {"moisture": "<2"}))
    (missing,) = found.rung.missing
    assert (found.outcome, missing.reading) == (Outcome.NOT_SHOWN, read("<2"))
    assert judged(lot(FINE | {"moisture": "<0.1"})).outcome is Outcome.QUALIFIES


@pytest.mark.parametrize(("loi", "is_told"), [("4.9", False), ("6", False), ("9", True)])
def test_a_row_nobody_confirmed_is_told_where_it_decides(loi: str, is_told: bool) -> None:
    limits = [*LOI[:2], replace(LOI[2], confidence=UNSURE)]
    assert judged(lot({"loi": loi}), limits).is_unconfirmed == is_told
    assert judged(lot({"loi": "11"}), limits).is_unconfirmed


def test_a_row_of_a_standard_nobody_read_is_told_where_it_decides() -> None:
    limits = [*LOI[:2], replace(LOI[2], text_seen=False)]
    assert [judged(lot({"loi": loi}), limits).is_unconfirmed for loi in ("6", "9")] == [False, True]


AMOUNTS = st.integers(0, 120).map(lambda tenths: Decimal(tenths) / 10)


@given(
    loi=AMOUNTS, moisture=AMOUNTS, lime=AMOUNTS, less=AMOUNTS, name=st.sampled_from(sorted(FINE))
)
def test_a_smaller_value_under_a_limit_above_never_loses_a_use_or_a_grade(
    loi: Decimal, moisture: Decimal, lime: Decimal, less: Decimal, name: str
) -> None:
    readings = {"loi": loi, "moisture": moisture, "f_cao": lime}
    tighter = readings | {name: max(readings[name] - less, Decimal(0))}
    order = ["I", "II", "III", ""]
    before, after = (
        judged(Lot({key: exactly(value) for key, value in found.items()}, FACTS))
        for found in (readings, tighter)
    )
    assert order.index(after.grade) <= order.index(before.grade)
    assert (before.outcome, after.outcome) != (Outcome.QUALIFIES, Outcome.FAILS)


@given(st.dictionaries(st.sampled_from(sorted(FINE)), AMOUNTS), st.sampled_from(sorted(FINE)))
def test_one_more_reading_never_turns_a_failure_into_doubt(
    readings: dict[str, Decimal], name: str
) -> None:
    known = {key: exactly(value) for key, value in readings.items()}
    before = judged(Lot(known, FACTS))
    after = judged(Lot({name: exactly(Decimal(0)), **known}, FACTS))
    if before.outcome is not Outcome.NOT_SHOWN:
        assert after.outcome is before.outcome


def test_limits_are_told_apart_from_those_that_only_might_bind() -> None:
    binding, idle = in_force([*CONCRETE, SULFITE], Lot({}, FACTS))
    assert SULFITE in idle
    assert FREE_LIME[0] in binding
    assert FREE_LIME[1] not in [*binding, *idle]
