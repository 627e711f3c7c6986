"""One side confirms while the other declines, in two real processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from flask import Flask
from sqlalchemy import select

from app.core.transactions import database
from app.ledger.queries import balance, check
from app.settings import Settings
from app.trades.models import Trade
from app.trades.operations import confirm
from app.trades.rules import TradeStatus
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.trades.answerers import answer
from tests.trades.factories import consumer_of, producer_of, proposed_trade

RACES = 12
KG = 1_000


def test_of_a_confirmation_and_a_decline_at_once_exactly_one_wins(any_app: Flask) -> None:
    settings: Settings = any_app.extensions["gufei.settings"]
    with database().writing() as session:
        offer, taker = published_offer(session), published_requirement(session)
        trades = [
            proposed_trade(session, offer, taker, kg=KG, origin=f"R-2612-{run}")
            for run in range(1, RACES + 1)
        ]
        for trade in trades:
            confirm(session, producer_of(trade), trade.number, NOW)
        numbers = [trade.number for trade in trades]
        deeds = {"confirm": consumer_of(trades[0]), "decline": producer_of(trades[0])}
        offer_number = offer.number

    context = get_context("forkserver")
    with context.Manager() as manager, ProcessPoolExecutor(2, mp_context=context) as pool:
        start = manager.Barrier(2)
        running = {
            deed: pool.submit(answer, settings.database_url, actor, deed, numbers, start)
            for deed, actor in deeds.items()
        }
        won = {deed: future.result() for deed, future in running.items()}

    assert sorted(won["confirm"] + won["decline"]) == numbers
    with database().reading() as session:
        confirmed = session.scalars(
            select(Trade.number).where(Trade.status == TradeStatus.CONFIRMED).order_by(Trade.number)
        )
        assert list(confirmed) == won["confirm"]
        found = balance(session, offer_number, DECEMBER)
        assert (found.reserved, found.contracted) == (0, KG * len(won["confirm"]))
        assert check(session) == []
