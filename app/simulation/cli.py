"""`flask trades simulate`: the funnel of a market of lazy users, as one JSON object."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import AppGroup

from app.core.errors import Conflict
from app.simulation.operations import simulate

trades_group = AppGroup("trades", help="Trades.")
GROUPS = (trades_group,)


@trades_group.command("simulate")
@click.option("--matches", type=click.IntRange(1, 5_000), default=500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def simulate_command(matches: int, seed: int) -> None:
    """Drive matches to their endings in frozen time, in a database of demo firms only.

    Trades, shipments and postings stay in the database. Exit 1 if a case lacks an ending or an
    owner, or the ledger is not sound.
    """
    try:
        report = simulate(matches, seed)
    except Conflict as refusal:
        raise click.ClickException(str(refusal.message)) from refusal
    click.echo(json.dumps(report.figures | {"matches": matches, "seed": seed}, sort_keys=True))
    for fault in report.faults:
        click.echo(fault, err=True)
    if report.faults:
        sys.exit(1)
