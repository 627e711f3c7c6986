"""A small market to clear, and runs of it, made by the product's own operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bidding.models import Round
from app.bidding.rules import BidTerms
from app.clearing.operations import start_round, start_run
from app.core.actor import SYSTEM
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.listings.models import Listing
from tests.bidding.factories import announced_round, bid_terms, placed
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement

TONNE = 1000
BIDDING, CLOSED = NOW - timedelta(days=2), NOW - timedelta(hours=1)
"""When bids are placed in a round that has closed by now, and when it closed."""


def small_market(session: Session) -> dict[str, str]:
    """Listing numbers by name; months December to March.

    Ash 1,200 t asking −2 CNY/t meets a near buyer of 800 t and one of 500 t farther off, so that
    the market places all but nothing; red mud has no taker; gypsum asks more than anybody bids.
    """
    producer = approved_company(session, site_draft(*CHIPING)).sites[0]
    near = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
    far = approved_company(session, site_draft(*LINQING)).sites[0]
    listings = {
        "ash": published_offer(session, producer, limit_price=-200, list_price=500),
        "mud": published_offer(session, producer, material="red_mud", limit_price=-1000),
        "gypsum": published_offer(session, producer, material="fgd_gypsum", limit_price=90_00),
        "near": published_requirement(
            session, near, materials=("fly_ash",), kg_per_month=800 * TONNE, limit_price=60_00
        ),
        "far": published_requirement(
            session, far, materials=("fly_ash",), kg_per_month=300 * TONNE, limit_price=70_00
        ),
        "board": published_requirement(
            session, near, materials=("fgd_gypsum",), kg_per_month=400 * TONNE, limit_price=50_00
        ),
    }
    return {name: listing.number for name, listing in listings.items()}


def cleared(now: datetime = NOW, months: int = 1) -> str:
    """Start a run from December on, work it off here, and return its number."""
    with database().writing() as session:
        run = start_run(session, SYSTEM, DECEMBER, now, months=months)
        number, job_id = run.number, run.job_id
    run_job(job_id)
    return number


@dataclass(frozen=True, slots=True)
class CallRound:
    """A call round with bids: its number and the numbers of the listings that bid, by name."""

    number: str
    listings: dict[str, str]


def round_market(session: Session, producers: int = 3, consumers: int = 3) -> CallRound:
    """Every firm its own: producers ask 2 and 12 CNY/t for 100 t each, consumers bid 60 for 150 t.

    Another producer lists the same ash and does not bid.
    """
    found = closed_round(session)
    listings: dict[str, str] = {}
    for count in range(producers):
        firm = approved_company(session, site_draft(*CHIPING)).sites[0]
        listings[f"p{count}"] = number = published_offer(session, firm, limit_price=-99_00).number
        bid(session, found, listing_of(session, number), bid_terms((100, 200), (100, 1200)))
    for count in range(consumers):
        firm = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
        listings[f"c{count}"] = number = published_requirement(session, firm).number
        bid(session, found, listing_of(session, number), bid_terms((150, 60_00)))
    published_offer(session, limit_price=-200)
    return CallRound(found.number, listings)


def closed_round(session: Session, **changes: object) -> Round:
    """A round that took bids until an hour ago."""
    times = {"opens_at": BIDDING, "closes_at": CLOSED}
    return announced_round(session, BIDDING, **(times | changes))


def bid(session: Session, found: Round, listing: Listing, terms: BidTerms) -> None:
    """Place a bid while the round was open."""
    placed(session, found, listing, terms, now=BIDDING)


def round_cleared(now: datetime = NOW) -> str:
    """Start the run of the round that is due, work it off here, and return the run's number."""
    with database().writing() as session:
        run = start_round(session, now)
        assert run is not None
        number, job_id = run.number, run.job_id
    run_job(job_id)
    return number


def listing_of(session: Session, number: str) -> Listing:
    return session.scalars(select(Listing).where(Listing.number == number)).one()
