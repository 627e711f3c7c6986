"""`flask trades simulate`: the funnel of lazy users; `flask statistics generate`: whole worlds,
and `flask demo load-world` the demo of a province.
"""

from __future__ import annotations

import json
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.clock import now
from app.core.errors import Conflict
from app.core.transactions import database
from app.demo.operations import is_empty
from app.history.rules import past_months
from app.settings import Settings
from app.simulation import province
from app.simulation.operations import simulate
from app.simulation.worlds.measuring import grown, measure
from app.simulation.worlds.operations import Wanted, generate

demo_group = AppGroup("demo", help="The demonstration market.")
trades_group = AppGroup("trades", help="Trades.")
statistics_group = AppGroup("statistics", help="Official statistics.")
GROUPS = (demo_group, trades_group, statistics_group)


@demo_group.command("load-world")
def load_world_command() -> None:
    """Load the demo of a whole province if the database is empty; never in production."""
    settings: Settings = current_app.extensions["gufei.settings"]
    if settings.is_production:
        click.echo("production: no demo data")
        return
    with database().writing() as session:
        made = province.load(session, now()) if is_empty(session) else None
    if made is not None:
        click.echo(json.dumps(made.figures, sort_keys=True))


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


@statistics_group.command("generate")
@click.option("--sites", type=click.IntRange(1, 20_000), default=500, show_default=True)
@click.option("--months", type=click.IntRange(1, 60), default=24, show_default=True)
@click.option("--tickets", type=click.IntRange(0, 2_000_000), default=20_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--unclosed",
    type=click.IntRange(0, 1000),
    default=0,
    show_default=True,
    help="How many of a thousand declarations do not close and say why.",
)
def generate_command(sites: int, months: int, tickets: int, seed: int, unclosed: int) -> None:
    """Make a world of invented firms whose declarations and tickets end with last month.

    So many SITES make waste, half as many take it. Never beside real firms. Prints one JSON line.
    """
    wanted = Wanted(sites, months, tickets, seed, unclosed)
    try:
        with database().writing() as session:
            made = generate(session, wanted, now())
    except Conflict as refusal:
        raise click.ClickException(str(refusal.message)) from refusal
    click.echo(json.dumps(made.figures | {"months": months, "seed": seed}, sort_keys=True))


@statistics_group.command("measure")
@click.option("--months", type=click.IntRange(1, 60), default=24, show_default=True)
def measure_command(months: int) -> None:
    """Print the milliseconds of each page's questions in this database, as one JSON line."""
    at = now()
    click.echo(json.dumps(measure(past_months(at, months), at)))


@statistics_group.command("bench")
@click.option("--sites", type=click.IntRange(1, 20_000), default=500, show_default=True)
@click.option("--months", type=click.IntRange(1, 60), default=24, show_default=True)
@click.option("--few", type=click.IntRange(2), default=20_000, show_default=True)
@click.option("--many", type=click.IntRange(2), default=200_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def bench_command(sites: int, months: int, few: int, many: int, seed: int) -> None:
    """Print how each page's questions grow from FEW to MANY tickets, in databases of their own."""
    click.echo(f"{'':<36}{few:>10,}{many:>10,}  ratio")
    for name, (small, large) in grown(sites, months, (few, many), seed).items():
        click.echo(f"{name:<36}{small:>7.1f} ms{large:>7.1f} ms{large / small:>7.1f}")
