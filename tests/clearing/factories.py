"""A small market to clear, and runs of it, made by the product's own operations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.clearing.operations import start_run
from app.core.actor import SYSTEM
from app.core.jobs.runner import run_job
from app.core.transactions import database
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement

TONNE = 1000


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
