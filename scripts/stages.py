"""Runs the product's own commands that lead from an environment to a market, in one process.

Loading the product takes longer than most of them. Called by `scripts/environment.py` inside
`.venv`; with `--empty` the market stays without demo data.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scripts.environment import timed

if TYPE_CHECKING:
    from flask import Flask

PLATFORM = {
    "translations": "i18n compile",
    "database": "core migrate",
    "reference data": "catalogue load",
}
DEMO = {
    "demo market": "demo load",
    "first clearing": "demo clear-first",
}
DEMO_ELSEWHERE = {"demo market": "demo load-world"}
LIAOCHENG = "371500"
OURS = ("app", "matching", "migrations")
LOADED_LAST = (
    "openpyxl",
    "alembic.command",
    "ortools.graph.python.min_cost_flow",
    "shapely",
    "geopy",
    "redis",
    "rq",
)


def main(options: Sequence[str]) -> None:
    """Carry out every stage and print its seconds; production never gets demo data."""
    os.environ.setdefault("GUFEI_LOG_LEVEL", "warning")
    with warm_up():
        carry_out(options)


def warm_up() -> subprocess.Popen[bytes]:
    """Compile on another core what this one comes to later: our own code, and what it loads last.

    Fresh checkouts and packages bring no byte code, and compiling it is most of the first start.
    """
    ours = f"from compileall import compile_dir; [compile_dir(each, quiet=2) for each in {OURS}]"
    return subprocess.Popen([sys.executable, "-c", f"{ours}; import {', '.join(LOADED_LAST)}"])


def carry_out(options: Sequence[str]) -> None:
    with timed("loading"):
        from wsgi import app  # noqa: PLC0415 (its seconds are a stage of their own)
    settings = app.extensions["gufei.settings"]
    with_demo = "--empty" not in options and not settings.is_production
    demo = demo_of(settings.region) if with_demo else {}
    for stage, command in (PLATFORM | demo).items():
        with timed(stage):
            run_command(app, command)
    if with_demo:
        run_command(app, "demo accounts")


def demo_of(region: str) -> dict[str, str]:
    """The told market stands in Liaocheng; every other region gets a generated one."""
    return DEMO if region == LIAOCHENG else DEMO_ELSEWHERE


def run_command(app: Flask, command: str) -> None:
    """Run what `flask <command>` runs; its errors pass through."""
    from flask.cli import ScriptInfo  # noqa: PLC0415 (see main)

    info = ScriptInfo(create_app=lambda: app, set_debug_flag=False)
    app.cli.main(shlex.split(command), prog_name="flask", obj=info, standalone_mode=False)


if __name__ == "__main__":
    main(sys.argv[1:])
