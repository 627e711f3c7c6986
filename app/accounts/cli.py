"""Commands for the first people of an installation: `flask accounts create-operator`, …"""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.accounts.operations import UserDraft, create_user
from app.core.actor import SYSTEM, ActorKind
from app.core.clock import now
from app.core.errors import Refused
from app.core.transactions import database

group = AppGroup("accounts", help="People and their accounts.")
GROUPS = (group,)


@group.command("create-operator")
@click.option("--email", prompt="E-mail", help="The address to sign in with.")
@click.option("--name", prompt="Name", help="How the product addresses the person.")
def create_operator(email: str, name: str) -> None:
    """Make an operator's account. The password is asked for, or read from standard input."""
    _create(UserDraft(email, name, ActorKind.OPERATOR, _password()))


@group.command("create-regulator")
@click.option("--region", required=True, help="GB/T 2260 code of a county, or of a city (…00).")
@click.option("--email", prompt="E-mail", help="The address to sign in with.")
@click.option("--name", prompt="Name", help="How the product addresses the person.")
def create_regulator(region: str, email: str, name: str) -> None:
    """Make a regulator's account. The password is asked for, or read from standard input."""
    _create(UserDraft(email, name, ActorKind.REGULATOR, _password(), region=region))


@group.command("create-auditor")
@click.option("--email", prompt="E-mail", help="The address to sign in with.")
@click.option("--name", prompt="Name", help="How the product addresses the person.")
def create_auditor(email: str, name: str) -> None:
    """Make an auditor's account: it reads the documents of the runs the operator names it for."""
    _create(UserDraft(email, name, ActorKind.AUDITOR, _password()))


def _password() -> str:
    if sys.stdin.isatty():
        found: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return found
    return sys.stdin.readline().rstrip("\r\n")


def _create(draft: UserDraft) -> None:
    try:
        with database().writing() as session:
            user = create_user(session, SYSTEM, draft, now())
            email = user.email
    except Refused as refusal:
        raise click.ClickException(str(refusal.message)) from None
    click.echo(f"created {draft.kind} {email}")
