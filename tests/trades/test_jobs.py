from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.registry import schedule
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.trades.jobs import KIND
from app.trades.models import Trade
from app.trades.rules import TradeStatus
from tests.trades.factories import proposed_trade

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
