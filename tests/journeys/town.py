"""A small town in which every page about bids, cases, trucks and papers has something to show.

Made by the product's own operations, as of `SERVED`; names are as long as names get.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.bidding import negotiating
from app.bidding.deals import DealDraft
from app.bidding.models import Negotiation, Round
from app.bidding.operations import cancel_round, withdraw_bid
from app.bidding.rules import DealTerms
from app.companies.models import Company, Site
from app.core import once
from app.core.actor import Actor, CompanyRole
from app.core.transactions import database
from app.declarations.rules import EventKind
from app.listings.models import Requirement
from app.listings.rules import DealMode
from app.shipments import discrepancies, gates, notes
from app.shipments.gates import GateDraft
from app.shipments.models import Shipment
from app.shipments.rules import EmissionClass, End, GateHours
from app.trades import cases, lookups, operations
from app.trades.models import Trade
from app.trades.rules import DeclineReason, Party
from tests.accounts.factories import operator_user, regulator, user_of
from tests.bidding.factories import OPERATOR, announced_round, bid_terms, placed
from tests.clearing.factories import bid, closed_round, listing_of, round_cleared
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.declarations.factories import recorded, yard_of
from tests.listings.factories import DECEMBER, published_offer, published_requirement, trader
from tests.passports.lots import buyers, good_offer, unfit_offer
from tests.shipments.factories import (
    LATEST,
    carrier,
    confirmed,
    on_the_road,
    planned,
    received,
    rejected,
    vehicle,
    weigh,
)
from tests.shipments.scene import picture
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    contracted_trade,
    keep_time,
    producer_of,
    proposed_trade,
)

SERVED = LATEST + timedelta(minutes=5)
"""When the town is looked at: the evening of 2026-11-22 in China."""
OCTOBER = date(2026, 10, 1)
LONG_NAME = "示例鲁西循环经济产业园热电联产综合利用有限责任公司第二分公司"
LONG_NAME_EN = "Example Western Shandong Circular Economy Park Combined Heat and Power Co., Ltd."
DAY = timedelta(days=1)
LARGE = (1600, 1200)
"""A photograph as telephones take them, in pixels."""

Way = Callable[..., Trade]
WAYS: dict[str, Way] = {
    "proposed": proposed_trade,
    "half confirmed": proposed_trade,
    "confirmed": confirmed_trade,
    "half signed": confirmed_trade,
    "contracted": contracted_trade,
    "wish to cancel": contracted_trade,
    "declined": proposed_trade,
    "cancelled": confirmed_trade,
}
"""How far each trade comes before somebody does what its name says."""


@dataclass
class Town:
    """Addresses of people, and the numbers and ids of things, by what they are called here."""

    emails: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)


def settled(app: Flask) -> Town:
    """Everything. The clock must stand at `SERVED`."""
    town = Town()
    with database().writing() as session:
        plant, works = _firms(session, town)
        _people(session, town, plant, works)
        _old_cases(session, town, plant, works)
        _cases(session, town, plant, works)
        _trucks(session, town, plant, works)
        _records(session, town, plant)
        _talks(session, town, plant, works)
        _call_rounds(session, town, plant, works)
    town.numbers["run"] = round_cleared(SERVED)
    with database().writing() as session:
        _rounds_to_come(session, town)
        _lots(session, town)
    return town


def _lots(session: Session, town: Town) -> None:
    """Material that was tested, that was not, that is unfit, and of which nobody knows the kind."""
    site = session.get_one(Site, town.ids["loading"])
    made = {
        "tested lot": good_offer(session, site=site, waste_name=LONG_NAME),
        "untested lot": published_offer(session, site),
        "slag": published_offer(session, site, material="smelting_slag"),
        "unfit lot": unfit_offer(session),
    }
    town.numbers |= {name: offer.number for name, offer in made.items()} | buyers(session)


def _firms(session: Session, town: Town) -> tuple[Site, Site]:
    plant = approved_company(
        session,
        site_draft(*CHIPING, name="二期粉煤灰综合利用厂区"),
        name=LONG_NAME,
        name_en=LONG_NAME_EN,
        is_consumer=False,
    )
    works = approved_company(
        session,
        site_draft(*DONGCHANGFU),
        name="示例水泥",
        name_en="Example cement",
        is_producer=False,
    )
    hauliers = carrier(session)
    town.ids |= {"plant": plant.id, "works": works.id, "hauliers": hauliers.id}
    town.ids |= {"loading": plant.sites[0].id, "unloading": works.sites[0].id}
    hours = GateDraft(GateHours(8, 18, 30, 2), EmissionClass.CHINA_5)
    for company in (plant, works):
        manager = trader(company, CompanyRole.MANAGER)
        gates.set_gate(session, manager, company.sites[0].id, hours, NOW)
    return plant.sites[0], works.sites[0]


def _people(session: Session, town: Town, plant: Site, works: Site) -> None:
    hauliers = session.get_one(Company, town.ids["hauliers"])
    people = {
        "producer": user_of(session, plant.company),
        "consumer": user_of(session, works.company),
        "carrier": user_of(session, hauliers),
        "newcomer": user_of(session, approved_company(session, is_carrier=True)),
        "operator": operator_user(session),
        "city": regulator(session),
        "county": regulator(session, "371503"),
    }
    session.flush()
    town.emails = {name: user.email for name, user in people.items()}
    town.ids |= {name: user.id for name, user in people.items()}


def _old_cases(session: Session, town: Town, plant: Site, works: Site) -> None:
    """What ended by the clock, and what the operator has to decide."""
    before = NOW - 60 * DAY
    months: dict[str, Any] = {"first_month": OCTOBER, "kg_per_month": 9_000_000}
    offer = published_offer(session, plant, before, list_price=850, **months)
    need = published_requirement(session, works, before, **months)

    def traded(way: Way, origin: str, now: datetime) -> Trade:
        return way(session, offer, need, now, month=OCTOBER, kg=400_000, origin=origin)

    expired = traded(proposed_trade, "R-2610-1", before)
    keep_time(session, before + 10 * DAY)
    unsigned = traded(confirmed_trade, "R-2610-2", NOW - 9 * DAY)
    broken = traded(contracted_trade, "R-2610-3", before)
    words = "料仓一直未腾空，三次约车都没有接收。"
    cases.find_default(session, OPERATOR, broken.number, Party.CONSUMER, words, NOW)
    keep_time(session, NOW)
    ended = {"expired": expired, "defaulted": broken, "escalated": unsigned}
    town.numbers |= {name: trade.number for name, trade in ended.items()}


def _cases(session: Session, town: Town, plant: Site, works: Site) -> None:
    """One trade in each state that people bring about."""
    offer = published_offer(session, plant, list_price=850, kg_per_month=90_000_000)
    need = published_requirement(session, works, kg_per_month=90_000_000)
    made = {
        name: way(
            session,
            offer,
            need,
            origin=f"R-2612-{count}",
            price_producer=455 - 300 * count,
            price_consumer=2_765 - 300 * count,
        )
        for count, (name, way) in enumerate(WAYS.items())
    }
    number = {name: trade.number for name, trade in made.items()}
    sell, buy = producer_of(made["proposed"]), consumer_of(made["proposed"])
    operations.confirm(session, sell, number["half confirmed"], NOW)
    cases.sign(session, sell, number["half signed"], "HT-2026-粉煤灰-0147", NOW)
    cases.ask_to_cancel(session, buy, number["wish to cancel"], DeclineReason.STANDSTILL, NOW)
    operations.decline(session, sell, number["declined"], DeclineReason.OTHER, NOW, "12 月检修")
    cases.ask_to_cancel(session, buy, number["cancelled"], DeclineReason.QUALITY, NOW)
    cases.agree_to_cancel(session, sell, number["cancelled"], NOW)
    city = actor_of(session.get_one(User, town.ids["city"]))
    lookups.look_up(session, city, number["proposed"], "核对 12 月粉煤灰去向", NOW)
    town.numbers |= number | {"offer": offer.number, "need": need.number}


def _trucks(session: Session, town: Town, plant: Site, works: Site) -> None:
    """One truck in each state, of one trade under way; and a trade that is all delivered."""
    need = published_requirement(session, works)
    trade = contracted_trade(session, published_offer(session, plant), need)
    hauliers = session.get_one(Company, town.ids["hauliers"])
    trucks = [vehicle(session, hauliers) for _ in range(4)]
    vehicle(session, plant.company, trailer_plate="鲁P1234挂", load_kg=31_500)
    made = {
        "draft": planned(session, trade, trucks[0], via="邯郸市"),
        "confirmed": confirmed(session, trade, trucks[1]),
        "on the road": on_the_road(session, trade, truck=trucks[2]),
        "arrived": on_the_road(session, trade, truck=trucks[3]),
        "short": received(session, trade, arrived=29_000),
        "disputed": received(session, trade, arrived=29_100),
        "part rejected": rejected(session, trade, part=5_000),
        "rejected": rejected(session, trade),
        "home": rejected(session, trade),
        "whole": _photographed(session, trade),
        "closed": received(session, trade),
        "void": confirmed(session, trade),
    }
    number = {name: note.number for name, note in made.items()}
    sell, buy = producer_of(trade), consumer_of(trade)
    notes.arrive(session, buy, number["arrived"], LATEST)
    discrepancies.propose(session, buy, number["disputed"], 29_400, "复磅单 P-88123", LATEST)
    weigh(session, made["home"], End.RETURN, photo=picture(size=LARGE))
    notes.close(session, sell, number["closed"], LATEST)
    notes.void(session, sell, number["void"], "车辆故障，改派他车", LATEST)
    town.ids["vehicle"] = trucks[0].id
    town.numbers |= {f"truck {name}": one for name, one in number.items()}
    town.numbers |= {"delivering": trade.number, "completed": _completed(session, plant, need)}


def _photographed(session: Session, trade: Trade) -> Shipment:
    shipment = confirmed(session, trade)
    weigh(session, shipment, End.LOADING, photo=picture(size=LARGE))
    weigh(session, shipment, End.UNLOADING, photo=picture("PNG", LARGE))
    return shipment


def _completed(session: Session, plant: Site, need: Requirement) -> str:
    offer = published_offer(session, plant)
    trade = contracted_trade(session, offer, need, kg=60_000, origin="R-2612-99")
    for _ in range(2):
        received(session, trade)
    return trade.number


def _records(session: Session, town: Town, plant: Site) -> None:
    """Three weeks of ash into a silo that will soon be full."""
    yard = yard_of(session, plant.company)
    town.ids |= {"source": yard.source_id, "silo": yard.store_id}
    for days in range(20, 0, -1):
        recorded(session, yard, EventKind.GENERATED, 60, days)
        recorded(session, yard, EventKind.STORED, 50, days)
    recorded(session, yard, EventKind.SELF_USED, 30, 3)
    recorded(session, yard, EventKind.TAKEN_OUT, 40, 2)


def _talks(session: Session, town: Town, plant: Site, works: Site) -> None:
    """Direct offers in each state, and a listing that sells at its list price."""
    buyer = actor_of(session.get_one(User, town.ids["consumer"]))
    seller = actor_of(session.get_one(User, town.ids["producer"]))
    listings = [published_offer(session, plant).number for _ in range(3)]
    waiting, ended, answered = (_talk(session, buyer, works, number) for number in listings)
    negotiating.say(session, seller, waiting.number, "12 月上旬能装车吗？", NOW)
    negotiating.decline(session, seller, ended.number, ended.standing.position, "价格太低", NOW)
    reply = negotiating.Reply(answered.standing.position, 200_000, 750, "这个价可以装车")
    negotiating.counter(session, seller, answered.number, reply, NOW + timedelta(minutes=9))
    fixed = published_offer(session, plant, deal_mode=DealMode.LIST_PRICE, list_price=850)
    direct = published_offer(session, plant, list_price=1_200)
    town.numbers |= {"talk": waiting.number, "talk ended": ended.number}
    town.numbers |= {"talk answered": answered.number}
    town.numbers |= {"fixed": fixed.number, "direct": direct.number}


def _talk(session: Session, actor: Actor, site: Site, listing: str) -> Negotiation:
    terms = DealTerms("fly_ash", DECEMBER, 200_000, 600)
    draft = DealDraft(site.id, terms, "先谈一笔，装车时间可以商量。")
    return negotiating.open_negotiation(session, actor, listing, draft, NOW, key=once.new_key())


def _call_rounds(session: Session, town: Town, plant: Site, works: Site) -> None:
    """A round of three firms a side that is about to be cleared."""
    past = closed_round(session)
    for count in range(3):
        seller = approved_company(session, site_draft(*CHIPING)).sites[0] if count else plant
        buyer = approved_company(session, site_draft(*DONGCHANGFU)).sites[0] if count else works
        ask = published_offer(session, seller, limit_price=-99_00)
        bid(session, past, ask, bid_terms((100, 200), (100, 1200)))
        bid(session, past, published_requirement(session, buyer), bid_terms((150, 60_00)))
        town.numbers.setdefault("asked", ask.number)
    town.numbers["closed round"] = past.number


def _rounds_to_come(session: Session, town: Town) -> None:
    """A round that takes bids now, one that will, and one that was called off."""
    now = _round(session, date(2027, 1, 1), opens=-1, closes=2)
    steps = ((500, 1_250), (300, 800), (200, 0), (100, -300), (50, -1_200))
    placed(session, now, listing_of(session, town.numbers["offer"]), bid_terms(*steps))
    again = listing_of(session, town.numbers["asked"])
    placed(session, now, again, bid_terms((100, 900)))
    withdraw_bid(session, trader(again.company), now.number, again.number, NOW, version=1)
    materials = ("fly_ash", "fgd_gypsum", "red_mud")
    later = _round(session, date(2027, 2, 1), opens=3, closes=5, materials=materials)
    off = _round(session, date(2027, 3, 1), opens=9, closes=10)
    cancel_round(session, OPERATOR, off.number, NOW)
    town.numbers |= {"open round": now.number, "round to come": later.number}
    town.numbers |= {"cancelled round": off.number}


def _round(session: Session, month: date, opens: int, closes: int, **changes: object) -> Round:
    """A round for a month, open between two days counted from now."""
    changes |= {"opens_at": NOW + opens * DAY, "closes_at": NOW + closes * DAY}
    return announced_round(session, NOW, month=month, **changes)
