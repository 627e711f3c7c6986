"""The job that tries tests, and what the owner of an offer reads of it; on both databases."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import refresh
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assays.operations import tell_facts
from app.clearing import trials as trial_module
from app.clearing import tried
from app.clearing.freezing import frozen_problem
from app.clearing.lacking import Search
from app.clearing.models import ClearingRun, RunOrder, RunTrial
from app.clearing.recording import recorded_outcomes
from app.clearing.tried import JOB_KIND, market_of
from app.companies.models import Site
from app.core.actor import SYSTEM
from app.core.jobs.models import Job
from app.core.jobs.rules import job_id
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.core.vault import own_vault
from app.listings.models import Listing
from app.listings.rules import Product
from app.trades.models import Trade
from tests.accounts.factories import operator_user, sign_in, user_of
from tests.assays.factories import GRADE_I, recorded
from tests.clearing.factories import cleared, listing_of, round_cleared, round_market
from tests.clearing.test_kill import is_done, let_the_lease_run_out
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.core.jobs.processes import start, wait_until
from tests.html import CheckedClient
from tests.installations import build, dispose
from tests.listings.factories import published_offer, published_requirement

WITHOUT_LOI = {name: text for name, text in GRADE_I.items() if name != "loi"}
WITHOUT_TWO = {name: text for name, text in WITHOUT_LOI.items() if name != "so3"}
BIDS = (56_00, 66_00, 76_00, 86_00)
TONNE = 1000


@dataclass(frozen=True, slots=True)
class Town:
    """The number of an offer that lacks tests, of its rivals, of the takers, and of the run."""

    own: str
    rivals: list[str]
    takers: list[str]
    run: str


def ash(session: Session, values: dict[str, str], limit_price: int = 0) -> Listing:
    """Fly ash of a pulverised-coal boiler of a firm of its own, with an assay."""
    site = approved_company(session, site_draft(*CHIPING)).sites[0]
    tell_facts(session, SYSTEM, site.id, {"boiler_type": "pulverised"}, NOW)
    found = published_offer(session, site, limit_price=limit_price)
    recorded(session, site.company_id, found.number, values=values)
    return found


def concrete(session: Session, bid: int) -> Listing:
    site = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
    return published_requirement(
        session,
        site,
        materials=("fly_ash",),
        product=Product.CONCRETE,
        accepts_not_shown=False,
        kg_per_month=400 * TONNE,
        limit_price=bid,
    )


def town(
    values: dict[str, str] | None = None, bids: tuple[int, ...] = BIDS, rival_ask: int = 70_00
) -> Town:
    """A run of a market in which one offer lacks a test and dear rivals do not."""
    with database().writing() as session:
        own = ash(session, WITHOUT_LOI if values is None else values).number
        asks = (rival_ask, 70_00, 70_00)
        dear = [ash(session, GRADE_I, limit_price=ask).number for ask in asks]
        takers = [concrete(session, bid).number for bid in bids]
    return Town(own, dear, takers, cleared())


def tried_town(**changes: Any) -> Town:
    found = town(**changes)
    run_job(job_id(JOB_KIND, found.run))
    return found


def owner(app: Flask, number: str) -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    with database().writing() as session:
        user = user_of(session, listing_of(session, number).company)
    sign_in(client, user)
    refresh()
    return client


def page(app: Flask, number: str) -> str:
    return owner(app, number).get(f"/clearing/orders/{number}/tests").get_data(as_text=True)


def panel(app: Flask, number: str) -> bytes:
    """The bytes that the owner gets, without the frame of a page around them."""
    path, asked = f"/clearing/orders/{number}/tests", {"HX-Request": "true"}
    return owner(app, number).get(path, headers=asked).get_data()


def rows() -> list[RunTrial]:
    with database().reading() as session:
        return list(session.scalars(select(RunTrial).order_by(RunTrial.listing_number)))


def run_of(number: str) -> ClearingRun:
    with database().reading() as session:
        return session.scalars(select(ClearingRun).where(ClearingRun.number == number)).one()


pytestmark = pytest.mark.usefixtures("frozen")


@pytest.mark.usefixtures("any_app")
def test_the_job_keeps_what_a_test_would_open_and_changes_nothing_of_the_run() -> None:
    found = town()
    before = everything_of_the_run()
    run_job(job_id(JOB_KIND, found.run))
    assert everything_of_the_run() == before
    assert run_of(found.run).tried_at == NOW
    (row,) = [row for row in rows() if row.listing_number == found.own]
    assert (row.parameter, row.value_at_limit, row.buyers_at_limit) == ("loi", "10", 4)
    assert row.kg_at_limit == 800 * TONNE
    assert row.price_at_limit is not None
    assert row.value_typical is None


def everything_of_the_run() -> list[Any]:
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        trade = (Trade.number, Trade.kg, Trade.price_producer, Trade.status)
        line = (RunOrder.listing_number, RunOrder.placed_kg, RunOrder.reason, RunOrder.lever)
        return [
            frozen_problem(own_vault(), run),
            recorded_outcomes(own_vault(), run),
            run.recorded_at,
            sorted(map(tuple, session.execute(select(*trade)))),
            sorted(map(tuple, session.execute(select(*line)))),
        ]


@pytest.mark.usefixtures("any_app")
def test_what_is_learnt_after_the_freeze_does_not_count() -> None:
    found = town()
    later = NOW + timedelta(hours=1)
    with database().writing() as session:
        firm = listing_of(session, found.own).company_id
        recorded(session, firm, found.own, values={"loi": "4"}, now=later)
    with database().reading() as session:
        market = market_of(session, own_vault(), found.run)
        assert "loi" not in market.quality[found.own].lot.readings
        (test,) = Search(market).tests(found.own)
        assert test.parameter == "loi"


@pytest.mark.usefixtures("app")
def test_a_second_job_for_a_run_adds_nothing() -> None:
    found = tried_town()
    with database().writing() as session:
        tried.keep(session, found.run, {"S-9": []}, NOW)
    assert "S-9" not in {row.listing_number for row in rows()}


@pytest.mark.usefixtures("app")
def test_a_call_round_is_not_tried() -> None:
    with database().writing() as session:
        round_market(session)
    number = round_cleared()
    with database().reading() as session:
        kinds = set(session.scalars(select(Job.kind)))
    assert JOB_KIND not in kinds
    assert run_of(number).tried_at is None


@pytest.mark.parametrize("point", ["after_claim", "before_record_commit", "after_record_commit"])
def test_killed_anywhere_the_job_ends_as_if_undisturbed(
    point: str, app: Flask, supervise: Callable[[Flask], None]
) -> None:
    found = town()
    identity = job_id(JOB_KIND, found.run)
    killed = start(app, "jobs", "run", identity, GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    let_the_lease_run_out(identity)
    supervise(app)
    wait_until(lambda: is_done(identity), "the tests are tried")
    (row,) = [row for row in rows() if row.listing_number == found.own]
    assert (row.parameter, row.kg_at_limit) == ("loi", 800 * TONNE)


def test_an_engine_that_fails_leaves_the_run_without_trials(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_module, "COMMAND", ("false",))
    found = tried_town()
    assert rows() == []
    assert run_of(found.run).tried_at == NOW
    assert "这场没有算到" in page(app, found.own)


def test_the_owner_reads_what_a_test_is_worth(app: Flask) -> None:
    found = tried_town()
    text = page(app, found.own)
    for words in ("烧失量", "刚好合格：10 %", ">800<", "产废方收", "去检测"):
        assert words in text
    assert f'href="/passports/{found.own}/assay?parameter=loi"' in text
    result = owner(app, found.own).get(f"/clearing/orders/{found.own}").get_data(as_text=True)
    assert f'hx-get="/clearing/orders/{found.own}/tests?run={found.run}"' in result


def test_nobody_else_reads_it(app: Flask, client: CheckedClient) -> None:
    found = tried_town()
    path = f"/clearing/orders/{found.own}/tests"
    for other in (found.rivals[0], found.takers[0]):
        assert owner(app, other).get(path).status_code == 404
    taker = found.takers[0]
    assert owner(app, taker).get(f"/clearing/orders/{taker}/tests").status_code == 404
    with database().writing() as session:
        operator = operator_user(session)
    sign_in(client, operator)
    assert client.get(path).status_code == 404


def test_while_the_job_waits_the_panel_asks_again(app: Flask) -> None:
    found = town()
    text = page(app, found.own)
    assert "还在计算" in text
    assert 'hx-trigger="load delay:10s"' in text


def test_an_offer_in_no_run_and_one_that_was_placed_say_so(app: Flask) -> None:
    with database().writing() as session:
        new = ash(session, GRADE_I).number
    assert "还没有参加过月度撮合" in page(app, new)
    with database().writing() as session:
        for _ in range(3):
            concrete(session, 90_00)
    run_job(job_id(JOB_KIND, cleared()))
    assert "全部吨数都有成交意向" in page(app, new)


def test_two_tests_that_only_help_together_are_named(app: Flask) -> None:
    found = tried_town(values=WITHOUT_TWO)
    (row,) = [row for row in rows() if row.listing_number == found.own]
    assert row.parameter == tried.NO_TEST
    text = page(app, found.own)
    assert "没有哪一项检测能帮上忙" in text
    assert "要一起补齐" in text
    assert "烧失量" in text
    assert "三氧化硫" in text


def test_buyers_who_pay_too_little_are_named_and_so_is_the_reason(app: Flask) -> None:
    found = tried_town(bids=(1_00,) * 4)
    text = page(app, found.own)
    assert "没有哪一项检测能帮上忙" in text
    assert "一吨也不会多成交" in text


def test_what_depends_on_the_origin_is_free(app: Flask) -> None:
    with database().writing() as session:
        site: Site = approved_company(session, site_draft(*CHIPING)).sites[0]
        own = published_offer(session, site, limit_price=0).number
        recorded(session, site.company_id, own, values=GRADE_I)
        concrete(session, 60_00)
    run_job(job_id(JOB_KIND, cleared()))
    assert f'href="/passports/{own}/facts"' in page(app, own)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Makes installations of their own, each with the same market but for some limits."""

    folder: Path
    template: Path

    def panel(self, bids: tuple[int, ...], rival_ask: int = 70_00) -> bytes:
        """What the owner of the offer reads there."""
        folder = self.folder / str(len(list(self.folder.iterdir())))
        folder.mkdir()
        shutil.copy(self.template, folder / "gufei.db")
        app = build(folder)
        with app.app_context():
            found = panel(app, tried_town(bids=bids, rival_ask=rival_ask).own)
        dispose(app)
        return found


@pytest.fixture
def elsewhere(tmp_path: Path, sqlite_template: Path) -> Elsewhere:
    return Elsewhere(tmp_path, sqlite_template)


def test_a_limit_that_moves_within_its_step_leaves_every_byte(elsewhere: Elsewhere) -> None:
    first = elsewhere.panel(BIDS)
    assert ">800<" in first.decode()
    assert elsewhere.panel((56_00, 66_01, 76_00, 86_00)) == first
    assert elsewhere.panel((59_99, 66_00, 76_00, 86_00)) == first
    assert elsewhere.panel(BIDS, rival_ask=74_99) == first


def test_with_fewer_than_three_firms_no_limit_at_all_moves_a_byte(elsewhere: Elsewhere) -> None:
    first = elsewhere.panel((1_00, 70_00))
    assert "不公布" in first.decode()
    assert elsewhere.panel((60_00, 500_00)) == first
    assert elsewhere.panel((1_00, 1_00)) == first
