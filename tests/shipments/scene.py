"""A trade with trucks in several states, and everybody who looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.companies.models import Company
from app.core.actor import CompanyRole
from app.core.transactions import database
from app.shipments.models import Shipment
from app.shipments.rules import End
from app.trades.models import Trade
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement
from tests.shipments.factories import (
    TARE,
    carrier,
    confirmed,
    on_the_road,
    planned,
    received,
    rejected,
    vehicle,
    weigh,
)
from tests.trades.factories import contracted_trade


@dataclass(frozen=True)
class Scene:
    """Numbers of notes by the state of their truck, sites by side, user ids by part."""

    app: Flask
    trade: str
    notes: dict[str, str]
    plates: dict[str, str]
    sites: dict[str, int]
    people: dict[str, int]
    vehicle_id: int

    def client(self, person: str, language: str = "zh") -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        client.set_cookie("language", language)
        if person != "nobody":
            with database().reading() as session:
                sign_in(client, session.get_one(User, self.people[person]))
        return client

    def get(self, person: str, path: str, language: str = "zh") -> str:
        response = self.client(person, language).get(f"/shipments/{path}")
        assert response.status_code == 200, (path, response.status_code)
        return response.get_data(as_text=True)


def made(app: Flask) -> Scene:
    """Everything, made by the product's own operations."""
    with database().writing() as session:
        trade, drivers = market(session)
        trucks = {
            name: vehicle(session, drivers)
            for name in ("draft", "confirmed", "on the road", "short", "rejected", "whole")
        }
        notes = {
            "draft": planned(session, trade, trucks["draft"]),
            "confirmed": confirmed(session, trade, trucks["confirmed"]),
            "on the road": on_the_road(session, trade, truck=trucks["on the road"]),
            "short": received(session, trade, arrived=29_000),
            "rejected": rejected(session, trade, part=5_000),
            "whole": _with_photo(session, trade),
        }
        session.flush()
        people = _people(session, trade, drivers)
        session.flush()
        return Scene(
            app=app,
            trade=trade.number,
            notes={name: note.number for name, note in notes.items()},
            plates={name: note.plate for name, note in notes.items()},
            sites={"producer": trade.producer_site_id, "consumer": trade.consumer_site_id},
            people={part: user.id for part, user in people.items()},
            vehicle_id=trucks["draft"].id,
        )


def market(session: Session) -> tuple[Trade, Company]:
    """A contracted trade of two firms, and a carrier."""
    producer = approved_company(
        session, site_draft(*CHIPING), name="示例电厂", name_en="Example power"
    )
    consumer = approved_company(
        session, site_draft(*DONGCHANGFU), name="示例水泥", name_en="Example cement"
    )
    offer = published_offer(session, producer.sites[0])
    trade = contracted_trade(session, offer, published_requirement(session, consumer.sites[0]))
    return trade, carrier(session)


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40)) -> bytes:
    """A photograph, small unless told otherwise."""
    target = BytesIO()
    Image.new("RGB", size, "gray").save(target, kind)
    return target.getvalue()


def ticket_fields(end: End, net: int = 30_000, **changes: str) -> dict[str, str]:
    """A weighing form as a browser sends it."""
    at = {End.LOADING: "2026-11-22T17:42", End.UNLOADING: "2026-11-22T19:42"}
    return {
        "client_key": f"key-{end}",
        "end": end.value,
        "number": f"P-{end}",
        "gross_kg": f"{TARE + net:,}",
        "tare_kg": str(TARE),
        "weighed_at": at.get(end, "2026-11-22T22:42"),
    } | changes


def _with_photo(session: Session, trade: Trade) -> Shipment:
    shipment = confirmed(session, trade)
    weigh(session, shipment, End.LOADING, photo=picture())
    weigh(session, shipment, End.UNLOADING, photo=picture("PNG"))
    return shipment


def _people(session: Session, trade: Trade, drivers: Company) -> dict[str, User]:
    return {
        "producer": user_of(session, trade.producer),
        "consumer": user_of(session, trade.consumer),
        "clerk": user_of(session, trade.consumer, CompanyRole.TRADER),
        "viewer": user_of(session, trade.consumer, CompanyRole.VIEWER),
        "carrier": user_of(session, drivers),
        "stranger": user_of(session, approved_company(session)),
        "operator": operator_user(session),
        "city": regulator(session),
    }
