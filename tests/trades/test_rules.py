from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.trades.rules import (
    TRANSITIONS,
    AnswerTime,
    Deed,
    Party,
    TimeUnit,
    TradeStatus,
    awaits,
    confirmation,
    count_of,
    deadline_for,
    is_late,
    most_held,
    next_status,
    prices_agree,
    shown_metres,
    time_left,
    trade_number,
)

PRODUCER, CONSUMER = frozenset({Party.PRODUCER}), frozenset({Party.CONSUMER})
NOBODY, BOTH = frozenset[Party](), PRODUCER | CONSUMER
DEADLINE = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        (Deed.CONFIRM_FIRST, TradeStatus.PROPOSED),
        (Deed.CONFIRM_LAST, TradeStatus.CONFIRMED),
        (Deed.DECLINE, TradeStatus.DECLINED),
        (Deed.EXPIRE, TradeStatus.EXPIRED),
    ],
)
def test_a_proposal_can_go_four_ways(deed: Deed, status: TradeStatus) -> None:
    assert next_status(TradeStatus.PROPOSED, deed) is status


@pytest.mark.parametrize(
    ("status", "deed"),
    [pair for pair in product(TradeStatus, Deed) if pair[0] is not TradeStatus.PROPOSED],
)
def test_a_trade_that_has_ended_goes_nowhere(status: TradeStatus, deed: Deed) -> None:
    assert next_status(status, deed) is None
    assert (status, deed) not in TRANSITIONS


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
    assert deadline_for(proposed_at) == deadline


def test_terms_hold_by_the_day_of_the_proposal() -> None:
    terms = (
        AnswerTime(date(2026, 1, 1), date(2026, 11, 21), days=1, hour=9),
        AnswerTime(date(2026, 11, 22), None, days=5, hour=12),
    )
    before, after = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (21, 22))
    assert deadline_for(before, terms) == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert deadline_for(after, terms) == datetime(2026, 11, 27, 4, tzinfo=UTC)
    with pytest.raises(LookupError, match="2025-12-31"):
        deadline_for(datetime(2025, 12, 31, 8, tzinfo=UTC), terms)


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


@pytest.mark.parametrize(
    ("status", "sides", "confirmed", "now", "expected"),
    [
        (TradeStatus.PROPOSED, PRODUCER, NOBODY, DEADLINE, True),
        (TradeStatus.PROPOSED, PRODUCER, CONSUMER, DEADLINE, True),
        (TradeStatus.PROPOSED, PRODUCER, PRODUCER, DEADLINE, False),
        (TradeStatus.PROPOSED, BOTH, PRODUCER, DEADLINE, True),
        (TradeStatus.PROPOSED, PRODUCER, NOBODY, DEADLINE + SECOND, False),
        (TradeStatus.CONFIRMED, PRODUCER, BOTH, DEADLINE, False),
        (TradeStatus.DECLINED, PRODUCER, NOBODY, DEADLINE, False),
    ],
)
def test_a_trade_waits_for_a_side_that_has_not_answered_and_still_can(
    status: TradeStatus,
    sides: frozenset[Party],
    confirmed: frozenset[Party],
    now: datetime,
    expected: bool,
) -> None:
    assert awaits(status, sides, confirmed, DEADLINE, now) is expected


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


def test_numbers_name_the_month_and_count_within_it() -> None:
    assert trade_number(date(2026, 11, 22), 147) == "T-2611-0147"
    assert count_of("T-2611-0147") == 147
    assert count_of(trade_number(date(2026, 11, 22), 12_345)) == 12_345


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
