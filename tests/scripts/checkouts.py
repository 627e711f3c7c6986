"""Throw-away copies of the checkout for the tests of `scripts/`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from app.settings import ROOT
from scripts import environment

LEFT_BEHIND = (
    ".git",
    ".venv",
    "var",
    "test-results",
    "__pycache__",
    "*.egg-info",
    ".*_cache",
    "*.mo",
)

# What decides over a start; the tests set it themselves.
SETTINGS = ("DATABASE_URL", "DATA_DIR", "FLASK_APP", "PORT", "REDIS_URL", "GUFEI_")


@dataclass(frozen=True)
class Checkout:
    """A copy of the product at `root`."""

    root: Path

    def start(self, *command: str, **settings: str) -> subprocess.Popen[str]:
        """Start one of the copy's scripts from a foreign working directory."""
        return subprocess.Popen(
            [self.root / "scripts" / command[0], *command[1:]],
            cwd=self.root.parent,
            env=clean_environment() | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *command: str, **settings: str) -> tuple[int, str]:
        """Run one of the copy's scripts to its end: its status and all it printed."""
        process = self.start(*command, **settings)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def files(self) -> set[Path]:
        """What stands in the copy, apart from its environment and compiled files."""
        skipped = {".venv", "__pycache__"}
        found = (path for path in self.root.rglob("*") if not skipped & set(path.parts))
        return {path.relative_to(self.root) for path in found if path.suffix != ".mo"}


def copy_checkout(root: Path) -> Checkout:
    """Copy the product to `root`, without an environment."""
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    return Checkout(root)


def lend_environment(checkout: Checkout) -> None:
    """Give the copy a `.venv` that reads the packages of this test run, marked as installed."""
    home = checkout.root / ".venv"
    venv.create(home, symlinks=True)
    library = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (library / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    locks = [f"runtime {environment.digest(environment.lock_file('runtime'))}"]
    stamp = home / environment.STAMP.name
    stamp.write_text("\n".join([str(home), *locks]) + "\n", encoding="utf-8")


def clean_environment() -> dict[str, str]:
    """This process's environment without any setting of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}


def row_counts(database: Path) -> dict[str, int]:
    """The number of rows of every table of an SQLite database."""
    with sqlite3.connect(database) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name for (name,) in connection.execute(query)]
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"') for name in tables}
        result = {name: int(cursor.fetchone()[0]) for name, cursor in counts.items()}
    connection.close()
    return result
