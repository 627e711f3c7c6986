"""How far batches may be relied on, which reading decides, and wet and dry, on plain values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assays import rules
from app.assays.rules import AssayTerms, Batch, Evidence
from app.eligibility.ranges import Range, exactly, read

TERMS = AssayTerms(assay_days=180, assay_batches=3, assay_span_days=30)
TODAY = date(2026, 11, 22)
LABORATORY: dict[str, Any] = {"laboratory": "检测站", "has_report": True}
ACCREDITED: dict[str, Any] = LABORATORY | {"certificate": "CNAS L12345"}
NUMBERS = st.decimals("0", "100", places=3)
MOISTURES = st.decimals("0", "99", places=2)


def batch(days_ago: int | None = 10, number: str = "A-2611-0001", **given: Any) -> Batch:
    values: dict[str, Any] = {
        "number": number,
        "sampled_on": None if days_ago is None else TODAY - timedelta(days=days_ago),
        "recorded_on": TODAY,
        "laboratory": "",
        "certificate": "",
        "has_report": False,
        "batch_kg": None,
        "moisture": None,
        "readings": {},
    }
    return Batch(**(values | given))


def told(loi: str, days_ago: int, number: str = "A-2611-0001") -> Batch:
    return batch(days_ago, number, readings={"loi": read(loi)})


@pytest.mark.parametrize(
    ("batches", "level"),
    [
        ([], Evidence.NONE),
        ([batch(None)], Evidence.TYPED),
        ([batch()], Evidence.DATED),
        ([batch(laboratory="检测站")], Evidence.DATED),
        ([batch(has_report=True)], Evidence.DATED),
        ([batch(None, **LABORATORY)], Evidence.TYPED),
        ([batch(**LABORATORY)], Evidence.REPORTED),
        ([batch(**ACCREDITED)], Evidence.REPORTED),
        ([batch(days, **ACCREDITED) for days in (10, 25, 39)], Evidence.REPORTED),
        ([batch(days, **ACCREDITED) for days in (10, 25, 40)], Evidence.ACCREDITED),
        ([batch(days, **ACCREDITED) for days in (10, 180)], Evidence.REPORTED),
        ([batch(days, **ACCREDITED) for days in (10, 25, 181)], Evidence.REPORTED),
        ([batch(days, **LABORATORY) for days in (10, 25, 40)], Evidence.REPORTED),
        ([batch(181)], Evidence.NONE),
        ([batch(None), batch(12)], Evidence.DATED),
    ],
)
def test_a_lot_is_as_reliable_as_what_stands_behind_it(
    batches: list[Batch], level: Evidence
) -> None:
    assert rules.evidence(batches, TODAY, TERMS) is level


@pytest.mark.parametrize(("ago", "counts"), [(-1, False), (0, True), (180, True), (181, False)])
def test_an_assay_counts_from_its_sampling_to_its_last_day(ago: int, counts: bool) -> None:
    assert batch(ago).counts(TODAY, TERMS) is counts


def test_the_newest_sample_decides_and_of_one_day_the_one_entered_last() -> None:
    batches = [told("5", 3, "A-2611-0002"), told("4", 3), told("9", 30, "A-2611-0009")]
    found = rules.standing(batches, TODAY, TERMS)["loi"]
    assert (found.reading, found.batch.number) == (exactly(Decimal(5)), "A-2611-0002")


def test_a_newer_sample_leaves_what_it_did_not_measure_as_it_was() -> None:
    older = batch(30, readings={"loi": read("4"), "so3": read("1")})
    assert rules.readings([older, told("5", 3)], TODAY, TERMS) == {
        "loi": exactly(Decimal(5)),
        "so3": exactly(Decimal(1)),
    }


def test_the_mass_of_a_batch_is_told_wet_and_dry() -> None:
    assert batch(batch_kg=1_000_000, moisture=Decimal("12.5")).dry_kg == 875_000
    assert batch(batch_kg=1_000_000).dry_kg is None


@given(NUMBERS, MOISTURES)
def test_what_is_brought_to_the_dry_mass_and_back_is_what_it_was(
    share: Decimal, moisture: Decimal
) -> None:
    dry = rules.on_dry(exactly(share), moisture)
    assert dry.low is not None
    back = dry.low * (100 - moisture) / 100
    assert abs(back - share) <= Decimal("1e-6")
    assert dry.low >= share


@given(NUMBERS, NUMBERS, MOISTURES)
def test_the_dry_mass_keeps_the_order_and_the_ends_of_ranges(
    one: Decimal, other: Decimal, moisture: Decimal
) -> None:
    low, high = sorted((one, other))
    found = rules.on_dry(Range(low, high, low_open=True), moisture)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high
    assert (found.low_open, found.high_open) == (True, False)


@pytest.mark.parametrize("moisture", ["100", "100.1", "-0.1"])
def test_nothing_is_left_of_a_sample_that_is_all_water(moisture: str) -> None:
    with pytest.raises(ValueError, match="dry mass"):
        rules.on_dry(exactly(Decimal(1)), Decimal(moisture))


@given(st.dictionaries(st.sampled_from(["loi", "so3", "cl"]), st.integers(0, 400)))
def test_a_further_batch_never_lowers_the_level(days: Mapping[str, int]) -> None:
    batches: list[Batch] = []
    levels = [Evidence.NONE]
    for ago in days.values():
        batches.append(batch(ago, **ACCREDITED))
        levels.append(rules.evidence(batches, TODAY, TERMS))
    assert levels == sorted(levels)
