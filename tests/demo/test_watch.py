"""What was put into the demo's past on purpose is found, nothing else is, and it went its ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.core.clock import china_day, months_between
from app.core.transactions import database
from app.demo.operations import email_of
from app.history.rules import past_months
from app.statistics.corrections import corrected_since
from app.watch.dossiers import dossier
from app.watch.models import Flag
from app.watch.queries import FlagFilter, flags
from app.watch.rules import FlagStatus, Outcome
from app.watch.signs.facts import Kind
from app.watch.signs.rules import findings
from app.watch.watching import book
from tests.conftest import NOW

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
PUT_THERE = {
    (SEPTEMBER, Kind.STOCK_OVER_CAPACITY, "示例化工 02 厂区"): FlagStatus.CLOSED,
    (SEPTEMBER, Kind.STOCK_TOO_OLD, "示例电厂 01 三厂"): FlagStatus.ASKED,
    (SEPTEMBER, Kind.STOCK_TOO_OLD, "示例铜业 01 厂区"): FlagStatus.CLOSED,
    (SEPTEMBER, Kind.ROUND_WEIGHTS, "示例水泥 01 厂区"): FlagStatus.ANSWERED,
    (SEPTEMBER, Kind.TOO_FAST, "示例路材 02 厂区"): FlagStatus.CLOSED,
    (OCTOBER, Kind.STOCK_OVER_CAPACITY, "示例化工 02 厂区"): FlagStatus.OPEN,
    (OCTOBER, Kind.ARISINGS_CHANGED, "示例热电 06 厂区"): FlagStatus.ANSWERED,
}


@pytest.fixture
def reading(told: Flask) -> Iterator[Session]:
    with database().reading() as session:
        yield session


def test_the_watch_found_what_was_put_there_and_it_went_its_ways(reading: Session) -> None:
    found = {
        (one.month, one.kind, one.site.name): one.status for one in reading.scalars(select(Flag))
    }
    assert found == PUT_THERE
    outcomes = set(reading.scalars(select(Flag.outcome).where(Flag.outcome.is_not(None))))
    assert outcomes == {Outcome.CONFIRMED, Outcome.EXPLAINED, Outcome.DISMISSED}


def test_before_the_market_opened_only_lasting_stock_would_be_found(reading: Session) -> None:
    first, *_others, last = past_months(NOW, 24)
    terms = book(reading)
    kinds = {
        one.kind
        for month in months_between(first, last)
        if month < SEPTEMBER
        for one in findings(dossier(reading, month), terms.on(month))
    }
    assert kinds == {Kind.STOCK_TOO_OLD, Kind.STOCK_OVER_CAPACITY}


def test_a_question_waits_for_the_demo_producer_and_the_buyer_has_answered(
    reading: Session,
) -> None:
    states = {}
    for who in ("producer", "consumer"):
        person = reading.scalars(select(User).where(User.email == email_of(who))).one()
        states[who] = list(flags(reading, actor_of(person), FlagFilter(), NOW).rows)
    (question,), (answered,) = states["producer"], states["consumer"]
    assert (question.status, question.is_late) == (FlagStatus.ASKED, False)
    assert question.due is not None
    assert question.due > china_day(NOW)
    assert answered.status is FlagStatus.ANSWERED


def test_what_is_found_opens_down_to_its_loads(reading: Session) -> None:
    typed = reading.scalars(select(Flag).where(Flag.kind == Kind.ROUND_WEIGHTS)).one()
    assert len(typed.loads) >= 4


def test_a_firm_has_corrected_a_published_month_that_could_be_stated_again(
    reading: Session,
) -> None:
    (corrected,) = corrected_since(reading, NOW)
    assert (corrected.month, corrected.version) == (OCTOBER, 1)
    assert (corrected.declarations, corrected.materials) == (1, ("粉煤灰",))
