"""`flask clearing run` and `flask clearing replay`."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from app.clearing.engine import as_plan, solve_apart
from app.clearing.operations import frozen_problem, start_run
from app.clearing.queries import run_of
from app.clearing.rules import sha256
from app.core.actor import SYSTEM
from app.core.clock import add_months, china_day, month_of, now
from app.core.jobs.runner import run_job
from app.core.transactions import database

clearing_group = AppGroup("clearing", help="Clearing runs.")
GROUPS = (clearing_group,)


@clearing_group.command("run")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="Default: the next month.")
def run(month: datetime | None) -> None:
    """Start a clearing and work it off in this process."""
    wanted = month.date() if month else add_months(month_of(china_day(now())), 1)
    with database().writing() as session:
        started = start_run(session, SYSTEM, wanted, now())
        number, job_id = started.number, started.job_id
    run_job(job_id)
    click.echo(number)


@clearing_group.command("replay")
@click.argument("number")
def replay(number: str) -> None:
    """Solve a run's stored problem again; exit 1 unless both outcomes are the same bytes."""
    with database().reading() as session:
        stored = run_of(session, number)
        problem = frozen_problem(current_app.extensions["gufei.vault"], stored)
        recorded = (stored.outcome_sha256, stored.plan_outcome_sha256)
    fresh = tuple(sha256(solve_apart(each)) for each in (problem, as_plan(problem)))
    click.echo(f"{number} market {fresh[0]} plan {fresh[1]}")
    if fresh != recorded:
        click.echo(f"differs from the record: {recorded}", err=True)
        sys.exit(1)
