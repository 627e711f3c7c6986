"""Decisions about a trade on plain values: its states, who answers until when, what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.core.clock import CHINA, china_day

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


STANDING = (TradeStatus.PROPOSED, TradeStatus.CONFIRMED)
"""What holds tonnes."""


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


class Deed(StrEnum):
    """What can happen to a trade."""

    CONFIRM_FIRST = "confirm_first"
    CONFIRM_LAST = "confirm_last"
    DECLINE = "decline"
    EXPIRE = "expire"


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


TRANSITIONS: Mapping[tuple[TradeStatus, Deed], TradeStatus] = MappingProxyType(
    {
        (TradeStatus.PROPOSED, Deed.CONFIRM_FIRST): TradeStatus.PROPOSED,
        (TradeStatus.PROPOSED, Deed.CONFIRM_LAST): TradeStatus.CONFIRMED,
        (TradeStatus.PROPOSED, Deed.DECLINE): TradeStatus.DECLINED,
        (TradeStatus.PROPOSED, Deed.EXPIRE): TradeStatus.EXPIRED,
    }
)
"""Every way a trade may go; a deed that is not here is refused."""

IDENTITY_OPEN = frozenset({TradeStatus.CONFIRMED})
"""The states in which the two sides know each other."""


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long both sides have: until an hour of China time some days after the proposal."""

    valid_from: date
    valid_to: date | None
    days: int
    hour: int

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


ANSWER_TIMES = (AnswerTime(valid_from=date(2020, 1, 1), valid_to=None, days=3, hour=18),)
"""The operator's rule over time. Source: the market's own terms."""


def deadline_for(proposed_at: datetime, terms: tuple[AnswerTime, ...] = ANSWER_TIMES) -> datetime:
    """The last instant to answer, by the terms of the day of the proposal.

    Raises `LookupError` for a day without terms.
    """
    day = china_day(proposed_at)
    for found in terms:
        if found.holds_on(day):
            last_day = day + timedelta(days=found.days)
            return datetime.combine(last_day, time(found.hour), CHINA).astimezone(UTC)
    raise LookupError(f"no terms for {day}")


def is_late(deadline: datetime, now: datetime) -> bool:
    """The deadline itself is still in time."""
    return now > deadline


def next_status(status: TradeStatus, deed: Deed) -> TradeStatus | None:
    """Where the deed leads, or `None` if it may not happen in that state."""
    return TRANSITIONS.get((status, deed))


def confirmation(sides: frozenset[Party], confirmed: frozenset[Party]) -> Deed:
    """Which of the two confirmations these sides give, those before them having confirmed."""
    return Deed.CONFIRM_LAST if sides | confirmed == frozenset(Party) else Deed.CONFIRM_FIRST


def awaits(
    status: TradeStatus,
    sides: frozenset[Party],
    confirmed: frozenset[Party],
    deadline: datetime,
    now: datetime,
) -> bool:
    """Whether one of these sides has still to answer and still can."""
    is_open = status is TradeStatus.PROPOSED and not is_late(deadline, now)
    return is_open and not sides <= confirmed


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


def trade_number(day: date, count: int) -> str:
    """The public number of the `count`-th trade proposed in the month of `day`."""
    return f"{number_prefix(day)}{count:04d}"


def number_prefix(day: date) -> str:
    return f"T-{day:%y%m}-"


def count_of(number: str) -> int:
    """The count within its month that a public number ends in."""
    return int(number.rpartition("-")[2])


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
