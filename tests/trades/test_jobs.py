from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.jobs.models import Job
from app.core.jobs.operations import enqueue, enqueue_periodic
from app.core.jobs.registry import schedule
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.ledger.queries import check, held
from app.trades import keeping
from app.trades.jobs import KIND
from app.trades.models import Trade
from app.trades.rules import TradeStatus
from tests.listings.factories import published_offer, published_requirement
from tests.trades.factories import contracted_trade, proposed_trade

AFTER = datetime(2026, 11, 25, 10, 0, 1, tzinfo=UTC)


def test_the_periodic_job_ends_proposals_nobody_answered(
    any_app: Flask, freeze: Callable[[datetime], None]
) -> None:
    with database().writing() as session:
        trade_id = proposed_trade(session).id
    freeze(AFTER)
    entry = next(entry for entry in schedule() if entry.kind == KIND)
    with database().writing() as session:
        job_id = enqueue_periodic(session, entry, AFTER).id
    run_job(job_id)
    with database().reading() as session:
        assert session.get_one(Trade, trade_id).status is TradeStatus.EXPIRED


def test_a_case_that_fails_stops_no_other_and_the_job_says_so(
    any_app: Flask, freeze: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database().writing() as session:
        offer = published_offer(session)
        ids = [
            proposed_trade(session, offer, published_requirement(session), kg=1).id
            for _ in range(3)
        ]

    def keep(session: Session, trade_id: int, now: datetime) -> None:
        kept(session, trade_id, now)
        if trade_id == ids[1]:
            raise LookupError(trade_id)

    kept = keeping.keep
    monkeypatch.setattr(keeping, "keep", keep)
    freeze(AFTER)
    with database().writing() as session:
        job_id = enqueue(session, KIND, "1", {}, AFTER).id
    run_job(job_id)
    with database().reading() as session:
        states = [session.get_one(Trade, trade_id).status for trade_id in ids]
        expired, waiting = TradeStatus.EXPIRED, TradeStatus.PROPOSED
        assert states == [expired, waiting, expired]
        job = session.get_one(Job, job_id)
        assert (job.state, job.error) == (JobState.WAITING, "CasesFailed")
        assert check(session) == []


def test_the_clock_runs_from_the_proposal_to_the_last_ending(
    any_app: Flask, freeze: Callable[[datetime], None]
) -> None:
    with database().writing() as session:
        trade_id = contracted_trade(session).id
        deadline = session.get_one(Trade, trade_id).deadline
    hour = timedelta(hours=1)
    for key, moment in enumerate(
        [deadline - hour, deadline + hour, deadline + timedelta(days=5, hours=2)]
    ):
        freeze(moment)
        with database().writing() as session:
            job_id = enqueue(session, KIND, str(key), {}, moment).id
        run_job(job_id)
    with database().reading() as session:
        trade = session.get_one(Trade, trade_id)
        assert (trade.reminded_at, trade.escalated_at) == (deadline - hour, deadline + hour)
        assert trade.status is TradeStatus.DEFAULTED
        assert held(session, trade.number) == {}
