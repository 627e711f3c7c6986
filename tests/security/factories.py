"""One market with everybody in it, made by the product's own operations, and who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assays.operations import keep_report
from app.bidding import negotiating
from app.bidding.deals import DealDraft
from app.bidding.rules import DealTerms
from app.companies.models import Company
from app.core import once
from app.core.actor import SYSTEM, CompanyRole
from app.core.transactions import database
from app.imports.rules import ImportKind
from app.listings.models import Offer, Requirement
from tests.accounts.factories import (
    actor_of,
    auditor_user,
    operator_user,
    regulator,
    sign_in,
    user_of,
)
from tests.assays.factories import recorded
from tests.bidding.factories import announced_round, bid_terms, placed
from tests.clearing.factories import cleared
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.imports.factories import OFFER, received, table, work_off
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.passports.factories import report

OFFER_LIMIT = -7_654_31
OFFER_BID, REQUIREMENT_BID = -5_432_19, 4_321_98
REQUIREMENT_LIMIT = 8_765_47
LINQING_CODE = "371581"
JINAN_CODE = "370100"


@dataclass(frozen=True, slots=True)
class Market:
    """What a stranger would like to get at: all of it is the producer's or the consumer's."""

    company_id: int
    site_id: int
    member_id: int
    offer: str
    requirement: str
    round: str
    negotiation: str
    trade: str
    run: str
    table: str
    people: dict[str, int]
    """User ids by part: producer, viewer, consumer, stranger, operator, city, far, other_city,
    auditor.
    """

    def values(self, endpoint: str) -> dict[str, object]:
        """What stands in the address of a route to name the producer's object."""
        numbers = {
            "trades": self.trade,
            "bidding": self.round,
            "clearing": self.run,
            "declarations": "E-2611-00001",
            "imports": self.table,
            "maps": self.trade,
            "watch": "J-2611-00001",
        }
        number = numbers.get(endpoint.partition(".")[0], self.offer)
        if endpoint in ("clearing.order", "clearing.proof", "trades.record_of_listing"):
            number = self.offer
        if endpoint == "clearing.of_round":
            number = self.round
        return {
            "number": number,
            "listing": self.offer,
            "thread": self.negotiation,
            "company_id": self.company_id,
            "site_id": self.site_id,
            "adcode": "371503",
            "origin": "371503",
            "destination": "371502",
            "name": "producers.csv",
            "version": 1,
            "user_id": self.member_id,
            "language": "en",
            "address": "GB~T_1596-2017",
            "waste": "fly_ash",
            "code": "concrete",
            "month": "2026-12",
            "period": "2026-12",
            "producer_id": self.company_id,
            "consumer_id": self.company_id,
            "notification_id": 1,
            "source_id": 1,
            "facility_id": 1,
            "report_id": 1,
            "assay_number": "A-2611-0001",
            "vehicle_id": 1,
            "end": "loading",
            "kind": "offers",
            "suffix": "csv",
            "filename": "css/nothing.css",
        }


def cleared_market(now: datetime) -> Market:
    """A producer and a consumer that a clearing has paired at private limits, and strangers."""
    with database().writing() as session:
        producer = approved_company(session, site_draft(*CHIPING))
        consumer = approved_company(session, site_draft(*DONGCHANGFU))
        offer = published_offer(session, producer.sites[0], limit_price=OFFER_LIMIT)
        taker = published_requirement(session, consumer.sites[0], limit_price=REQUIREMENT_LIMIT)
        people = _people(session, producer, consumer)
        session.flush()
        ids = {part: user.id for part, user in people.items()}
        _assay_with_a_report(session, offer)
        dealt = _bids_and_an_offer(session, offer, taker, people["consumer"])
        own = (producer.id, producer.sites[0].id, ids["viewer"], offer.number, taker.number, *dealt)
    run = cleared(now)
    sent = _refused_table(ids["producer"])
    return Market(*own, trade=f"T-{now:%y%m}-0001", run=run, table=sent, people=ids)


def client_of(app: Flask, market: Market, part: str) -> FlaskClient:
    """A browser in which somebody of the market has signed in; `public` has not."""
    client = FlaskClient(app)
    if part != "public":
        with database().reading() as session:
            sign_in(client, session.get_one(User, market.people[part]))
    return client


def _people(session: Session, producer: Company, consumer: Company) -> dict[str, User]:
    stranger = approved_company(session, site_draft(*CHIPING))
    return {
        "producer": user_of(session, producer),
        "viewer": user_of(session, producer, CompanyRole.VIEWER),
        "consumer": user_of(session, consumer),
        "stranger": user_of(session, stranger),
        "operator": operator_user(session),
        "city": regulator(session),
        "far": regulator(session, LINQING_CODE),
        "other_city": _of_another_city(session),
        "auditor": auditor_user(session),
    }


def _of_another_city(session: Session) -> User:
    """A city's regulator in a province: this installation would make no account of that region."""
    user = regulator(session)
    user.region = JINAN_CODE
    return user


def _assay_with_a_report(session: Session, offer: Offer) -> None:
    """What a laboratory found in the producer's ash, with its file."""
    told = (session, SYSTEM, offer.company_id, offer.number)
    file = keep_report(*told, report(), NOW)
    recorded(session, offer.company_id, offer.number, report_id=file.id)


def _refused_table(user_id: int) -> str:
    """A table whose one row holds a limit price, and is told what is wrong with it."""
    with database().reading() as session:
        sender = actor_of(session.get_one(User, user_id))
    row = OFFER | {"limit_price": f"{abs(OFFER_LIMIT) / 100:.2f}."}
    number = received(sender, ImportKind.OFFERS, table(ImportKind.OFFERS, [row]))
    work_off(number)
    return number


def _bids_and_an_offer(
    session: Session, offer: Offer, taker: Requirement, consumer: User
) -> tuple[str, str]:
    """A round in which both sides have bid, and what the consumer has offered directly."""
    found = announced_round(session)
    placed(session, found, offer, bid_terms((10, OFFER_BID)))
    placed(session, found, taker, bid_terms((10, REQUIREMENT_BID)))
    session.refresh(consumer)
    draft = DealDraft(taker.site_id, DealTerms("fly_ash", DECEMBER, 1_000, 500))
    thread = negotiating.open_negotiation(
        session, actor_of(consumer), offer.number, draft, NOW, key=once.new_key()
    )
    return found.number, thread.number
