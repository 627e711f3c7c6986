"""`flask ledger check`: prove that the books agree."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.core.transactions import database
from app.ledger.queries import check

ledger_group = AppGroup("ledger", help="The tonne ledger.")
GROUPS = (ledger_group,)


@ledger_group.command("check")
def check_ledger() -> None:
    """Recompute every balance from its postings; exit 1 on a fault."""
    with database().reading() as session:
        faults = check(session)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo("ledger sound")
