"""The gap of a run is measured once and kept: exact and sealed, and rounded; on both databases."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.companies.grouping import join_group
from app.core.clock import china_day
from app.core.jobs.registry import has_occasion
from app.core.jobs.rules import job_id
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.core.vault import own_vault
from app.oversight.gap.measuring import BOX, JOB_KIND, seek, unmeasured
from app.oversight.gap.process import gap_from_document
from app.oversight.jobs import SEEK_KIND
from app.oversight.models import GapReport
from tests.clearing.factories import TONNE, cleared, round_cleared, round_market
from tests.conftest import NOW
from tests.oversight.factories import OPERATOR, dear_town, measured, measured_town, run_named

pytestmark = pytest.mark.usefixtures("frozen")


def report() -> GapReport:
    with database().reading() as session:
        return session.scalars(select(GapReport)).one()


@pytest.mark.usefixtures("any_app")
def test_the_gap_of_a_run_is_kept_sealed_and_rounded() -> None:
    number = measured()
    kept = report()
    with database().reading() as session:
        box = own_vault().open(kept.box, run_named(session, number).context(BOX))
    exact = gap_from_document(json.loads(box))
    assert kept.measured_at == NOW
    assert (exact.points[0].kg, exact.points[-1].kg) == (0, 2_400 * TONNE)
    assert exact.plan.kg == kept.shown["plan_kg"] == 2_400 * TONNE
    (band,) = kept.shown["bands"]
    assert band["kg"] == 2_400 * TONNE
    assert band["rate"] % 500 == 0
    assert band["fen"] >= exact.points[-1].support // 1_000
    assert {each["means"] for each in kept.shown["findings"]} == {"line"}


@pytest.mark.usefixtures("app")
def test_what_is_read_of_few_firms_has_no_price() -> None:
    measured(firms=2)
    kept = report()
    assert kept.shown["bands"] == []
    assert (kept.shown["free_kg"], kept.shown["most_kg"]) == (0, 1_600 * TONNE)


@pytest.mark.usefixtures("app")
def test_firms_under_one_control_do_not_hide_each_other() -> None:
    with database().writing() as session:
        for company_id in dear_town(session)[:2]:
            join_group(session, OPERATOR, company_id, "同一集团", china_day(NOW), NOW)
    measured_town()
    assert report().shown["bands"] == []


@pytest.mark.usefixtures("app")
def test_nothing_that_is_shown_is_an_exact_need() -> None:
    number = measured()
    with database().reading() as session:
        kept = session.scalars(select(GapReport)).one()
        box = own_vault().open(kept.box, run_named(session, number).context(BOX))
    exact = gap_from_document(json.loads(box))
    needs = {each.need for step in exact.steps for each in step.switches if each.need}
    slopes = {point.slope for point in exact.points if point.slope}
    told = {band["rate"] for band in kept.shown["bands"]}
    assert needs
    assert not told & (needs | slopes)


@pytest.mark.usefixtures("app")
def test_a_run_is_measured_once_and_only_the_newest() -> None:
    with database().writing() as session:
        assert not has_occasion(session, SEEK_KIND, NOW)
        dear_town(session)
    cleared()
    newest = cleared()
    with database().writing() as session:
        assert unmeasured(session) == newest
        assert has_occasion(session, SEEK_KIND, NOW)
        seek(session, NOW)
        assert not has_occasion(session, SEEK_KIND, NOW)
        seek(session, NOW)
    run_job(job_id(JOB_KIND, newest))
    first = report()
    with database().writing() as session:
        assert unmeasured(session) is None
        seek(session, NOW)
    assert report().box == first.box


@pytest.mark.usefixtures("app")
def test_the_bids_of_a_call_round_have_no_gap() -> None:
    with database().writing() as session:
        round_market(session)
    round_cleared()
    with database().writing() as session:
        assert unmeasured(session) is None
