"""How long the search may go on: so many rounds, or until a point in time.

The search is a numbered sequence of rounds, each of which depends only on the input and on the
rounds before it. A round that the deadline cuts short does not count and leaves nothing behind, so
a run with the number of rounds another one finished ends with the same plan.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from matching.network import Flow


def _unheard(flow: Flow) -> None:
    """Nobody listens for plans on the way."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may use.

    Attributes
    ----------
    iterations
        Rounds; ``None`` for the engine's own number, or with a deadline as many as fit.
    deadline
        On the clock of :func:`time.monotonic`; ``None`` for no end in time.
    on_plan
        Called with each plan that is better than the one before.
    patient
        Whether to use up what there is; otherwise the engine's own number of rounds is the most.
    """

    iterations: int | None = None
    deadline: float | None = None
    on_plan: Callable[[Flow], None] = _unheard
    patient: bool = True

    @property
    def own(self) -> bool:
        """Whether the engine decides when to stop."""
        return not self.patient or (self.iterations is None and self.deadline is None)

    @property
    def seconds_left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def late(self) -> bool:
        return self.seconds_left == 0.0

    def allows(self, done: int) -> bool:
        """Whether another round may start after so many."""
        return not self.late and (self.iterations is None or done < self.iterations)
