"""A scenario is named, solved by a job, kept sealed and read by its region; on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.errors import NotFound, Refused
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.core.vault import own_vault
from app.listings.models import Listing
from app.listings.rules import Side
from app.oversight.gap.edits import AddSilo, CloseSite, Edit, SetFreight, SetTarget
from app.oversight.operations import name_scenario
from app.oversight.queries import scenario, scenario_of, scenarios, sites
from tests.accounts.factories import operator_user
from tests.clearing.factories import TONNE, cleared
from tests.conftest import NOW
from tests.listings.factories import DECEMBER
from tests.oversight.factories import CITY, COUNTY, ELSEWHERE, OPERATOR, dear_town, run_named

pytestmark = pytest.mark.usefixtures("frozen")


def town(firms: int = 3, ask: int = 60_00) -> str:
    with database().writing() as session:
        dear_town(session, firms, ask)
    return cleared(months=2)


def site_of(side: Side) -> int:
    with database().reading() as session:
        query = select(Listing.site_id).where(Listing.side == side).order_by(Listing.id)
        return next(iter(session.scalars(query)))


def named(run: str, *edits: Edit, actor: Actor = CITY, name: str = "试一试") -> str:
    with database().writing() as session:
        user = operator_user(session)
        who = replace(actor, user_id=user.id)
        found = name_scenario(session, own_vault(), who, run_named(session, run), name, edits, NOW)
        return found.number


def solved(number: str) -> dict[str, object]:
    with database().reading() as session:
        job = scenario_of(session, number).job_id
    run_job(job)
    with database().reading() as session:
        shown = scenario_of(session, number).shown
    assert shown is not None
    return shown


@pytest.mark.usefixtures("any_app")
def test_a_scenario_is_compared_with_the_live_plan() -> None:
    run = town()
    number = named(run, CloseSite(site_of(Side.REQUIREMENT), DECEMBER, DECEMBER), SetTarget(90_000))
    shown = solved(number)
    assert shown["rows"] == [
        {
            "material": "fly_ash",
            "offered_kg": 3_000 * TONNE,
            "market_before_kg": 0,
            "market_after_kg": None,
            "plan_before_kg": 2_400 * TONNE,
            "plan_after_kg": 2_000 * TONNE,
        }
    ]
    assert shown["months"] == [
        {"month": "2026-12-01", "before_kg": 1_200 * TONNE, "after_kg": 800 * TONNE},
        {"month": "2027-01-01", "before_kg": 1_200 * TONNE, "after_kg": 1_200 * TONNE},
    ]
    assert shown["target"] == {"before_milli": 100_000, "after_milli": 90_000}
    with database().reading() as session:
        found = scenario_of(session, number)
        assert found.box is not None
        box = json.loads(own_vault().open(found.box, found.context))
        row = scenario(session, CITY, number)
        verbs = [(event.verb, event.object_id) for event in session.scalars(select(AuditEvent))]
    assert set(box) == {"problem", "market", "plan"}
    assert (row.name, row.solved_at, row.is_open) == ("试一试", NOW, False)
    assert ("scenario.named", number) in verbs


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("firms", "per_tkm_fen", "told"), [(3, 1_000, 0), (2, 1_000, None), (3, 50, None)]
)
def test_a_change_of_the_market_is_told_where_three_firms_hide_each_other(
    firms: int, per_tkm_fen: int, told: int | None
) -> None:
    run = town(firms=firms, ask=10_00)
    shown = solved(named(run, SetFreight(per_tkm_fen)))
    assert isinstance(shown["rows"], list)
    (row,) = shown["rows"]
    assert row["market_before_kg"] == row["plan_after_kg"] == 800 * TONNE * firms
    assert row["market_after_kg"] == told


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "edits",
    [
        (),
        (SetFreight(51),),
        (CloseSite(999, DECEMBER, DECEMBER),),
        (SetTarget(90_000),) * 13,
    ],
)
def test_what_may_not_be_asked_is_refused(edits: tuple[Edit, ...]) -> None:
    run = town()
    with pytest.raises(Refused):
        named(run, *edits)


@pytest.mark.usefixtures("app")
def test_an_official_asks_of_sites_of_its_own_region_only() -> None:
    run = town()
    works = site_of(Side.REQUIREMENT)
    with pytest.raises(Refused):
        named(run, CloseSite(works, DECEMBER, DECEMBER), actor=COUNTY)
    with pytest.raises(Refused):
        named(run, AddSilo(site_of(Side.OFFER), "red_mud", 5), actor=CITY)
    with database().reading() as session:
        assert works not in sites(session, COUNTY)
        assert works in sites(session, CITY)
        assert sites(session, ELSEWHERE) == {}


@pytest.mark.usefixtures("app")
def test_a_scenario_is_read_by_its_region_and_the_operator() -> None:
    number = named(town(), SetTarget(90_000))
    with database().reading() as session:
        assert [row.number for row in scenarios(session, CITY)] == [number]
        assert [row.number for row in scenarios(session, OPERATOR)] == [number]
        assert scenarios(session, COUNTY) == []
        with pytest.raises(NotFound):
            scenario(session, ELSEWHERE, number)
