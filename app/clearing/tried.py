"""The trials of a run: keeping them, and what the owner of an offer reads of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.catalogue.rules import Fact
from app.clearing.freezing import frozen_problem
from app.clearing.lacking import Market
from app.clearing.models import ClearingRun, RunOrder, RunTrial
from app.clearing.queries import owners_behind, run_of
from app.clearing.recording import recorded_outcomes
from app.clearing.rules import Unplaced
from app.clearing.shut_outs import ShutOutRow, shut_outs_of
from app.clearing.trials import Trial, Worth
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import NotFound
from app.core.jobs import operations as jobs
from app.core.jobs import queries as job_queries
from app.core.jobs.rules import OPEN, job_id
from app.core.vault import Vault
from app.eligibility.fitting import grading
from app.eligibility.missing import usual_values
from app.listings.models import Listing
from app.listings.queries import qualities, readable
from app.listings.rules import Side
from matching import outcome_from_json

JOB_KIND = "clearing.try_tests"
NO_TEST = ""
"""Stands for the parameter where no single test would open anything."""


class Stage(StrEnum):
    """How far the trials of an offer in its run are."""

    NO_RUN = "no_run"
    OPEN = "open"
    MISSED = "missed"
    NOTHING_LEFT = "nothing_left"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class OwnTrials:
    """What an offer's owner reads of the tests it lacks; `reasons` are why the rest is open."""

    number: str
    stage: Stage
    run: str = ""
    trials: tuple[Trial, ...] = ()
    reasons: tuple[Unplaced, ...] = ()
    shut_out: tuple[ShutOutRow, ...] = ()

    @property
    def useful(self) -> tuple[Trial, ...]:
        """The trials that open a trade, the largest first; what may not be told comes last."""
        found = [trial for trial in self.trials if trial.is_useful]
        return tuple(sorted(found, key=lambda trial: (-trial.most_kg, trial.parameter)))

    @property
    def idle(self) -> tuple[Trial, ...]:
        """The trials that open buyers and yet place nothing more."""
        return tuple(trial for trial in self.trials if not trial.is_useful)

    @property
    def together(self) -> tuple[ShutOutRow, ...]:
        """The uses that wait for several tests, or for one and a word on the origin."""
        lacking = [row for row in self.shut_out if not row.is_failing]
        return tuple(row for row in lacking if len(set(row.subjects)) > 1)

    @property
    def asks_origin(self) -> bool:
        """Whether a use waits for a fact of the origin, which costs nothing to tell."""
        lacking = (row.subjects for row in self.shut_out if not row.is_failing)
        return any(subject in set(Fact) for subjects in lacking for subject in subjects)


def ask(session: Session, number: str, now: datetime) -> None:
    """Ask for the trials of a run that is recorded; the bids of a call round are not tried."""
    if run_of(session, number).round_number is None:
        jobs.enqueue(session, JOB_KIND, number, {"number": number}, now)


def market_of(session: Session, vault: Vault, number: str) -> Market:
    """A recorded run as its trials need it: with what was known when its book was frozen."""
    run = run_of(session, number)
    assert run.frozen_at is not None
    day = china_day(run.frozen_at)
    outcome = outcome_from_json(recorded_outcomes(vault, run)[0])
    owners = owners_behind(session, run, [order.id for order in outcome.orders])
    return Market(
        problem=frozen_problem(vault, run),
        outcome=outcome,
        owners=owners,
        quality=qualities(session, owners, day, run.frozen_at),
        grading=grading(session, day),
        usual=usual_values(session, day),
    )


def keep(
    session: Session, number: str, found: Mapping[str, Sequence[Trial]], now: datetime
) -> None:
    """Keep the trials of a run, once; a run's own result is not touched."""
    run = run_of(session, number)
    if run.tried_at is not None:
        return
    rows = [
        {"run_id": run.id, "listing_number": offer} | columns
        for offer, trials in sorted(found.items())
        for columns in map(_columns, trials or [NOTHING])
    ]
    if rows:
        session.execute(insert(RunTrial), rows)
    run.tried_at = now


NOTHING = Trial(NO_TEST, Worth(Decimal(0), 0, 0, None), None)


def own_trials(
    session: Session, actor: Actor, number: str, on: date, run_number: str | None = None
) -> OwnTrials:
    """Of an offer of the actor's own firm in a monthly run, by default the newest.

    Raises `NotFound` for everybody else, and for a requirement.
    """
    listing = readable(session, actor, number, on)
    if listing.company_id != actor.company_id or listing.side is not Side.OFFER:
        raise NotFound
    run = _run_with(session, listing, run_number)
    if run is None:
        return OwnTrials(number, Stage.NO_RUN)
    lines = select(RunOrder).where(RunOrder.run_id == run.id, RunOrder.listing_number == number)
    left = [line for line in session.scalars(lines) if line.kg > line.placed_kg]
    rows = select(RunTrial).where(RunTrial.run_id == run.id, RunTrial.listing_number == number)
    kept = list(session.scalars(rows.order_by(RunTrial.parameter)))
    return OwnTrials(
        number=number,
        stage=_stage(session, run, is_left=bool(left), is_kept=bool(kept)),
        run=run.number,
        trials=tuple(_trial(row) for row in kept if row.parameter != NO_TEST),
        reasons=tuple(dict.fromkeys(line.reason for line in left)),
        shut_out=tuple(shut_outs_of(session, run, number, Side.OFFER)),
    )


def _run_with(session: Session, listing: Listing, number: str | None) -> ClearingRun | None:
    query = (
        select(ClearingRun)
        .join(RunOrder, RunOrder.run_id == ClearingRun.id)
        .where(RunOrder.listing_number == listing.number, ClearingRun.round_number.is_(None))
        .order_by(ClearingRun.id.desc())
        .limit(1)
    )
    return session.scalar(query if number is None else query.where(ClearingRun.number == number))


def _stage(session: Session, run: ClearingRun, *, is_left: bool, is_kept: bool) -> Stage:
    if not is_left:
        return Stage.NOTHING_LEFT
    if is_kept:
        return Stage.DONE
    job = job_queries.job(session, job_id(JOB_KIND, run.number))
    is_open = run.tried_at is None and job is not None and job.state in OPEN
    return Stage.OPEN if is_open else Stage.MISSED


def _columns(trial: Trial) -> dict[str, Any]:
    limit, typical = trial.at_limit, trial.typical
    return {
        "parameter": trial.parameter,
        "value_at_limit": _plain(limit.value),
        "buyers_at_limit": limit.buyers,
        "kg_at_limit": limit.kg,
        "price_at_limit": limit.price,
        "value_typical": _plain(typical.value) if typical else None,
        "buyers_typical": typical.buyers if typical else None,
        "kg_typical": typical.kg if typical else None,
        "price_typical": typical.price if typical else None,
    }


def _plain(value: Decimal) -> str:
    """A number without needless noughts: `10`, not `10.0` nor `1E+1`."""
    return f"{value.normalize():f}"


def _trial(row: RunTrial) -> Trial:
    limit = Worth(
        Decimal(row.value_at_limit), row.buyers_at_limit, row.kg_at_limit, row.price_at_limit
    )
    if row.value_typical is None or row.buyers_typical is None:
        return Trial(row.parameter, limit, None)
    usual = Decimal(row.value_typical)
    typical = Worth(usual, row.buyers_typical, row.kg_typical, row.price_typical)
    return Trial(row.parameter, limit, typical)
