"""`flask clearing run` and `flask clearing replay`."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.clearing.engine import solve_both
from app.clearing.freezing import efforts_of, frozen_problem
from app.clearing.operations import start_run
from app.clearing.queries import run_of
from app.clearing.recording import recorded_outcomes
from app.clearing.rules import sha256
from app.core.actor import SYSTEM
from app.core.clock import add_months, china_day, month_of, now
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.core.vault import own_vault
from app.settings import Settings

clearing_group = AppGroup("clearing", help="Clearing runs.")
GROUPS = (clearing_group,)


@clearing_group.command("run")
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="Default: the next month.")
def run(month: datetime | None) -> None:
    """Start a clearing and work it off in this process."""
    settings: Settings = current_app.extensions["gufei.settings"]
    wanted = month.date() if month else add_months(month_of(china_day(now())), 1)
    with database().writing() as session:
        started = start_run(session, SYSTEM, wanted, now(), months=settings.clearing_months)
        number, job_id = started.number, started.job_id
    run_job(job_id)
    click.echo(number)


@clearing_group.command("replay")
@click.argument("number")
def replay(number: str) -> None:
    """Solve a run's stored problem again; exit 1 unless both outcomes are the same bytes.

    An outcome recorded in an earlier form has other bytes: there the values of all levels count.
    """
    vault = own_vault()
    with database().reading() as session:
        stored = run_of(session, number)
        problem = frozen_problem(vault, stored)
        recorded, efforts = recorded_outcomes(vault, stored), efforts_of(stored)
    fresh = [answer.outcome for answer in solve_both(problem, efforts)]
    click.echo(f"{number} market {sha256(fresh[0])} plan {sha256(fresh[1])}")
    if not all(agree(*pair) for pair in zip(recorded, fresh, strict=True)):
        click.echo(f"differs from the record: {[sha256(each) for each in recorded]}", err=True)
        sys.exit(1)


def agree(recorded: bytes, fresh: bytes) -> bool:
    """Whether two outcomes, canonical JSON, are the same result."""
    before, after = json.loads(recorded), json.loads(fresh)
    if before["version"] == after["version"]:
        return recorded == fresh
    return _sums(before) == _sums(after)


def _sums(outcome: dict[str, Any]) -> tuple[int, int]:
    """Kilograms placed and surplus, which every form of an outcome holds alike."""
    certificate = outcome["certificate"]
    surplus = [level["value"] for level in certificate["levels"] if level["name"] == "surplus"]
    return certificate["totals"]["kg"], sum(surplus)
