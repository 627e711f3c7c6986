"""The commands and their arguments."""

import argparse
import math
from collections.abc import Callable, Mapping
from typing import Any

from matching import generate
from matching.bench import run as bench
from matching.cli import asking, auditing, making, solving
from matching.cli.console import Console
from matching.messages import Language, say
from matching.problem import Side

Command = Callable[[argparse.Namespace, Console], int]
#: Flag, or name of a positional → the code of its help, and what ``argparse`` makes of it.
Arguments = Mapping[str, tuple[str, dict[str, Any]]]


def parser(language: Language) -> argparse.ArgumentParser:
    """A parser that sets ``command`` to the function to run."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lang", choices=list(Language), help=say(language, "help_lang"))
    made = argparse.ArgumentParser("python -m matching", description=say(language, "help"))
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for name, (run, arguments) in COMMANDS.items():
        text = say(language, f"help_{name}")
        added = commands.add_parser(name, help=text, description=text, parents=[shared])
        added.set_defaults(command=run)
        for flag, (code, details) in arguments.items():
            added.add_argument(flag, help=say(language, code), **details)
    return made


def _count(text: str) -> int:
    """A whole number from 1."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _index(text: str) -> int:
    """A whole number from 0."""
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def _seconds(text: str) -> float:
    """A finite number from 0."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise ValueError(text)
    return value


_DIRECTORY: Arguments = {"directory": ("help_directory", {"metavar": "DIR"})}
_BOTH: Arguments = {**_DIRECTORY, "outcome": ("help_outcome", {"metavar": "OUT"})}
_SETTINGS: Arguments = {
    "--set": (
        "help_set",
        {"action": "extend", "nargs": "+", "default": [], "metavar": "KEY=VALUE"},
    )
}
_OUT: dict[str, Any] = {"required": True, "metavar": "OUT"}
_SIZE: dict[str, Any] = {"type": _index, "default": 100, "metavar": "N"}

#: Command → what it runs, and its arguments.
COMMANDS: Mapping[str, tuple[Command, Arguments]] = {
    "solve": (
        solving.solve,
        {
            "source": ("help_source", {"metavar": "DIR"}),
            "--out": ("help_out", _OUT),
            "--time-limit": ("help_time_limit", {"type": _seconds, "metavar": "S"}),
            "--iterations": ("help_iterations", {"type": _index, "metavar": "N"}),
            "--workers": ("help_workers", {"type": _count, "default": 1, "metavar": "N"}),
            **_SETTINGS,
        },
    ),
    "verify": (auditing.verify, _BOTH),
    "explain": (
        asking.explain,
        {
            **_BOTH,
            "--order": ("help_order", {"required": True, "metavar": "ID"}),
            "--side": ("help_side", {"choices": list(Side)}),
            "--month": ("help_month", {"type": _index, "metavar": "M"}),
        },
    ),
    "relax": (
        asking.relax,
        {**_BOTH, "--top": ("help_top", {"type": _count, "default": 10, "metavar": "K"})},
    ),
    "frontier": (
        asking.frontier,
        {
            **_DIRECTORY,
            "--out": ("help_out_directory", _OUT),
            "--points": ("help_points", {"type": _count, "metavar": "N"}),
            **_SETTINGS,
        },
    ),
    "whatif": (
        asking.whatif,
        {**_BOTH, "--edit": ("help_edit", {"required": True, "metavar": "FILE"})},
    ),
    "generate": (
        making.generate,
        {
            "kind": ("help_kind", {"choices": list(generate.KINDS)}),
            "--seed": ("help_seed", {"type": int, "default": 0, "metavar": "N"}),
            "--supplies": ("help_supplies", _SIZE),
            "--demands": ("help_demands", _SIZE),
            "--out": ("help_out_directory", {"required": True, "metavar": "DIR"}),
        },
    ),
    "reach": (
        auditing.reach,
        {
            "source": ("help_directory", {"nargs": "+", "metavar": "DIR"}),
            "--max-km": ("help_max_km", {"default": "150,300,600"}),
        },
    ),
    "bench": (
        making.bench,
        {
            "--only": ("help_only", {"nargs": "+", "choices": list(bench.TOPICS)}),
            "--instance": ("help_instance", {"nargs": "+", "default": [], "metavar": "DIR"}),
            "--out": ("help_bench_out", {"metavar": "FILE"}),
        },
    ),
}
