"""A long table takes no more memory than a short one, but for its own bytes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.transactions import database
from app.imports.rules import ImportKind, ImportMode, ImportState, Outcome, Remark, Result
from tests.imports.factories import job_of, producer, received, shown, table, work_off

TICKETS = ImportKind.TICKETS
SHORT, LONG = 500, 4_000


class EveryTenthFails:
    """Stands for the weighing, whose memory is that of one ticket at a time."""

    def hold(self, session: Session, actor: Actor, rows: Sequence[Mapping[str, str]]) -> None:
        pass

    def enter(
        self, session: Session, actor: Actor, cells: Mapping[str, str], now: datetime
    ) -> Result:
        if cells["number"].endswith("0"):
            return Result(Outcome.REFUSED, remarks=(Remark("磅单号", "示例" * 20),))
        return Result(Outcome.ENTERED, cells["note"])

    def take_back(self) -> None:
        pass


def test_eight_times_the_rows_take_hardly_more_memory(
    app: Flask, frozen: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.imports.running.rows_of", lambda *_: EveryTenthFails())
    with database().writing() as session:
        actor = producer(session).actor
    content = {count: table(TICKETS, _rows(count)) for count in (SHORT, LONG)}
    peak(actor, content[SHORT], SHORT)  # what is loaded once for all
    short, long = (peak(actor, content[count], count) for count in (SHORT, LONG))
    own_bytes = 4 * (len(content[LONG]) - len(content[SHORT]))
    assert long - own_bytes < 1.5 * short


def peak(actor: Actor, content: bytes, rows: int) -> int:
    """The most bytes that were in use at once while the table was worked off."""
    number = received(actor, TICKETS, content, ImportMode.VALID)
    assert job_of(number)
    tracemalloc.start()
    try:
        work_off(number)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    view = shown(actor, number)
    assert (view.file.state, view.file.refused) == (ImportState.DONE, rows // 10)
    return most


def _rows(count: int) -> list[dict[str, str]]:
    return [
        {
            "note": f"W-2611-{number:05d}",
            "end": "装车过磅",
            "number": f"P{number}",
            "gross_kg": "46240",
            "tare_kg": "14780",
            "weighed_at": "2026-11-22 10:00",
        }
        for number in range(count)
    ]
