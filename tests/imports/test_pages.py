"""The pages of imports: who opens them, what a sender is told, and how much a file may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.core.actor import Actor, CompanyRole
from app.core.office.tables import open_table
from app.core.transactions import database
from app.imports.columns import headings
from app.imports.forms import own_name
from app.imports.models import ImportFile
from app.imports.operations import LONGEST_NAME
from app.imports.rules import ImportKind, ImportMode, ImportState
from tests.accounts.factories import operator_user, sign_in, user_of
from tests.companies.factories import approved_company
from tests.html import CheckedClient
from tests.imports.factories import OFFER, counted, received, table, work_off
from tests.listings.factories import published_offer
from tests.shipments.factories import carrier

LOCALES = ("zh", "en")
OFFERS = ImportKind.OFFERS
MIB = 1024 * 1024
GOOD = table(OFFERS, [OFFER, OFFER | {"materials": "炉渣"}])
FAULTY = table(OFFERS, [OFFER, OFFER | {"tonnes": "一千"}])


@dataclass(frozen=True)
class Office:
    """The people of one firm and some others, by part."""

    app: Flask
    people: Mapping[str, int]
    actor: Actor
    """The firm's manager."""

    def client(self, person: str = "manager", language: str = "zh") -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        client.set_cookie("language", language)
        if person != "nobody":
            with database().reading() as session:
                sign_in(client, session.get_one(User, self.people[person]))
        return client

    def page(self, path: str, person: str = "manager", language: str = "zh") -> str:
        answer = self.client(person, language).get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def send(self, content: bytes, name: str = "供应.csv", **fields: str) -> TestResponse:
        """Send a table in as the form on the page does."""
        sent = {"kind": "offers", "mode": "all", "file": file(content, name)} | fields
        return self.post("/imports", sent)

    def post(self, path: str, sent: Mapping[str, object]) -> TestResponse:
        """Send fields and files, from memory whatever their size."""
        boundary, body = encode_multipart(sent)
        kind = f"multipart/form-data; boundary={boundary}"
        return self.client().post(path, data=body, content_type=kind)


def file(content: bytes, name: str = "供应.csv") -> FileStorage:
    return FileStorage(BytesIO(content), name)


@pytest.fixture
def office(app: Flask, frozen: object) -> Office:
    with database().writing() as session:
        firm = approved_company(session)
        manager = user_of(session, firm)
        people = {
            "manager": manager,
            "trader": user_of(session, firm, CompanyRole.TRADER),
            "viewer": user_of(session, firm, CompanyRole.VIEWER),
            "stranger": user_of(session, approved_company(session)),
            "producer": user_of(session, approved_company(session, is_consumer=False)),
            "carrier": user_of(session, carrier(session)),
            "operator": operator_user(session),
        }
        session.flush()
        ids = {part: user.id for part, user in people.items()}
        return Office(app, ids, actor_of(manager))


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("manager", 200),
        ("trader", 200),
        ("viewer", 200),
        ("stranger", 404),
        ("carrier", 403),
        ("operator", 403),
        ("nobody", 302),
    ],
)
def test_a_file_is_there_for_its_firm_alone(office: Office, person: str, status: int) -> None:
    number = _worked_off(office, FAULTY)
    client = office.client(person)
    for path in ("", "/progress", "/remarks"):
        assert client.get(f"/imports/{number}{path}").status_code == status
    shown = client.get("/imports").get_data(as_text=True)
    assert (number in shown) == (status == 200)


@pytest.mark.parametrize(("person", "status"), [("viewer", 403), ("carrier", 403), ("nobody", 401)])
def test_who_only_reads_sends_nothing_and_calls_nothing_off(
    office: Office, person: str, status: int
) -> None:
    number = received(office.actor, OFFERS, GOOD)
    client = office.client(person)
    assert client.post("/imports", data={"kind": "offers"}).status_code == status
    assert client.post(f"/imports/{number}/cancel").status_code == status


def test_who_only_reads_is_shown_no_form(office: Office) -> None:
    number = _worked_off(office, FAULTY)
    assert 'type="file"' not in office.page("/imports", "viewer")
    assert "重新上传" not in office.page(f"/imports/{number}", "viewer")
    under_way = received(office.actor, OFFERS, GOOD)
    assert "/cancel" not in office.page(f"/imports/{under_way}", "viewer")


@pytest.mark.parametrize("language", LOCALES)
def test_the_form_opens_for_each_kind(office: Office, language: str) -> None:
    client = office.client(language=language)
    for kind in ImportKind:
        page = client.get(f"/imports?kind={kind}").text
        assert f'name="kind" type="hidden" value="{kind}"' in page
        for suffix in ("xlsx", "csv"):
            assert f"/imports/blank/{kind}.{suffix}" in page
            assert f"/imports/own/{kind}.{suffix}" in page


def test_a_firm_is_offered_what_it_has_to_do_with(office: Office) -> None:
    page = office.page("/imports?kind=requirements", "producer")
    assert "?kind=requirements" not in page
    assert "?kind=tickets" in page
    assert 'value="offers"' in page


def test_a_sent_file_leads_to_its_progress_and_then_to_its_result(office: Office) -> None:
    answer = office.send(GOOD)
    assert answer.status_code == 303
    client = office.client()
    page = client.get(answer.location).get_data(as_text=True)
    assert f'hx-get="{answer.location}/progress"' in page
    assert "HX-Refresh" not in client.get(f"{answer.location}/progress").headers
    work_off(answer.location.rpartition("/")[2])
    assert client.get(f"{answer.location}/progress").headers["HX-Refresh"] == "true"
    page = client.get(answer.location).get_data(as_text=True)
    assert "2 行已导入。" in page
    assert 'href="/listings/own"' in page
    assert "progress-panel" not in page


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "", "请选择要导入的文件。"),
        (b" ", "empty.csv", "文件是空的"),
        (b"%PDF-1.7", "scan.pdf", "这不是表格"),
        ("物料,数量\n粉煤灰,5\n".encode(), "short.csv", "表头缺少"),
        (b"x" * (16 * MIB + 1), "large.csv", "文件超过 16 MB"),
    ],
    ids=["none", "empty", "no table", "a short head", "too large"],
)
def test_a_file_that_cannot_be_read_is_told_at_its_field(
    office: Office, content: bytes, name: str, told: str
) -> None:
    answer = office.send(content, name, kind="requirements", mode="valid")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page[page.index('id="file-note"') :][:300]
    assert 'aria-describedby="file-note" aria-invalid="true"' in page
    assert 'name="kind" type="hidden" value="requirements"' in page
    assert 'value="valid" id="mode-1" checked' in page


@pytest.mark.parametrize("fields", [{"kind": "bids"}, {"kind": ""}, {"mode": "some"}, {"mode": ""}])
def test_a_form_that_no_page_sends_enters_nothing(office: Office, fields: dict[str, str]) -> None:
    assert office.send(GOOD, **fields).status_code == 422
    with database().reading() as session:
        assert session.scalars(select(ImportFile)).all() == []


@pytest.mark.parametrize("language", LOCALES)
def test_a_faulty_row_is_named_and_its_file_handed_back(office: Office, language: str) -> None:
    number = _worked_off(office, FAULTY)
    page = office.page(f"/imports/{number}", language=language)
    assert "一千" in page
    assert f"/imports/{number}/remarks" in page
    answer = office.client(language=language).get(f"/imports/{number}/remarks")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "text/csv; charset=utf-8"
    last_cells = [row.cells[-1] for row in open_table(answer.data).rows()]
    assert "一千" in last_cells[1]
    assert counted()["listings"] == 0


def test_the_page_says_row_column_and_reason(office: Office) -> None:
    page = office.page(f"/imports/{_worked_off(office, FAULTY)}")
    assert "有 1 行有误，一行也没有导入。" in page
    row = page[page.index('data-label="行号">3<') :]
    assert headings(OFFERS)["tonnes"] in row
    assert "“一千”不是吨数" in row


def test_good_rows_alone_are_entered_where_the_sender_chose_so(office: Office) -> None:
    number = _worked_off(office, FAULTY, ImportMode.VALID)
    page = office.page(f"/imports/{number}")
    assert "有 1 行有误，没有导入；其余的已导入。" in page
    assert "部分导入" in page
    assert counted()["listings"] == 1


@pytest.mark.parametrize("language", LOCALES)
def test_every_ending_has_a_page(office: Office, language: str) -> None:
    """Some of them come about only where a process dies or records change in between."""
    number, client = received(office.actor, OFFERS, GOOD), office.client(language=language)
    endings = [state for state in ImportState if state.has_ended]
    for state, kind, entered in product(endings, (OFFERS, ImportKind.TICKETS), (0, 1)):
        with database().writing() as session:
            values = {"state": state, "kind": kind, "rows": 2, "entered": entered, "refused": 1}
            session.execute(update(ImportFile).values(values))
        page = client.get(f"/imports/{number}").text
        assert f"/imports/{number}/remarks" in page
        assert "progress-panel" not in page
        assert number in client.get("/imports").text


def test_a_file_that_is_kept_no_longer_is_said_to_be_gone(office: Office) -> None:
    number = _worked_off(office, FAULTY)
    with database().writing() as session:
        session.execute(update(ImportFile).values(file_box=None))
    page = office.page(f"/imports/{number}")
    assert "不再保存" in page
    assert "/remarks" not in page
    assert office.client().get(f"/imports/{number}/remarks").status_code == 404


def test_an_import_is_called_off_before_it_writes_and_not_after(office: Office) -> None:
    number = received(office.actor, OFFERS, GOOD)
    client = office.client()
    assert f'action="/imports/{number}/cancel"' in client.get(f"/imports/{number}").text
    assert client.post(f"/imports/{number}/cancel").status_code == 303
    work_off(number)
    assert "已取消" in office.page(f"/imports/{number}")
    assert counted()["listings"] == 0
    assert client.post(f"/imports/{number}/cancel").status_code == 409


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("what", ["blank", "own"])
def test_tables_are_handed_out_to_be_filled_in(office: Office, what: str, language: str) -> None:
    client = office.client(language=language)
    for kind, suffix in product(ImportKind, ("xlsx", "csv")):
        answer = client.get(f"/imports/{what}/{kind}.{suffix}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert unquote(answer.headers["Content-Disposition"]).endswith(f".{suffix}")
        assert len(open_table(answer.data).head.cells) == len(headings(kind))


def test_nothing_else_is_handed_out(office: Office) -> None:
    client = office.client()
    for path in ("blank/offers.pdf", "own/bids.csv", "blank/offers.XLSX", "own/x"):
        assert client.get(f"/imports/{path}").status_code == 404
    for number in ("I-2611-9999", "I-26", "%00", "I-2611-0001%0a", "９"):
        for path in ("", "/progress", "/remarks"):
            assert client.get(f"/imports/{number}{path}").status_code in (400, 404)


def test_own_data_is_that_of_the_readers_firm(office: Office) -> None:
    with database().writing() as session:
        other = published_offer(session).number
    _worked_off(office, GOOD)
    rows = list(open_table(office.client().get("/imports/own/offers.csv").data).rows())
    assert len(rows) == 2
    assert other not in {row.cells[0] for row in rows}


def test_a_file_is_known_by_its_senders_name_and_can_do_no_harm(office: Office) -> None:
    answer = office.send(FAULTY, "firm/<b>11 月\x07\u202e.csv")
    work_off(answer.location.rpartition("/")[2])
    for path in ("/imports", answer.location):
        page = office.page(path)
        assert "&lt;b&gt;11 月.csv" in page
        assert "firm" not in page.split("<main")[1]
    answer = office.client().get(f"{answer.location}/remarks")
    assert "\r" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("十一月.xlsx", "十一月.xlsx"),
        ("\x00\n.\x7f", "."),
        ("/", "没有名字的文件"),
    ],
)
def test_a_name_loses_its_folders_and_unprintable_signs(app: Flask, sent: str, kept: str) -> None:
    assert own_name(sent) == kept


def test_a_long_name_keeps_its_suffix() -> None:
    name = own_name("长" * 300 + ".xlsx")
    assert len(name) == LONGEST_NAME
    assert name.endswith("长.xlsx")


def test_a_file_may_be_larger_than_any_other_request(office: Office) -> None:
    content = GOOD + b"\n" * (5 * MIB)
    assert office.send(content).status_code == 303


@pytest.mark.parametrize(
    ("path", "sent", "most"),
    [("/imports", 18 * MIB, 17), ("/listings/offers/new", 5 * MIB, 4), ("/nowhere", 5 * MIB, 4)],
)
def test_who_sends_too_much_is_told_the_limit(
    office: Office, path: str, sent: int, most: int
) -> None:
    answer = office.post(path, {"file": file(b" " * sent)})
    assert answer.status_code == 413
    assert f"发送的内容超过 {most} MB" in answer.text


def test_the_pages_of_listings_and_trucks_lead_here(office: Office) -> None:
    assert 'href="/imports"' in office.page("/listings/own")
    assert 'href="/imports?kind=tickets"' in office.page("/shipments/")
    assert "/imports" not in office.page("/listings/own", "viewer")
    assert "/imports" not in office.page("/shipments/", "carrier")


def _worked_off(office: Office, content: bytes, mode: ImportMode = ImportMode.ALL) -> str:
    number = received(office.actor, OFFERS, content, mode)
    work_off(number)
    return number
