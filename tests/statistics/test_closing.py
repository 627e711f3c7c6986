"""Closing a month: what is published can be computed again for ever after."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.actor import Actor, ActorKind
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, Refused, SignInNeeded
from app.core.transactions import database
from app.shipments.rules import End
from app.statistics.closing import (
    close,
    closes_of,
    figures,
    last_close,
    last_closed_month,
    recompute,
    restate,
)
from app.statistics.facts import SETTLING
from app.statistics.models import FactMonth, MonthClose, MonthlyFact
from app.statistics.report import digest
from tests.conftest import NOW
from tests.shipments.factories import on_the_road, weigh
from tests.statistics.factories import CITY, COUNTY, OPERATOR, STRANGER
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer

LATER = CLOSING + timedelta(days=20)


def test_closing_publishes_what_was_entered_until_a_few_minutes_before(any_app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        declared(session, site, generated=100)
        just_now = CLOSING - SETTLING + timedelta(seconds=1)
        declared(session, site, version=2, at=just_now, generated=110)
        found = close(session, CITY, NOVEMBER, CLOSING)
        assert (found.version, found.as_of, found.closed_by) == (1, CLOSING - SETTLING, CITY.label)
        assert session.scalars(select(MonthlyFact.generated_kg)).all() == [100]
        assert session.get_one(FactMonth, NOVEMBER).version == 1
        assert digest(figures(session, found)) == found.digest
        assert last_closed_month(session) == NOVEMBER


def test_a_published_file_is_the_same_bytes_whatever_comes_after(any_app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        trade = loads_of(session, site, 30_000)
        declared(
            session, site, generated=100_000, entrusted_used=30_000, stored=70_000, closing=70_000
        )
        first = close(session, CITY, NOVEMBER, CLOSING)
        body = figures(session, first)
        weigh(session, on_the_road(session, trade, 20_000), End.UNLOADING, 20_000, LATER)
        declared(session, site, version=2, at=LATER, generated=200_000)
        declared(session, producer(session), at=LATER, generated=5)
        second = restate(session, CITY, NOVEMBER, "补报", LATER + timedelta(days=1))
        assert figures(session, first) == body
        assert figures(session, second) != body
        assert all(found.agrees for found in recompute(session))
        assert [found.version for found in closes_of(session, NOVEMBER)] == [2, 1]
        assert last_close(session, NOVEMBER) is second


def test_the_figures_file_says_what_it_is_and_adds_up(app: Flask) -> None:
    with database().writing() as session:
        site, other = producer(session), producer(session)
        loads_of(session, site, 30_000)
        for maker in (site, other):
            declared(
                session,
                maker,
                generated=100_000,
                entrusted_used=40_000,
                stored=60_000,
                closing=60_000,
            )
        declared(session, other, material="red_mud", generated=9, dumped=9)
        body = figures(session, close(session, OPERATOR, NOVEMBER, CLOSING))
    told = json.loads(body)
    assert (told["month"], told["definitions"], body[-1:]) == ("2026-11", "v3", b"\n")
    ash, mud = told["counties"]
    assert ash["rate"] == {"part_kg": 80_000, "whole_kg": 200_000, "tenths": 400}
    assert (ash["generated"], ash["without_ticket"], ash["declared"], ash["tickets"]) == (
        200_000,
        50_000,
        2,
        1,
    )
    assert (mud["material"], mud["dumped"]) == ("red_mud", 9)
    by_site = sum(row["generated_kg"] for row in told["sites"])
    assert by_site == sum(row["generated"] for row in told["counties"])


@pytest.mark.parametrize("actor", [COUNTY, STRANGER, Actor(ActorKind.AUDITOR, user_id=9)])
def test_only_the_city_and_the_operator_publish(app: Flask, actor: Actor) -> None:
    with database().writing() as session:
        with pytest.raises(Forbidden):
            close(session, actor, NOVEMBER, CLOSING)
        with pytest.raises(Forbidden):
            restate(session, actor, NOVEMBER, "补报", CLOSING)
        with pytest.raises(SignInNeeded):
            close(session, Actor(), NOVEMBER, CLOSING)
        assert session.scalars(select(MonthClose)).all() == []


def test_a_month_that_has_not_ended_is_not_closed(app: Flask) -> None:
    with database().writing() as session, pytest.raises(Refused) as refusal:
        close(session, CITY, NOVEMBER, NOW)
    assert refusal.value.field == "month"


def test_a_month_is_closed_once(app: Flask) -> None:
    with database().writing() as session:
        close(session, CITY, NOVEMBER, CLOSING)
        with pytest.raises(Conflict):
            close(session, CITY, NOVEMBER, LATER)


def test_a_restatement_needs_a_close_a_reason_and_a_change(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        declared(session, site, generated=100)
        with pytest.raises(Conflict):
            restate(session, CITY, NOVEMBER, "补报", CLOSING)
        close(session, CITY, NOVEMBER, CLOSING)
        declared(session, site, OCTOBER, at=CLOSING, generated=3)
        for reason, fault in (("  ", Refused), ("补报", Conflict)):
            with pytest.raises(fault):
                restate(session, CITY, NOVEMBER, reason, LATER)
        declared(session, site, version=2, at=CLOSING, generated=101)
        assert restate(session, CITY, NOVEMBER, " 补报 ", LATER).reason == "补报"


def test_every_publication_is_on_record(app: Flask) -> None:
    with database().writing() as session:
        declared(session, producer(session), at=CLOSING, generated=1)
        first = close(session, CITY, NOVEMBER, CLOSING)
        second = restate(session, OPERATOR, NOVEMBER, "补报", LATER)
        session.flush()
        told = session.scalars(select(AuditEvent).where(AuditEvent.object_kind == "month")).all()
        assert [(event.verb, event.object_id, event.detail["digest"]) for event in told] == [
            ("month.closed", "2026-11", first.digest),
            ("month.restated", "2026-11", second.digest),
        ]


def test_the_command_closes_restates_prints_and_verifies(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        declared(session, site, OCTOBER, at=NOW - timedelta(days=2), generated=100)
    run = app.test_cli_runner().invoke
    assert run(args=["statistics", "close", "2026-10"]).exit_code == 0
    assert run(args=["statistics", "close", "2026-10"]).exit_code == 1
    printed = run(args=["statistics", "figures", "2026-10"])
    assert json.loads(printed.output)["month"] == "2026-10"
    verified = run(args=["statistics", "verify"])
    assert (verified.exit_code, verified.output.split()[:2]) == (0, ["2026-10", "v1"])
    assert run(args=["statistics", "figures", "2026-10", "--version", "2"]).exit_code == 1


def test_a_declaration_forged_into_the_past_is_found_out(app: Flask) -> None:
    with database().writing() as session:
        site = producer(session)
        declared(session, site, OCTOBER, at=NOW - timedelta(days=2), generated=100)
        close(session, OPERATOR, OCTOBER, NOW)
        declared(session, site, OCTOBER, version=2, at=NOW - timedelta(days=1), generated=1)
    found = app.test_cli_runner().invoke(args=["statistics", "verify"])
    assert found.exit_code == 1
    assert "DIFFERS" in found.output
