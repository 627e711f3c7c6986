"""What the engine is measured against: ``python -m matching bench`` prints one table.

Each module of this package measures one topic and yields rows; every ratio is between two runs in
the same process tree, one after the other, because a shared machine is never twice the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what
        What was measured, with its size.
    bar
        What it should come to.
    measured
        What it came to.
    met
        Whether the bar is met; ``None`` where there is none.
    seconds
        How long measuring took.
    """

    what: str
    bar: str
    measured: str
    met: bool | None
    seconds: float
