"""Decisions about call rounds, bids and negotiations on plain values.

Masses are kilograms, prices fen per tonne (negative: the producer pays). What a bid says never
enters the `values` of a fault: those end up in sentences, and sentences in logs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.core.clock import CHINA, add_months, china_day, month_of
from app.core.faults import Fault

MOST_STEPS = 5
LARGEST_PRICE_FEN = 10_000 * 100
BOX_BYTES = 256
"""Every bid is sealed at this length, so that a box does not tell how many steps are in it."""

MOST_MOVES = 100
"""Lines of one thread; who has not agreed by then begins anew."""
MOST_OPENED, OPENED_WINDOW = 3, timedelta(days=1)
"""How often a firm may begin anew on one listing: each time its owner is told."""

SHORTEST_OPEN = timedelta(hours=1)
FARTHEST_MONTH = 24
ROUND_NUMBER = re.compile(r"C-[0-9]{4}-[0-9]{2,4}")
NEGOTIATION_NUMBER = re.compile(r"N-[0-9]{4}-[0-9]{4,6}")


class RoundState(StrEnum):
    """How a round stands; it follows from its times, its run and whether it was cancelled."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    CLEARED = "cleared"
    CANCELLED = "cancelled"


class NegotiationStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MoveKind(StrEnum):
    """One line of a thread. `OFFER` and `COUNTER` carry a mass and a price."""

    OFFER = "offer"
    COUNTER = "counter"
    MESSAGE = "message"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Step:
    """So much at such a price, at the bidder's own gate."""

    kg: int
    fen: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class BidTerms:
    """What a bid says: each step is an order of its own to the engine.

    `min_lot_kg` is the least one match may carry; 0 for no minimum. `is_single` is for a supply
    that goes whole to one taker.
    """

    steps: tuple[Step, ...]
    min_lot_kg: int = 0
    is_single: bool = False

    @property
    def kg(self) -> int:
        return sum(step.kg for step in self.steps)


def to_box(terms: BidTerms) -> bytes:
    """Canonical JSON filled up with blanks to `BOX_BYTES`, ready to be sealed."""
    said = {
        "min_lot_kg": terms.min_lot_kg,
        "single": terms.is_single,
        "steps": [[step.kg, step.fen] for step in terms.steps],
    }
    plain = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    if len(plain) > BOX_BYTES:
        raise ValueError("the terms of a bid do not fit their box")
    return plain.ljust(BOX_BYTES)


def from_box(plain: bytes) -> BidTerms:
    said = json.loads(plain)
    steps = tuple(Step(kg, fen) for kg, fen in said["steps"])
    return BidTerms(steps, said["min_lot_kg"], said["single"])


def bid_faults(terms: BidTerms, room_kg: int) -> list[Fault]:
    """Everything wrong with a bid; `room_kg` is what its listing has open in the round's month.

    Faults of a step stand at the field `tonnes_1`, `price_1`, …
    """
    return [*_step_faults(terms.steps), *_sum_faults(terms, room_kg), *_lot_faults(terms)]


def _step_faults(steps: tuple[Step, ...]) -> Iterator[Fault]:
    if not steps:
        yield Fault("tonnes_1", "no_step")
    if len(steps) > MOST_STEPS:
        yield Fault("tonnes_1", "too_many_steps", {"limit": MOST_STEPS})
    for place, step in enumerate(steps, 1):
        if step.kg <= 0:
            yield Fault(f"tonnes_{place}", "mass_not_positive")
        if abs(step.fen) > LARGEST_PRICE_FEN:
            yield Fault(f"price_{place}", "price_too_large", {"price_limit": LARGEST_PRICE_FEN})


def _sum_faults(terms: BidTerms, room_kg: int) -> Iterator[Fault]:
    if terms.kg > room_kg:
        yield Fault(f"tonnes_{max(1, len(terms.steps))}", "over_capacity", {"room": room_kg})


def _lot_faults(terms: BidTerms) -> Iterator[Fault]:
    if terms.min_lot_kg < 0:
        yield Fault("min_lot", "mass_not_positive")
    elif any(0 < step.kg < terms.min_lot_kg for step in terms.steps):
        yield Fault("min_lot", "lot_above_step")
    if terms.is_single and len(terms.steps) > 1:
        yield Fault("is_single", "single_with_steps")


def cut_to(steps: tuple[Step, ...], room_kg: int) -> list[tuple[int, Step]]:
    """The steps, counted from 1, that fit into what is still open; the last ones are cut first."""
    kept = []
    for place, step in enumerate(steps, 1):
        kg = min(step.kg, room_kg)
        if kg > 0:
            kept.append((place, Step(kg, step.fen)))
        room_kg -= kg
    return kept


def standing(terms: BidTerms, room_kg: int) -> list[tuple[int, Step]]:
    """The orders of a bid at the close: what still fits, and of that what a lot may carry.

    What may not be divided and no longer fits whole, and a step cut below the smallest lot, is no
    order any more.
    """
    if terms.is_single and terms.kg > room_kg:
        return []
    return [(place, step) for place, step in cut_to(terms.steps, room_kg) if _fits(terms, step)]


def _fits(terms: BidTerms, step: Step) -> bool:
    return step.kg >= terms.min_lot_kg


@dataclass(frozen=True, slots=True)
class RoundTerms:
    """What a round is for and when it takes bids; no materials for all of them."""

    month: date
    opens_at: datetime
    closes_at: datetime
    materials: tuple[str, ...] = ()

    def overlaps(self, other: RoundTerms) -> bool:
        """Whether one listing could be bid in both at the same time for the same month."""
        same_time = self.opens_at < other.closes_at and other.opens_at < self.closes_at
        mine, theirs = set(self.materials), set(other.materials)
        shared = not mine or not theirs or bool(mine & theirs)
        return self.month == other.month and same_time and shared


def round_faults(terms: RoundTerms, known: Iterable[str], now: datetime) -> list[Fault]:
    """Everything wrong with a round that is to be announced."""
    return [*_time_faults(terms, now), *_scope_faults(terms, frozenset(known), now)]


def _time_faults(terms: RoundTerms, now: datetime) -> Iterator[Fault]:
    if terms.closes_at <= now:
        yield Fault("closes_at", "closes_in_past", {"at": terms.closes_at})
    elif terms.closes_at - max(terms.opens_at, now) < SHORTEST_OPEN:
        yield Fault("closes_at", "open_too_short", {"hours": SHORTEST_OPEN // timedelta(hours=1)})


def _scope_faults(terms: RoundTerms, known: frozenset[str], now: datetime) -> Iterator[Fault]:
    closing_month = month_of(china_day(terms.closes_at))
    if terms.month < closing_month:
        yield Fault("month", "month_past", {"first": closing_month})
    elif terms.month > add_months(month_of(china_day(now)), FARTHEST_MONTH):
        yield Fault("month", "month_too_late", {"limit": FARTHEST_MONTH})
    for code in terms.materials:
        if code not in known:
            yield Fault("materials", "unknown_material", {"value": code})


def round_state(
    opens_at: datetime,
    closes_at: datetime,
    now: datetime,
    *,
    run_number: str | None = None,
    cancelled_at: datetime | None = None,
) -> RoundState:
    """How a round stands at an instant; the closing instant itself is too late for a bid."""
    if cancelled_at is not None:
        return RoundState.CANCELLED
    if run_number is not None:
        return RoundState.CLEARED
    if now >= closes_at:
        return RoundState.CLOSED
    return RoundState.OPEN if now >= opens_at else RoundState.ANNOUNCED


def next_close(now: datetime, weekday: int, hour: int) -> datetime:
    """The next weekly closing instant after `now`; `weekday` counts from 1 for Monday, in China."""
    today = china_day(now)
    day = today + timedelta(days=(weekday - today.isoweekday()) % 7)
    found = datetime.combine(day, time(hour), CHINA).astimezone(UTC)
    return found if found > now else found + timedelta(days=7)


def scheduled_round(now: datetime, weekday: int, hour: int, open_days: int) -> RoundTerms:
    """The weekly round that closes next: all materials, deliveries in the month after it."""
    closes_at = next_close(now, weekday, hour)
    month = add_months(month_of(china_day(closes_at)), 1)
    return RoundTerms(month, closes_at - timedelta(days=open_days), closes_at)


def haul_fen(road_m: int, per_t_fen: int, per_tkm_fen: int) -> int:
    """Loading and haulage of a tonne over so many metres, rounded half up: the clearing's rule."""
    return per_t_fen + (2 * road_m * per_tkm_fen + 1_000) // 2_000


@dataclass(frozen=True, slots=True)
class DealTerms:
    """What a direct deal is about; the price at the producer's gate, `None` for the list price."""

    material: str
    month: date
    kg: int
    price: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a listing offers or wants, as far as a direct deal has to fit it."""

    materials: tuple[str, ...]
    first_month: date
    last_month: date
    room_kg: int


def deal_faults(terms: DealTerms, asked: Asked, this_month: date) -> list[Fault]:
    """Everything wrong with a direct offer; what the listing has left is not told."""
    wrong = list(_deal_scope_faults(terms, asked, this_month))
    return wrong or list(_deal_size_faults(terms, asked))


def _deal_scope_faults(terms: DealTerms, asked: Asked, this_month: date) -> Iterator[Fault]:
    if terms.material not in asked.materials:
        yield Fault("material", "not_asked_for")
    first = max(asked.first_month, this_month)
    if not first <= terms.month <= asked.last_month:
        yield Fault("month", "not_in_window", {"first": first, "last": asked.last_month})


def _deal_size_faults(terms: DealTerms, asked: Asked) -> Iterator[Fault]:
    if terms.kg <= 0:
        yield Fault("tonnes", "mass_not_positive")
    elif terms.kg > asked.room_kg:
        yield Fault("tonnes", "not_so_much_left")
    if terms.price is not None and abs(terms.price) > LARGEST_PRICE_FEN:
        yield Fault("price", "price_too_large", {"price_limit": LARGEST_PRICE_FEN})


TRANSITIONS: Mapping[tuple[NegotiationStatus, MoveKind], NegotiationStatus] = MappingProxyType(
    {
        (NegotiationStatus.OPEN, MoveKind.COUNTER): NegotiationStatus.OPEN,
        (NegotiationStatus.OPEN, MoveKind.MESSAGE): NegotiationStatus.OPEN,
        (NegotiationStatus.OPEN, MoveKind.ACCEPT): NegotiationStatus.ACCEPTED,
        (NegotiationStatus.OPEN, MoveKind.DECLINE): NegotiationStatus.DECLINED,
        (NegotiationStatus.OPEN, MoveKind.WITHDRAW): NegotiationStatus.WITHDRAWN,
    }
)
"""Every way a negotiation may go by a move; time alone makes it `EXPIRED`."""

PRICED = frozenset({MoveKind.OFFER, MoveKind.COUNTER})
LENGTHENING = frozenset({MoveKind.COUNTER, MoveKind.MESSAGE})
"""The moves after which a thread goes on."""


def may_move(
    status: NegotiationStatus, kind: MoveKind, *, is_mine: bool, expires_at: datetime, now: datetime
) -> bool:
    """Whether a side may make this move; `is_mine` says that the standing offer is its own.

    One's own offer cannot be accepted or declined, only withdrawn, and answered by nobody but the
    other side.
    """
    if (status, kind) not in TRANSITIONS or now >= expires_at:
        return False
    if kind is MoveKind.MESSAGE:
        return True
    return is_mine == (kind is MoveKind.WITHDRAW)


def is_round_number(text: str) -> bool:
    return ROUND_NUMBER.fullmatch(text) is not None


def is_negotiation_number(text: str) -> bool:
    return NEGOTIATION_NUMBER.fullmatch(text) is not None
