"""From sealed bids to the ledger forms, through the pages, once on each database.

A call round closes, both sides confirm and sign, three trucks go (one comes short, one is refused),
the case is completed, and the papers are written. All the way the limit prices are looked for in
whatever anybody else gets to see.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from pypdfium2 import PdfDocument
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.clearing.models import ClearingRun
from app.core.audit import AuditEvent
from app.core.clock import CHINA
from app.core.jobs import operations as jobs
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.ledger.queries import check
from app.notifications.models import Notification
from app.shipments.models import Shipment
from app.trades.models import Trade
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.notifications.factories import send_mail

POWER, CEMENT = "旅程电厂", "旅程水泥"
ASK, BID = "13.57", "86.42"
CANARIES = {"producer": ("13.57", "1357"), "consumer": ("86.42", "8642")}
"""Limit prices as people write them and as the database would hold them."""
TRUCK_KG, TARE_KG = 30_000, 14_000


@dataclass
class Person:
    """Somebody at a browser, and everything that was shown."""

    client: CheckedClient
    user_id: int | None = None
    shown: list[str] = field(default_factory=list)

    def signs_in(self) -> None:
        """Sign in, anew where a session has lapsed."""
        if self.user_id is not None:
            with database().reading() as session:
                sign_in(self.client, session.get_one(User, self.user_id))

    def sees(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return self._keep(response)

    def does(self, path: str, **fields: object) -> str:
        """Send a form; returns where it led."""
        response = self.client.post(path, data=fields)
        text = self._keep(response)
        assert response.status_code == 303, (path, response.status_code, _faults(text))
        return response.location

    def fetches(self, path: str) -> bytes:
        response = self.client.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return response.get_data()

    def _keep(self, response: TestResponse) -> str:
        text = response.get_data(as_text=True)
        self.shown.append(text)
        return text


def _faults(text: str) -> list[str]:
    return re.findall(r'(?:class="field-error[^>]*>|role="alert"[^>]*>)(.*?)</', text, re.DOTALL)


@dataclass
class Story:
    """The people, their sites, and the clock."""

    app: Flask
    people: dict[str, Person]
    sites: dict[str, int]
    freeze: Callable[[datetime], None]
    at: datetime = NOW

    def __getattr__(self, name: str) -> Person:
        return self.people[name]

    def waits(self, **length: int) -> None:
        """Time passes; the mail is sent and everybody comes back to their desk."""
        send_mail()
        self.at += timedelta(**length)
        self.freeze(self.at)
        for person in self.people.values():
            person.signs_in()

    def local(self) -> str:
        return f"{self.at.astimezone(CHINA):%Y-%m-%dT%H:%M}"


@pytest.fixture
def story(any_app: Flask, freeze: Callable[[datetime], None]) -> Story:
    freeze(NOW)
    with database().writing() as session:
        plant = approved_company(session, site_draft(*CHIPING), name=POWER, name_en=POWER)
        works = approved_company(session, site_draft(*DONGCHANGFU), name=CEMENT, name_en=CEMENT)
        users = {
            "producer": user_of(session, plant),
            "consumer": user_of(session, works),
            "operator": operator_user(session),
            "regulator": regulator(session),
        }
        session.flush()
        sites = {"producer": plant.sites[0].id, "consumer": works.sites[0].id}
        ids = {name: user.id for name, user in users.items()}
    people = {name: Person(_client(any_app), user_id) for name, user_id in ids.items()}
    people["public"] = Person(_client(any_app))
    told = Story(any_app, people, sites, freeze)
    told.waits(minutes=1)
    return told


def test_sealed_bids_become_weighed_tonnes_and_papers(
    story: Story, caplog: pytest.LogCaptureFixture, data_dir: Path
) -> None:
    round_number = a_round_is_announced(story)
    both_bid(story, round_number)
    the_round_is_cleared(story, round_number)
    trade = both_confirm_and_sign(story)
    whole, short, refused = three_trucks_go(story, trade)
    the_short_one_is_settled(story, short)
    the_refused_one_comes_home(story, refused)
    the_case_is_completed(story, trade)
    the_papers_are_written(story, trade, (whole, short, refused))
    with database().reading() as session:
        assert check(session) == []
    no_limit_is_found(story, round_number, caplog.text, data_dir)


def a_round_is_announced(story: Story) -> str:
    opens, closes = story.at + timedelta(hours=1), story.at + timedelta(days=2)
    form = story.operator.sees("/bidding/rounds/new")
    where = story.operator.does(
        "/bidding/rounds/new",
        key=_hidden(form, "key"),
        month="2026-12",
        opens_at=f"{opens.astimezone(CHINA):%Y-%m-%dT%H:%M}",
        closes_at=f"{closes.astimezone(CHINA):%Y-%m-%dT%H:%M}",
        materials="fly_ash",
    )
    return where.rstrip("/").rpartition("/")[2]


def both_bid(story: Story, round_number: str) -> None:
    offer = _lists(story.producer, "offers", story.sites["producer"])
    need = _lists(story.consumer, "requirements", story.sites["consumer"])
    story.waits(hours=2)
    for person, listing, price in (
        (story.producer, offer, ASK),
        (story.consumer, need, BID),
    ):
        path = f"/bidding/rounds/{round_number}/bids/{listing}"
        person.sees(path)
        person.does(path, version="0", tonnes_1="90", payer_1="consumer", price_1=price)
        assert price in person.sees(path)


def the_round_is_cleared(story: Story, round_number: str) -> None:
    story.waits(days=2)
    _work_off("clearing.clear_rounds", story.at)
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        run_number, job_id = run.number, run.job_id
    run_job(job_id)
    assert "报单总指纹" in story.public.sees(f"/clearing/{run_number}")
    story.public.sees(f"/bidding/rounds/{round_number}")
    for person in (story.producer, story.consumer, story.regulator, story.operator):
        person.sees(f"/clearing/{run_number}")


def both_confirm_and_sign(story: Story) -> str:
    with database().reading() as session:
        trade = session.scalars(select(Trade.number)).one()
    for person in (story.producer, story.consumer):
        assert POWER not in story.consumer.sees(f"/trades/{trade}")
        person.does(f"/trades/{trade}/confirm")
    assert POWER in story.consumer.sees(f"/trades/{trade}")
    for person in (story.producer, story.consumer):
        person.does(f"/trades/{trade}/sign", contract_number="HT-2612-01")
    return trade


def three_trucks_go(story: Story, trade: str) -> tuple[str, str, str]:
    numbers = [_loaded(story, trade, f"鲁P1234{count}") for count in range(3)]
    whole, short, refused = numbers
    story.waits(hours=3)
    _unloads(story, whole, TRUCK_KG, verdict="accept")
    _unloads(story, short, TRUCK_KG - 900, verdict="accept")
    _unloads(story, refused, TRUCK_KG, verdict="reject", reject_reason="moisture")
    return whole, short, refused


def the_short_one_is_settled(story: Story, number: str) -> None:
    kg = str(TRUCK_KG - 500)
    story.consumer.does(f"/shipments/{number}/weight/propose", kg=kg, words="雨后复磅")
    story.producer.does(f"/shipments/{number}/weight/agree", kg=kg)


def the_refused_one_comes_home(story: Story, number: str) -> None:
    story.waits(hours=4)
    _weighs(story.producer, story, number, "return", TRUCK_KG)


def the_case_is_completed(story: Story, trade: str) -> None:
    page = story.producer.sees(f"/trades/{trade}")
    assert "已完成" in page
    with database().reading() as session:
        found = session.scalars(select(Trade).where(Trade.number == trade)).one()
        assert (found.status, found.ended_reason) == ("completed", "delivered_short")


def the_papers_are_written(story: Story, trade: str, notes: tuple[str, str, str]) -> None:
    refusal = story.producer.client.get("/documents/ledger/2026-11.xlsx")
    assert refusal.status_code == 422
    assert notes[0] in refusal.get_data(as_text=True)
    _declares(story)
    book = load_workbook(io.BytesIO(story.producer.fetches("/documents/ledger/2026-11.xlsx")))
    assert _column(book, "表3", "记录表编号") == list(notes)
    assert _column(book, "表3", "出厂数量（吨）") == [30, 30, 30]
    assert _column(book, "表2", "委托利用量（吨）") == [60]
    assert _column(book, "表2", "产生量（吨）") == [500]
    with closing(PdfDocument(story.consumer.fetches(f"/documents/contracts/{trade}.pdf"))) as pdf:
        assert "HT-2612-01" in pdf[0].get_textpage().get_text_range()
    _is_settled(story, notes)


def _is_settled(story: Story, notes: tuple[str, str, str]) -> None:
    """Paid are the whole load and the settled weight of the short one."""
    page = story.producer.sees("/settlement")
    found = re.search(r'href="(/settlement/[^"]+\.xlsx)"', page)
    assert found is not None
    book = load_workbook(io.BytesIO(story.consumer.fetches(found[1])))
    assert _column(book, "对账单", "运单") == list(notes[:2])
    assert _column(book, "对账单", "计价重量（吨）") == [30, 29.5]


def no_limit_is_found(story: Story, round_number: str, log: str, folder: Path) -> None:
    """Nobody is shown the other's limit, and nothing at rest holds any."""
    story.producer.sees(f"/bidding/rounds/{round_number}")
    for person in (story.producer, story.consumer, story.operator):
        person.sees("/notifications")
    for person in (story.producer, story.consumer, story.operator, story.regulator):
        person.sees("/trades/")
    for whose, canaries in CANARIES.items():
        for name, person in story.people.items():
            found = [one for one in canaries for text in person.shown if _holds(text, one)]
            assert name == whose or found == [], (whose, name, found)
        assert not any(_holds(log, one) for one in canaries)
    send_mail()
    _nothing_at_rest(folder)


def _nothing_at_rest(folder: Path) -> None:
    with database().reading() as session:
        rows = [
            *(str(event.detail) for event in session.scalars(select(AuditEvent))),
            *(str(told.values) for told in session.scalars(select(Notification))),
            *(str(job.payload) for job in session.scalars(select(Job))),
        ]
    mails = [path.read_text(errors="replace") for path in folder.rglob("*") if _is_mail(path)]
    texts = [*rows, *mails]
    assert [
        one for pair in CANARIES.values() for one in pair for text in texts if _holds(text, one)
    ] == []


def _is_mail(path: Path) -> bool:
    return path.is_file() and "mail" in path.parts


def _holds(text: str, canary: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(canary)}(?!\d)", text) is not None


def _client(app: Flask) -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client


def _hidden(form: str, name: str) -> str:
    tags = [tag for tag in re.findall(r"<input[^>]*>", form) if f'name="{name}"' in tag]
    found = re.search(r'value="([^"]*)"', tags[0])
    assert found is not None
    return found[1]


def _option(form: str, name: str) -> str:
    """The first value a select offers."""
    found = re.search(rf'<select[^>]*name="{name}".*?<option[^>]*value="([^"]+)"', form, re.DOTALL)
    assert found is not None
    return found[1]


def _lists(person: Person, kind: str, site_id: int) -> str:
    """Publish 90 t of ash, tested or not, for December's rounds only; returns the number."""
    where = person.does(
        f"/listings/{kind}/new",
        materials="fly_ash",
        site_id=str(site_id),
        tonnes="90",
        first_month="2026-12",
        last_month="2026-12",
        deal_mode="round",
        **({"accepts_not_shown": "y"} if kind == "requirements" else {}),
    )
    return where.rpartition("/")[2]


def _work_off(kind: str, at: datetime) -> None:
    with database().writing() as session:
        identity = jobs.enqueue(session, kind, at.isoformat(), {}, at).id
    run_job(identity)
    with database().reading() as session:
        assert session.get_one(Job, identity).state is JobState.DONE


def _loaded(story: Story, trade: str, plate: str) -> str:
    """Register a truck, plan it, have it confirmed and weigh it out; returns the note's number."""
    story.producer.does(
        "/shipments/vehicles", plate=plate, emission="china_6", load_kg="32000", trailer_plate=""
    )
    story.producer.does(
        f"/shipments/plan/{trade}",
        plate=plate,
        driver="旅程司机",
        driver_phone="0635-8230000",
        load_slot="",
        unload_slot="",
        planned_kg=str(TRUCK_KG),
        packaging="tanker",
        via="",
    )
    with database().reading() as session:
        number = session.scalars(select(Shipment.number).where(Shipment.plate == plate)).one()
    story.consumer.does(f"/shipments/{number}/confirm")
    _weighs(story.producer, story, number, "loading", TRUCK_KG)
    return number


def _unloads(story: Story, number: str, net_kg: int, **verdict: str) -> None:
    _weighs(story.consumer, story, number, "unloading", net_kg, **verdict)


def _weighs(
    person: Person, story: Story, number: str, end: str, net_kg: int, **verdict: str
) -> None:
    person.sees(f"/shipments/{number}/gate")
    person.does(
        f"/shipments/{number}/gate",
        client_key=f"{number}-{end}",
        end=end,
        number=f"{end[0].upper()}{number[-5:]}",
        gross_kg=str(TARE_KG + net_kg),
        tare_kg=str(TARE_KG),
        weighed_at=story.local(),
        **verdict,
    )


def _declares(story: Story) -> None:
    """What was missing: the source of the ash, and what was made in the month."""
    site = str(story.sites["producer"])
    story.producer.does(
        "/declarations/sources/new",
        site_id=site,
        material="fly_ash",
        waste_name="粉煤灰",
        waste_code="441-001-S02",
        waste_class="I",
        origin="锅炉除尘",
        waste_form="powder",
        composition="SiO2、Al2O3",
        pollution="",
        yearly="6000",
    )
    form = story.producer.sees("/declarations/record")
    story.producer.does(
        "/declarations/record",
        form_key=_hidden(form, "form_key"),
        source_id=_option(form, "source_id"),
        kind="generated",
        tonnes="500",
        happened_at=story.local(),
        facility_id="",
        handler="值班长",
    )


def _column(book: Workbook, sheet: str, head: str) -> list[object]:
    rows = list(book[sheet].iter_rows(values_only=True))
    start = next(place for place, row in enumerate(rows) if head in row)
    column = rows[start].index(head)
    return [row[column] for row in rows[start + 1 :]]
