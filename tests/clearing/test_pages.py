"""Pages of a run: market beside plan, one order's result, and the audit."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.clearing import operations
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.rules import Unplaced
from app.clearing.words import REASON_WORDS
from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.transactions import database
from app.listings.models import Listing
from app.settings import ROOT
from app.trades.models import Trade
from tests.accounts.factories import auditor_user, operator_user, sign_in, user_of
from tests.clearing.factories import (
    CallRound,
    cleared,
    listing_of,
    round_cleared,
    round_market,
    small_market,
)
from tests.conftest import NOW
from tests.html import CheckedClient

People = dict[str, int]


@pytest.fixture
def numbers(app: Flask, frozen: datetime) -> dict[str, str]:
    """Listing numbers of the small market after a run over two months, and the run's."""
    with database().writing() as session:
        market = small_market(session)
    return market | {"run": cleared(months=2)}


@pytest.fixture
def people(numbers: dict[str, str]) -> People:
    with database().writing() as session:
        firms = {
            name: session.scalars(select(Listing).where(Listing.number == numbers[name])).one()
            for name in ("ash", "near")
        }
        found = {
            "producer": user_of(session, firms["ash"].company),
            "consumer": user_of(session, firms["near"].company),
            "operator": operator_user(session),
            "auditor": auditor_user(session),
            "other": auditor_user(session),
        }
        session.flush()
        return {part: user.id for part, user in found.items()}


def browser(app: Flask, people: People, part: str) -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    with database().reading() as session:
        sign_in(client, session.get_one(User, people[part]))
    return client


def test_market_and_plan_stand_side_by_side(client: CheckedClient, numbers: dict[str, str]) -> None:
    page = client.get(f"/clearing/{numbers['run']}").get_data(as_text=True)
    assert "2026 年 12 月 至 2027 年 1 月撮合" in page
    for words in ("市场占比", "规划占比", "未成交的供应，两种口径对照", "成交笔数", "最优，差距 0"):
        assert words in page
    assert re.search(r"<th[^>]*>2027 年 1 月</th>", page)


def test_the_root_is_public_and_unsalted_digests_are_the_auditors(
    app: Flask, numbers: dict[str, str], people: People
) -> None:
    """Whoever knew all of a small book but one limit could try limits against such a digest."""
    path = f"/clearing/{numbers['run']}"
    browser(app, people, "operator").post(f"{path}/auditors", data={"auditor": people["auditor"]})
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        digests = (run.problem_sha256, run.outcome_sha256, run.plan_outcome_sha256)
    pages = {part: browser(app, people, part).get(path).text for part in people}
    pages["public"] = app.test_client().get(path).text
    assert all(str(run.root) in page for page in pages.values())
    for part, page in pages.items():
        shown = [str(digest) in page for digest in digests]
        assert shown == [part == "auditor"] * 3, part


def test_an_order_tells_its_owner_why_and_what_to_do(
    app: Flask, numbers: dict[str, str], people: People
) -> None:
    producer = browser(app, people, "producer")
    listing = producer.get(f"/listings/{numbers['gypsum']}").get_data(as_text=True)
    assert f'hx-get="/clearing/orders/{numbers["gypsum"]}"' in listing
    page = producer.get(f"/clearing/orders/{numbers['gypsum']}").get_data(as_text=True)
    words = REASON_WORDS[Unplaced.PRICE]
    assert str(words.title) in page
    assert str(words.next_step) in page
    assert f'href="/listings/{numbers["gypsum"]}/edit"' in page


def test_a_lever_is_on_its_owners_page_only(
    app: Flask, numbers: dict[str, str], people: People
) -> None:
    with database().writing() as session:
        mine = RunOrder.listing_number == numbers["gypsum"]
        session.execute(update(RunOrder).where(mine).values(lever=-15_00))
    path = f"/clearing/orders/{numbers['gypsum']}"
    assert "产废方付 15.00 元/吨" in browser(app, people, "producer").get(path).text
    assert "15.00" not in browser(app, people, "operator").get(path).text


@pytest.mark.parametrize(("part", "status"), [("consumer", 404), ("operator", 200)])
def test_another_firms_order_is_not_there(
    app: Flask, numbers: dict[str, str], people: People, part: str, status: int
) -> None:
    answer = browser(app, people, part).get(f"/clearing/orders/{numbers['ash']}")
    assert answer.status_code == status


def test_an_order_before_its_first_run_says_so(
    app: Flask, frozen: datetime, client: CheckedClient
) -> None:
    with database().writing() as session:
        market = small_market(session)
        owner = session.scalars(select(Listing).where(Listing.number == market["ash"])).one()
        person = user_of(session, owner.company)
    sign_in(client, person)
    page = client.get(f"/clearing/orders/{market['ash']}", headers={"HX-Request": "true"}).get_data(
        as_text=True
    )
    assert "还没有参加过撮合" in page
    assert "<html" not in page


def test_every_reason_has_words() -> None:
    assert set(REASON_WORDS) == set(Unplaced)


def test_the_operator_names_an_auditor_who_may_then_download(
    app: Flask, numbers: dict[str, str], people: People
) -> None:
    operator, auditor = (browser(app, people, part) for part in ("operator", "auditor"))
    path = f"/clearing/{numbers['run']}"
    assert auditor.post(f"{path}/documents").status_code == 404
    named = operator.post(f"{path}/auditors", data={"auditor": people["auditor"]})
    assert named.status_code == 303
    assert "下载报单与凭证" in auditor.get(path).text
    answer = auditor.post(f"{path}/documents")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    for part in ("other", "operator", "producer"):
        assert browser(app, people, part).post(f"{path}/documents").status_code == 404
    operator.post(f"{path}/auditors/{people['auditor']}/withdraw")
    assert auditor.post(f"{path}/documents").status_code == 404
    with database().reading() as session:
        about = select(AuditEvent).where(AuditEvent.object_id == numbers["run"])
        verbs = [event.verb for event in session.scalars(about.order_by(AuditEvent.id))]
    assert verbs[-3:] == [
        "clearing.auditor_named",
        "clearing.documents_handed",
        "clearing.auditor_withdrawn",
    ]
    assert "撤销审计员" in operator.get(path).text


@pytest.mark.parametrize("chosen", ["producer", "operator", "nobody"])
def test_only_an_auditors_account_can_be_named(
    app: Flask, numbers: dict[str, str], people: People, chosen: str
) -> None:
    path = f"/clearing/{numbers['run']}"
    operator = browser(app, people, "operator")
    data = {"auditor": str(people.get(chosen, 999_999))}
    page = operator.post(f"{path}/auditors", data=data, follow_redirects=True).text
    assert "请从名单里选一位审计员。" in page


def test_the_auditor_verifies_both_answers_without_the_product(
    app: Flask, numbers: dict[str, str], people: People, tmp_path: Path
) -> None:
    path = f"/clearing/{numbers['run']}"
    browser(app, people, "operator").post(f"{path}/auditors", data={"auditor": people["auditor"]})
    auditor = browser(app, people, "auditor")
    packed = [auditor.post(f"{path}/documents").data for _ in range(2)]
    assert packed[0] == packed[1]
    with zipfile.ZipFile(io.BytesIO(packed[0])) as archive:
        archive.extractall(tmp_path)
    sha256 = hashlib.sha256((tmp_path / "problem.json").read_bytes()).hexdigest()
    assert sha256 in auditor.get(path).text
    for answer in ("market", "plan"):
        command = [sys.executable, "-m", "matching", "verify"]
        folders = [str(tmp_path / name) for name in ("problem", answer)]
        checked = subprocess.run(
            command + folders, cwd=ROOT, capture_output=True, check=False, timeout=120
        )
        assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()


def test_the_page_of_a_run_and_of_an_order_name_the_price_rule(
    app: Flask, numbers: dict[str, str], people: People
) -> None:
    producer = browser(app, people, "producer")
    for path in (f"/clearing/{numbers['run']}", f"/clearing/orders/{numbers['ash']}"):
        assert "取 5 元/吨的整数倍" in producer.get(path).text


def test_an_owner_reads_its_fills_and_its_own_side_of_the_price(
    app: Flask, numbers: dict[str, str], people: People
) -> None:
    with database().reading() as session:
        trades = session.scalars(select(Trade).where(Trade.offer_number == numbers["ash"])).all()
    page = browser(app, people, "producer").get(f"/clearing/orders/{numbers['ash']}").text
    assert trades
    assert all(trade.number in page for trade in trades)
    officials = browser(app, people, "operator").get(f"/clearing/orders/{numbers['ash']}").text
    assert not [trade for trade in trades if trade.number in officials]


def test_too_few_firms_have_no_index_and_the_page_says_why(
    client: CheckedClient, numbers: dict[str, str]
) -> None:
    assert "指数不公布" in client.get(f"/clearing/{numbers['run']}").text
    assert "还没有可以公布的指数" in client.get("/clearing/prices").text


@pytest.fixture
def call_round(app: Flask, frozen: datetime) -> CallRound:
    with database().writing() as session:
        return round_market(session)


def test_a_rounds_result_is_public_in_sums_and_to_its_bidders_in_full(
    app: Flask, call_round: CallRound
) -> None:
    with database().writing() as session:
        company = listing_of(session, call_round.listings["p0"]).company
        bidder = {"bidder": user_of(session, company)}
        session.flush()
        people = {part: user.id for part, user in bidder.items()}
    number = round_cleared()
    public = app.test_client().get(f"/clearing/of-round/{call_round.number}").text
    assert "本场总量" in public
    assert "600" in public
    assert number in public
    assert "价格指数" in public
    assert "本企业在这场的结果" not in public
    for path in (f"/clearing/of-round/{call_round.number}", f"/clearing/{number}"):
        own = browser(app, people, "bidder").get(path).text
        assert "本企业在这场的结果" in own
        assert call_round.listings["p0"] in own
        assert call_round.listings["p1"] not in own
    order = browser(app, people, "bidder").get(f"/clearing/orders/{call_round.listings['p0']}")
    assert "第 1 档" in order.text
    assert "第 2 档" in order.text
    prices = app.test_client().get("/clearing/prices").text
    assert call_round.number in prices
    assert call_round.number in app.test_client().get("/clearing").text


def test_before_its_run_a_round_has_no_result(app: Flask, call_round: CallRound) -> None:
    answer = app.test_client().get(f"/clearing/of-round/{call_round.number}")
    assert (answer.status_code, answer.text) == (204, "")


def test_a_failed_run_of_a_round_can_be_resumed_by_the_operator(
    app: Flask, call_round: CallRound
) -> None:
    with database().writing() as session:
        person = operator_user(session)
        run = operations.start_round(session, NOW)
        assert run is not None
        operations.cancel_run(session, SYSTEM, run.number, NOW)
        session.flush()
        path, people = f"/clearing/{run.number}", {"operator": person.id}
    operator = browser(app, people, "operator")
    assert f'action="{path}/resume"' in operator.get(path).text
    assert f'action="{path}/resume"' not in app.test_client().get(path).text
    assert operator.post(f"{path}/resume").status_code == 303
    assert "撮合进行中" in operator.get(path).text
