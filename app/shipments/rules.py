"""Decisions about trucks on plain values: states, weights, tolerance, time, slots.

Masses are whole kilograms, times aware instants. A truck's load is weighed at three ends: at the
producer when it is loaded, at the consumer when it arrives, and again at the producer if some of it
was sent back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.core.clock import CHINA
from app.core.faults import Fault

SHORTEST_SLOT, LONGEST_SLOT = 10, 240
MOST_TRUCKS = 200
"""In one slot; no gate takes more."""
CLOCK_SLACK = timedelta(minutes=5)
"""How far the clock of a weighbridge may run ahead of ours."""


class ShipmentStatus(StrEnum):
    """States of a consignment note (source: domain practice of transfer manifests)."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    RECEIVED = "received"
    PART_REJECTED = "part_rejected"
    REJECTED = "rejected"
    CLOSED = "closed"
    VOID = "void"


class Deed(StrEnum):
    """What can happen to a consignment note."""

    CONFIRM = "confirm"
    VOID = "void"
    DEPART = "depart"
    ARRIVE = "arrive"
    ACCEPT = "accept"
    PART = "part"
    REJECT = "reject"
    CLOSE = "close"
    LOSE = "lose"


TRANSITIONS: Mapping[tuple[ShipmentStatus, Deed], ShipmentStatus] = MappingProxyType(
    {
        (ShipmentStatus.DRAFT, Deed.CONFIRM): ShipmentStatus.CONFIRMED,
        (ShipmentStatus.DRAFT, Deed.VOID): ShipmentStatus.VOID,
        (ShipmentStatus.CONFIRMED, Deed.VOID): ShipmentStatus.VOID,
        (ShipmentStatus.CONFIRMED, Deed.DEPART): ShipmentStatus.IN_TRANSIT,
        (ShipmentStatus.IN_TRANSIT, Deed.ARRIVE): ShipmentStatus.ARRIVED,
        (ShipmentStatus.ARRIVED, Deed.ACCEPT): ShipmentStatus.RECEIVED,
        (ShipmentStatus.ARRIVED, Deed.PART): ShipmentStatus.PART_REJECTED,
        (ShipmentStatus.ARRIVED, Deed.REJECT): ShipmentStatus.REJECTED,
        (ShipmentStatus.RECEIVED, Deed.CLOSE): ShipmentStatus.CLOSED,
        (ShipmentStatus.PART_REJECTED, Deed.CLOSE): ShipmentStatus.CLOSED,
        (ShipmentStatus.REJECTED, Deed.CLOSE): ShipmentStatus.CLOSED,
        (ShipmentStatus.IN_TRANSIT, Deed.LOSE): ShipmentStatus.CLOSED,
        (ShipmentStatus.ARRIVED, Deed.LOSE): ShipmentStatus.CLOSED,
    }
)
"""Every way a consignment note may go; a deed that is not here is refused.

`LOSE` ends a note whose load nobody weighed at the other end: closed, and never received.
"""

PLANNED = frozenset({ShipmentStatus.DRAFT, ShipmentStatus.CONFIRMED})
"""Before departure: the vehicle may change, the note may become void."""
ON_THE_ROAD = frozenset({ShipmentStatus.IN_TRANSIT, ShipmentStatus.ARRIVED})
SENT_BACK = frozenset({ShipmentStatus.PART_REJECTED, ShipmentStatus.REJECTED})
ENDED = frozenset({ShipmentStatus.CLOSED, ShipmentStatus.VOID})


class End(StrEnum):
    """At which weighing a ticket was made."""

    LOADING = "loading"
    UNLOADING = "unloading"
    RETURN = "return"


class Verdict(StrEnum):
    """What the receiver says of a load."""

    ACCEPT = "accept"
    PART = "part"
    REJECT = "reject"

    @property
    def deed(self) -> Deed:
        return Deed(self.value)


class RejectReason(StrEnum):
    MOISTURE = "moisture"
    FINENESS = "fineness"
    LOSS_ON_IGNITION = "loss_on_ignition"
    CONTAMINATION = "contamination"
    WRONG_MATERIAL = "wrong_material"
    WEIGHT = "weight"
    NO_ROOM = "no_room"
    PAPERS = "papers"
    OTHER = "other"


class EmissionClass(StrEnum):
    """Exhaust stage of a truck (GB 17691) or its drive, the dirtiest first."""

    CHINA_4 = "china_4"
    CHINA_5 = "china_5"
    CHINA_6 = "china_6"
    NEW_ENERGY = "new_energy"


class Packaging(StrEnum):
    BULK = "bulk"
    TANKER = "tanker"
    BAGS = "bags"
    TARPAULIN = "tarpaulin"


class DiscrepancyStatus(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    ESCALATED = "escalated"


UNSETTLED = frozenset({DiscrepancyStatus.OPEN, DiscrepancyStatus.ESCALATED})


class Next(StrEnum):
    """What a consignment note waits for."""

    CONFIRMATION = "confirmation"
    LOADING = "loading"
    ARRIVAL = "arrival"
    UNLOADING = "unloading"
    RETURN = "return"
    SETTLEMENT = "settlement"
    CLOSE = "close"
    NOTHING = "nothing"


class Step(StrEnum):
    """What a page may offer its reader to do with a load now."""

    CONFIRM = "confirm"
    CHANGE_VEHICLE = "change_vehicle"
    BOOK_LOADING = "book_loading"
    BOOK_UNLOADING = "book_unloading"
    VOID = "void"
    WEIGH_LOADING = "weigh_loading"
    ARRIVE = "arrive"
    WEIGH_UNLOADING = "weigh_unloading"
    WEIGH_RETURN = "weigh_return"
    CLOSE = "close"
    PROPOSE_WEIGHT = "propose_weight"
    AGREE_TO_WEIGHT = "agree_to_weight"
    SETTLE_WEIGHT = "settle_weight"


DUTIES = frozenset(
    {
        Step.CONFIRM,
        Step.WEIGH_LOADING,
        Step.WEIGH_UNLOADING,
        Step.WEIGH_RETURN,
        Step.AGREE_TO_WEIGHT,
        Step.SETTLE_WEIGHT,
    }
)
"""The steps that somebody else waits for."""


# --- states -----------------------------------------------------------------------------


def next_status(status: ShipmentStatus, deed: Deed) -> ShipmentStatus | None:
    """Where the deed leads, or `None` if it may not happen in that state."""
    return TRANSITIONS.get((status, deed))


def waits_for(status: ShipmentStatus, is_back: bool, is_disputed: bool) -> Next:
    """The next step of a note whose rejected load is back or not, whose weight is disputed or not.

    What came back is weighed before a weight is argued about.
    """
    if status in SENT_BACK and not is_back:
        return Next.RETURN
    if is_disputed:
        return Next.SETTLEMENT
    return _NEXT.get(status, Next.NOTHING)


_NEXT = MappingProxyType(
    {
        ShipmentStatus.DRAFT: Next.CONFIRMATION,
        ShipmentStatus.CONFIRMED: Next.LOADING,
        ShipmentStatus.IN_TRANSIT: Next.ARRIVAL,
        ShipmentStatus.ARRIVED: Next.UNLOADING,
        ShipmentStatus.RECEIVED: Next.CLOSE,
        ShipmentStatus.PART_REJECTED: Next.CLOSE,
        ShipmentStatus.REJECTED: Next.CLOSE,
    }
)


# --- tickets ----------------------------------------------------------------------------


def normal_ticket_number(text: str) -> str:
    """A ticket's number as it is stored: half-width, upper case, no blank and no unseen sign.

    Otherwise one paper could be entered twice, by a keyboard that types wide digits.
    """
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in wide if unicodedata.category(sign)[0] not in "CZ")


# --- weights ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a load at the consumer's gate: the three sum to what was dispatched.

    `is_disputed` if more is missing than the tolerance allows.
    """

    received_kg: int
    rejected_kg: int
    difference_kg: int
    is_disputed: bool


def allowed_kg(sent_kg: int, tolerance_milli: int) -> int:
    """How far a second weighing may lie from the first: so many per mille of it, cut to kg."""
    return sent_kg * tolerance_milli // 1000


def weight_faults(gross_kg: int, tare_kg: int) -> list[Fault]:
    """A full truck is heavier than the empty one, and no truck weighs nothing."""
    if tare_kg <= 0:
        return [Fault("tare_kg", "tare", {"tare": tare_kg})]
    if gross_kg <= tare_kg:
        return [Fault("gross_kg", "gross", {"gross": gross_kg, "tare": tare_kg})]
    return []


def load_faults(net_kg: int, load_kg: int) -> list[Fault]:
    """A truck carries at most what its licence says."""
    if net_kg <= load_kg:
        return []
    values = {"net": net_kg, "load": load_kg, "over": net_kg - load_kg}
    return [Fault("gross_kg", "overloaded", values)]


def excess_faults(net_kg: int, sent_kg: int, allowed: int) -> list[Fault]:
    """Nobody takes more off a truck than was put on it, but for the tolerance."""
    if net_kg <= sent_kg + allowed:
        return []
    return [Fault("gross_kg", "more_than_sent", {"net": net_kg, "sent": sent_kg})]


def verdict_faults(
    verdict: Verdict | None, net_kg: int, rejected_kg: int, reason: RejectReason | None, words: str
) -> list[Fault]:
    """A rejection needs its reason, and a part of a load is neither nothing nor all of it."""
    if verdict is None:
        return [Fault("verdict", "verdict")]
    if verdict is Verdict.ACCEPT:
        return []
    if reason is None:
        return [Fault("reject_reason", "reason")]
    if reason is RejectReason.OTHER and not words.strip():
        return [Fault("words", "words")]
    if verdict is Verdict.PART and not 0 < rejected_kg < net_kg:
        return [Fault("rejected_kg", "part", {"rejected": rejected_kg, "net": net_kg})]
    return []


def outcome(sent_kg: int, net_kg: int, verdict: Verdict, rejected_kg: int, allowed: int) -> Outcome:
    """Divide a load by the weight of the whole of it at the consumer's gate and the verdict.

    More than was sent (`excess_faults` has refused more than the tolerance) counts as sent.
    Raises `ValueError` for a part that is not one.
    """
    counted = min(net_kg, sent_kg)
    back = {Verdict.ACCEPT: 0, Verdict.PART: rejected_kg, Verdict.REJECT: counted}[verdict]
    if not 0 <= back <= counted:
        raise ValueError(f"{back} kg of {counted} kg cannot go back")
    missing = sent_kg - counted
    return Outcome(counted - back, back, missing, missing > allowed)


def is_short(sent_kg: int, net_kg: int, allowed: int) -> bool:
    """Whether more was lost on the way than the tolerance allows."""
    return sent_kg - net_kg > allowed


def settlement_faults(kg: int, weighed_kg: int, sent_kg: int) -> list[Fault]:
    """A settled weight lies between the two weighings, both included."""
    if weighed_kg <= kg <= sent_kg:
        return []
    return [Fault("kg", "settlement", {"least": weighed_kg, "most": sent_kg})]


def paid_kg(received_kg: int, rejected_kg: int, settled_kg: int | None) -> int:
    """What the consumer pays for: what it took; of a settled load, what it did not send back."""
    return received_kg if settled_kg is None else settled_kg - rejected_kg


def time_faults(weighed_at: datetime, not_before: datetime, end: End, now: datetime) -> list[Fault]:
    """A ticket is neither of the future nor older than what came before it, to the minute."""
    values: dict[str, object] = {"at": weighed_at}
    if weighed_at > now + CLOCK_SLACK:
        return [Fault("weighed_at", "future", values)]
    if weighed_at < not_before.replace(second=0, microsecond=0):
        return [Fault("weighed_at", f"early_{end}", values | {"before": not_before})]
    return []


# --- time -------------------------------------------------------------------------------


class Duty(StrEnum):
    """What the clock of a consignment note asks."""

    VOID = "void"
    REMIND_LOADING = "remind_loading"
    REMIND_UNLOADING = "remind_unloading"
    ASK_ARRIVAL = "ask_arrival"
    ASK_UNLOADING = "ask_unloading"
    ASK_RETURN = "ask_return"
    ASK_LOST = "ask_lost"
    GIVE_UP = "give_up"
    ESCALATE = "escalate"
    SETTLE = "settle"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Terms:
    """The market's own terms of a day, as far as they touch trucks."""

    reminder_hours: int
    transit_hours: int
    return_hours: int
    lost_days: int
    escalate_days: int
    close_days: int


@dataclass(frozen=True, slots=True)
class Clock:
    """What of a note and its trade the clock looks at.

    Its times are those at which the product was told: nobody is late for a truck of last month
    whose ticket came in today.
    `settle_by` is of a dispute between the sides, `decide_by` of one that is before the operator.
    """

    status: ShipmentStatus
    next: Next
    trade_is_over: bool
    load_slot_at: datetime | None = None
    unload_slot_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    received_at: datetime | None = None
    returned_at: datetime | None = None
    settle_by: datetime | None = None
    decide_by: datetime | None = None


def unseen_since(
    step: Next,
    departed_at: datetime | None,
    arrived_at: datetime | None,
    received_at: datetime | None,
) -> datetime | None:
    """Since when a load on the road, or on its way back, waits for its next weighing."""
    return {
        Next.ARRIVAL: departed_at,
        Next.UNLOADING: arrived_at,
        Next.RETURN: received_at,
    }.get(step)


def duties(clock: Clock, terms: Terms, now: datetime) -> list[Duty]:
    """What is due now. A planned truck of a trade that is over has nothing to carry any more.

    A load that nobody weighs again goes to the operator as missing after `lost_days`, a weight the
    sides do not settle after its deadline; `escalate_days` later the clock ends either by itself.
    """
    if clock.status in PLANNED and clock.trade_is_over:
        return [Duty.VOID]
    waits = {
        Duty.ASK_ARRIVAL: (Next.ARRIVAL, clock.departed_at, terms.transit_hours),
        Duty.ASK_UNLOADING: (Next.UNLOADING, clock.arrived_at, terms.transit_hours),
        Duty.ASK_RETURN: (Next.RETURN, clock.received_at, terms.return_hours),
        Duty.CLOSE: (Next.CLOSE, clock.returned_at or clock.received_at, terms.close_days * 24),
    }
    due = [
        duty
        for duty, (step, since, hours) in waits.items()
        if clock.next is step and since is not None and since + timedelta(hours=hours) < now
    ]
    return due + _endings(clock, terms, now) + _reminders(clock, terms, now)


def _endings(clock: Clock, terms: Terms, now: datetime) -> list[Duty]:
    """What goes to the operator, and what ends because the operator said nothing either."""
    unseen = unseen_since(clock.next, clock.departed_at, clock.arrived_at, clock.received_at)
    lost, patience = timedelta(days=terms.lost_days), timedelta(days=terms.escalate_days)
    times = {
        Duty.ASK_LOST: (unseen, lost),
        Duty.GIVE_UP: (unseen, lost + patience),
        Duty.ESCALATE: (clock.settle_by, timedelta()),
        Duty.SETTLE: (clock.decide_by, patience),
    }
    return [
        duty for duty, (since, wait) in times.items() if since is not None and since + wait < now
    ]


def _reminders(clock: Clock, terms: Terms, now: datetime) -> list[Duty]:
    """The appointments that are near and were not kept yet."""
    soon = now + timedelta(hours=terms.reminder_hours)
    wanted = [
        (Duty.REMIND_LOADING, clock.load_slot_at, PLANNED),
        (Duty.REMIND_UNLOADING, clock.unload_slot_at, PLANNED | {ShipmentStatus.IN_TRANSIT}),
    ]
    return [
        duty
        for duty, at, states in wanted
        if at is not None and now < at <= soon and clock.status in states
    ]


# --- gates ------------------------------------------------------------------------------


def is_let_in(emission: EmissionClass, least: EmissionClass) -> bool:
    """Whether a gate that asks for at least one class lets in another."""
    order = list(EmissionClass)
    return order.index(emission) >= order.index(least)


@dataclass(frozen=True, slots=True)
class GateHours:
    """When a gate works, in hours of China time, and how many trucks it takes in one slot."""

    opens_hour: int
    closes_hour: int
    slot_minutes: int
    trucks_per_slot: int


def gate_faults(hours: GateHours) -> list[Fault]:
    """What is wrong with the hours of a gate."""
    faults = []
    if not 0 <= hours.opens_hour < hours.closes_hour <= 24:
        faults.append(Fault("opens_hour", "gate_hours"))
    if not SHORTEST_SLOT <= hours.slot_minutes <= LONGEST_SLOT:
        values = {"least": SHORTEST_SLOT, "most": LONGEST_SLOT}
        faults.append(Fault("slot_minutes", "gate_slot", values))
    if not 1 <= hours.trucks_per_slot <= MOST_TRUCKS:
        faults.append(Fault("trucks_per_slot", "gate_trucks", {"count": MOST_TRUCKS}))
    return faults


def slots_of(hours: GateHours, day: date) -> list[datetime]:
    """The beginnings of all slots of a day in China, in UTC; each ends before the gate closes."""
    opening = datetime.combine(day, time(), CHINA) + timedelta(hours=hours.opens_hour)
    count = (hours.closes_hour - hours.opens_hour) * 60 // hours.slot_minutes
    step = timedelta(minutes=hours.slot_minutes)
    return [(opening + index * step).astimezone(UTC) for index in range(count)]


def slot_faults(hours: GateHours, at: datetime, now: datetime) -> list[Fault]:
    """What is wrong with a wish to come at an instant: outside the hours, or gone by."""
    slots = slots_of(hours, at.astimezone(CHINA).date())
    if at not in slots:
        values: dict[str, object] = {"opens": hours.opens_hour, "closes": hours.closes_hour}
        return [Fault("at", "no_slot", values | {"minutes": hours.slot_minutes})]
    if at + timedelta(minutes=hours.slot_minutes) <= now:
        return [Fault("at", "slot_past", {"at": at})]
    return []


def next_free(
    hours: GateHours, taken: Mapping[datetime, int], after: datetime, days: int, count: int
) -> list[datetime]:
    """The next slots after an instant, within so many days, that have room."""
    first = after.astimezone(CHINA).date()
    slots = (slot for day in range(days) for slot in slots_of(hours, first + timedelta(days=day)))
    room = (slot for slot in slots if slot > after and has_room(hours, taken.get(slot, 0)))
    return [slot for slot, _ in zip(room, range(count), strict=False)]


def has_room(hours: GateHours, trucks: int) -> bool:
    """Whether one more truck fits into a slot that holds so many."""
    return trucks < hours.trucks_per_slot


def sum_by_slot(slots: Iterable[datetime]) -> dict[datetime, int]:
    """How many trucks come in each slot."""
    counts: dict[datetime, int] = {}
    for slot in slots:
        counts[slot] = counts.get(slot, 0) + 1
    return counts
