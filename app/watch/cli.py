"""`flask oversight bench`."""

from __future__ import annotations

import json
import secrets
import sys
from importlib import import_module
from types import ModuleType

import click
from flask.cli import AppGroup

from app.settings import ROOT
from app.watch.signs.bench import trial
from app.watch.signs.facts import Kind
from app.watch.watching import book_from_files

GENERATOR = ROOT / "tests" / "watch" / "frauds.py"
FRAUDS = 20
SEEDS = 2**32

oversight_group = AppGroup("oversight", help="The regulator's desk.")
GROUPS = (oversight_group,)


@oversight_group.command("bench")
@click.option("--seed", type=int, help="Default: a new one, which is printed.")
@click.option("--without", type=click.Choice(list(Kind)), multiple=True, help="Leave a rule out.")
def bench(seed: int | None, without: tuple[str, ...]) -> None:
    """Try the watch on a made world with 20 frauds; exit 1 unless it tells them from honest work.

    All frauds must be caught, and less than 5 % of what is honest be suspected.
    """
    worlds, frauds = _generator("worlds"), _generator("frauds")
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    crooked = frauds.crooked_world(seed, FRAUDS)
    kinds = [kind for kind in Kind if kind not in without]
    book = book_from_files(ROOT / "data")
    score = trial(crooked.world, crooked.frauds, worlds.clean_world(seed), book, kinds)
    click.echo(json.dumps({"seed": seed, **score.figures()}, ensure_ascii=False, indent=2))
    if not score.passes:
        sys.exit(1)


def _generator(name: str) -> ModuleType:
    """A module of the generator, which stands with the tests so that it shares no figure."""
    if not GENERATOR.is_file():
        raise click.ClickException(f"the bench needs {GENERATOR}, which comes with a checkout")
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return import_module(f"tests.watch.{name}")
