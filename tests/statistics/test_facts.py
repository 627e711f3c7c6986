"""The facts of a month: what they rest on, and as of when."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.companies.models import FirmGroup, GroupMember
from app.core.clock import china_instant, now
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.queries import job
from app.core.jobs.registry import has_occasion
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.shipments.models import Shipment
from app.statistics.facts import SETTLING, Fact, gather, keep_up, prepare, to_prepare, write
from app.statistics.jobs import PREPARE, SCHEDULE
from app.statistics.models import FactMonth, MonthlyFact, MonthlyFlow
from tests.companies.factories import LINQING, site_of
from tests.conftest import NOW, TODAY
from tests.shipments.factories import LATEST, rejected
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer


def only(facts: list[Fact]) -> Fact:
    (fact,) = facts
    return fact


def test_a_fact_holds_what_was_declared_and_what_was_weighed(any_app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        loads_of(session, site, 30_000, 28_000)
        loads_of(session, site, 20_000)
        declared(
            session, site, generated=100_000, entrusted_used=80_000, stored=20_000, closing=20_000
        )
        fact = only(gather(session, NOVEMBER, CLOSING).facts)
    assert fact.version == 1
    assert (fact.balance.generated_kg, fact.balance.entrusted_used_kg) == (100_000, 80_000)
    assert (fact.ticketed_kg, fact.tickets) == (78_000, 3)


def test_what_was_sent_back_was_not_used(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        trade = loads_of(session, site, 30_000)
        rejected(session, trade)
        rejected(session, trade, part=10_000)
        fact = only(gather(session, NOVEMBER, CLOSING).facts)
    assert (fact.ticketed_kg, fact.tickets) == (30_000 + 20_000, 2)


def test_the_newest_declaration_known_at_the_instant_counts(any_app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        first = declared(session, site, generated=100)
        later = first.declared_at + timedelta(days=20)
        declared(session, site, version=2, at=later, generated=120)
        known = {
            at: only(gather(session, NOVEMBER, at).facts).balance.generated_kg
            for at in (first.declared_at, later - timedelta(seconds=1), later)
        }
        before = gather(session, NOVEMBER, first.declared_at - timedelta(seconds=1)).facts
    assert list(known.values()) == [100, 100, 120]
    assert before == []


def test_a_ticket_counts_from_when_it_was_recorded(app: Flask) -> None:
    with database().writing() as session:
        loads_of(session, producer(session), 30_000)
        assert gather(session, NOVEMBER, LATEST - timedelta(seconds=1)).facts == []
        assert only(gather(session, NOVEMBER, LATEST).facts).ticketed_kg == 30_000


def test_a_load_counts_in_the_month_it_was_weighed_in_by_the_clock_of_china(any_app: Flask) -> None:
    """Weighed on 1 December at 07:59 in China, which is still November in UTC."""
    with database().writing() as session:
        trade = loads_of(session, producer(session), 30_000, 20_000)
        first, second = session.scalars(select(Shipment).where(Shipment.trade_id == trade.id))
        december = china_instant(TODAY.replace(month=12, day=1))
        first.tickets[-1].weighed_at = december - timedelta(seconds=1)
        second.tickets[-1].weighed_at = december
        session.flush()
        november = only(gather(session, NOVEMBER, CLOSING).facts)
        after = only(gather(session, NOVEMBER.replace(month=12), CLOSING).facts)
    assert (november.ticketed_kg, after.ticketed_kg) == (30_000, 20_000)


def test_a_waste_that_was_declared_the_month_before_is_missing_until_it_is_again(
    app: Flask,
) -> None:
    with database().writing() as session:
        site = producer(session)
        declared(session, site, OCTOBER, generated=100)
        missing = only(gather(session, NOVEMBER, CLOSING).facts)
        declared(session, site, generated=0)
        there = only(gather(session, NOVEMBER, CLOSING).facts)
    assert (missing.version, there.version) == (0, 1)


def test_what_stays_in_a_group_is_told_apart(app: Flask) -> None:
    with database().writing() as session:
        site, taker, other = producer(session), producer(session, LINQING), producer(session)
        group = FirmGroup(name="示例集团")
        session.add(group)
        session.flush()
        for firm, since in (
            (site, NOVEMBER),
            (taker, NOVEMBER),
            (other, NOVEMBER.replace(month=12)),
        ):
            member = GroupMember(company_id=firm.company_id, valid_from=since, group_id=group.id)
            session.add(member)
        loads_of(session, site, 30_000, taker=taker)
        loads_of(session, site, 20_000, taker=other)
        loads_of(session, site, 10_000, taker=site_of(session, site.company, *LINQING))
        found = gather(session, NOVEMBER, CLOSING)
    assert only(found.facts).related_kg == 40_000
    assert [flow.is_related for flow in found.flows] == [True, False, True]


def test_preparing_twice_leaves_the_same_rows_and_other_months_alone(any_app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        loads_of(session, site, 30_000)
        declared(session, site, OCTOBER, generated=7)
        declared(session, site, generated=100_000)
        prepare(session, OCTOBER, CLOSING)
        for _again in range(2):
            prepare(session, NOVEMBER, CLOSING)
        facts = session.scalars(select(MonthlyFact).order_by(MonthlyFact.month)).all()
        flows = session.scalars(select(MonthlyFlow)).all()
        assert [(fact.month, fact.generated_kg) for fact in facts] == [
            (OCTOBER, 7),
            (NOVEMBER, 100_000),
        ]
        assert [(flow.received_kg, flow.tickets) for flow in flows] == [(30_000, 1)]
        assert session.get_one(FactMonth, NOVEMBER).as_of == CLOSING


def test_only_open_months_in_which_something_came_in_are_prepared_again(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        assert to_prepare(session) == []
        loads_of(session, site, 30_000)
        declared(session, site, OCTOBER, at=NOW, generated=100)
        assert to_prepare(session) == [OCTOBER, NOVEMBER]
        keep_up(session, LATEST + 2 * SETTLING)
        assert to_prepare(session) == []
        declared(session, site, OCTOBER, version=2, at=LATEST + timedelta(days=1), generated=90)
        assert to_prepare(session) == [OCTOBER]
        write(session, gather(session, OCTOBER, LATEST), version=1)
        assert to_prepare(session) == []


def test_what_commits_late_is_not_overlooked(app: Flask) -> None:
    """A request that began just before facts were prepared may commit just after it."""
    with database().writing() as session:
        site = producer(session)
        keep_up(session, LATEST)
        declared(session, site, at=LATEST - timedelta(seconds=30), generated=90)
        assert to_prepare(session) == [NOVEMBER]


def test_a_close_hides_no_change_of_another_month(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        keep_up(session, LATEST)
        declared(session, site, at=LATEST + timedelta(days=1), generated=90)
        write(session, gather(session, OCTOBER, CLOSING), version=1)
        assert to_prepare(session) == [NOVEMBER]


def test_the_job_prepares_what_changed_and_then_rests(app: Flask) -> None:
    with database().writing() as session:
        declared(session, producer(session), OCTOBER, at=NOW, generated=90)
        assert has_occasion(session, PREPARE, NOW)
        job_id = enqueue_periodic(session, SCHEDULE[0], now()).id
    run_job(job_id)
    with database().reading() as session:
        done = job(session, job_id)
        assert done is not None
        assert done.state is JobState.DONE
        assert session.scalars(select(MonthlyFact.generated_kg)).all() == [90]
        assert not has_occasion(session, PREPARE, NOW)


def test_an_empty_month_has_no_facts(app: Flask) -> None:
    with database().writing() as session:
        prepare(session, NOVEMBER, CLOSING)
        assert session.scalar(select(func.count()).select_from(MonthlyFact)) == 0
