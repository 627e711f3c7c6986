"""Two deeds on one trade at the same instant, in two real processes: one wins, none is lost."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import SYSTEM, Actor
from app.core.transactions import database
from app.ledger.queries import balance, check
from app.listings.models import Offer, Requirement
from app.notifications.models import Preference
from app.notifications.rules import Kind
from app.settings import Settings
from app.trades.models import Trade, TradeApproval
from app.trades.operations import confirm
from app.trades.rules import TradeStatus
from tests.accounts.factories import user_of
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.trades.answerers import LOAD_KG, answer
from tests.trades.factories import (
    consumer_of,
    contracted_trade,
    deliver,
    producer_of,
    proposed_trade,
)

RACES = 12
KG = 1_000


@dataclass(frozen=True, slots=True)
class Racer:
    """What one of the processes does, as whom and when."""

    deed: str
    actor: Actor
    at: datetime = NOW


def listings(session: Session) -> tuple[Offer, Requirement]:
    return published_offer(session), published_requirement(session)


def proposals(session: Session) -> list[Trade]:
    """As many small proposals between the same two firms as there are races."""
    pair = listings(session)
    return [
        proposed_trade(session, *pair, kg=KG, origin=f"R-2612-{run}") for run in range(1, RACES + 1)
    ]


def unmailed(session: Session, company: Company) -> int:
    """A person who wants no mail: the processes of a race have no application to write it with."""
    user_id = user_of(session, company).id
    session.add(Preference(user_id=user_id, kind=Kind.APPROVAL_WANTED, by_mail=False))
    return user_id


def race(app: Flask, numbers: list[str], *racers: Racer) -> list[list[str]]:
    """For each racer, the trades where nobody stood in its way."""
    settings: Settings = app.extensions["gufei.settings"]
    context = get_context("forkserver")
    with context.Manager() as manager, ProcessPoolExecutor(2, mp_context=context) as pool:
        start = manager.Barrier(len(racers))
        running = [
            pool.submit(
                answer, settings.database_url, each.actor, each.deed, numbers, each.at, start
            )
            for each in racers
        ]
        return [future.result() for future in running]


def in_state(status: TradeStatus) -> list[str]:
    with database().reading() as session:
        found = select(Trade.number).where(Trade.status == status).order_by(Trade.number)
        return list(session.scalars(found))


def test_of_a_confirmation_and_a_decline_at_once_exactly_one_wins(any_app: Flask) -> None:
    with database().writing() as session:
        trades = proposals(session)
        for trade in trades:
            confirm(session, producer_of(trade), trade.number, NOW)
        numbers = [trade.number for trade in trades]
        offer_number = trades[0].offer_number
        buyer, seller = consumer_of(trades[0]), producer_of(trades[0])

    confirmed, declined = race(any_app, numbers, Racer("confirm", buyer), Racer("decline", seller))

    assert sorted(confirmed + declined) == numbers
    assert in_state(TradeStatus.CONFIRMED) == confirmed
    with database().reading() as session:
        found = balance(session, offer_number, DECEMBER)
        assert (found.reserved, found.contracted) == (0, KG * len(confirmed))
        assert check(session) == []


def test_of_a_confirmation_at_the_deadline_and_the_clock_exactly_one_wins(any_app: Flask) -> None:
    with database().writing() as session:
        trades = proposals(session)
        for trade in trades:
            confirm(session, producer_of(trade), trade.number, NOW)
        numbers = [trade.number for trade in trades]
        offer_number, deadline = trades[0].offer_number, trades[0].deadline
        buyer = consumer_of(trades[0])

    moment_after = deadline + timedelta(microseconds=1)
    confirmed, _kept = race(
        any_app, numbers, Racer("confirm", buyer, deadline), Racer("keep", SYSTEM, moment_after)
    )

    assert in_state(TradeStatus.CONFIRMED) == confirmed
    assert sorted(confirmed + in_state(TradeStatus.EXPIRED)) == numbers
    with database().reading() as session:
        found = balance(session, offer_number, DECEMBER)
        assert (found.reserved, found.contracted) == (0, KG * len(confirmed))
        assert check(session) == []


def test_two_people_who_agree_at_once_are_the_first_and_the_second(any_app: Flask) -> None:
    with database().writing() as session:
        trades = proposals(session)
        trades[0].producer.needs_two_approvals = True
        people = [unmailed(session, trades[0].producer) for _ in range(2)]
        for trade in trades:
            confirm(session, consumer_of(trade), trade.number, NOW)
        numbers = [trade.number for trade in trades]
        seller = producer_of(trades[0])

    first, second = (replace(seller, user_id=person) for person in people)
    won = race(any_app, numbers, Racer("confirm", first), Racer("confirm", second))

    assert won == [numbers, numbers]
    assert in_state(TradeStatus.CONFIRMED) == numbers
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(TradeApproval)) == RACES
        assert check(session) == []


def test_of_a_close_and_a_last_truck_at_once_exactly_one_wins(any_app: Flask) -> None:
    with database().writing() as session:
        pair = listings(session)
        trades = [
            contracted_trade(session, *pair, kg=KG, origin=f"R-2612-{run}")
            for run in range(1, RACES + 1)
        ]
        for trade in trades:
            deliver(session, trade, KG - LOAD_KG)
        numbers = [trade.number for trade in trades]
        offer_number = trades[0].offer_number
        buyer, seller = consumer_of(trades[0]), producer_of(trades[0])

    closed, sent = race(any_app, numbers, Racer("complete", buyer), Racer("dispatch", seller))

    assert sorted(closed + sent) == numbers
    assert in_state(TradeStatus.COMPLETED) == closed
    with database().reading() as session:
        found = balance(session, offer_number, DECEMBER)
        assert (found.contracted, found.in_transit) == (0, LOAD_KG * len(sent))
        assert found.open == 1_200_000 - RACES * (KG - LOAD_KG) - LOAD_KG * len(sent)
        assert check(session) == []
