"""When a replayed outcome counts as the recorded one."""

from __future__ import annotations

import json

import pytest

from app.clearing.cli import agree


def outcome(version: int, kg: int = 5, surplus: int = 70, **more: object) -> bytes:
    levels = [{"name": "tonnes", "value": kg * 1000}, {"name": "surplus", "value": surplus}]
    certificate = {"totals": {"kg": kg}, "levels": levels}
    return json.dumps({"version": version, "certificate": certificate} | more).encode()


@pytest.mark.parametrize(
    ("recorded", "fresh", "same"),
    [
        (outcome(2), outcome(2), True),
        (outcome(2), outcome(2, matches=[]), False),
        (outcome(1), outcome(2, matches=[]), True),
        (outcome(1), outcome(2, kg=4), False),
        (outcome(1), outcome(2, surplus=71), False),
    ],
)
def test_an_outcome_of_an_earlier_form_is_compared_by_its_values(
    recorded: bytes, fresh: bytes, same: bool
) -> None:
    assert agree(recorded, fresh) == same
