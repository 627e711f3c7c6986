"""SIGKILL in the middle of keeping time: no case is half done, and the next run does the rest."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.audit import AuditEvent
from app.core.jobs.rules import JobState
from app.core.transactions import database
from app.ledger.queries import check, held
from app.trades.jobs import KIND
from app.trades.models import Trade
from app.trades.rules import TradeStatus
from tests.core.jobs.processes import enqueued, expire_lease, job, start
from tests.listings.factories import published_offer, published_requirement
from tests.trades.factories import proposed_trade

LONG_AGO = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
CASES = 3


def overdue_proposals() -> None:
    with database().writing() as session:
        offer = published_offer(session)
        for _ in range(CASES):
            proposed_trade(session, offer, published_requirement(session), LONG_AGO, kg=1_000)


def ended() -> int:
    """How many cases have ended; each is either whole or untouched."""
    with database().reading() as session:
        assert check(session) == []
        trades = list(session.scalars(select(Trade)))
        for trade in trades:
            is_open = trade.status is TradeStatus.PROPOSED
            assert bool(held(session, trade.number)) is is_open
            assert (trade.ended_reason is None) is is_open
        recorded = select(func.count()).where(AuditEvent.verb == "trade.expire")
        count = sum(trade.status is TradeStatus.EXPIRED for trade in trades)
        assert session.scalar(recorded) == count
        return count


@pytest.mark.parametrize(("point", "done"), [("before_case_commit", 0), ("after_case_commit", 1)])
def test_killed_in_the_middle_the_clock_leaves_nothing_half_done(
    any_app: Flask, point: str, done: int
) -> None:
    overdue_proposals()
    identity = enqueued(KIND)
    killed = start(any_app, "jobs", "run", identity, GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    assert ended() == done
    expire_lease(identity)
    assert start(any_app, "jobs", "run", identity).wait() == 0
    assert job(identity).state is JobState.DONE
    assert ended() == CASES
