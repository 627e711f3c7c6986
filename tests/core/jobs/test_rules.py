from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from app.core.jobs.rules import (
    LONGEST_DELAY,
    MAX_ATTEMPTS,
    JobState,
    Periodic,
    after_failure,
    back_off,
    job_id,
)

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)


def test_the_same_work_has_the_same_id_everywhere() -> None:
    assert job_id("clearing.run", "R-2612-1") == "655c0c9a3ce087b9237450bd6e3860c9"


def test_kind_and_key_cannot_be_shifted_into_each_other() -> None:
    assert job_id("a", "bc") != job_id("ab", "c")


def test_the_delay_doubles_within_a_quarter() -> None:
    identity = job_id("clearing.run", "R-2612-1")
    for attempt in range(1, 6):
        middle = timedelta(seconds=2**attempt)
        assert 0.75 * middle <= back_off(identity, attempt) <= 1.25 * middle


def test_the_delay_never_grows_beyond_its_limit() -> None:
    assert back_off("x", 40) <= 1.25 * LONGEST_DELAY


def test_jobs_that_fail_together_return_apart() -> None:
    delays = {back_off(job_id("k", str(number)), 1) for number in range(20)}
    assert len(delays) > 10


@pytest.mark.parametrize(
    ("attempt", "cancel_wanted", "state"),
    [
        (1, False, JobState.WAITING),
        (MAX_ATTEMPTS - 1, False, JobState.WAITING),
        (MAX_ATTEMPTS, False, JobState.FAILED),
        (1, True, JobState.CANCELLED),
        (MAX_ATTEMPTS, True, JobState.CANCELLED),
    ],
)
def test_a_failure_leads_to(attempt: int, cancel_wanted: bool, state: JobState) -> None:
    verdict = after_failure("x", attempt, "Boom", cancel_wanted=cancel_wanted, now=NOW)
    assert verdict.state is state


def test_a_retry_waits_for_its_back_off() -> None:
    verdict = after_failure("x", 2, "Boom", cancel_wanted=False, now=NOW)
    assert (verdict.not_before, verdict.error) == (NOW + back_off("x", 2), "Boom")


def test_all_moments_of_a_period_share_a_key() -> None:
    hourly = Periodic("k", every=timedelta(hours=1))
    begin = datetime(2026, 11, 22, 8, tzinfo=UTC)
    keys = {hourly.key(begin + timedelta(minutes=minute)) for minute in (0, 42, 59)}
    assert len(keys) == 1
    assert hourly.key(begin + timedelta(hours=1)) not in keys


def test_the_rules_load_neither_web_nor_database() -> None:
    probe = "import sys, app.core.jobs.rules; print({'flask', 'sqlalchemy'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True)
    assert answer.stdout == b"set()\n"
