"""`flask demo load | clear-first | accounts`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.clearing.operations import start_run
from app.clearing.queries import last_recorded, open_run, runs
from app.core.actor import SYSTEM
from app.core.clock import add_months, china_day, month_of, now
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.demo.operations import confirm_some, emails, is_empty, load
from app.demo.rules import PASSWORD
from app.demo.story import tell
from app.settings import ROOT, Settings

demo_group = AppGroup("demo", help="The demonstration market.")
GROUPS = (demo_group,)
FOLDER = ROOT / "data" / "demo"


@demo_group.command("load")
def load_market() -> None:
    """Load the demo market if the database is empty; never in production.

    A load that is cut off is not taken up again: what has happened by then stays.
    """
    settings: Settings = current_app.extensions["gufei.settings"]
    if settings.is_production:
        click.echo("production: no demo data")
        return
    at = now()
    with database().writing() as session:
        market = load(session, FOLDER, at) if is_empty(session) else None
    if market is not None:
        tell(market, FOLDER, at)
        click.echo("demo market loaded")


@demo_group.command("clear-first")
def clear_first() -> None:
    """Run one clearing of the next month, unless there has been one or there is no demo market.

    A round whose clearing was cut off while the market was loaded is cleared first.
    """
    with database().reading() as session:
        if is_empty(session) or runs(session, limit=1):
            return
        cut_off = open_run(session)
    if cut_off is not None:
        run_job(cut_off.job_id)
    settings: Settings = current_app.extensions["gufei.settings"]
    with database().writing() as session:
        month = add_months(month_of(china_day(now())), 1)
        run = start_run(session, SYSTEM, month, now(), months=settings.clearing_months)
        job_id = run.job_id
    run_job(job_id)
    with database().writing() as session:
        done = last_recorded(session)
        if done is not None:
            count = confirm_some(session, done.number, now())
            click.echo(f"{done.number}: {done.match_count} proposals, {count} confirmed")


@demo_group.command("accounts")
def accounts() -> None:
    """Print the demo accounts that there are."""
    with database().reading() as session:
        for email in emails(session):
            click.echo(f"{email:<24}{PASSWORD}")
