"""The bench of the official figures: it asks what the pages ask, and says what grows."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.transactions import database
from app.history.rules import past_months
from app.simulation.worlds.measuring import LINEAR, measure
from app.simulation.worlds.operations import Wanted, generate
from tests.conftest import NOW


def test_every_question_of_a_page_is_asked_and_timed(app: Flask) -> None:
    with database().writing() as session:
        generate(session, Wanted(sites=30, months=3, tickets=200, seed=1), NOW)
    times = measure(past_months(NOW, 3), NOW)
    assert set(LINEAR) < set(times)
    assert {"city map, a month", "a contract's trucks", "public board, every material"} < set(times)
    assert all(milliseconds > 0 for milliseconds in times.values())


def test_a_world_without_trade_cannot_be_measured(app: Flask) -> None:
    with pytest.raises(LookupError):
        measure(past_months(NOW, 3), NOW)
