"""The steps to the target add up, and each open tonne stands once on the work-list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.clearing.rules import Unplaced
from app.companies.models import Site
from app.core.transactions import database
from app.declarations.balance import MASSES
from app.oversight.gap.waterfall import Actual, Scope, Step, stacked, waterfall
from app.oversight.gap.worklist import DEEDS, OWNERS, Deed, Owner, tasks
from app.statistics.models import MonthlyFact
from app.statistics.rules import Masses
from tests.clearing.factories import TONNE, cleared, small_market
from tests.listings.factories import DECEMBER
from tests.oversight.factories import CITY, COUNTY, ELSEWHERE, OPERATOR, dear_town

kg = st.integers(0, 10_000)
COUNTED = {"fly_ash", "fgd_gypsum"}


@st.composite
def masses(draw: st.DrawFn) -> Masses:
    contracted = draw(kg)
    found = Masses(draw(kg), draw(kg), contracted, draw(st.integers(0, contracted)))
    return replace(found, reachable=draw(st.integers(0, found.offered)))


@given(masses())
def test_the_steps_stand_one_upon_the_other_and_end_at_the_whole(found: Masses) -> None:
    rows = list(stacked(Actual(found.received), found))
    assert [row.step for row in rows] == list(Step)
    assert [row.start_kg for row in rows[1:]] == [row.end_kg for row in rows[:-1]]
    assert all(row.kg >= 0 for row in rows)
    assert rows[-1].end_kg == found.offered


@given(masses(), kg, kg)
def test_what_is_declared_counts_before_what_was_weighed(
    found: Masses, used: int, generated: int
) -> None:
    rows = list(stacked(Actual(found.received, used, generated), found))
    assert rows[0].kg == used
    assert rows[-1].end_kg == max(generated, rows[-1].start_kg)


@pytest.mark.usefixtures("any_app", "frozen")
def test_the_waterfall_of_a_cleared_month() -> None:
    with database().writing() as session:
        small_market(session)
    number = cleared()
    with database().reading() as session:
        found = waterfall(session, CITY, Scope(DECEMBER), 95_000)
        mud = waterfall(session, CITY, Scope(DECEMBER, "red_mud"), 100_000)
        nothing = waterfall(session, ELSEWHERE, Scope(DECEMBER), 100_000)
    assert found.run == number
    assert {step: found.kg(step) // TONNE for step in Step} == {
        Step.ACTUAL: 0,
        Step.CONTRACTED: 0,
        Step.MARKET: 1_100,
        Step.PHYSICAL: 400,
        Step.NOWHERE: 900,
    }
    assert (found.whole_kg, found.target_kg) == (2_400 * TONNE, 2_280 * TONNE)
    assert mud.kg(Step.NOWHERE) == mud.whole_kg == 1_200 * TONNE
    assert nothing.whole_kg == 0


@pytest.mark.usefixtures("app", "frozen")
def test_a_declared_month_starts_from_what_is_declared() -> None:
    with database().writing() as session:
        small_market(session)
        site = session.scalars(select(Site).where(Site.adcode == "371503")).first()
        assert site is not None
        masses = dict.fromkeys(MASSES, 0) | {
            "generated_kg": 2_000 * TONNE,
            "self_used_kg": 300 * TONNE,
            "stored_kg": 1_700 * TONNE,
        }
        evidence = dict.fromkeys(("ticketed_kg", "tickets", "related_kg", "chained_kg"), 0)
        key = {"month": DECEMBER, "site_id": site.id, "company_id": site.company_id}
        fact = {"material": "fly_ash", "adcode": site.adcode, "version": 1}
        session.add(MonthlyFact(**key, **fact, **masses, **evidence))
    with database().reading() as session:
        ash = waterfall(session, COUNTY, Scope(DECEMBER, "fly_ash"), 100_000)
        mud = waterfall(session, COUNTY, Scope(DECEMBER, "red_mud"), 100_000)
        other = waterfall(session, COUNTY, Scope(DECEMBER, "fly_ash", "371502"), 100_000)
    assert (ash.kg(Step.ACTUAL), ash.whole_kg) == (300 * TONNE, 2_000 * TONNE)
    assert (ash.is_declared, mud.is_declared, other.is_declared) == (True, False, False)


@pytest.mark.usefixtures("app", "frozen")
def test_every_open_tonne_has_one_deed_and_one_owner() -> None:
    with database().writing() as session:
        small_market(session)
    cleared()
    with database().reading() as session:
        found = tasks(session, CITY, Scope(DECEMBER), COUNTED)
        whole = waterfall(session, CITY, Scope(DECEMBER), 100_000)
        mud = tasks(session, COUNTY, Scope(DECEMBER, "red_mud"), COUNTED)
    assert sum(task.kg for task in found) == whole.kg(Step.PHYSICAL) + whole.kg(Step.NOWHERE)
    assert [(task.material, task.deed, task.owner) for task in found] == [
        ("fgd_gypsum", Deed.PRICE, Owner.FIRM),
        ("fly_ash", Deed.CAPACITY, Owner.COUNTY),
    ]
    assert [(task.deed, task.kg) for task in mud] == [(Deed.TAKER, 1_200 * TONNE)]


@pytest.mark.usefixtures("app", "frozen")
def test_an_official_reads_of_its_own_region_only() -> None:
    with database().writing() as session:
        dear_town(session)
    cleared()
    with database().reading() as session:
        seen = {
            actor.region: len(tasks(session, actor, Scope(DECEMBER), COUNTED))
            for actor in (CITY, COUNTY, ELSEWHERE, OPERATOR)
        }
        other = tasks(session, CITY, Scope(DECEMBER, adcode="371502"), COUNTED)
    assert seen == {"371500": 3, "371503": 3, "370100": 0, None: 3}
    assert other == []


def test_before_a_run_there_is_no_work_list(any_app: object) -> None:
    with database().reading() as session:
        assert tasks(session, OPERATOR, Scope(DECEMBER), COUNTED) == []


def test_every_reason_that_leaves_tonnes_open_has_a_deed() -> None:
    assert set(Unplaced) - set(DEEDS) == {Unplaced.PLACED, Unplaced.ZERO, Unplaced.STOCK}
    assert set(OWNERS) == set(Deed)
