"""What officials and the public have to look at in the town: months, a gap, a trial, flags."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.core.actor import SYSTEM
from app.core.jobs.rules import job_id
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.core.vault import own_vault
from app.oversight.gap.edits import SetTarget
from app.oversight.gap.measuring import JOB_KIND, seek
from app.oversight.operations import name_scenario
from app.oversight.queries import scenario_of
from app.simulation.worlds.operations import Wanted, generate
from app.statistics.closing import close
from app.statistics.models import MonthlyFlow
from app.trades.models import Trade
from app.watch import operations as watch
from app.watch.rules import Outcome
from app.watch.signs.facts import Evidence, Finding, Kind, Measure
from tests.clearing.factories import cleared
from tests.journeys.town import SERVED, Town
from tests.oversight.factories import dear_town, run_named

WORLD = Wanted(sites=18, months=3, tickets=80, seed=4)
PUBLISHED = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
LAST = PUBLISHED[-1]


def live() -> None:
    """Let the months before the town happen; it takes an empty market."""
    with database().writing() as session:
        generate(session, WORLD, SERVED)


def furnish(town: Town) -> None:
    """Put what desks show into a town that has a past. The clock must stand at `SERVED`."""
    with database().writing() as session:
        _publish(session, town)
        dear_town(session)
    town.numbers["market"] = cleared(SERVED, months=2)
    _measure(town)
    with database().writing() as session:
        _flags(session, town)


def _publish(session: Session, town: Town) -> None:
    """Close the months, and remember the busiest trade of the last with the way down to it."""
    city = actor_of(session.get_one(User, town.ids["city"]))
    for month in PUBLISHED:
        close(session, city, month, SERVED)
    query = (
        select(Trade)
        .join(MonthlyFlow, MonthlyFlow.trade_id == Trade.id)
        .where(MonthlyFlow.month == LAST)
        .order_by(MonthlyFlow.received_kg.desc())
    )
    trade = session.scalars(query).first()
    assert trade is not None
    town.numbers |= {"sent": trade.number, "sent material": trade.material}
    town.numbers["sent county"] = trade.producer_site.adcode
    town.numbers["taken county"] = trade.consumer_site.adcode
    town.ids |= {"sent from": trade.producer_site_id, "sender": trade.producer_company_id}


def _measure(town: Town) -> None:
    with database().writing() as session:
        seek(session, SERVED)
    run_job(job_id(JOB_KIND, town.numbers["market"]))
    with database().writing() as session:
        city = actor_of(session.get_one(User, town.ids["city"]))
        run = run_named(session, town.numbers["market"])
        edits = (SetTarget(95_000),)
        trial = name_scenario(session, own_vault(), city, run, "目标先到 95%", edits, SERVED)
        town.numbers["trial"] = trial.number
    solve(town.numbers["trial"])


def solve(number: str) -> None:
    """Do the work of a scenario as a worker does."""
    with database().reading() as session:
        job = scenario_of(session, number).job_id
    run_job(job)


def _flags(session: Session, town: Town) -> None:
    """Flags in every state: one is new, one asked about, one closed."""
    city = actor_of(session.get_one(User, town.ids["city"]))
    found = [
        Finding(kind, town.ids["loading"], LAST, material="fly_ash", evidence=evidence)
        for kind, evidence in (
            (Kind.BALANCE_OPEN, (Evidence("gap", 40_000, Measure.KG),)),
            (Kind.STOCK_OPEN, (Evidence("gap", -12_000, Measure.KG),)),
            (Kind.TOO_FAST, (Evidence("minutes", 3, Measure.MINUTES),)),
        )
    ]
    new, asked, closed = watch.raise_flags(session, SYSTEM, found, SERVED)
    for flag in (asked, closed):
        watch.take(session, city, flag.number, SERVED)
    watch.ask(session, city, asked.number, "请说明月末盘点为什么比账面少。", SERVED)
    watch.close(session, city, closed.number, Outcome.DISMISSED, "两次过磅之间没有出厂", SERVED)
    town.numbers |= {"flag": new.number, "flag asked": asked.number, "flag closed": closed.number}
