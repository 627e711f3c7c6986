"""Commands that ask about a solved problem and print one JSON object, and ``frontier``."""

import argparse
import json
from pathlib import Path

from matching.cli.console import CANCELLED, DONE, Console
from matching.cli.interrupts import Interrupts
from matching.cli.protocol import Request
from matching.cli.waiting import Run
from matching.formats import settings_file

FRONTIER, ABOUT = "frontier.csv", "frontier.json"


def explain(options: argparse.Namespace, console: Console) -> int:
    """Say why one order stands as it does."""
    names = ("directory", "outcome", "side", "order", "month")
    return _print(_asked("explain", options, names, console), console)


def relax(options: argparse.Namespace, console: Console) -> int:
    """Rank single relaxations by what they would place."""
    return _print(_asked("relax", options, ("directory", "outcome", "top"), console), console)


def whatif(options: argparse.Namespace, console: Console) -> int:
    """Say what some edits would change."""
    return _print(_asked("whatif", options, ("directory", "outcome", "edit"), console), console)


def frontier(options: argparse.Namespace, console: Console) -> int:
    """Write what each tonne more would need in support."""
    options.overrides = settings_file.texts_from_options(options.set)
    answer = _asked("frontier", options, ("directory", "overrides", "points"), console)
    if answer is None:
        return _cancelled(console)
    assert isinstance(answer, tuple)
    curve, about = answer
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / FRONTIER).write_bytes(curve)
    (out / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    console.print("frontier", {"points": about["points"]})
    console.print("written", {"path": out / FRONTIER})
    return DONE


def _asked(
    task: str, options: argparse.Namespace, names: tuple[str, ...], console: Console
) -> object:
    """What the worker says; ``None`` when it was interrupted."""
    arguments = {name: getattr(options, name) for name in names}
    try:
        with Interrupts() as interrupts:
            return Run(console).until_done(Request(task, arguments), interrupts)
    except KeyboardInterrupt:
        return None


def _print(answer: object, console: Console) -> int:
    if answer is None:
        return _cancelled(console)
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return DONE


def _cancelled(console: Console) -> int:
    console.note("cancelled")
    return CANCELLED
