"""Eight weeks of a living market, told through the product's own verbs in the order of time.

What happened, and when, stands in the tables of `data/demo`; the modules beside this one turn each
into acts. Past instants are handed to the verbs as their `now`. In the middle a call round closes
and is cleared by its own job, in a process of its own and outside any transaction, with the clock
standing at that hour. What was delivered and declared besides comes from `past`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bidding.negotiating import expire_due
from app.catalogue.models import Material
from app.clearing.queries import run_of
from app.companies.models import Company, Site
from app.core.clock import china_day, china_instant
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.core.vault import own_vault
from app.demo import (
    deals,
    earlier,
    fleet,
    inquiries,
    loads,
    monthly,
    past,
    people,
    rounds,
    samples,
    threads,
    yard,
)
from app.demo.clock import FrozenClock
from app.demo.operations import Market
from app.demo.rules import Calendar
from app.demo.stage import Act, Stage, play
from app.shipments import timekeeping
from app.trades import keeping
from app.trades.rules import answer_deadline
from app.trades.terms import terms_at

CLOCK = ("-23d 18:05", "-3d 18:05", "-0m")
"""When the product's clocks found something to do: a proposal nobody had answered, a contract that
was not signed, appointments and deadlines that are near.
"""
STILL_TO_ANSWER = timedelta(hours=1)
"""How long the proposals that are due next may at least still be answered."""


class RoundNotCleared(Exception):
    """The job that clears the round did not end well: its trades cannot be told of."""


def tell(market: Market, folder: Path, now: datetime) -> None:
    """Let what is in the tables happen to a market that `operations.load` has opened."""
    with database().writing() as session:
        _held = _everybody(session)
        stage = _stage(session, market, folder, now)
        told = _acts(stage, session)
        acts = [*told, *past.acts(stage, session, told)]
        play(session, [act for act in acts if act.at <= stage.calendar.round_cleared])
        job_id = rounds.close(stage, session)
    with FrozenClock(stage.calendar.round_cleared).standing():
        run_job(job_id)
    with database().writing() as session:
        if run_of(session, stage.run).recorded_at is None:
            raise RoundNotCleared
        _held = _everybody(session)
        play(session, [act for act in acts if act.at > stage.calendar.round_cleared])


def _everybody(session: Session) -> list[object]:
    """Firms, sites and materials: held, they are read once for the whole story."""
    return [row for kind in (Company, Site, Material) for row in session.scalars(select(kind))]


def _stage(session: Session, market: Market, folder: Path, now: datetime) -> Stage:
    calendar = Calendar(
        now=now,
        round_closes=rounds.settled_close(session, now),
        due=_due_day(session, now),
    )
    return Stage(folder, market, calendar, own_vault())


def _due_day(session: Session, now: datetime) -> date:
    """The day of the proposals whose answer is wanted next."""
    terms, today = terms_at(session, now), china_day(now)
    days = (today - timedelta(days=back) for back in range(terms.answer_days, -1, -1))
    soon = now + STILL_TO_ANSWER
    return next(day for day in days if answer_deadline(china_instant(day), terms) > soon)


def _acts(stage: Stage, session: Session) -> list[Act]:
    return [
        *people.acts_before(stage),
        *fleet.acts(stage),
        *yard.acts(stage),
        *earlier.acts(stage),
        *samples.acts(stage),
        *rounds.acts_before(stage, session),
        *rounds.acts_after(stage, session),
        *threads.acts(stage),
        *deals.acts(stage),
        *loads.acts(stage),
        *(Act(stage.calendar.at(at), _keep_time) for at in CLOCK),
        *people.acts_after(stage),
        *monthly.acts(stage),
        *inquiries.acts(stage),
    ]


def _keep_time(session: Session, now: datetime) -> None:
    """What the product's clocks do by themselves: remind, escalate and end what is due."""
    for trade_id in keeping.due(session, now):
        keeping.keep(session, trade_id, now)
    open_notes = timekeeping.open_notes(session)
    for shipment_id in timekeeping.asks(session, open_notes, now):
        timekeeping.keep(session, shipment_id, now)
    expire_due(session, now)
