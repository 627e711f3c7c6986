"""HiGHS through SciPy, for mixed-integer and linear programmes in floats, without its noise.

Q. Huangfu, J. A. J. Hall, *Parallelizing the dual revised simplex method*, Mathematical
Programming Computation 10, 2018. Nothing it returns is taken as exact: plans are settled again in
whole numbers and bounds are called claimed.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

#: SciPy's status of a run that reached its time limit; one at its node limit has another.
TIMED_OUT = 1

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Programme:
    """Maximise ``gain`` · x where ``low`` ≤ rows · x ≤ ``high`` and ``least`` ≤ x ≤ ``most``.

    ``rows`` is a SciPy sparse array of shape (rows, columns); ``whole`` tells which columns must
    be whole numbers.
    """

    gain: Floats
    rows: Any
    low: Floats
    high: Floats
    least: Floats
    most: Floats
    whole: Bools


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a programme.

    Attributes
    ----------
    x
        The best columns found; ``None`` where none were.
    bound
        No columns are better than this; infinite where nothing is known.
    closed
        Whether the search ended by itself; without columns, that there are none.
    timed_out
        Whether time ended it.
    """

    x: Floats | None
    bound: float
    closed: bool
    timed_out: bool = False


def search(programme: Programme, nodes: int, seconds: float | None) -> Answer:
    """Branch and cut over so many nodes at most."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  (a slow import)

    if not len(programme.gain):
        return Answer(np.zeros(0), 0.0, closed=True)
    options: dict[str, float] = {"node_limit": nodes, "mip_rel_gap": 0.0}
    if seconds is not None:
        options["time_limit"] = seconds
    with _quiet():
        result = milp(
            -programme.gain,
            integrality=programme.whole.astype(np.uint8),
            bounds=Bounds(programme.least, programme.most),
            constraints=LinearConstraint(programme.rows, programme.low, programme.high),
            options=options,
        )
    closed = result.status in (0, 2)
    # Where presolve already decides everything, HiGHS names no bound but its optimum.
    bounds = [result.get("mip_dual_bound"), result.fun if closed else None]
    known = [-float(bound) for bound in bounds if bound is not None and np.isfinite(bound)]
    return Answer(result.x, known[0] if known else np.inf, closed, result.status == TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A solved linear programme: columns and the price of each row's upper and lower side."""

    x: Floats
    price: Floats


def relax(programme: Programme) -> Relaxed | None:
    """The programme without whole numbers; ``None`` where HiGHS finds no optimum."""
    from scipy.optimize import linprog  # noqa: PLC0415  (a slow import)
    from scipy.sparse import vstack  # noqa: PLC0415

    above, below = np.isfinite(programme.high), np.isfinite(programme.low)
    with _quiet():
        result = linprog(
            -programme.gain,
            A_ub=vstack([programme.rows[above], -programme.rows[below]]),
            b_ub=np.concatenate([programme.high[above], -programme.low[below]]),
            bounds=np.column_stack([programme.least, programme.most]),
            method="highs",
        )
    if result.status != 0:
        return None
    price = np.zeros(len(programme.high))
    price[above] -= result.ineqlin.marginals[: above.sum()]
    price[below] += result.ineqlin.marginals[above.sum() :]
    return Relaxed(result.x, price)


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what C code prints to standard output to nowhere."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
