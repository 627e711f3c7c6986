"""Decisions about a trade on plain values: its states, who answers until when, what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.core.clock import CHINA, add_months, china_day

METRES_SHOWN_APART = 5_000
"""Before both sides have confirmed, distances are rounded to this: sites are private."""


class TradeStatus(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CONTRACTED = "contracted"
    DELIVERING = "delivering"
    COMPLETED = "completed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DEFAULTED = "defaulted"


STANDING = (
    TradeStatus.PROPOSED,
    TradeStatus.CONFIRMED,
    TradeStatus.CONTRACTED,
    TradeStatus.DELIVERING,
)
"""What has a clock and an owner and may hold tonnes; every other state is an ending."""

BOUND = (TradeStatus.CONFIRMED, TradeStatus.CONTRACTED, TradeStatus.DELIVERING)
"""What both sides have said yes to and is not over."""

UNDER_DELIVERY = (TradeStatus.CONTRACTED, TradeStatus.DELIVERING)
"""What trucks may be sent for."""


class TradeSource(StrEnum):
    """Where a trade came from; `Trade.origin` is the number there."""

    CLEARING = "clearing"
    ROUND = "round"
    LIST_PRICE = "list_price"
    NEGOTIATION = "negotiation"
    ELSEWHERE = "elsewhere"


class Party(StrEnum):
    PRODUCER = "producer"
    CONSUMER = "consumer"

    @property
    def other(self) -> Party:
        return Party.CONSUMER if self is Party.PRODUCER else Party.PRODUCER


class Owner(StrEnum):
    """Whose turn it is."""

    PRODUCER = "producer"
    CONSUMER = "consumer"
    BOTH = "both"
    OPERATOR = "operator"


class Deed(StrEnum):
    """What can happen to a trade."""

    CONFIRM_FIRST = "confirm_first"
    CONFIRM_LAST = "confirm_last"
    DECLINE = "decline"
    EXPIRE = "expire"
    SIGN_FIRST = "sign_first"
    SIGN_LAST = "sign_last"
    DISPATCH = "dispatch"
    UNLOAD = "unload"
    ASK_CANCEL = "ask_cancel"
    KEEP = "keep"
    CANCEL = "cancel"
    COMPLETE = "complete"
    DEFAULT = "default"


class DeclineReason(StrEnum):
    """Why a side says no. `OTHER` needs words."""

    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    TRANSPORT = "transport"
    STANDSTILL = "standstill"
    TAKEN = "taken"
    OTHER = "other"


class EndReason(StrEnum):
    """Why a trade ended, whatever its ending; see `END_REASONS` for which may stand with which."""

    DELIVERED = "delivered"
    DELIVERED_SHORT = "delivered_short"
    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    TRANSPORT = "transport"
    STANDSTILL = "standstill"
    TAKEN = "taken"
    OTHER = "other"
    NO_ANSWER = "no_answer"
    NOT_SIGNED = "not_signed"
    BOTH_AGREED = "both_agreed"
    OPERATOR = "operator"
    FIRM_SUSPENDED = "firm_suspended"
    NOT_DELIVERED = "not_delivered"
    NOT_TAKEN = "not_taken"


_P, _C, _S, _D = STANDING
TRANSITIONS: Mapping[tuple[TradeStatus, Deed], TradeStatus] = MappingProxyType(
    {
        (_P, Deed.CONFIRM_FIRST): TradeStatus.PROPOSED,
        (_P, Deed.CONFIRM_LAST): TradeStatus.CONFIRMED,
        (_P, Deed.DECLINE): TradeStatus.DECLINED,
        (_P, Deed.EXPIRE): TradeStatus.EXPIRED,
        (_P, Deed.CANCEL): TradeStatus.CANCELLED,
        (_C, Deed.SIGN_FIRST): TradeStatus.CONFIRMED,
        (_C, Deed.SIGN_LAST): TradeStatus.CONTRACTED,
        (_C, Deed.ASK_CANCEL): TradeStatus.CONFIRMED,
        (_C, Deed.KEEP): TradeStatus.CONFIRMED,
        (_C, Deed.CANCEL): TradeStatus.CANCELLED,
        (_S, Deed.DISPATCH): TradeStatus.DELIVERING,
        (_S, Deed.ASK_CANCEL): TradeStatus.CONTRACTED,
        (_S, Deed.KEEP): TradeStatus.CONTRACTED,
        (_S, Deed.CANCEL): TradeStatus.CANCELLED,
        (_S, Deed.DEFAULT): TradeStatus.DEFAULTED,
        (_D, Deed.DISPATCH): TradeStatus.DELIVERING,
        (_D, Deed.UNLOAD): TradeStatus.DELIVERING,
        (_D, Deed.ASK_CANCEL): TradeStatus.DELIVERING,
        (_D, Deed.KEEP): TradeStatus.DELIVERING,
        (_D, Deed.CANCEL): TradeStatus.CANCELLED,
        (_D, Deed.COMPLETE): TradeStatus.COMPLETED,
        (_D, Deed.DEFAULT): TradeStatus.DEFAULTED,
    }
)
"""Every way a trade may go; a deed that is not here is refused. `KEEP` takes a wish to cancel back,
`UNLOAD` is a truck emptied at the consumer's or, with what was refused, back at the producer's."""

END_REASONS: Mapping[TradeStatus, frozenset[EndReason]] = MappingProxyType(
    {
        TradeStatus.COMPLETED: frozenset({EndReason.DELIVERED, EndReason.DELIVERED_SHORT}),
        TradeStatus.DECLINED: frozenset(EndReason(reason) for reason in DeclineReason),
        TradeStatus.EXPIRED: frozenset({EndReason.NO_ANSWER}),
        TradeStatus.CANCELLED: frozenset(
            {
                EndReason.NOT_SIGNED,
                EndReason.BOTH_AGREED,
                EndReason.OPERATOR,
                EndReason.FIRM_SUSPENDED,
                EndReason.QUALITY,
            }
        ),
        TradeStatus.DEFAULTED: frozenset({EndReason.NOT_DELIVERED, EndReason.NOT_TAKEN}),
    }
)
"""For each ending, the reasons it may have.

A trade is cancelled for quality when every load was refused and is home again: nothing is left to
deliver, and who was right is not for a clock to say.
"""

DEFAULT_REASONS: Mapping[Party, EndReason] = MappingProxyType(
    {Party.PRODUCER: EndReason.NOT_DELIVERED, Party.CONSUMER: EndReason.NOT_TAKEN}
)
"""What a side did not do when the default is its own."""

IDENTITY_OPEN = frozenset({*BOUND, TradeStatus.COMPLETED, TradeStatus.DEFAULTED})
"""The states in which the two sides know each other; both had confirmed before any of them.

A cancelled trade may have been confirmed before or not: `Trade.confirmed_at` tells.
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """The market's own terms of a day, as far as they touch trades; see `catalogue.rules.Term`."""

    answer_days: int
    answer_hour: int
    contract_days: int
    delivery_grace_days: int
    close_days: int
    reminder_hours: int
    escalate_days: int
    short_tolerance_milli: int
    default_limit: int
    default_window_days: int


def answer_deadline(proposed_at: datetime, terms: Terms) -> datetime:
    """The last instant to answer a proposal."""
    return _at_hour(china_day(proposed_at) + timedelta(days=terms.answer_days), terms)


def signing_deadline(confirmed_at: datetime, terms: Terms) -> datetime:
    """The last instant for both sides to sign the contract."""
    return _at_hour(china_day(confirmed_at) + timedelta(days=terms.contract_days), terms)


def delivery_deadline(month: date, at: datetime, terms: Terms) -> datetime:
    """The last instant to deliver and close, after a contract or a truck of the instant `at`.

    A truck that comes late leaves both sides the time to close the case.
    """
    last_day = add_months(month, 1) - timedelta(days=1)
    latest = last_day + timedelta(days=terms.delivery_grace_days)
    return _at_hour(max(latest, china_day(at) + timedelta(days=terms.close_days)), terms)


def _at_hour(day: date, terms: Terms) -> datetime:
    return datetime.combine(day, time(terms.answer_hour), CHINA).astimezone(UTC)


def is_late(deadline: datetime, now: datetime) -> bool:
    """The deadline itself is still in time."""
    return now > deadline


def next_status(status: TradeStatus, deed: Deed) -> TradeStatus | None:
    """Where the deed leads, or `None` if it may not happen in that state."""
    return TRANSITIONS.get((status, deed))


def confirmation(sides: frozenset[Party], confirmed: frozenset[Party]) -> Deed:
    """Which of the two confirmations these sides give, those before them having confirmed."""
    return Deed.CONFIRM_LAST if sides | confirmed == frozenset(Party) else Deed.CONFIRM_FIRST


def speaker(sides: frozenset[Party]) -> Party:
    """In whose name a firm speaks: as the producer if it is both sides."""
    return Party.PRODUCER if Party.PRODUCER in sides else Party.CONSUMER


def signing(sides: frozenset[Party], signed: frozenset[Party]) -> Deed:
    """Which of the two signatures these sides give, those before them having signed."""
    return Deed.SIGN_LAST if sides | signed == frozenset(Party) else Deed.SIGN_FIRST


@dataclass(frozen=True, slots=True)
class Dispute:
    """A weight of a trade that is being settled, or was: `settled_at` is empty until then.

    `turn` is who has to answer, and `until` by when.
    """

    opened_at: datetime
    settled_at: datetime | None
    turn: Owner
    until: datetime


def holding(disputes: Iterable[Dispute]) -> Dispute | None:
    """The dispute that holds the clock of a trade under delivery: the unsettled one due first."""
    standing = (one for one in disputes if one.settled_at is None)
    return min(standing, key=lambda one: one.until, default=None)


def owner(
    status: TradeStatus,
    given: frozenset[Party],
    escalated: bool,
    held: Dispute | None = None,
) -> Owner | None:
    """Who has to act now; nobody once a trade has ended.

    `given` are the sides that have confirmed a proposal, or signed what is confirmed. While a
    weight is being settled (`held`), the case is with whoever has to answer that.
    """
    if status not in STANDING:
        return None
    if held is not None and status in UNDER_DELIVERY:
        return held.turn
    if escalated:
        return Owner.OPERATOR
    asked = status in (TradeStatus.PROPOSED, TradeStatus.CONFIRMED)
    missing = frozenset(Party) - given if asked else frozenset(Party)
    return Owner(speaker(missing)) if len(missing) == 1 else Owner.BOTH


class Duty(StrEnum):
    """What the clock asks to be done to a trade."""

    REMIND = "remind"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    END = "end"


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of a trade's present state, and what was done about it.

    `is_held` while a weight is being settled: a load that came is not late because of its scales.
    """

    status: TradeStatus
    deadline: datetime
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    is_held: bool = False


def duty(clock: Clock, terms: Terms, now: datetime) -> Duty | None:
    """What is due: a proposal lapses at once, later states go to the operator first."""
    if clock.status not in STANDING or clock.is_held:
        return None
    if not is_late(clock.deadline, now):
        near = now >= clock.deadline - timedelta(hours=terms.reminder_hours)
        return Duty.REMIND if near and clock.reminded_at is None else None
    if clock.status is TradeStatus.PROPOSED:
        return Duty.EXPIRE
    if clock.escalated_at is None:
        return Duty.ESCALATE
    over = is_late(clock.escalated_at + timedelta(days=terms.escalate_days), now)
    return Duty.END if over else None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the kilograms of a trade stand, seen from one of its two listings.

    `lost` is the part of the difference that left on a truck and never arrived.
    """

    kg: int
    contracted: int = 0
    in_transit: int = 0
    received: int = 0
    rejected: int = 0
    difference: int = 0
    lost: int = 0

    @property
    def is_moving(self) -> bool:
        """A truck is under way, or what was refused is not home yet: no ending before that."""
        return bool(self.in_transit or self.rejected)

    def reaches(self, short_milli: int) -> bool:
        """Whether all was received but at most so many thousandths of the trade."""
        return self.received > 0 and self.received * 1000 >= self.kg * (1000 - short_milli)


def earliest_first(stands: Mapping[date, int], kg: int) -> dict[date, int]:
    """How much of a load each month gives; raises `ValueError` if all of them hold less."""
    given: dict[date, int] = {}
    left = kg
    for month in sorted(stands):
        part = min(left, stands[month])
        if part:
            given[month] = part
            left -= part
    if left:
        raise ValueError(f"{kg} kg are not there: {left} kg are missing")
    return given


Ending = tuple[Deed, EndReason]


def ending_when_done(progress: Progress, short_milli: int) -> Ending | None:
    """How a trade ends of which nothing is left to deliver; none while something is.

    If too much was lost on the road it does not end at once: the sides and the operator have the
    time of its deadline to say who answers for that.
    """
    if progress.contracted or progress.is_moving:
        return None
    if progress.lost and not progress.reaches(short_milli):
        return None
    if not progress.received:
        return Deed.CANCEL, EndReason.QUALITY
    whole = progress.received + progress.difference - progress.lost >= progress.kg
    return Deed.COMPLETE, EndReason.DELIVERED if whole else EndReason.DELIVERED_SHORT


def ending_when_overdue(
    progress: Progress, short_milli: int, at_fault: Party = Party.PRODUCER
) -> Ending | None:
    """How a contracted trade ends whose time and the operator's are over; none while it moves.

    `at_fault` is who is to blame if too little came.
    """
    if progress.is_moving or not (progress.contracted or progress.lost):
        return ending_when_done(progress, short_milli)
    if progress.reaches(short_milli):
        return Deed.COMPLETE, EndReason.DELIVERED_SHORT
    return Deed.DEFAULT, DEFAULT_REASONS[at_fault]


def last_day(due: date, disputes: Iterable[Dispute], today: date, close_days: int) -> date:
    """The day by which a trade had to be over, put off by the weights that were being settled.

    A dispute counts if its load came in time: settling takes the time it takes, until today if it
    goes on, and then there are `close_days` to close the case.
    """
    for one in sorted(disputes, key=lambda one: one.opened_at):
        if china_day(one.opened_at) <= due:
            settled = today if one.settled_at is None else china_day(one.settled_at)
            due = max(due, settled + timedelta(days=close_days))
    return due


def is_barred(
    defaults: Iterable[datetime], released_at: datetime | None, limit: int, window_days: int
) -> bool:
    """Whether so many defaults since the last release fell within so many days of each other."""
    counted = sorted(at for at in defaults if released_at is None or at > released_at)
    window = timedelta(days=window_days)
    return any(
        last - first <= window
        for first, last in zip(counted, counted[max(limit, 1) - 1 :], strict=False)
    )


def prices_agree(price_producer: int, freight: int, price_consumer: int) -> bool:
    """What the consumer pays at the gate is what the producer gets and the freight, to the fen."""
    return price_producer + freight == price_consumer


def most_held(stays: Iterable[tuple[date, date, int]]) -> int:
    """The most kilograms that lie in one silo at the end of any month.

    Each stay is two months, in any order, and the kilograms kept from the earlier to the later.
    """
    kept = [(min(a, b), max(a, b), kg) for a, b, kg in stays]
    ends = {first for first, _last, _kg in kept}
    held = (sum(kg for first, last, kg in kept if first <= end < last) for end in ends)
    return max(held, default=0)


def shown_metres(road_m: int, exact: bool) -> int:
    """A distance as a reader may see it: rounded half up, and at least one step, unless exact."""
    if exact:
        return road_m
    steps = (road_m + METRES_SHOWN_APART // 2) // METRES_SHOWN_APART
    return max(1, steps) * METRES_SHOWN_APART


class TimeUnit(StrEnum):
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"


def time_left(deadline: datetime, now: datetime) -> tuple[int, TimeUnit]:
    """What is left until the deadline, cut to the largest unit of which there is one."""
    minutes = max(0, (deadline - now) // timedelta(minutes=1))
    if minutes >= 24 * 60:
        return minutes // (24 * 60), TimeUnit.DAYS
    if minutes >= 60:
        return minutes // 60, TimeUnit.HOURS
    return minutes, TimeUnit.MINUTES
