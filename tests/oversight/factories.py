"""A town whose market places little, runs of it, and officials who look at it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clearing.models import ClearingRun
from app.core.actor import Actor, ActorKind
from app.core.jobs.rules import job_id
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.oversight.gap.measuring import JOB_KIND, seek
from tests.clearing.factories import TONNE, cleared
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import published_offer, published_requirement

CITY = Actor(kind=ActorKind.REGULATOR, user_id=1, region="371500")
COUNTY = Actor(kind=ActorKind.REGULATOR, user_id=1, region="371503")
ELSEWHERE = Actor(kind=ActorKind.REGULATOR, user_id=1, region="370100")
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=1)


def dear_town(session: Session, firms: int = 3, ask: int = 60_00) -> list[int]:
    """So many plants ask from 60 CNY/t for 500 t a month each; as many works take 400, bid 50.

    The company ids of the plants.
    """
    plants = [approved_company(session, site_draft(*CHIPING)).sites[0] for _ in range(firms)]
    for count, plant in enumerate(plants):
        works = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
        published_offer(session, plant, kg_per_month=500 * TONNE, limit_price=ask + 3_00 * count)
        published_requirement(session, works, kg_per_month=400 * TONNE, limit_price=50_00)
    return [plant.company_id for plant in plants]


def measured(firms: int = 3, months: int = 2) -> str:
    """A run of the town from December on with its gap; its number."""
    with database().writing() as session:
        dear_town(session, firms)
    return measured_town(months)


def measured_town(months: int = 2) -> str:
    """A run of whatever the market holds, with its gap; its number."""
    number = cleared(months=months)
    with database().writing() as session:
        seek(session, NOW)
    run_job(job_id(JOB_KIND, number))
    return number


def run_named(session: Session, number: str) -> ClearingRun:
    return session.scalars(select(ClearingRun).where(ClearingRun.number == number)).one()
