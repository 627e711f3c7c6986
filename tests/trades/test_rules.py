from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.trades.rules import (
    DEFAULT_REASONS,
    END_REASONS,
    STANDING,
    TRANSITIONS,
    Clock,
    Deed,
    Dispute,
    Duty,
    EndReason,
    Owner,
    Party,
    Progress,
    Terms,
    TimeUnit,
    TradeStatus,
    answer_deadline,
    confirmation,
    delivery_deadline,
    duty,
    earliest_first,
    ending_when_done,
    ending_when_overdue,
    holding,
    is_barred,
    is_late,
    last_day,
    most_held,
    next_status,
    owner,
    prices_agree,
    shown_metres,
    signing,
    signing_deadline,
    time_left,
)

PRODUCER, CONSUMER = frozenset({Party.PRODUCER}), frozenset({Party.CONSUMER})
NOBODY, BOTH = frozenset[Party](), PRODUCER | CONSUMER
DEADLINE = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TERMS = Terms(
    answer_days=3,
    answer_hour=18,
    contract_days=7,
    delivery_grace_days=10,
    close_days=5,
    reminder_hours=24,
    escalate_days=5,
    short_tolerance_milli=50,
    default_limit=2,
    default_window_days=90,
)


WAYS = {
    TradeStatus.PROPOSED: {
        Deed.CONFIRM_FIRST: TradeStatus.PROPOSED,
        Deed.CONFIRM_LAST: TradeStatus.CONFIRMED,
        Deed.DECLINE: TradeStatus.DECLINED,
        Deed.EXPIRE: TradeStatus.EXPIRED,
        Deed.CANCEL: TradeStatus.CANCELLED,
    },
    TradeStatus.CONFIRMED: {
        Deed.SIGN_FIRST: TradeStatus.CONFIRMED,
        Deed.SIGN_LAST: TradeStatus.CONTRACTED,
        Deed.ASK_CANCEL: TradeStatus.CONFIRMED,
        Deed.KEEP: TradeStatus.CONFIRMED,
        Deed.CANCEL: TradeStatus.CANCELLED,
    },
    TradeStatus.CONTRACTED: {
        Deed.DISPATCH: TradeStatus.DELIVERING,
        Deed.ASK_CANCEL: TradeStatus.CONTRACTED,
        Deed.KEEP: TradeStatus.CONTRACTED,
        Deed.CANCEL: TradeStatus.CANCELLED,
        Deed.DEFAULT: TradeStatus.DEFAULTED,
    },
    TradeStatus.DELIVERING: {
        Deed.DISPATCH: TradeStatus.DELIVERING,
        Deed.UNLOAD: TradeStatus.DELIVERING,
        Deed.ASK_CANCEL: TradeStatus.DELIVERING,
        Deed.KEEP: TradeStatus.DELIVERING,
        Deed.CANCEL: TradeStatus.CANCELLED,
        Deed.COMPLETE: TradeStatus.COMPLETED,
        Deed.DEFAULT: TradeStatus.DEFAULTED,
    },
}


@pytest.mark.parametrize(("status", "deed"), list(product(TradeStatus, Deed)))
def test_a_deed_leads_where_it_should_or_nowhere(status: TradeStatus, deed: Deed) -> None:
    assert next_status(status, deed) is WAYS.get(status, {}).get(deed)


def test_what_has_ended_goes_nowhere_and_everything_else_can_end() -> None:
    endings = frozenset(TradeStatus) - frozenset(STANDING)
    assert endings == END_REASONS.keys()
    assert not any(status in endings for status, _deed in TRANSITIONS)
    for status in STANDING:
        assert endings & {TRANSITIONS.get((status, deed)) for deed in Deed}


@pytest.mark.parametrize(
    ("status", "reasons"),
    [
        (TradeStatus.COMPLETED, "delivered delivered_short"),
        (TradeStatus.DECLINED, "price quantity quality transport standstill taken other"),
        (TradeStatus.EXPIRED, "no_answer"),
        (TradeStatus.CANCELLED, "not_signed both_agreed operator firm_suspended quality"),
        (TradeStatus.DEFAULTED, "not_delivered not_taken"),
    ],
)
def test_every_ending_has_its_reasons(status: TradeStatus, reasons: str) -> None:
    assert END_REASONS[status] == {EndReason(reason) for reason in reasons.split()}


def test_every_reason_stands_with_some_ending() -> None:
    assert frozenset().union(*END_REASONS.values()) == frozenset(EndReason)
    assert frozenset(DEFAULT_REASONS.values()) == END_REASONS[TradeStatus.DEFAULTED]


@pytest.mark.parametrize(
    ("proposed_at", "deadline"),
    [
        (datetime(2026, 11, 22, 8, 42, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC)),
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC)),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), datetime(2026, 11, 26, 10, tzinfo=UTC)),
        (datetime(2026, 12, 30, 1, 0, tzinfo=UTC), datetime(2027, 1, 2, 10, tzinfo=UTC)),
    ],
)
def test_the_deadline_is_six_in_the_evening_in_china_three_days_on(
    proposed_at: datetime, deadline: datetime
) -> None:
    assert answer_deadline(proposed_at, TERMS) == deadline


def test_the_contract_is_due_a_week_after_the_second_word() -> None:
    confirmed_at = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
    assert signing_deadline(confirmed_at, TERMS) == datetime(2026, 11, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "deadline"),
    [
        (datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2027, 1, 10, 10, tzinfo=UTC)),
        (datetime(2027, 1, 5, 8, tzinfo=UTC), datetime(2027, 1, 10, 10, tzinfo=UTC)),
        (datetime(2027, 1, 5, 16, tzinfo=UTC), datetime(2027, 1, 11, 10, tzinfo=UTC)),
        (datetime(2027, 1, 9, 8, tzinfo=UTC), datetime(2027, 1, 14, 10, tzinfo=UTC)),
    ],
)
def test_a_month_is_delivered_ten_days_after_its_end_or_five_after_a_late_truck(
    at: datetime, deadline: datetime
) -> None:
    assert delivery_deadline(date(2026, 12, 1), at, TERMS) == deadline


def test_other_terms_give_other_deadlines() -> None:
    terms = replace(TERMS, answer_days=1, answer_hour=9, contract_days=2, delivery_grace_days=0)
    at = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert answer_deadline(at, terms) == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert signing_deadline(at, terms) == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert delivery_deadline(date(2026, 12, 1), at, terms) == datetime(2026, 12, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "late"), [(DEADLINE - SECOND, False), (DEADLINE, False), (DEADLINE + SECOND, True)]
)
def test_the_deadline_itself_is_still_in_time(now: datetime, late: bool) -> None:
    assert is_late(DEADLINE, now) is late


@pytest.mark.parametrize(
    ("sides", "confirmed", "deed"),
    [
        (PRODUCER, NOBODY, Deed.CONFIRM_FIRST),
        (CONSUMER, NOBODY, Deed.CONFIRM_FIRST),
        (PRODUCER, CONSUMER, Deed.CONFIRM_LAST),
        (CONSUMER, PRODUCER, Deed.CONFIRM_LAST),
        (BOTH, NOBODY, Deed.CONFIRM_LAST),
    ],
)
def test_the_confirmation_of_the_second_side_is_the_last(
    sides: frozenset[Party], confirmed: frozenset[Party], deed: Deed
) -> None:
    assert confirmation(sides, confirmed) is deed
    signs = {Deed.CONFIRM_FIRST: Deed.SIGN_FIRST, Deed.CONFIRM_LAST: Deed.SIGN_LAST}
    assert signing(sides, confirmed) is signs[deed]


@pytest.mark.parametrize(
    ("producer", "freight", "consumer", "agree"),
    [(155, 2310, 2465, True), (-1200, 2310, 1110, True), (155, 2310, 2466, False)],
)
def test_the_consumers_price_is_the_producers_and_the_freight_to_the_fen(
    producer: int, freight: int, consumer: int, agree: bool
) -> None:
    assert prices_agree(producer, freight, consumer) is agree


@pytest.mark.parametrize(
    ("road_m", "shown"),
    [(0, 5_000), (400, 5_000), (7_499, 5_000), (7_500, 10_000), (23_400, 25_000)],
)
def test_a_distance_is_shown_in_steps_of_five_kilometres(road_m: int, shown: int) -> None:
    assert shown_metres(road_m, exact=False) == shown
    assert shown_metres(road_m, exact=True) == road_m


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=25, hours=3), (25, TimeUnit.DAYS)),
        (timedelta(days=1), (1, TimeUnit.DAYS)),
        (timedelta(hours=23, minutes=59), (23, TimeUnit.HOURS)),
        (timedelta(minutes=59), (59, TimeUnit.MINUTES)),
        (timedelta(seconds=30), (0, TimeUnit.MINUTES)),
        (-timedelta(hours=5), (0, TimeUnit.MINUTES)),
    ],
)
def test_what_is_left_is_told_in_the_largest_unit(
    left: timedelta, expected: tuple[int, TimeUnit]
) -> None:
    assert time_left(DEADLINE, DEADLINE - left) == expected


def test_the_rules_load_neither_the_web_nor_the_database() -> None:
    program = (
        "import sys, app.trades.rules\n"
        "sys.exit(any(name in sys.modules for name in ('flask', 'sqlalchemy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("stays", "held"),
    [
        ([], 0),
        ([((2026, 12), (2027, 1), 5)], 5),
        ([((2027, 1), (2026, 12), 5)], 5),
        ([((2026, 12), (2027, 2), 5), ((2027, 1), (2027, 2), 7)], 12),
        ([((2026, 12), (2027, 1), 5), ((2027, 1), (2027, 2), 7)], 7),
    ],
)
def test_a_silo_holds_at_most_what_lies_in_it_at_one_months_end(
    stays: list[tuple[tuple[int, int], tuple[int, int], int]], held: int
) -> None:
    assert most_held((date(*a, 1), date(*b, 1), kg) for a, b, kg in stays) == held


@pytest.mark.parametrize(
    ("status", "given", "escalated", "expected"),
    [
        (TradeStatus.PROPOSED, NOBODY, False, Owner.BOTH),
        (TradeStatus.PROPOSED, PRODUCER, False, Owner.CONSUMER),
        (TradeStatus.PROPOSED, CONSUMER, False, Owner.PRODUCER),
        (TradeStatus.CONFIRMED, NOBODY, False, Owner.BOTH),
        (TradeStatus.CONFIRMED, PRODUCER, False, Owner.CONSUMER),
        (TradeStatus.CONFIRMED, PRODUCER, True, Owner.OPERATOR),
        (TradeStatus.CONTRACTED, BOTH, False, Owner.BOTH),
        (TradeStatus.DELIVERING, BOTH, False, Owner.BOTH),
        (TradeStatus.DELIVERING, BOTH, True, Owner.OPERATOR),
        (TradeStatus.COMPLETED, BOTH, True, None),
        (TradeStatus.DECLINED, NOBODY, False, None),
    ],
)
def test_a_case_that_has_not_ended_is_somebodys_turn(
    status: TradeStatus, given: frozenset[Party], escalated: bool, expected: Owner | None
) -> None:
    assert owner(status, given, escalated) is expected


@pytest.mark.parametrize("status", TradeStatus)
@pytest.mark.parametrize("given", [NOBODY, PRODUCER, CONSUMER])
@pytest.mark.parametrize("escalated", [False, True])
def test_exactly_what_stands_has_an_owner(
    status: TradeStatus, given: frozenset[Party], escalated: bool
) -> None:
    assert (owner(status, given, escalated) is not None) is (status in STANDING)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def dispute(turn: Owner = Owner.BOTH, days: int = 0, settled: int | None = None) -> Dispute:
    """A weight that is disputed from so many days after the deadline, and settled after so many."""
    opened = DEADLINE + days * DAY
    settled_at = None if settled is None else DEADLINE + settled * DAY
    return Dispute(opened, settled_at, turn, opened + 3 * DAY)


@pytest.mark.parametrize(
    ("status", "escalated", "turn", "expected"),
    [
        (TradeStatus.CONTRACTED, False, Owner.CONSUMER, Owner.CONSUMER),
        (TradeStatus.DELIVERING, False, Owner.PRODUCER, Owner.PRODUCER),
        (TradeStatus.DELIVERING, False, Owner.OPERATOR, Owner.OPERATOR),
        (TradeStatus.DELIVERING, True, Owner.BOTH, Owner.BOTH),
        (TradeStatus.COMPLETED, False, Owner.BOTH, None),
    ],
)
def test_a_case_with_a_disputed_weight_is_with_whoever_has_to_answer_that(
    status: TradeStatus, escalated: bool, turn: Owner, expected: Owner | None
) -> None:
    assert owner(status, BOTH, escalated, dispute(turn)) is expected


def test_the_unsettled_weight_that_is_due_first_holds_the_clock() -> None:
    first, second, settled = dispute(days=1), dispute(days=2), dispute(days=0, settled=1)
    assert holding([second, settled, first]) == first
    assert holding([settled]) is None


@pytest.mark.parametrize("status", STANDING)
@pytest.mark.parametrize("late_by", [-HOUR, SECOND, 30 * DAY])
def test_a_held_clock_asks_for_nothing(status: TradeStatus, late_by: timedelta) -> None:
    clock = Clock(status, DEADLINE, escalated_at=DEADLINE, is_held=True)
    assert duty(clock, TERMS, DEADLINE + late_by) is None


@pytest.mark.parametrize(
    ("disputes", "expected"),
    [
        ([], 0),
        ([dispute(days=-9, settled=-8)], 0),
        ([dispute(days=0, settled=3)], 8),
        ([dispute(days=0)], 25),
        ([dispute(days=1, settled=3)], 0),
        ([dispute(days=7, settled=9), dispute(days=-1, settled=2)], 14),
    ],
)
def test_a_load_that_came_in_time_is_not_late_because_of_its_scales(
    disputes: list[Dispute], expected: int
) -> None:
    due = DEADLINE.date()
    assert last_day(due, disputes, due + 20 * DAY, 5) == due + expected * DAY


@pytest.mark.parametrize(
    ("status", "late_by", "reminded", "escalated", "expected"),
    [
        (TradeStatus.PROPOSED, -24 * HOUR - SECOND, False, None, None),
        (TradeStatus.PROPOSED, -24 * HOUR, False, None, Duty.REMIND),
        (TradeStatus.PROPOSED, -HOUR, True, None, None),
        (TradeStatus.PROPOSED, 0 * HOUR, True, None, None),
        (TradeStatus.PROPOSED, SECOND, False, None, Duty.EXPIRE),
        (TradeStatus.CONFIRMED, -HOUR, False, None, Duty.REMIND),
        (TradeStatus.CONFIRMED, SECOND, True, None, Duty.ESCALATE),
        (TradeStatus.CONTRACTED, SECOND, False, None, Duty.ESCALATE),
        (TradeStatus.DELIVERING, 2 * DAY, True, DAY, None),
        (TradeStatus.DELIVERING, 6 * DAY, True, DAY, None),
        (TradeStatus.DELIVERING, 6 * DAY + SECOND, True, DAY, Duty.END),
        (TradeStatus.CONFIRMED, 60 * DAY, False, DAY, Duty.END),
        *((status, 60 * DAY, False, DAY, None) for status in END_REASONS),
    ],
)
def test_the_clock_reminds_once_then_escalates_then_ends(
    status: TradeStatus,
    late_by: timedelta,
    reminded: bool,
    escalated: timedelta | None,
    expected: Duty | None,
) -> None:
    clock = Clock(
        status,
        DEADLINE,
        DEADLINE - HOUR if reminded else None,
        None if escalated is None else DEADLINE + escalated,
    )
    assert duty(clock, TERMS, DEADLINE + late_by) is expected


DELIVERED = (Deed.COMPLETE, EndReason.DELIVERED)
SHORT = (Deed.COMPLETE, EndReason.DELIVERED_SHORT)
REFUSED = (Deed.CANCEL, EndReason.QUALITY)


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        (Progress(100, contracted=100), None),
        (Progress(100, contracted=1, received=99), None),
        (Progress(100, in_transit=1, received=99), None),
        (Progress(100, rejected=1, received=99), None),
        (Progress(100, received=100), DELIVERED),
        (Progress(100, received=98, difference=2), DELIVERED),
        (Progress(100, received=40), SHORT),
        (Progress(100), REFUSED),
        (Progress(100, difference=100, lost=100), None),
        (Progress(100, received=90, difference=10, lost=10), None),
        (Progress(100, received=95, difference=5, lost=5), SHORT),
        (Progress(100, received=60, difference=40, lost=30), None),
    ],
)
def test_a_delivery_ends_when_nothing_is_left_to_do(
    stands: Progress, expected: tuple[Deed, EndReason] | None
) -> None:
    assert ending_when_done(stands, 50) == expected


@pytest.mark.parametrize(
    ("stands", "at_fault", "expected"),
    [
        (Progress(100, contracted=100), Party.PRODUCER, (Deed.DEFAULT, EndReason.NOT_DELIVERED)),
        (Progress(100, contracted=100), Party.CONSUMER, (Deed.DEFAULT, EndReason.NOT_TAKEN)),
        (
            Progress(1000, contracted=51, received=949),
            Party.PRODUCER,
            (Deed.DEFAULT, EndReason.NOT_DELIVERED),
        ),
        (Progress(1000, contracted=50, received=950), Party.PRODUCER, SHORT),
        (Progress(1000, in_transit=50, received=950), Party.PRODUCER, None),
        (Progress(1000, contracted=999, rejected=1), Party.PRODUCER, None),
        (Progress(1000), Party.PRODUCER, REFUSED),
        (
            Progress(1000, difference=1000, lost=1000),
            Party.CONSUMER,
            (Deed.DEFAULT, EndReason.NOT_TAKEN),
        ),
        (
            Progress(1000, received=900, difference=100, lost=100),
            Party.PRODUCER,
            (Deed.DEFAULT, EndReason.NOT_DELIVERED),
        ),
        (Progress(1000, in_transit=10, difference=990, lost=990), Party.PRODUCER, None),
    ],
)
def test_an_overdue_delivery_is_closed_short_or_somebodys_default(
    stands: Progress, at_fault: Party, expected: tuple[Deed, EndReason] | None
) -> None:
    assert ending_when_overdue(stands, 50, at_fault) == expected


def test_a_load_is_taken_from_the_earliest_months() -> None:
    december, january = date(2026, 12, 1), date(2027, 1, 1)
    stands = {january: 70, december: 30}
    assert earliest_first(stands, 20) == {december: 20}
    assert earliest_first(stands, 30) == {december: 30}
    assert earliest_first(stands, 100) == {december: 30, january: 70}
    assert earliest_first(stands, 0) == {}
    with pytest.raises(ValueError, match="1 kg are missing"):
        earliest_first(stands, 101)


@pytest.mark.parametrize(
    ("days", "released", "expected"),
    [
        ([], None, False),
        ([0], None, False),
        ([0, 90], None, True),
        ([0, 91], None, False),
        ([0, 91, 120], None, True),
        ([120, 0, 91], None, True),
        ([0, 30], 30, False),
        ([0, 30, 60], 30, False),
        ([0, 30, 60, 61], 30, True),
    ],
)
def test_two_defaults_in_ninety_days_bar_a_firm_until_it_is_released(
    days: list[int], released: int | None, expected: bool
) -> None:
    times = [DEADLINE + day * DAY for day in days]
    released_at = None if released is None else DEADLINE + released * DAY
    assert is_barred(times, released_at, limit=2, window_days=90) is expected
