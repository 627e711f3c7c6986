"""SIGKILL in the middle of an import: every row is entered once, or none is."""

from __future__ import annotations

import signal

import pytest
from flask import Flask

from app.core.clock import add_months, china_day, month_of, now
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.imports.rules import SLICE, ImportKind, ImportMode, ImportState
from app.ledger.queries import check
from tests.core.jobs.processes import expire_lease, start
from tests.imports.factories import OFFER, counted, job_of, producer, received, shown, table

ROWS = SLICE + 5
"""More than one transaction of rows that stand each for itself."""


@pytest.mark.parametrize(
    ("mode", "point", "entered_before"),
    [
        (ImportMode.ALL, "before_writing", 0),
        (ImportMode.ALL, "before_record_commit", ROWS),
        (ImportMode.VALID, "after_slice", SLICE),
    ],
)
def test_an_import_that_is_killed_goes_on_where_it_stood(
    any_app: Flask, mode: ImportMode, point: str, entered_before: int
) -> None:
    with database().writing() as session:
        actor = producer(session).actor
    number = received(actor, ImportKind.OFFERS, table(ImportKind.OFFERS, _rows()), mode)
    killed = start(any_app, "jobs", "run", job_of(number), GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    assert counted()["listings"] == entered_before
    expire_lease(job_of(number))
    run_job(job_of(number))
    view = shown(actor, number)
    assert (view.file.state, view.file.entered) == (ImportState.DONE, ROWS)
    assert counted()["listings"] == ROWS
    with database().reading() as session:
        assert not check(session)


def _rows() -> list[dict[str, str]]:
    """Offers of the coming months, by the clock of the process that is killed."""
    first = add_months(month_of(china_day(now())), 1)
    months = {"first_month": f"{first:%Y-%m}", "last_month": f"{add_months(first, 1):%Y-%m}"}
    return [{**OFFER, **months, "tonnes": str(100 + count)} for count in range(ROWS)]
