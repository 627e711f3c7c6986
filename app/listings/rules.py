"""What a listing may say, and what state it is in: pure decisions on plain values.

Masses are kilograms per month, prices fen per tonne (negative: the producer pays), months are
first days. A limit price never enters the `values` of a fault: those end up in sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from app.core.clock import add_months, months_between
from app.core.faults import Fault

LARGEST_KG = 1_000_000 * 1000
LONGEST_WINDOW = 24
LARGEST_PRICE_FEN = 10_000 * 100
FARTHEST_KM = 5_000
DISTANCE_STEP_M = 5_000
CELL_DEGREES = 0.05
"""Side of the cell a site is known by to strangers, about 5 km; exact sites are private."""
RENEWALS = (1, 3, 6, 12)
NUMBER = re.compile(r"[SD]-[0-9]{4}-[0-9]{4,6}")


class Side(StrEnum):
    OFFER = "offer"
    REQUIREMENT = "requirement"

    @property
    def prefix(self) -> str:
        """First letter of the public number."""
        return "S" if self is Side.OFFER else "D"


class ListingStatus(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class DealMode(StrEnum):
    """How a listing may be dealt with.

    `ROUND` takes part in call rounds only; `PRIVATE` was made for one deal and is on no market.
    """

    OPEN = "open"
    LIST_PRICE = "list_price"
    ROUND = "round"
    PRIVATE = "private"


OFFERED_MODES = (DealMode.OPEN, DealMode.LIST_PRICE, DealMode.ROUND)
"""What a firm may choose from; a private listing is made by the deal it belongs to."""


class ListingState(StrEnum):
    """What a reader is told about a listing."""

    ON_MARKET = "on_market"
    LAST_MONTH = "last_month"
    PAUSED = "paused"
    TAKEN = "taken"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def is_on_market(self) -> bool:
        return self in (ListingState.ON_MARKET, ListingState.LAST_MONTH)


class Payer(StrEnum):
    """Who pays for the material. A direction instead of a minus sign."""

    CONSUMER = "consumer"
    PRODUCER = "producer"

    def signed(self, fen: int) -> int:
        return fen if self is Payer.CONSUMER else -fen

    @classmethod
    def of(cls, fen: int) -> Payer:
        return cls.PRODUCER if fen < 0 else cls.CONSUMER


class Product(StrEnum):
    """What a consumer makes of the material."""

    CEMENT = "cement"
    CLINKER = "clinker"
    CONCRETE = "concrete"
    BRICK = "brick"
    BLOCK = "block"
    PLASTERBOARD = "plasterboard"
    ROAD_BASE = "road_base"
    DESULFURISER = "desulfuriser"
    METAL_RECOVERY = "metal_recovery"


class OwnBound(Protocol):
    """A buyer's own bound on a parameter, in its unit."""

    @property
    def parameter(self) -> str: ...
    @property
    def minimum(self) -> Decimal | None: ...
    @property
    def maximum(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What a listing says of mass, time, distance, price and storage.

    `silo_kg` is the room to keep goods from one month to the next, `holding_price` what keeping
    them costs a producer, fen per tonne and month.
    """

    materials: tuple[str, ...]
    kg_per_month: int
    first_month: date
    last_month: date
    max_km: int | None = None
    list_price: int | None = None
    limit_price: int | None = field(default=None, repr=False)
    silo_kg: int | None = None
    holding_price: int | None = field(default=None, repr=False)
    deal_mode: DealMode = DealMode.OPEN

    @property
    def months(self) -> list[date]:
        return months_between(self.first_month, self.last_month)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a listing that is being changed is bound to.

    `taken` are the kilograms reserved or contracted, by month.
    """

    materials: tuple[str, ...]
    site_id: int
    taken: Mapping[date, int]


def faults(terms: Terms, known: frozenset[str], this_month: date, earliest: date) -> list[Fault]:
    """Everything wrong with a listing. `known` are the codes of the catalogue.

    `earliest` is the first month that may be named: this one, or where a running listing began.
    """
    return [
        *_material_faults(terms, known),
        *_mass_faults(terms.kg_per_month),
        *_window_faults(terms, this_month, earliest),
        *_distance_faults(terms.max_km),
        *_price_faults(terms),
        *_storage_faults(terms),
    ]


def _material_faults(terms: Terms, known: frozenset[str]) -> Iterator[Fault]:
    if not terms.materials:
        yield Fault("materials", "no_material")
    for code in terms.materials:
        if code not in known:
            yield Fault("materials", "unknown_material", {"value": code})


def _mass_faults(kg: int) -> Iterator[Fault]:
    if kg <= 0:
        yield Fault("tonnes", "mass_not_positive", {"kg": kg})
    elif kg > LARGEST_KG:
        code = "mass_in_kg" if kg // 1000 <= LARGEST_KG else "mass_too_large"
        yield Fault("tonnes", code, {"kg": kg, "mass_limit": LARGEST_KG, "guess": kg // 1000})


def _window_faults(terms: Terms, this_month: date, earliest: date) -> Iterator[Fault]:
    first, last = terms.first_month, terms.last_month
    if last < first:
        yield Fault("last_month", "window_reversed", {"first": first, "last": last})
    elif last < this_month:
        yield Fault("last_month", "window_past", {"last": last, "now": this_month})
    elif first < min(earliest, this_month):
        yield Fault("first_month", "starts_in_past", {"first": first, "now": this_month})
    elif first >= add_months(this_month, LONGEST_WINDOW):
        yield Fault("first_month", "starts_too_late", {"limit": LONGEST_WINDOW})
    elif len(months_between(max(first, this_month), last)) > LONGEST_WINDOW:
        latest = add_months(max(first, this_month), LONGEST_WINDOW - 1)
        yield Fault("last_month", "window_long", {"limit": LONGEST_WINDOW, "latest": latest})


def _distance_faults(km: int | None) -> Iterator[Fault]:
    if km is not None and not 1 <= km <= FARTHEST_KM:
        yield Fault("max_km", "distance_out_of_range", {"value": km, "limit": FARTHEST_KM})


def _price_faults(terms: Terms) -> Iterator[Fault]:
    for name in ("list_price", "limit_price"):
        fen = getattr(terms, name)
        if fen is not None and abs(fen) > LARGEST_PRICE_FEN:
            yield Fault(name, "price_too_large", {"price_limit": LARGEST_PRICE_FEN})
    if terms.deal_mode is DealMode.LIST_PRICE and terms.list_price is None:
        yield Fault("list_price", "fixed_price_missing")


def _storage_faults(terms: Terms) -> Iterator[Fault]:
    silo, holding = terms.silo_kg, terms.holding_price
    if silo is not None and silo <= 0:
        yield Fault("silo", "silo_not_positive")
    elif silo is not None and silo > LARGEST_KG:
        yield Fault("silo", "silo_too_large", {"mass_limit": LARGEST_KG})
    if holding is None:
        return
    if silo is None:
        yield Fault("holding_price", "holding_without_silo")
    elif holding < 0:
        yield Fault("holding_price", "holding_negative")
    elif holding > LARGEST_PRICE_FEN:
        yield Fault("holding_price", "price_too_large", {"price_limit": LARGEST_PRICE_FEN})


def limit_faults(own: Sequence[OwnBound], known: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with a buyer's own quality limits. `known` are the codes of parameters."""
    names = [bound.parameter for bound in own]
    for bound in own:
        if bound.parameter not in known:
            yield Fault("own_limits", "unknown_parameter", {"value": bound.parameter})
        elif names.count(bound.parameter) > 1:
            yield Fault("own_limits", "limit_twice", {"value": bound.parameter})
            return
        elif bound.minimum is None and bound.maximum is None:
            yield Fault("own_limits", "limit_without_end", {"value": bound.parameter})
        elif _is_reversed(bound):
            yield Fault("own_limits", "limit_reversed", {"value": bound.parameter})


def _is_reversed(bound: OwnBound) -> bool:
    low, high = bound.minimum, bound.maximum
    return low is not None and high is not None and low > high


def kg_of_open_days(offered: int, taken: int, worked: int, days: int) -> int:
    """What a month in which works stand still can yet take, in kg.

    A month's mass counts for its open days only, rounded down; what is taken of it counts first.
    """
    return max(0, offered * worked // days - taken)


def change_faults(terms: Terms, site_id: int, standing: Standing, this_month: date) -> list[Fault]:
    """What of a change would break what is already reserved or contracted."""
    return [
        *_shrink_faults(terms, standing.taken, this_month),
        *_bound_faults(terms, site_id, standing),
    ]


def _shrink_faults(terms: Terms, taken: Mapping[date, int], this_month: date) -> Iterator[Fault]:
    window = set(terms.months)
    for month, kg in sorted(taken.items()):
        wanted = terms.kg_per_month if month in window else 0
        if month < this_month or wanted >= kg:
            continue
        values = {"month": month, "taken": kg, "wanted": wanted}
        if month in window:
            yield Fault("tonnes", "below_taken", values)
        else:
            name = "first_month" if month < terms.first_month else "last_month"
            yield Fault(name, "month_taken", values)
        return  # one month explains it; the next attempt shows the next one


def _bound_faults(terms: Terms, site_id: int, standing: Standing) -> Iterator[Fault]:
    total = sum(standing.taken.values())
    if not total:
        return
    if set(standing.materials) - set(terms.materials):
        yield Fault("materials", "material_bound", {"taken": total})
    if site_id != standing.site_id:
        yield Fault("site_id", "site_bound", {"taken": total})


def quantities(terms: Terms, known_months: set[date], this_month: date) -> dict[date, int]:
    """Kilograms each month from now on shall have after a change; months given up get none."""
    wanted = dict.fromkeys(known_months, 0) | dict.fromkeys(terms.months, terms.kg_per_month)
    return {month: kg for month, kg in sorted(wanted.items()) if month >= this_month}


def renewed(first: date, last: date, count: int, this_month: date) -> tuple[date, date]:
    """The window after `count` more months; one that has ended begins anew this month."""
    if last < this_month:
        return this_month, add_months(this_month, count - 1)
    return first, add_months(last, count)


def state(
    status: ListingStatus,
    last_month: date,
    open_kg: int,
    this_month: date,
    *,
    may_deal: bool = True,
) -> ListingState:
    """How a listing stands; `open_kg` is what is open from this month on.

    That of a firm that may not deal is paused: its tonnes wait until the firm may deal again.
    """
    if status is ListingStatus.WITHDRAWN:
        return ListingState.WITHDRAWN
    if last_month < this_month:
        return ListingState.EXPIRED
    if not may_deal:
        return ListingState.PAUSED
    if not open_kg:
        return ListingState.TAKEN
    return ListingState.LAST_MONTH if last_month == this_month else ListingState.ON_MARKET


def coarse_km(metres: int) -> int:
    """A road distance in steps of 5 km, at least one step: exact sites are private."""
    steps = (2 * metres + DISTANCE_STEP_M) // (2 * DISTANCE_STEP_M)
    return max(steps, 1) * DISTANCE_STEP_M // 1000


def series(side: Side, month: date) -> str:
    """What the serials of a month count under: `S-2611`."""
    return f"{side.prefix}-{month:%y%m}"


def public_number(prefix: str, serial: int) -> str:
    """Such as S-2611-0028: side, month of publication, serial within both."""
    return f"{prefix}-{serial:04d}"


def is_public_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def clearing_limit(limit_price: int | None, list_price: int | None) -> int:
    """The limit a clearing uses: the private one, else the list price, else nothing either way."""
    if limit_price is not None:
        return limit_price
    return list_price or 0
