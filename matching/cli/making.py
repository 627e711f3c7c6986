"""``generate`` and ``bench``: what is made for developers."""

import argparse
from pathlib import Path

from matching.bench import run as benching
from matching.cli.console import DONE, VIOLATED, Console
from matching.files import problem_to_directory
from matching.generate import generate as generated


def generate(options: argparse.Namespace, console: Console) -> int:
    """Write a random problem."""
    problem = generated(options.kind, options.seed, options.supplies, options.demands)
    problem_to_directory(problem, Path(options.out))
    console.print("written", {"path": options.out})
    return DONE


def bench(options: argparse.Namespace, console: Console) -> int:
    """Measure, print the table and write it; exit 1 where a bar is missed."""
    topics = tuple(options.only or benching.TOPICS)
    rows = []
    for topic in topics:
        console.note("measuring", {"what": topic})
        rows += benching.measured(topic, [Path(each) for each in options.instance])
    page = benching.page(rows)
    print(page)
    out = options.out or (None if options.only else benching.PAGE)
    if out is not None:
        Path(out).write_text(page, encoding="utf-8")
        console.note("written", {"path": out})
    return DONE if all(row.met is not False for row in rows) else VIOLATED
