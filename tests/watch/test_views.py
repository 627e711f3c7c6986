"""Pages of the watch, in both languages, for those who may see them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask_babel import refresh
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.actor import SYSTEM, CompanyRole
from app.core.clock import add_months
from app.core.transactions import database
from app.declarations.rules import ActivityKind
from app.shipments.models import Shipment
from app.watch import operations
from app.watch.rules import Outcome
from app.watch.signs.facts import Evidence, Finding, Kind, Measure
from app.watch.words import KINDS, NAMES, evidence_sentence
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.statistics.months import NOVEMBER, declared, loads_of, producer
from tests.watch.test_flags import finding

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
WANTED = {
    "zh": ("产生量与去向不平", "茌平区监管部门", "待认领"),
    "en": ("Balance does not close", "regulator of Chiping", "Nobody on it yet"),
}
ALL_MEASURES = (
    Evidence("gap", -40_000, Measure.KG),
    Evidence("unticketed_share", 355, Measure.MILLI),
    Evidence("age", 14, Measure.MONTHS),
    Evidence("times", 7, Measure.COUNT),
    Evidence("road", 31_300, Measure.METRES),
    Evidence("minutes", 3, Measure.MINUTES),
    Evidence("speed", 625, Measure.KMH),
    Evidence("opens", 6, Measure.HOUR),
    Evidence("one_in", 4_500_000, Measure.ONE_IN),
    Evidence(ActivityKind.BOARD_MADE, 120_000, Measure.ACTIVITY),
    Evidence(ActivityKind.COAL_BURNT, 5_000_000, Measure.ACTIVITY),
    Evidence("unloaded", "2026-11-05 10:00", Measure.TEXT),
)


@dataclass(frozen=True)
class Desk:
    """Two flags of a firm: one on a declaration, one on loads; and everybody's user ids."""

    app: Flask
    balance: str
    trip: str
    loads: tuple[str, ...]
    people: dict[str, int]

    def client(self, person: str, language: str = "zh") -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        client.set_cookie("language", language)
        with database().reading() as session:
            sign_in(client, session.get_one(User, self.people[person]))
        refresh()  # the scene was made in this very context, in Chinese
        return client

    def get(self, person: str, path: str, language: str = "zh", status: int = 200) -> str:
        response = self.client(person, language).get(f"/oversight/{path}")
        assert response.status_code == status, (path, response.status_code)
        return response.get_data(as_text=True)

    def post(self, person: str, path: str, status: int = 303, **fields: str) -> str:
        response = self.client(person).post(f"/oversight/{path}", data=fields)
        assert response.status_code == status, (path, response.status_code)
        return response.get_data(as_text=True)


@pytest.fixture
def desk(app: Flask, freeze: Callable[[datetime], None]) -> Desk:
    freeze(NOW)
    with database().writing() as session:
        return _made(app, session)


def _made(app: Flask, session: Session) -> Desk:
    site = producer(session)
    declared(session, site, generated=90_000, entrusted_used=61_000)
    trade = loads_of(session, site, 30_000, 31_000)
    session.flush()
    numbers = tuple(load.number for load in _shipments(session, trade.id))
    trip = Finding(
        Kind.TOO_FAST,
        site.id,
        NOVEMBER,
        plate="鲁PDEM01",
        evidence=(Evidence("minutes", 3, Measure.MINUTES),),
        loads=numbers,
    )
    balance = finding(site, month=NOVEMBER, evidence=ALL_MEASURES, explanation="雨季含水变化")
    flags = operations.raise_flags(session, SYSTEM, [balance, trip], NOW)
    people = {
        "county": regulator(session, region="371503"),
        "elsewhere": regulator(session, region="371521"),
        "operator": operator_user(session),
        "firm": user_of(session, site.company),
        "viewer": user_of(session, site.company, role=CompanyRole.VIEWER),
    }
    session.flush()
    ids = {name: user.id for name, user in people.items()}
    return Desk(app, flags[0].number, flags[1].number, numbers, ids)


def _shipments(session: Session, trade_id: int) -> list[Shipment]:
    query = select(Shipment).where(Shipment.trade_id == trade_id).order_by(Shipment.number)
    return list(session.scalars(query))


@LANGUAGES
def test_the_list_has_what_was_found_with_evidence_owner_and_time(
    desk: Desk, language: str
) -> None:
    page = desk.get("county", "watch", language)
    assert desk.balance in page
    assert desk.trip in page
    assert [words for words in WANTED[language] if words not in page] == []


@LANGUAGES
@pytest.mark.parametrize("query", ["?kind=too_fast", "?state=closed", "?county=371503", "?page=9"])
def test_the_list_narrows_and_never_breaks(desk: Desk, language: str, query: str) -> None:
    assert desk.get("operator", f"watch{query}", language)


def test_the_file_of_the_list_holds_every_flag_and_not_one_page_of_them(desk: Desk) -> None:
    with database().writing() as session:
        site = producer(session)
        found = [finding(site, month=add_months(NOVEMBER, -back)) for back in range(30)]
        operations.raise_flags(session, SYSTEM, found, NOW)
    assert desk.get("county", "watch").count("<tr>") < 30
    client = desk.client("county")
    for path, rows in (("watch?sheet=flags", 32), ("watch?kind=too_fast&sheet=flags", 1)):
        answer = client.get(f"/oversight/{path}")
        page = load_workbook(io.BytesIO(answer.data)).active
        assert page.max_row - int(page.freeze_panes[1:]) + 1 == rows
    assert client.get(f"/oversight/watch/{desk.balance}?sheet=evidence").status_code == 200
    assert desk.client("elsewhere").get("/oversight/watch?sheet=flags").status_code == 404


@LANGUAGES
def test_a_flag_shows_every_number_and_the_one_next_deed(desk: Desk, language: str) -> None:
    page = desk.get("county", f"watch/{desk.balance}", language)
    assert page.count("button-primary") == 1
    assert "31.3" in page
    assert "D-TEST" in page
    assert "雨季含水变化" in page


def test_a_flag_on_loads_lists_both_tickets_of_each(desk: Desk) -> None:
    page = desk.get("operator", f"watch/{desk.trip}")
    assert all(f"/shipments/{number}" in page for number in desk.loads)
    plain = desk.get("county", f"watch/{desk.trip}")
    assert all(number in plain and f"/shipments/{number}" not in plain for number in desk.loads)


@LANGUAGES
def test_a_flag_is_taken_asked_answered_and_closed_on_its_pages(desk: Desk, language: str) -> None:
    path = f"watch/{desk.balance}"
    desk.post("county", f"{path}/take")
    desk.post("county", f"{path}/ask", question="差额去了哪里？")
    assert "差额去了哪里？" in desk.get("firm", f"asked/{desk.balance}", language)
    assert desk.balance in desk.get("firm", "asked", language)
    desk.post("firm", f"asked/{desk.balance}/answer", account="含水率估高了。")
    assert "含水率估高了。" in desk.get("county", path, language)
    desk.post("county", f"{path}/close", outcome=Outcome.EXPLAINED, grounds="已核对化验单")
    page = desk.get("county", path, language)
    assert "button-primary" not in page
    assert "已核对化验单" in page
    assert desk.balance not in desk.get("county", "watch")


def test_a_form_without_words_comes_back_with_what_is_missing(desk: Desk) -> None:
    path = f"watch/{desk.balance}"
    desk.post("county", f"{path}/take")
    assert "企业会看到这段话" in desk.post("county", f"{path}/ask", 422, question=" ")
    assert "请选一个结论" in desk.post("county", f"{path}/close", 422, grounds="依据")


def test_others_are_told_that_there_is_no_such_flag(desk: Desk) -> None:
    desk.get("elsewhere", f"watch/{desk.balance}", status=404)
    desk.get("firm", f"asked/{desk.balance}", status=404)
    desk.get("firm", f"watch/{desk.balance}", status=403)
    desk.get("county", "watch/J-1", status=404)
    assert desk.balance not in desk.get("elsewhere", "watch")


def test_the_firm_does_not_learn_who_is_on_the_case(desk: Desk) -> None:
    path = f"watch/{desk.balance}"
    desk.post("county", f"{path}/take")
    desk.post("county", f"{path}/ask", question="请说明")
    with database().reading() as session:
        name = session.get_one(User, desk.people["county"]).name
    assert name in desk.get("county", path)
    assert name not in desk.get("firm", f"asked/{desk.balance}")


def test_every_kind_and_every_piece_of_evidence_has_its_words(desk: Desk) -> None:
    assert set(KINDS) == set(Kind)
    assert set(ActivityKind) <= set(NAMES)
    with desk.app.test_request_context():
        assert evidence_sentence(ALL_MEASURES).count("；") == len(ALL_MEASURES) - 1


@LANGUAGES
def test_a_firm_finds_its_way_to_the_questions_that_wait(desk: Desk, language: str) -> None:
    link = {"zh": "监管询问", "en": "Questions"}[language]
    counted = f'{link}<span class="nav-count">1</span>'
    assert counted not in front_desk(desk, "firm", language)
    desk.post("county", f"watch/{desk.trip}/take")
    desk.post("county", f"watch/{desk.trip}/ask", question="请说明这一车的时间")
    page = front_desk(desk, "firm", language)
    assert page.count(counted) >= 2
    assert page.count('href="/oversight/asked"') >= 3
    assert counted not in front_desk(desk, "viewer", language)
    desk.post("firm", f"asked/{desk.trip}/answer", account="磅房时钟慢了")
    assert counted not in front_desk(desk, "firm", language)


def front_desk(desk: Desk, person: str, language: str) -> str:
    response = desk.client(person, language).get("/desk")
    assert response.status_code == 200
    return response.get_data(as_text=True)
