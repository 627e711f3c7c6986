"""What a bid and a round may say, and what is left of a bid at the close: tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.bidding import rules
from app.bidding.rules import (
    BidTerms,
    MoveKind,
    NegotiationStatus,
    RoundState,
    RoundTerms,
    Step,
    may_move,
    round_state,
)

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KNOWN = ("fly_ash", "red_mud")
CANARY = 7_654_32


def bid(*steps: tuple[int, int], **changes: object) -> BidTerms:
    return BidTerms(tuple(Step(kg, fen) for kg, fen in steps), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "field", "code"),
    [
        (bid(), "tonnes_1", "no_step"),
        (bid(*[(1, 0)] * 6), "tonnes_1", "too_many_steps"),
        (bid((10, 0), (0, 0)), "tonnes_2", "mass_not_positive"),
        (bid((10, 0), (-5, 0)), "tonnes_2", "mass_not_positive"),
        (bid((10, 1_000_001)), "price_1", "price_too_large"),
        (bid((10, -1_000_001)), "price_1", "price_too_large"),
        (bid((60, 0), (41, 0)), "tonnes_2", "over_capacity"),
        (bid((50, 0), (30, 0), min_lot_kg=31), "min_lot", "lot_above_step"),
        (bid((50, 0), min_lot_kg=-1), "min_lot", "mass_not_positive"),
        (bid((50, 0), (30, 0), is_single=True), "is_single", "single_with_steps"),
    ],
)
def test_a_bid_is_refused_at_the_field_that_breaks_a_rule(
    terms: BidTerms, field: str, code: str
) -> None:
    faults = rules.bid_faults(terms, room_kg=100)
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


def test_five_steps_up_to_the_last_kilogram_will_do() -> None:
    assert rules.bid_faults(bid(*[(20, -500)] * 5, min_lot_kg=20), room_kg=100) == []


def test_no_fault_quotes_what_was_bid() -> None:
    worst = bid((123_456, CANARY), (654_321, -CANARY * 10), min_lot_kg=999_999, is_single=True)
    assert "654" not in repr(rules.bid_faults(worst, room_kg=1))


@pytest.mark.parametrize(
    "terms",
    [
        bid((1, 0)),
        bid(*[(1_000_000_000, -1_000_000)] * 5, min_lot_kg=1_000_000_000),
        bid((50_000, -1200), is_single=True),
    ],
)
def test_a_box_gives_back_what_was_put_in_and_tells_nothing_by_its_length(terms: BidTerms) -> None:
    assert rules.from_box(rules.to_box(terms)) == terms
    assert len(rules.to_box(terms)) == rules.BOX_BYTES


@pytest.mark.parametrize(
    ("terms", "room", "left"),
    [
        (bid((60, 1), (40, 2)), 100, [(1, 60), (2, 40)]),
        (bid((60, 1), (40, 2)), 70, [(1, 60), (2, 10)]),
        (bid((60, 1), (40, 2)), 60, [(1, 60)]),
        (bid((60, 1), (40, 2)), 0, []),
        (bid((60, 1), (40, 2), min_lot_kg=20), 70, [(1, 60)]),
        (bid((60, 1), is_single=True), 60, [(1, 60)]),
        (bid((60, 1), is_single=True), 59, []),
    ],
)
def test_what_no_longer_fits_is_cut_from_the_last_step_on(
    terms: BidTerms, room: int, left: list[tuple[int, int]]
) -> None:
    assert [(place, step.kg) for place, step in rules.standing(terms, room)] == left


def round_of(**changes: object) -> RoundTerms:
    values: dict[str, object] = {"month": DECEMBER, "opens_at": NOW, "closes_at": NOW + DAY}
    return RoundTerms(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("terms", "field", "code"),
    [
        (round_of(closes_at=NOW), "closes_at", "closes_in_past"),
        (round_of(closes_at=NOW + HOUR / 2), "closes_at", "open_too_short"),
        (round_of(opens_at=NOW - DAY, closes_at=NOW + HOUR / 2), "closes_at", "open_too_short"),
        (round_of(opens_at=NOW + 2 * DAY), "closes_at", "open_too_short"),
        (round_of(month=date(2026, 10, 1)), "month", "month_past"),
        (round_of(month=date(2029, 1, 1)), "month", "month_too_late"),
        (round_of(materials=("gold",)), "materials", "unknown_material"),
    ],
)
def test_a_round_is_refused_at_the_field_that_breaks_a_rule(
    terms: RoundTerms, field: str, code: str
) -> None:
    faults = rules.round_faults(terms, KNOWN, NOW)
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        ({}, True),
        ({"month": JANUARY}, False),
        ({"opens_at": NOW + DAY, "closes_at": NOW + 2 * DAY}, False),
        ({"materials": ("fly_ash",)}, True),
    ],
)
def test_two_rounds_stand_in_each_others_way_if_one_tonne_could_be_bid_in_both(
    other: dict[str, object], overlaps: bool
) -> None:
    assert round_of().overlaps(round_of(**other)) is overlaps


def test_rounds_of_different_materials_may_run_together() -> None:
    assert not round_of(materials=("fly_ash",)).overlaps(round_of(materials=("red_mud",)))


@pytest.mark.parametrize(
    ("after", "run", "cancelled", "state"),
    [
        (-HOUR, None, None, RoundState.ANNOUNCED),
        (timedelta(0), None, None, RoundState.OPEN),
        (DAY - timedelta(microseconds=1), None, None, RoundState.OPEN),
        (DAY, None, None, RoundState.CLOSED),
        (DAY, "R-1", None, RoundState.CLEARED),
        (HOUR, None, NOW, RoundState.CANCELLED),
    ],
)
def test_how_a_round_stands_follows_from_the_clock(
    after: timedelta, run: str | None, cancelled: datetime | None, state: RoundState
) -> None:
    found = round_state(NOW, NOW + DAY, NOW + after, run_number=run, cancelled_at=cancelled)
    assert found is state


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        ("2026-11-22T08:42", "2026-11-25T07:00"),  # a Sunday in China
        ("2026-11-25T06:59", "2026-11-25T07:00"),
        ("2026-11-25T07:00", "2026-12-02T07:00"),
        ("2026-11-24T16:30", "2026-11-25T07:00"),  # already Wednesday in China
    ],
)
def test_the_weekly_round_closes_on_a_wednesday_at_three_in_china(now: str, closes: str) -> None:
    found = rules.next_close(datetime.fromisoformat(now).replace(tzinfo=UTC), weekday=3, hour=15)
    assert f"{found:%Y-%m-%dT%H:%M}" == closes


def test_the_weekly_round_is_for_the_month_after_its_close() -> None:
    found = rules.scheduled_round(NOW, weekday=3, hour=15, open_days=5)
    assert found.month == DECEMBER
    assert found.closes_at - found.opens_at == 5 * DAY


@pytest.mark.parametrize(
    ("kind", "is_mine", "may"),
    [
        (MoveKind.COUNTER, False, True),
        (MoveKind.ACCEPT, False, True),
        (MoveKind.DECLINE, False, True),
        (MoveKind.WITHDRAW, False, False),
        (MoveKind.MESSAGE, False, True),
        (MoveKind.COUNTER, True, False),
        (MoveKind.ACCEPT, True, False),
        (MoveKind.DECLINE, True, False),
        (MoveKind.WITHDRAW, True, True),
        (MoveKind.MESSAGE, True, True),
    ],
)
def test_one_answers_the_other_sides_offer_and_withdraws_ones_own(
    kind: MoveKind, is_mine: bool, may: bool
) -> None:
    status = NegotiationStatus.OPEN
    assert may_move(status, kind, is_mine=is_mine, expires_at=NOW + HOUR, now=NOW) is may


@pytest.mark.parametrize("kind", list(MoveKind))
@pytest.mark.parametrize("status", [one for one in NegotiationStatus if one != "open"])
def test_an_ended_negotiation_takes_no_move(status: NegotiationStatus, kind: MoveKind) -> None:
    for is_mine in (True, False):
        assert not may_move(status, kind, is_mine=is_mine, expires_at=NOW + HOUR, now=NOW)


def test_after_its_time_an_offer_can_be_neither_accepted_nor_countered() -> None:
    for kind in MoveKind:
        assert not may_move(NegotiationStatus.OPEN, kind, is_mine=False, expires_at=NOW, now=NOW)
