"""`flask statistics prepare | close | restate | figures | verify`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.clock import now
from app.core.errors import GufeiError
from app.core.transactions import database
from app.statistics import closing
from app.statistics.facts import SETTLING, gather, write
from app.statistics.models import MonthClose

statistics_group = AppGroup("statistics", help="Official figures.")
GROUPS = (statistics_group,)
OPERATOR = Actor(kind=ActorKind.OPERATOR)
MONTH = click.DateTime(["%Y-%m"])


@statistics_group.command("prepare")
@click.argument("month", type=MONTH)
def prepare_month(month: datetime) -> None:
    """Make the facts of a month anew: of a closed one those of its last close."""
    with database().writing() as session:
        found = closing.last_close(session, month.date())
        as_of, version = (found.as_of, found.version) if found else (now() - SETTLING, 0)
        write(session, gather(session, month.date(), as_of), version)


@statistics_group.command("close")
@click.argument("month", type=MONTH)
def close_month(month: datetime) -> None:
    """Publish the figures of a month that has ended."""
    with database().writing() as session:
        _told(lambda: closing.close(session, OPERATOR, month.date(), now()))


@statistics_group.command("restate")
@click.argument("month", type=MONTH)
@click.option("--reason", required=True, help="Why; it is published with the figures.")
def restate_month(month: datetime, reason: str) -> None:
    """Publish a closed month anew with what was entered since."""
    with database().writing() as session:
        _told(lambda: closing.restate(session, OPERATOR, month.date(), reason, now()))


@statistics_group.command("figures")
@click.argument("month", type=MONTH)
@click.option("--version", type=click.IntRange(1), help="The last one unless told otherwise.")
def print_figures(month: datetime, version: int | None) -> None:
    """Write the figures file of a published month, computed again, to standard output."""
    with database().reading() as session:
        found = _published(session, month.date(), version)
        click.echo(closing.figures(session, found), nl=False)


@statistics_group.command("verify")
def verify() -> None:
    """Compute every published month again; exit 1 if one gives other bytes."""
    wrong = 0
    with database().reading() as session:
        for found in closing.recompute(session):
            wrong += not found.agrees
            close = found.close
            state = "ok" if found.agrees else f"DIFFERS, now {found.digest}"
            click.echo(f"{close.month:%Y-%m} v{close.version} {close.digest} {state}")
    if wrong:
        sys.exit(1)


def _told(deed: Callable[[], MonthClose]) -> None:
    """Do it and say what was published, or why not."""
    try:
        found = deed()
    except GufeiError as refusal:
        raise click.ClickException(f"{refusal.message} {refusal.next_step}") from refusal
    click.echo(f"{found.month:%Y-%m} v{found.version} {found.digest}")


def _published(session: Session, month: date, version: int | None) -> MonthClose:
    found = closing.closes_of(session, month)
    wanted = [close for close in found if version in (None, close.version)]
    if not wanted:
        raise click.ClickException(f"{month:%Y-%m}: nothing of the kind is published")
    return wanted[0]
