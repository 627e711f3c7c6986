"""Writing deals of the past: listings, trades, notes and tickets, a month at a time.

The rows are those that the verbs would have left. What belongs to the ledger and to the audit
trail, which both run in the order of time, comes back as a `Journal`; trucks leave no trail here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core.actor import SYSTEM, ActorKind
from app.core.audit import AuditEvent
from app.core.bulk import add_rows, add_with_ids
from app.core.clock import china_day
from app.core.series import next_serials
from app.history.deals import Deal, Load
from app.history.rules import TRUCK_LOAD_KG
from app.ledger.rules import Verb
from app.ledger.taking_over import Movement, take_over
from app.listings.models import Listing, ListingMaterial
from app.listings.rules import DealMode, ListingStatus, Side, public_number, series
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import EmissionClass, End, Packaging, ShipmentStatus, Verdict
from app.trades.elsewhere import ORIGIN
from app.trades.models import Trade, TradeDraw
from app.trades.rules import (
    EndReason,
    Party,
    TradeSource,
    TradeStatus,
    delivery_deadline,
)
from app.trades.terms import terms_at

FIRM = str(ActorKind.COMPANY)
PHONE = "0635-0000000"
TRADE_STEPS, LOAD_STEPS = 6, 6
"""How often a case and a note were changed on their way to the end, and once more: versions."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entered:
    """A deal that was written, by its public numbers, and its loads' by their place."""

    deal: Deal
    trade: str
    offer: str
    need: str
    loads: tuple[str, ...]

    @property
    def listings(self) -> tuple[str, str]:
        return self.offer, self.need


@dataclass
class Journal:
    """What deals that are written still owe to the ledger and the audit trail, in order of time."""

    movements: list[Movement]
    events: list[Row]

    def post(self, session: Session, until: datetime | None = None) -> None:
        """Post what happened up to an instant, or all that is left."""
        moved = sum(until is None or one.at <= until for one in self.movements)
        told = sum(until is None or _when(one) <= until for one in self.events)
        session.flush()
        take_over(session, self.movements[:moved])
        add_rows(session, AuditEvent, self.events[:told])
        del self.movements[:moved], self.events[:told]


def enter(session: Session, deals: Sequence[Deal]) -> Journal:
    """Write the deals of one month; returns what is to be posted of them."""
    if not deals:
        return Journal([], [])
    entered = _numbered(session, deals)
    _write_listings(session, entered)
    trade_ids = _write_trades(session, entered)
    _write_loads(session, entered, trade_ids)
    return Journal(
        sorted(_movements(entered), key=lambda moved: moved.at),
        sorted(_trail(entered), key=_when),
    )


def _numbered(session: Session, deals: Sequence[Deal]) -> list[Entered]:
    month = china_day(deals[0].proposed_at).replace(day=1)
    of_trades, of_loads = f"T-{month:%y%m}", f"W-{month:%y%m}"
    of_offers, of_needs = (series(side, month) for side in (Side.OFFER, Side.REQUIREMENT))
    count = len(deals)
    trades = next_serials(session, of_trades, count)
    offers, needs = (next_serials(session, prefix, count) for prefix in (of_offers, of_needs))
    loads = iter(next_serials(session, of_loads, sum(len(deal.loads) for deal in deals)))
    return [
        Entered(
            deal=deal,
            trade=f"{of_trades}-{trades[place]:04d}",
            offer=public_number(of_offers, offers[place]),
            need=public_number(of_needs, needs[place]),
            loads=tuple(f"{of_loads}-{next(loads):05d}" for _load in deal.loads),
        )
        for place, deal in enumerate(deals)
    ]


# --- listings and trades ----------------------------------------------------------------


def _write_listings(session: Session, entered: Sequence[Entered]) -> None:
    rows = [_listing(one, side) for one in entered for side in Side]
    ids = add_with_ids(session, Listing, rows)
    of_rows = [one.deal.route.material for one in entered for _side in Side]
    materials = [
        {"listing_id": listing_id, "material_code": material, "position": 0}
        for listing_id, material in zip(ids, of_rows, strict=True)
    ]
    add_rows(session, ListingMaterial, materials)


def _listing(one: Entered, side: Side) -> Row:
    """A private listing, made for the deal and gone with it."""
    deal, is_offer = one.deal, side is Side.OFFER
    place = deal.route.producer if is_offer else deal.route.consumer
    return {
        "number": one.offer if is_offer else one.need,
        "side": side,
        "company_id": place.company_id,
        "site_id": place.site_id,
        "kg_per_month": deal.kg,
        "first_month": deal.month,
        "last_month": deal.month,
        "status": ListingStatus.WITHDRAWN,
        "deal_mode": DealMode.PRIVATE,
        "version": 2,
        "shows_name": True,
        "waste_name": "",
        "waste_code": "",
        "product": None if is_offer else deal.route.product,
        "kind": deal.route.kind if is_offer else None,
        "accepts_not_shown": False,
        "note": "",
        "published_at": deal.proposed_at,
        "changed_at": deal.proposed_at,
        "withdrawn_at": deal.proposed_at,
    }


def _write_trades(session: Session, entered: Sequence[Entered]) -> list[int]:
    """The ids of the trades, in the order of their deals."""
    terms = terms_at(session, entered[0].deal.proposed_at)
    deadlines = [
        delivery_deadline(one.deal.month, one.deal.contracted_at, terms) for one in entered
    ]
    rows = [_trade(one, at) for one, at in zip(entered, deadlines, strict=True)]
    ids = add_with_ids(session, Trade, rows)
    draws = [
        {"trade_id": trade_id, "listing_number": number, "month": one.deal.month, "kg": one.deal.kg}
        for trade_id, one in zip(ids, entered, strict=True)
        for number in one.listings
    ]
    add_rows(session, TradeDraw, draws)
    return ids


def _trade(one: Entered, deadline: datetime) -> Row:
    deal, route = one.deal, one.deal.route
    return {
        "number": one.trade,
        "version": TRADE_STEPS,
        "source": TradeSource.ELSEWHERE,
        "origin": ORIGIN,
        "offer_number": one.offer,
        "requirement_number": one.need,
        "producer_company_id": route.producer.company_id,
        "consumer_company_id": route.consumer.company_id,
        "producer_site_id": route.producer.site_id,
        "consumer_site_id": route.consumer.site_id,
        "material": route.material,
        "month": deal.month,
        "kg": deal.kg,
        "price_producer": route.price,
        "price_consumer": route.price + route.freight,
        "freight": route.freight,
        "road_m": route.road_m,
        "deadline": deadline,
        "contract_number": one.trade,
        **_stations(deal),
    }


def _stations(deal: Deal) -> Row:
    """When a trade came to each state, up to its end."""
    return {
        "status": TradeStatus.COMPLETED,
        "proposed_at": deal.proposed_at,
        "producer_confirmed_at": deal.proposed_at,
        "consumer_confirmed_at": deal.confirmed_at,
        "confirmed_at": deal.confirmed_at,
        "producer_signed_at": deal.producer_signed_at,
        "consumer_signed_at": deal.contracted_at,
        "contracted_at": deal.contracted_at,
        "delivering_at": min(load.loading.recorded_at for load in deal.loads),
        "ended_at": deal.ended_at,
        "ended_reason": EndReason.DELIVERED,
    }


# --- trucks -----------------------------------------------------------------------------


def _write_loads(session: Session, entered: Sequence[Entered], trade_ids: Sequence[int]) -> None:
    trips = [
        (trade_id, one, number, load)
        for trade_id, one in zip(trade_ids, entered, strict=True)
        for number, load in zip(one.loads, one.deal.loads, strict=True)
    ]
    rows = [_shipment(trade_id, number, load) for trade_id, _one, number, load in trips]
    ids = add_with_ids(session, Shipment, rows)
    tickets = [
        _ticket(shipment_id, one.deal, number, load, end)
        for shipment_id, (_trade_id, one, number, load) in zip(ids, trips, strict=True)
        for end in (End.LOADING, End.UNLOADING)
    ]
    add_rows(session, Ticket, tickets)


def _shipment(trade_id: int, number: str, load: Load) -> Row:
    """A note of a load that was taken whole and put away the same hour."""
    loaded, received = load.loading, load.unloading
    return {
        "number": number,
        "version": LOAD_STEPS,
        "trade_id": trade_id,
        "status": ShipmentStatus.CLOSED,
        "planned_kg": min(loaded.net_kg, TRUCK_LOAD_KG),
        "packaging": Packaging.BULK,
        "carrier_company_id": load.truck.company_id,
        "plate": load.truck.plate,
        "trailer_plate": load.truck.trailer_plate,
        "emission": EmissionClass.CHINA_6,
        "driver": load.truck.driver,
        "driver_phone": PHONE,
        "created_at": loaded.at,
        "created_by": FIRM,
        "planned_by": Party.PRODUCER,
        "confirmed_at": loaded.at,
        "loaded_at": loaded.at,
        "departed_at": loaded.at,
        "arrived_at": received.at,
        "received_at": received.at,
        "closed_at": received.recorded_at,
        "dispatched_kg": loaded.net_kg,
        "received_kg": received.net_kg,
        "verdict": Verdict.ACCEPT,
    }


def _ticket(shipment_id: int, deal: Deal, number: str, load: Load, end: End) -> Row:
    is_loading = end is End.LOADING
    weighing = load.loading if is_loading else load.unloading
    place = deal.route.producer if is_loading else deal.route.consumer
    return {
        "shipment_id": shipment_id,
        "site_id": place.site_id,
        "end": end,
        "number": f"{number.removeprefix('W-')}-{end[0].upper()}",
        "gross_kg": weighing.gross_kg,
        "tare_kg": weighing.tare_kg,
        "weighed_at": weighing.at,
        "recorded_at": weighing.recorded_at,
        "recorded_by": FIRM,
    }


# --- ledger and trail -------------------------------------------------------------------


def _movements(entered: Sequence[Entered]) -> Iterator[Movement]:
    for one in entered:
        deal, names = one.deal, [(number, one.deal.month) for number in one.listings]
        whole = dict.fromkeys(names, deal.kg)
        for name in names:
            issued = {name: deal.kg}
            yield Movement(Verb.ISSUE, name[0], issued, deal.proposed_at, SYSTEM.label)
        yield Movement(Verb.RESERVE, one.trade, whole, deal.proposed_at, FIRM)
        yield Movement(Verb.CONTRACT, one.trade, whole, deal.confirmed_at, FIRM)
        for number, load in zip(one.loads, deal.loads, strict=True):
            moved = {
                Verb.DISPATCH: (load.loading.net_kg, load.loading.recorded_at),
                Verb.RECEIVE: (load.unloading.net_kg, load.unloading.recorded_at),
                Verb.DIFFER: (load.lost_kg, load.unloading.recorded_at),
            }
            for verb, (kg, at) in moved.items():
                if kg:
                    yield Movement(verb, one.trade, dict.fromkeys(names, kg), at, FIRM, number)


def _trail(entered: Sequence[Entered]) -> Iterator[Row]:
    """What the audit trail tells of listings and cases."""
    for one in entered:
        deal = one.deal
        for side, number in zip(Side, one.listings, strict=True):
            said = _said(deal, side)
            yield _event("listing.publish", side, number, deal.proposed_at, SYSTEM.label, said)
            kg = {"kg": 0}
            yield _event("listing.withdraw", side, number, deal.proposed_at, SYSTEM.label, kg)
        sides = [[], [Party.PRODUCER], [Party.CONSUMER]]
        for verb, at, spoken in (
            ("trade.propose", deal.proposed_at, sides[0]),
            ("trade.confirm", deal.proposed_at, sides[1]),
            ("trade.confirm", deal.confirmed_at, sides[2]),
            ("trade.sign", deal.producer_signed_at, sides[1]),
            ("trade.sign", deal.contracted_at, sides[2]),
        ):
            yield _event(verb, "trade", one.trade, at, FIRM, {"sides": spoken})
        ended: Row = {"sides": [], "reason": EndReason.DELIVERED}
        yield _event("trade.complete", "trade", one.trade, deal.ended_at, FIRM, ended)


def _said(deal: Deal, side: Side) -> Row:
    is_offer = side is Side.OFFER
    return {
        "materials": [deal.route.material],
        "kg_per_month": deal.kg,
        "first_month": f"{deal.month:%Y-%m}",
        "last_month": f"{deal.month:%Y-%m}",
        "kind": deal.route.kind if is_offer else None,
        "site_id": (deal.route.producer if is_offer else deal.route.consumer).site_id,
    }


def _event(verb: str, kind: str, number: str, at: datetime, actor: str, detail: Row) -> Row:
    return {
        "at": at,
        "actor": actor,
        "verb": verb,
        "object_kind": str(kind),
        "object_id": number,
        "detail": detail,
        "request_id": "",
    }


def _when(event: Row) -> datetime:
    at: datetime = event["at"]
    return at
