"""The operator's work list: what gets on it, in which order, and when it is empty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.backoffice import queries
from app.backoffice.queries import Item, JobFault, Matter
from app.backoffice.rules import JobTrouble, Task
from app.clearing.operations import start_run
from app.core.actor import SYSTEM
from app.core.jobs import operations as jobs
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.transactions import database
from app.listings.rules import DealMode
from app.trades import operations as trades
from app.trades.rules import DeclineReason
from tests.accounts.factories import operator_user, regulator, user_of
from tests.board.factories import enter, statements_of
from tests.clearing.factories import cleared, small_market
from tests.companies.factories import approved_company, waiting_company
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import DECEMBER, published_offer
from tests.shipments.factories import LATEST, NET, on_the_road
from tests.trades.factories import (
    confirmed_trade,
    contracted_trade,
    producer_of,
    proposed_trade,
)

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
HOUR = timedelta(hours=1)


def job(session: Session, kind: str, key: str, state: JobState, **values: object) -> Job:
    """A job of an hour ago as its end, or its holder's death, has left it."""
    made = jobs.enqueue(session, kind, key, {}, NOW - HOUR)
    for name, value in {"state": state, "finished_at": NOW - HOUR, **values}.items():
        setattr(made, name, value)
    session.flush()
    return made


def tasks(session: Session, now: datetime = NOW) -> list[Task]:
    return [item.task for item in queries.work(session, now).items]


def test_an_empty_product_has_no_work(any_session: Session) -> None:
    work = queries.work(any_session, NOW)
    assert work.items == []
    assert work.last_run is None
    assert work.queue.depth == 0


def test_firms_wait_since_the_oldest_application(any_session: Session) -> None:
    approved_company(any_session)
    waiting_company(any_session)
    waiting_company(any_session)
    assert queries.applications(any_session) == Item(Task.FIRMS, 2, NOW)


def test_a_proposal_is_listed_on_its_last_day_and_not_before(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    day = timedelta(days=1)
    assert queries.expiring(any_session, trade.deadline - day).count == 0
    near = queries.expiring(any_session, trade.deadline - day + HOUR)
    assert near == Item(Task.EXPIRING, 1, trade.deadline, 600_000)
    assert queries.expiring(any_session, trade.deadline + HOUR).count == 0


def test_a_declined_proposal_does_not_expire(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    trades.decline(any_session, producer_of(trade), trade.number, DeclineReason.PRICE, NOW)
    assert queries.expiring(any_session, trade.deadline - HOUR).count == 0


def test_what_nobody_ended_in_time_is_the_operators_with_its_age(any_session: Session) -> None:
    trade, quiet = confirmed_trade(any_session), confirmed_trade(any_session)
    trade.escalated_at = NOW - HOUR
    any_session.flush()
    since = NOW - HOUR
    assert queries.escalated(any_session) == [
        Matter(Task.ESCALATED, trade.number, trade.number, since, 600_000)
    ]
    work = queries.work(any_session, NOW)
    assert Item(Task.ESCALATED, 1, since, 600_000) in work.items
    assert quiet.number not in {matter.name for matter in work.matters}


def test_a_barred_firm_waits_for_its_release(any_session: Session) -> None:
    firm = approved_company(any_session)
    firm.barred_at = NOW - HOUR
    any_session.flush()
    (matter,) = queries.work(any_session, NOW).matters
    assert (matter.task, matter.key, matter.since) == (Task.BARRED, str(firm.id), NOW - HOUR)


@LANGUAGES
def test_every_matter_leads_to_its_page(app: Flask, frozen: datetime, language: str) -> None:
    with database().writing() as session:
        trade, firm = confirmed_trade(session), approved_company(session)
        trade.escalated_at, firm.barred_at = NOW - HOUR, NOW - HOUR
        person = operator_user(session)
        session.flush()
        reader, paths = person.id, (f"/trades/{trade.number}", f"/trades/firms/{firm.id}")
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    enter(client, reader)
    page = work_page(client, language)
    assert all(f'href="{path}"' in page for path in paths)


def test_a_load_nobody_weighs_again_is_the_operators_with_its_mass(any_session: Session) -> None:
    shipment = on_the_road(any_session, contracted_trade(any_session))
    missing_from = LATEST + timedelta(days=7)
    assert Task.MISSING not in tasks(any_session, missing_from)
    work = queries.work(any_session, missing_from + HOUR)
    assert work.matters == [Matter(Task.MISSING, shipment.number, shipment.number, LATEST, NET)]


def test_the_next_clearing_counts_what_is_open_for_it(any_session: Session) -> None:
    published_offer(any_session)
    proposed_trade(any_session)
    assert queries.next_clearing(any_session, DECEMBER, None) == Item(
        Task.CLEARING, 2, kg=1_800_000
    )
    assert queries.next_clearing(any_session, date(2027, 5, 1), None).count == 0


@pytest.mark.parametrize("mode", [mode for mode in DealMode if mode is not DealMode.OPEN])
def test_the_next_clearing_counts_no_offer_that_it_would_not_find(
    any_session: Session, mode: DealMode
) -> None:
    published_offer(any_session, deal_mode=mode, list_price=100)
    barred = published_offer(any_session)
    barred.company.barred_at = NOW
    any_session.flush()
    assert queries.open_supply(any_session, DECEMBER) == (0, 0)


def test_a_clearing_under_way_is_no_longer_to_do(any_session: Session) -> None:
    published_offer(any_session)
    run = start_run(any_session, SYSTEM, DECEMBER, NOW, months=1)
    work = queries.work(any_session, NOW)
    assert work.running == run.number
    assert work.items == []


def test_a_cleared_month_is_not_asked_for_again(app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        small_market(session)
    number = cleared()
    with database().reading() as session:
        work = queries.work(session, NOW)
    assert work.last_run is not None
    assert work.last_run.number == number
    assert Task.CLEARING not in [item.task for item in work.items]


def test_the_most_pressing_comes_first(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    waiting_company(any_session)
    job(any_session, "trades.keep_time", "1", JobState.FAILED, error="LookupError")
    late, firm = confirmed_trade(any_session), approved_company(any_session)
    late.escalated_at, firm.barred_at = NOW, NOW
    any_session.flush()
    found = tasks(any_session, trade.deadline - HOUR)
    assert found == [task for task in Task if task not in (Task.DISCREPANCIES, Task.MISSING)]


def test_a_failure_stands_until_a_later_job_of_its_kind_goes_well(any_session: Session) -> None:
    job(any_session, "trades.keep_time", "1", JobState.FAILED, error="LookupError")
    job(any_session, "accounts.tidy", "1", JobState.DONE, finished_at=NOW)
    assert queries.job_faults(any_session, NOW) == [
        JobFault("trades.keep_time", JobTrouble.FAILED, "LookupError", 1, NOW - HOUR)
    ]
    job(any_session, "trades.keep_time", "2", JobState.DONE, finished_at=NOW)
    assert queries.job_faults(any_session, NOW) == []


def test_failures_for_the_same_reason_share_a_line(any_session: Session) -> None:
    for key in ("1", "2", "3"):
        job(any_session, "trades.keep_time", key, JobState.FAILED, error="LookupError")
    job(any_session, "trades.keep_time", "4", JobState.FAILED, error="Oversold")
    counts = {fault.error: fault.count for fault in queries.job_faults(any_session, NOW)}
    assert counts == {"LookupError": 3, "Oversold": 1}


@pytest.mark.parametrize(
    ("state", "times", "trouble"),
    [
        (JobState.WAITING, {"not_before": NOW - HOUR}, JobTrouble.NOT_TAKEN),
        (JobState.WAITING, {"not_before": NOW}, None),
        (JobState.RUNNING, {"lease_until": NOW - HOUR}, JobTrouble.LOST),
        (JobState.RUNNING, {"lease_until": NOW}, None),
        (JobState.CANCELLED, {}, None),
        (JobState.DONE, {}, None),
    ],
)
def test_a_job_is_stuck_when_nobody_has_cared_for_ten_minutes(
    any_session: Session,
    state: JobState,
    times: dict[str, datetime],
    trouble: JobTrouble | None,
) -> None:
    job(any_session, "clearing.run", "R-2612-1", state, **times)
    found = [(fault.trouble, fault.since) for fault in queries.job_faults(any_session, NOW)]
    assert found == ([(trouble, NOW - HOUR)] if trouble else [])


def test_a_busy_day_costs_no_more_statements_than_a_quiet_one(app: Flask) -> None:
    with database().writing() as session:
        published_offer(session)
    few = statements_of(lambda session: queries.work(session, NOW))
    with database().writing() as session:
        for number in range(5):
            proposed_trade(session)
            waiting_company(session)
            job(session, "trades.keep_time", str(number), JobState.FAILED, error=f"Fault{number}")
    assert statements_of(lambda session: queries.work(session, NOW)) == few


def work_page(client: CheckedClient, language: str = "zh") -> str:
    client.set_cookie("language", language)
    answer = client.get("/work")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def enter_as(client: CheckedClient, make: Callable[[Session], int]) -> None:
    with database().writing() as session:
        person = make(session)
    enter(client, person)


@LANGUAGES
def test_a_busy_day_is_written_in_both_languages(
    client: CheckedClient,
    freeze: Callable[[datetime], None],
    language: str,
) -> None:
    with database().writing() as session:
        trade = proposed_trade(session)
        waiting_company(session)
        job(session, "trades.keep_time", "1", JobState.FAILED, error="LookupError")
        deadline = trade.deadline
    freeze(deadline - HOUR)
    enter_as(client, lambda session: operator_user(session).id)
    page = work_page(client, language)
    for target in ("#jobs", "/trades/", "/companies/", "/clearing"):
        assert target in page
    assert "LookupError" in page
    assert page.count("button-primary") == 1


def test_each_task_says_how_much_how_old_and_whose_turn_it_is(
    client: CheckedClient, freeze: Callable[[datetime], None]
) -> None:
    with database().writing() as session:
        waiting_company(session)
        published_offer(session)
    freeze(NOW + timedelta(days=3))
    enter_as(client, lambda session: operator_user(session).id)
    page = work_page(client)
    for part in ("轮到：运营方", "最早 11-22 16:42 起", "已等 3 天"):
        assert f'<span class="keep">{part}</span>' in page
    assert '1<span class="unit">家企业</span>' in page
    assert '1,200<span class="unit">吨 · 1 条供应</span>' in page


def test_a_quiet_day_says_so_and_asks_for_nothing(client: CheckedClient, frozen: datetime) -> None:
    enter_as(client, lambda session: operator_user(session).id)
    page = work_page(client)
    assert "今天没有待办" in page
    assert "button-primary" not in page


def test_nobody_but_the_operator_sees_the_list(client: CheckedClient, frozen: datetime) -> None:
    assert client.get("/work").headers["Location"].startswith("/accounts/sign-in")
    enter_as(client, lambda session: user_of(session, approved_company(session)).id)
    assert client.get("/work").status_code == 403
    enter_as(client, lambda session: regulator(session).id)
    assert client.get("/work").status_code == 403


def test_deadlines_are_counted_in_the_same_time_on_both_databases(any_session: Session) -> None:
    waiting_company(any_session)
    found = queries.applications(any_session).at
    assert found is not None
    assert found.tzinfo is UTC
