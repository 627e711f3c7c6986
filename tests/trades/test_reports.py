"""Laboratory files behind the goods of a trade: for its two sides, once their names are open."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.assays.operations import carry_over, keep_report, void
from app.core.actor import SYSTEM
from app.core.transactions import database
from app.listings.models import Offer, Requirement
from app.trades.models import Trade
from tests.assays.factories import recorded
from tests.conftest import NOW
from tests.listings.factories import published_offer
from tests.passports.factories import report
from tests.trades.factories import confirmed_trade, proposed_trade
from tests.trades.test_case_pages import Case, case

PEOPLE = ("producer", "consumer", "operator", "county", "stranger")


def with_file(session: Session, offer: Offer, content: bytes = b"%PDF-1.7") -> int:
    """An assay of an offer that rests on a file; returns the file's id."""
    told = (session, SYSTEM, offer.company_id, offer.number)
    file = keep_report(*told, report(content), NOW)
    recorded(session, offer.company_id, offer.number, report_id=file.id)
    return file.id


def reported(session: Session, offer: Offer, taker: Requirement) -> Trade:
    with_file(session, offer)
    return confirmed_trade(session, offer, taker)


def codes(found: Case, report_id: int = 1) -> dict[str, int]:
    path = f"/trades/{found.number}/reports/{report_id}"
    return {person: found.client(person).get(path).status_code for person in PEOPLE}


def test_both_sides_of_a_confirmed_trade_may_read_the_file(app: Flask) -> None:
    found = case(app, reported)
    assert codes(found) == {
        "producer": 200,
        "consumer": 200,
        "operator": 404,
        "county": 404,
        "stranger": 404,
    }
    answer = found.client("consumer").get(f"/trades/{found.number}/reports/1")
    assert answer.data == b"%PDF-1.7"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("language", "title"), [("zh", "检测报告"), ("en", "Laboratory reports")])
def test_the_case_leads_its_sides_to_the_file(app: Flask, language: str, title: str) -> None:
    found = case(app, reported)
    link = f"/trades/{found.number}/reports/1"
    page = found.get("consumer", language=language)
    assert title in page
    assert link in page
    assert link not in found.get("county", language=language)


def test_before_both_have_confirmed_nobody_reads_it(app: Flask) -> None:
    def proposed(session: Session, offer: Offer, taker: Requirement) -> Trade:
        with_file(session, offer)
        return proposed_trade(session, offer, taker)

    found = case(app, proposed)
    assert set(codes(found).values()) == {404}
    assert "/reports/" not in found.get("consumer")


def test_a_file_of_another_offer_or_of_a_void_assay_is_not_there(app: Flask) -> None:
    found = case(app, reported)
    with database().writing() as session:
        other = with_file(session, published_offer(session), b"%PDF-1.4")
        void(session, SYSTEM, "A-2611-0001", "样品弄错", NOW)
    assert set(codes(found).values()) == {404}
    assert set(codes(found, other).values()) == {404}


def test_a_file_that_nobody_confirmed_is_not_there(app: Flask) -> None:
    def waiting(session: Session, offer: Offer, taker: Requirement) -> Trade:
        keep_report(session, SYSTEM, offer.company_id, offer.number, report(), NOW)
        return confirmed_trade(session, offer, taker)

    found = case(app, waiting)
    assert set(codes(found).values()) == {404}


def test_a_file_is_read_for_every_offer_that_carries_its_assay(app: Flask) -> None:
    def carried(session: Session, offer: Offer, taker: Requirement) -> Trade:
        with_file(session, offer)
        later = published_offer(session, offer.site)
        carry_over(session, SYSTEM, offer.company_id, offer.number, later.number, NOW)
        return confirmed_trade(session, later, taker)

    assert codes(case(app, carried))["consumer"] == 200
