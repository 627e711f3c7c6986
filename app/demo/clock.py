"""A clock that stands still until it is moved; inside it the whole product lives in its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from app.core import clock


class FrozenClock:
    """The time of a simulation or of a told story, aware, in UTC."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def forward(self, step: timedelta) -> None:
        self.at += step

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Have the product read this clock, and the machine's again afterwards."""
        before = clock.read_clock
        clock.read_clock = lambda: self.at
        try:
            yield
        finally:
            clock.read_clock = before
