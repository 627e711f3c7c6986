"""Real processes at the same instant: bids and the freeze, two colleagues, accept and withdraw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding import negotiating
from app.bidding.deals import DealDraft
from app.bidding.freight import way_of
from app.bidding.models import Bid
from app.bidding.rules import DealTerms
from app.core import once
from app.core.actor import Actor
from app.core.clock import add_months
from app.core.transactions import database
from app.ledger.queries import balance, check
from app.settings import Settings
from app.trades.models import Trade
from tests.accounts.factories import actor_of, user_of
from tests.bidding.factories import CLOSES, announced_round
from tests.bidding.racers import bid_first, bid_until_closed, close_and_freeze, settle
from tests.companies.factories import DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, trader

BIDDERS, MOST_TURNS, RACES = 3, 400, 6


@dataclass(frozen=True, slots=True)
class Track:
    """Where the processes of one race run, and what they meet at."""

    pool: ProcessPoolExecutor
    manager: Any
    folder: str
    url: str

    def run(self, deed: Callable[..., Any], *facts: object) -> Future[Any]:
        return self.pool.submit(deed, self.folder, self.url, *facts)


@contextmanager
def racing(app: Flask, processes: int) -> Iterator[Track]:
    settings: Settings = app.extensions["gufei.settings"]
    context = get_context("forkserver")
    with (
        context.Manager() as manager,
        ProcessPoolExecutor(processes, mp_context=context) as pool,
    ):
        yield Track(pool, manager, str(settings.data_dir), settings.database_url)


def test_every_bid_that_was_taken_is_in_the_frozen_book_and_no_other(any_app: Flask) -> None:
    with database().writing() as session:
        number = announced_round(session).number
        offers = [published_offer(session) for _each in range(BIDDERS)]
        bidders = [(trader(offer.company), offer.number) for offer in offers]
    with racing(any_app, BIDDERS + 1) as track:
        start, pause = track.manager.Barrier(BIDDERS + 1), track.manager.Event()
        running = [
            track.run(
                bid_until_closed,
                actor,
                number,
                listing,
                start,
                MOST_TURNS,
            )
            for actor, listing in bidders
        ]
        freezing = track.run(close_and_freeze, number, start, pause)
        taken: dict[str, tuple[int, int]] = {}
        for future in running:
            taken |= future.result()
        book = freezing.result()
    assert book == taken
    assert all(kg < 1_000 + MOST_TURNS - 1 for kg, _fen in book.values()), "nobody was cut off"


def test_of_two_colleagues_first_bids_exactly_one_is_placed(any_app: Flask) -> None:
    with database().writing() as session:
        offer = published_offer(session)
        actor, listing = trader(offer.company), offer.number
        numbers = _rounds(session, RACES)
    with racing(any_app, 2) as track:
        start = track.manager.Barrier(2)
        running = [
            track.run(bid_first, actor, numbers, listing, kg, start) for kg in (1_000, 2_000)
        ]
        won = [number for future in running for number in future.result()]
    assert sorted(won) == sorted(numbers)
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Bid)) == RACES
        assert set(session.scalars(select(Bid.version))) == {1}


def _rounds(session: Session, count: int) -> list[str]:
    """Rounds announced one after the other, then all opened: no two may take the same tonnes."""
    hour = timedelta(hours=1)
    starts = [NOW + 2 * place * hour for place in range(count)]
    found = [announced_round(session, opens_at=at, closes_at=at + 2 * hour) for at in starts]
    for place, one in enumerate(found):
        one.month = add_months(DECEMBER, place % 4)
        one.opens_at, one.closes_at = NOW - hour, CLOSES
    session.flush()
    return [one.number for one in found]


def test_of_accepting_and_withdrawing_at_once_exactly_one_wins(any_app: Flask) -> None:
    with database().writing() as session:
        offer = published_offer(session)
        owner = user_of(session, offer.company)
        session.flush()
        session.refresh(owner)
        accepting = actor_of(owner)
        opened = [_opened(session, offer.number) for _race in range(RACES)]
        freight = opened[0][2]
        number = offer.number
    with racing(any_app, 2) as track:
        results: dict[str, list[str]] = {"accept": [], "withdraw": []}
        for thread, bidder, _freight in opened:
            start = track.manager.Barrier(2)
            running = {
                deed: track.run(settle, actor, deed, [thread], freight, start)
                for deed, actor in (("accept", accepting), ("withdraw", bidder))
            }
            for deed, future in running.items():
                results[deed] += future.result()
    assert sorted(results["accept"] + results["withdraw"]) == [one[0] for one in opened]
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Trade)) == len(results["accept"])
        assert balance(session, number, DECEMBER).contracted == 1_000 * len(results["accept"])
        assert check(session) == []


def _opened(session: Session, listing: str) -> tuple[str, Actor, int]:
    """A standing offer of one more firm: its number, who made it, and the freight."""
    site = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
    user = user_of(session, site.company)
    session.flush()
    session.refresh(user)
    actor = actor_of(user)
    draft = DealDraft(site.id, DealTerms("fly_ash", DECEMBER, 1_000, 500))
    found = negotiating.open_negotiation(session, actor, listing, draft, NOW, key=once.new_key())
    return found.number, actor, way_of(session, found.listing, found.site, NOW).freight
