"""`flask ledger verify`: prove that the books and their chain agree."""

from __future__ import annotations

import re
import sys

import click
from flask.cli import AppGroup

from app.core.transactions import database
from app.ledger.chain import head
from app.ledger.rules import Link
from app.ledger.verification import verify

ledger_group = AppGroup("ledger", help="The tonne ledger.")
GROUPS = (ledger_group,)
LINK = re.compile(r"(\d+):([0-9a-f]{64})")


class LinkType(click.ParamType[Link]):
    """A place in the chain as `verify` prints it."""

    name = "position:digest"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Link:
        found = LINK.fullmatch(value)
        if found is None:
            self.fail("give a head as it was printed: POSITION:DIGEST", param, ctx)
        return Link(int(found[1]), found[2])


@ledger_group.command("verify")
@click.option("--expect", type=LinkType(), help="A head that was noted elsewhere.")
def verify_ledger(expect: Link | None) -> None:
    """Recompute every balance and the chain, name what does not agree, and exit 1 on a fault."""
    with database().reading() as session:
        faults = verify(session, expect)
        end = head(session) if not faults else None
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo(f"ledger sound, head {end}")
