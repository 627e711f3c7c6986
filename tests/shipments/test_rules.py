from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.shipments.rules import (
    ENDED,
    PLANNED,
    TRANSITIONS,
    Clock,
    Deed,
    Duty,
    EmissionClass,
    End,
    GateHours,
    Next,
    Outcome,
    RejectReason,
    ShipmentStatus,
    Terms,
    Verdict,
    allowed_kg,
    duties,
    excess_faults,
    gate_faults,
    has_room,
    is_let_in,
    is_short,
    load_faults,
    next_free,
    next_status,
    outcome,
    paid_kg,
    settlement_faults,
    slot_faults,
    slots_of,
    time_faults,
    verdict_faults,
    waits_for,
    weight_faults,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = GateHours(opens_hour=8, closes_hour=18, slot_minutes=30, trucks_per_slot=2)
S = ShipmentStatus


# --- states -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", S)
def test_a_note_becomes_void_only_before_departure(status: ShipmentStatus) -> None:
    assert (next_status(status, Deed.VOID) is S.VOID) == (status in PLANNED)


@pytest.mark.parametrize("status", S)
def test_every_state_but_the_endings_leads_to_closed(status: ShipmentStatus) -> None:
    reached, grown = {status}, True
    while grown:
        further = {to for (of, _), to in TRANSITIONS.items() if of in reached} - reached
        reached, grown = reached | further, bool(further)
    assert (S.CLOSED in reached) == (status is not S.VOID)
    assert (reached == {status}) == (status in ENDED)


@pytest.mark.parametrize("end", sorted(ENDED))
@pytest.mark.parametrize("deed", Deed)
def test_nothing_happens_to_a_note_that_has_ended(end: ShipmentStatus, deed: Deed) -> None:
    assert next_status(end, deed) is None


@pytest.mark.parametrize(
    ("status", "is_back", "is_disputed", "expected"),
    [
        (S.DRAFT, True, False, Next.CONFIRMATION),
        (S.CONFIRMED, True, False, Next.LOADING),
        (S.IN_TRANSIT, True, False, Next.ARRIVAL),
        (S.ARRIVED, True, False, Next.UNLOADING),
        (S.RECEIVED, True, False, Next.CLOSE),
        (S.RECEIVED, True, True, Next.SETTLEMENT),
        (S.PART_REJECTED, False, True, Next.RETURN),
        (S.PART_REJECTED, True, True, Next.SETTLEMENT),
        (S.REJECTED, False, False, Next.RETURN),
        (S.REJECTED, True, False, Next.CLOSE),
        (S.CLOSED, True, False, Next.NOTHING),
        (S.VOID, True, False, Next.NOTHING),
    ],
)
def test_a_note_waits_for_one_thing(
    status: ShipmentStatus, is_back: bool, is_disputed: bool, expected: Next
) -> None:
    assert waits_for(status, is_back, is_disputed) is expected


# --- weights ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "milli", "expected"), [(31_460, 10, 314), (31_460, 5, 157), (99, 10, 0), (0, 10, 0)]
)
def test_the_tolerance_is_so_many_per_mille_cut_to_whole_kilograms(
    sent: int, milli: int, expected: int
) -> None:
    assert allowed_kg(sent, milli) == expected


@pytest.mark.parametrize(
    ("net", "verdict", "part", "expected"),
    [
        (31_460, Verdict.ACCEPT, 0, Outcome(31_460, 0, 0, False)),
        (31_420, Verdict.ACCEPT, 0, Outcome(31_420, 0, 40, False)),
        (31_500, Verdict.ACCEPT, 0, Outcome(31_460, 0, 0, False)),
        (31_145, Verdict.ACCEPT, 0, Outcome(31_145, 0, 315, True)),
        (31_146, Verdict.ACCEPT, 0, Outcome(31_146, 0, 314, False)),
        (31_420, Verdict.PART, 5_000, Outcome(26_420, 5_000, 40, False)),
        (31_420, Verdict.REJECT, 0, Outcome(0, 31_420, 40, False)),
        (20_000, Verdict.REJECT, 0, Outcome(0, 20_000, 11_460, True)),
    ],
)
def test_a_load_divides_into_what_was_taken_refused_and_lost(
    net: int, verdict: Verdict, part: int, expected: Outcome
) -> None:
    found = outcome(31_460, net, verdict, part, 314)
    assert found == expected
    assert found.received_kg + found.rejected_kg + found.difference_kg == 31_460


def test_more_than_the_load_cannot_go_back() -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        outcome(31_460, 31_460, Verdict.PART, 31_461, 314)


@pytest.mark.parametrize(
    ("gross", "tare", "code"),
    [
        (46_000, 15_000, None),
        (15_000, 15_000, "gross"),
        (9_000, 15_000, "gross"),
        (46_000, 0, "tare"),
        (46_000, -1, "tare"),
    ],
)
def test_a_full_truck_is_heavier_than_the_empty_one(
    gross: int, tare: int, code: str | None
) -> None:
    assert [fault.code for fault in weight_faults(gross, tare)] == [code] * (code is not None)


def test_an_overloaded_truck_is_told_by_how_much() -> None:
    assert load_faults(32_000, 32_000) == []
    (fault,) = load_faults(33_500, 32_000)
    assert dict(fault.values) == {"net": 33_500, "load": 32_000, "over": 1_500}


def test_no_more_is_taken_off_a_truck_than_the_tolerance_over_what_was_sent() -> None:
    assert excess_faults(31_774, 31_460, 314) == []
    (fault,) = excess_faults(31_775, 31_460, 314)
    assert dict(fault.values) == {"net": 31_775, "sent": 31_460}


@pytest.mark.parametrize(
    ("verdict", "part", "reason", "words", "code"),
    [
        (Verdict.ACCEPT, 0, None, "", None),
        (None, 0, None, "", "verdict"),
        (Verdict.REJECT, 0, None, "", "reason"),
        (Verdict.REJECT, 0, RejectReason.MOISTURE, "", None),
        (Verdict.REJECT, 0, RejectReason.OTHER, " ", "words"),
        (Verdict.REJECT, 0, RejectReason.OTHER, "结块", None),
        (Verdict.PART, 5_000, None, "", "reason"),
        (Verdict.PART, 0, RejectReason.MOISTURE, "", "part"),
        (Verdict.PART, 30_000, RejectReason.MOISTURE, "", "part"),
        (Verdict.PART, 29_999, RejectReason.MOISTURE, "", None),
    ],
)
def test_a_rejection_needs_its_reason_and_a_part_is_a_part(
    verdict: Verdict | None, part: int, reason: RejectReason | None, words: str, code: str | None
) -> None:
    faults = verdict_faults(verdict, 30_000, part, reason, words)
    assert [fault.code for fault in faults] == [code] * (code is not None)


def test_what_is_missing_beyond_the_tolerance_is_short() -> None:
    assert [is_short(10_000, net, 100) for net in (10_050, 9_900, 9_899)] == [False, False, True]


@pytest.mark.parametrize(
    ("kg", "fine"), [(29_999, False), (30_000, True), (31_000, True), (31_001, False)]
)
def test_a_settled_weight_lies_between_the_two_weighings(kg: int, fine: bool) -> None:
    assert (settlement_faults(kg, 30_000, 31_000) == []) is fine


def test_the_settled_weight_is_paid_less_what_was_sent_back() -> None:
    assert paid_kg(26_000, 5_000, None) == 26_000
    assert paid_kg(26_000, 5_000, 31_400) == 26_400


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW - HOUR, None),
        (NOW + timedelta(minutes=5), None),
        (NOW + timedelta(minutes=6), "future"),
        (NOW - 2 * HOUR, None),
        (NOW - 2 * HOUR - timedelta(minutes=1), "early_unloading"),
    ],
)
def test_a_ticket_is_neither_of_the_future_nor_older_than_what_came_before(
    at: datetime, code: str | None
) -> None:
    before = NOW - 2 * HOUR + timedelta(seconds=40)
    faults = time_faults(at, before, End.UNLOADING, NOW)
    assert [fault.code for fault in faults] == [code] * (code is not None)


# --- gates ------------------------------------------------------------------------------


def test_a_gate_lets_in_its_least_class_and_what_is_cleaner() -> None:
    let_in = [one for one in EmissionClass if is_let_in(one, EmissionClass.CHINA_6)]
    assert let_in == [EmissionClass.CHINA_6, EmissionClass.NEW_ENERGY]


def test_the_slots_of_a_day_are_of_china_time_and_end_before_the_gate_closes() -> None:
    slots = slots_of(HOURS, date(2026, 11, 23))
    assert len(slots) == 20
    assert (slots[0], slots[-1]) == (
        datetime(2026, 11, 23, 0, 0, tzinfo=UTC),
        datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )
    assert len(slots_of(replace(HOURS, slot_minutes=45), date(2026, 11, 23))) == 13


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW, None),
        (NOW - timedelta(minutes=30), "slot_past"),
        (NOW + timedelta(minutes=10), "no_slot"),
        (NOW + timedelta(hours=8), "no_slot"),
        (NOW + timedelta(days=1), None),
    ],
)
def test_an_appointment_is_a_slot_that_is_not_over(at: datetime, code: str | None) -> None:
    faults = slot_faults(HOURS, at, NOW)
    assert [fault.code for fault in faults] == [code] * (code is not None)


def test_the_next_free_slots_go_on_into_the_next_day() -> None:
    last = slots_of(HOURS, date(2026, 11, 23))[-1]
    free = next_free(HOURS, {last: 2}, last - timedelta(minutes=60), days=2, count=2)
    assert free == [last - timedelta(minutes=30), datetime(2026, 11, 24, 0, 0, tzinfo=UTC)]
    assert has_room(HOURS, 1)
    assert not has_room(HOURS, 2)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"opens_hour": 18}, ["opens_hour"]),
        ({"closes_hour": 25}, ["opens_hour"]),
        ({"slot_minutes": 5}, ["slot_minutes"]),
        ({"slot_minutes": 241}, ["slot_minutes"]),
        ({"trucks_per_slot": 0}, ["trucks_per_slot"]),
    ],
)
def test_a_gate_has_hours_and_takes_trucks(changes: dict[str, int], fields: list[str]) -> None:
    assert [fault.field for fault in gate_faults(replace(HOURS, **changes))] == fields


# --- time -------------------------------------------------------------------------------

TERMS = Terms(
    reminder_hours=24,
    transit_hours=24,
    return_hours=48,
    lost_days=7,
    escalate_days=5,
    close_days=5,
)
DAY = 24 * HOUR


def clock(status: ShipmentStatus, step: Next, **changes: object) -> Clock:
    return Clock(status, step, **({"trade_is_over": False} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (clock(S.DRAFT, Next.CONFIRMATION), []),
        (clock(S.DRAFT, Next.CONFIRMATION, trade_is_over=True), [Duty.VOID]),
        (clock(S.CONFIRMED, Next.LOADING, trade_is_over=True), [Duty.VOID]),
        (clock(S.CONFIRMED, Next.LOADING, load_slot_at=NOW + 24 * HOUR), [Duty.REMIND_LOADING]),
        (clock(S.CONFIRMED, Next.LOADING, load_slot_at=NOW + 25 * HOUR), []),
        (clock(S.CONFIRMED, Next.LOADING, load_slot_at=NOW - HOUR), []),
        (
            clock(S.IN_TRANSIT, Next.ARRIVAL, departed_at=NOW, unload_slot_at=NOW + HOUR),
            [Duty.REMIND_UNLOADING],
        ),
        (clock(S.IN_TRANSIT, Next.ARRIVAL, departed_at=NOW - 24 * HOUR), []),
        (clock(S.IN_TRANSIT, Next.ARRIVAL, departed_at=NOW - 25 * HOUR), [Duty.ASK_ARRIVAL]),
        (clock(S.ARRIVED, Next.UNLOADING, arrived_at=NOW - 25 * HOUR), [Duty.ASK_UNLOADING]),
        (clock(S.REJECTED, Next.RETURN, received_at=NOW - 48 * HOUR), []),
        (clock(S.REJECTED, Next.RETURN, received_at=NOW - 49 * HOUR), [Duty.ASK_RETURN]),
        (clock(S.RECEIVED, Next.CLOSE, received_at=NOW - 120 * HOUR), []),
        (clock(S.RECEIVED, Next.CLOSE, received_at=NOW - 121 * HOUR), [Duty.CLOSE]),
        (
            clock(
                S.REJECTED,
                Next.CLOSE,
                received_at=NOW - 200 * HOUR,
                returned_at=NOW - 100 * HOUR,
            ),
            [],
        ),
        (
            clock(S.RECEIVED, Next.SETTLEMENT, received_at=NOW - 200 * HOUR, settle_by=NOW - HOUR),
            [Duty.ESCALATE],
        ),
        (
            clock(
                S.RECEIVED,
                Next.SETTLEMENT,
                received_at=NOW - 20 * DAY,
                decide_by=NOW - 5 * DAY,
            ),
            [],
        ),
        (
            clock(
                S.RECEIVED,
                Next.SETTLEMENT,
                received_at=NOW - 20 * DAY,
                decide_by=NOW - 5 * DAY - HOUR,
            ),
            [Duty.SETTLE],
        ),
    ],
)
def test_the_clock_asks_for_what_is_due(found: Clock, expected: list[Duty]) -> None:
    assert duties(found, TERMS, NOW) == expected


@pytest.mark.parametrize(
    ("status", "step", "since"),
    [
        (S.IN_TRANSIT, Next.ARRIVAL, "departed_at"),
        (S.ARRIVED, Next.UNLOADING, "arrived_at"),
        (S.REJECTED, Next.RETURN, "received_at"),
        (S.PART_REJECTED, Next.RETURN, "received_at"),
    ],
)
def test_a_load_nobody_weighs_again_goes_to_the_operator_and_is_given_up(
    status: ShipmentStatus, step: Next, since: str
) -> None:
    def asked(wait: timedelta) -> set[Duty]:
        found = duties(clock(status, step, **{since: NOW - wait}), TERMS, NOW)
        return set(found) & {Duty.ASK_LOST, Duty.GIVE_UP}

    assert asked(7 * DAY) == set()
    assert asked(7 * DAY + HOUR) == {Duty.ASK_LOST}
    assert asked(12 * DAY) == {Duty.ASK_LOST}
    assert asked(12 * DAY + HOUR) == {Duty.ASK_LOST, Duty.GIVE_UP}


@pytest.mark.parametrize("status", ShipmentStatus)
def test_only_a_load_on_the_way_to_the_consumer_can_be_lost(status: ShipmentStatus) -> None:
    found = next_status(status, Deed.LOSE)
    assert found is (S.CLOSED if status in (S.IN_TRANSIT, S.ARRIVED) else None)
