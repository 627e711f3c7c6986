"""Commands of background work: `flask jobs work | clock | run`."""

from __future__ import annotations

import signal
import time
from contextlib import suppress

import click
import structlog
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import now
from app.core.jobs import schedule
from app.core.jobs.bell import NotRung
from app.core.jobs.runner import run_job
from app.core.jobs.supervisor import Supervisor
from app.settings import Settings

log = structlog.get_logger()
jobs_group = AppGroup("jobs", help="Background work.")


@jobs_group.command("work")
@click.option("--processes", default=1, show_default=True, help="Jobs at a time, without Redis.")
def work(processes: int) -> None:
    """Do what waits until interrupted: from the queue where REDIS_URL is set, else the table."""
    settings: Settings = current_app.extensions["gufei.settings"]
    if settings.redis_url is not None:
        from app.core.jobs import rq_worker  # noqa: PLC0415 (with RQ comes a client of Redis)

        rq_worker.work(settings.redis_url)
        return
    end_on_sigterm()
    with suppress(KeyboardInterrupt):
        Supervisor(current_app._get_current_object(), processes).run()  # type: ignore[attr-defined]


@jobs_group.command("clock")
def clock() -> None:
    """Add what recurs and ring again for what is due, until interrupted."""
    end_on_sigterm()
    with suppress(KeyboardInterrupt):
        while True:
            tick()
            time.sleep(schedule.TICK_SECONDS)


@jobs_group.command("run")
@click.argument("job_id")
def run(job_id: str) -> None:
    """Make one attempt at one job, if it is to be had."""
    run_job(job_id)


def tick() -> None:
    """One turn of the clock; what is away for the moment is tried at the next."""
    try:
        schedule.add_recurring(now())
        schedule.ring_due(now())
    except (NotRung, SQLAlchemyError):
        log.exception("clock_tick_failed")


def end_on_sigterm() -> None:
    """Make SIGTERM end the command as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
