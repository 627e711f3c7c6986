"""Commands of the platform: `flask core migrate` and `flask i18n compile | update | check`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from babel.messages.pofile import read_po
from flask import current_app
from flask.cli import AppGroup

from app.core.jobs.cli import jobs_group
from app.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config

core_group = AppGroup("core", help="The database schema.")
i18n_group = AppGroup("i18n", help="The translations.")
GROUPS = (core_group, i18n_group, jobs_group)
TRANSLATIONS = ROOT / "translations"
CATALOGUE = Path("en") / "LC_MESSAGES" / "messages.po"


def alembic_config(url: str) -> Config:
    """The migration set-up for one database; `%` must be doubled for the parser."""
    from alembic.config import Config  # noqa: PLC0415 (only two of all commands need alembic)

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


@core_group.command("migrate")
def migrate() -> None:
    """Bring the database to the newest schema."""
    from alembic import command  # noqa: PLC0415 (see `alembic_config`)

    command.upgrade(alembic_config(current_app.extensions["gufei.settings"].database_url), "head")


@core_group.command("revision")
@click.argument("message")
def revision(message: str) -> None:
    """Write the migration that brings the database of now to the models of now."""
    from alembic import command  # noqa: PLC0415 (see `alembic_config`)

    url = current_app.extensions["gufei.settings"].database_url
    command.revision(alembic_config(url), message, autogenerate=True)


@i18n_group.command("compile")
def compile_catalogue() -> None:
    """Compile the English catalogue for use."""
    _babel("compile", "-d", str(TRANSLATIONS), "--statistics")


@i18n_group.command("update")
def update() -> None:
    """Collect the strings of the source into the English catalogue."""
    refresh_catalogue(TRANSLATIONS)


@i18n_group.command("check")
def check() -> None:
    """Exit 1 if a string of the source has no English, or the catalogue is stale."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "translations"
        shutil.copytree(TRANSLATIONS, fresh)
        refresh_catalogue(fresh)
        faults = untranslated(fresh / CATALOGUE) + stale(
            TRANSLATIONS / CATALOGUE, fresh / CATALOGUE
        )
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    click.echo("translations complete")


def refresh_catalogue(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(suffix=".pot") as template:
        extracting = ("-F", "babel.cfg", "-k", "_l", "--no-location", "--sort-output")
        _babel("extract", *extracting, "-o", template.name, ".")
        updating = ("--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date")
        _babel("update", *updating, "-i", template.name, "-d", str(folder))


def untranslated(path: Path) -> list[str]:
    """One line per message that has no translation or is marked fuzzy."""
    return [
        f"no English: {message.id}"
        for message in _messages(path)
        if not message.string or message.fuzzy
    ]


def stale(committed: Path, fresh: Path) -> list[str]:
    """One line per message that the source has gained or lost since the last update."""
    before = {message.id for message in _messages(committed)}
    after = {message.id for message in _messages(fresh)}
    return [f"stale catalogue: {identity}" for identity in sorted(before ^ after)]


def _messages(path: Path) -> list:  # type: ignore[type-arg]
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def _babel(*arguments: str) -> None:
    run = [sys.executable, "-m", "babel.messages.frontend", "--quiet", *arguments]
    subprocess.run(run, cwd=ROOT, check=True)
