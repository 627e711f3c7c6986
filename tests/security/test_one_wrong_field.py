"""A form that is right but for one field: the rule behind that field answers, not the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask

from app.core import once
from app.core.transactions import database
from app.listings.rules import DealMode
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.html import CheckedClient
from tests.listings.factories import published_offer
from tests.shipments.scene import Scene, made

HUGE = "9" * 40
TOO_LONG_TO_CONVERT = "9" * 5_000
FIRST, LAST = "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"
"""Instants that no zone's clock can show."""


@dataclass(frozen=True)
class Desk:
    """The consumer's browser, and what its forms name."""

    client: CheckedClient
    scene: Scene
    taken: str
    offered: str

    def send(self, path: str, fields: dict[str, str], **wrong: str) -> int:
        return self.client.post(path, data=fields | wrong).status_code


@pytest.fixture
def desk(any_app: Flask, frozen: datetime) -> Desk:
    scene = made(any_app)
    with database().writing() as session:
        site = approved_company(session, site_draft(*CHIPING)).sites[0]
        taken = published_offer(session, site, deal_mode=DealMode.LIST_PRICE, list_price=500)
        offered = published_offer(session, site)
        numbers = (taken.number, offered.number)
    return Desk(scene.client("consumer"), scene, *numbers)


def test_no_id_is_too_large_to_be_looked_for(desk: Desk) -> None:
    site = str(desk.scene.sites["consumer"])
    deal = {"key": once.new_key(), "site_id": site, "material": "fly_ash", "month": "2026-12"}
    deal |= {"tonnes": "1", "price": "1", "payer": "consumer"}
    for path in (f"/bidding/take/{desk.taken}", f"/bidding/offer/{desk.offered}"):
        for wrong in (HUGE, str(2**31), str(2**63), "0", "-1"):
            assert desk.send(path, deal, site_id=wrong) == 404, (path, wrong)
        assert desk.send(path, deal) == 303, path


def test_no_site_of_a_deal_made_elsewhere_is_too_large(desk: Desk) -> None:
    ends = {
        "my_site_id": desk.scene.sites["consumer"],
        "other_site_id": desk.scene.sites["producer"],
    }
    deal = {name: str(value) for name, value in ends.items()}
    deal |= {"key": once.new_key(), "my_side": "consumer", "material": "fly_ash", "tonnes": "1"}
    deal |= {"month": "2026-12", "payer": "consumer", "price": "1", "freight": "1"}
    path = "/trades/elsewhere"
    for wrong in (HUGE, str(2**63), str(desk.scene.sites["producer"])):
        assert desk.send(path, deal, my_site_id=wrong) == 404, wrong
    for wrong in (HUGE, TOO_LONG_TO_CONVERT, "٣", "1_0", "-1"):
        assert desk.send(path, deal, other_site_id=wrong) == 422, wrong
    assert desk.send(path, deal, other_site_id="999999999") == 422
    for field in ("tonnes", "month", "price", "freight", "material"):
        for wrong in (HUGE, "-1", "9999-12", "0001-01"):
            assert desk.send(path, deal, **{field: wrong}) == 422, (field, wrong)
    assert desk.send(path, deal) == 303


def test_no_slot_lies_beyond_the_calendar(desk: Desk) -> None:
    note, plate = desk.scene.notes["confirmed"], desk.scene.plates["confirmed"]
    truck = {"plate": plate, "driver": "司机甲", "driver_phone": "13800000000"}
    path = f"/shipments/{note}/change"
    for wrong in (FIRST, LAST, "0001-01-01T00:00", "2026-11-23T07:00", "x"):
        for field in ("load_slot", "unload_slot"):
            assert desk.send(path, truck, **{field: wrong}) == 422, wrong
    assert desk.send(path, truck) == 303


def test_no_gate_takes_more_trucks_than_a_number_can_be(desk: Desk) -> None:
    gate = {"opens_hour": "7", "closes_hour": "19", "slot_minutes": "30", "trucks_per_slot": "4"}
    gate["least_emission"] = "china_5"
    path = f"/shipments/gate/{desk.scene.sites['consumer']}/settings"
    for field in ("opens_hour", "closes_hour", "trucks_per_slot"):
        for wrong in (HUGE, TOO_LONG_TO_CONVERT, str(2**63), "-1", "0.5"):
            assert desk.send(path, gate, **{field: wrong}) == 422, (field, wrong)
    assert desk.send(path, gate) == 303


def test_no_paper_is_written_for_a_time_that_is_none(desk: Desk) -> None:
    for period in ("9999", "9999-12", "0001", "0001-01", "２０２６", "２０２６-12", "2026-13"):
        for path in (f"?period={period}", f"/ledger/{period}.xlsx", f"/evidence/{period}.xlsx"):
            assert desk.client.get(f"/documents{path}").status_code == 404, path
