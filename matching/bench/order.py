"""Whether the order in which rows are read, or the number of workers, changes any byte."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from matching.bench import Row
from matching.files import problem_from_directory, problem_to_directory
from matching.formats.outcome_files import outcome_to_files
from matching.generate import FLOW_KINDS, LOT_KINDS, generate
from matching.solver import solve_with_report

#: Markets of each kind; those with indivisible parts start their workers anew each time.
MARKETS, LOT_MARKETS = 30, 5
ORDERS, LOT_ORDERS = 30, 8


def rows() -> Iterator[Row]:
    """Markets of every generated kind, as written and with rows and columns shuffled."""
    begun = time.perf_counter()
    cases = [(kind, seed, ORDERS) for kind in FLOW_KINDS for seed in range(MARKETS)]
    cases += [(kind, seed, LOT_ORDERS) for kind in LOT_KINDS for seed in range(LOT_MARKETS)]
    kinds = len(FLOW_KINDS) + len(LOT_KINDS)
    same = sum(_is_same(*case) for case in cases)
    yield Row(
        f"shuffled rows and columns, 1 and 2 workers, {len(cases)} markets of {kinds} kinds",
        "the same bytes",
        f"the same in {same}",
        same == len(cases),
        time.perf_counter() - begun,
    )


def shuffled(directory: Path, seed: int) -> None:
    """Put the rows and the columns of every table of a directory into another order."""
    draw = random.Random(seed)
    for file in sorted(directory.glob("*.csv")):
        head, *rest = (line.split(",") for line in file.read_text(encoding="utf-8").splitlines())
        columns = draw.sample(range(len(head)), len(head))
        draw.shuffle(rest)
        lines = (",".join(row[at] for at in columns) for row in (head, *rest))
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_same(kind: str, seed: int, orders: int) -> bool:
    with TemporaryDirectory() as scratch:
        directory = Path(scratch)
        problem_to_directory(generate(kind, seed, orders, orders), directory)
        before = _solved(directory, 1)
        shuffled(directory, seed)
        return before == _solved(directory, 2)


def _solved(directory: Path, workers: int) -> dict[str, bytes]:
    problem = problem_from_directory(directory).problem
    return outcome_to_files(solve_with_report(problem, workers=workers)[0])
