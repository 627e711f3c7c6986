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
from app.oversight.gap.waterfall import (
    Actual,
    Part,
    Scope,
    Step,
    stacked,
    waterfall,
    waterfall_of,
)
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


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """A material, declared or not: nothing says that a declaration fits what is on offer."""
    found = draw(masses())
    declared = st.builds(Actual, st.just(found.received), kg, kg)
    return Part(draw(st.just(Actual(found.received)) | declared), found)


@given(parts())
def test_the_steps_stand_one_upon_the_other_and_end_at_the_whole(part: Part) -> None:
    rows = list(stacked(part))
    assert [row.step for row in rows] == list(Step)
    assert rows[0].start_kg == 0
    assert [row.start_kg for row in rows[1:]] == [row.end_kg for row in rows[:-1]]
    assert all(row.kg >= 0 for row in rows)
    assert rows[-1].end_kg == sum(row.kg for row in rows) == part.whole_kg


@given(masses())
def test_without_a_declaration_no_step_of_the_offers_is_cut(found: Masses) -> None:
    taken = {row.step: row.kg for row in stacked(Part(Actual(found.received), found))}
    assert taken[Step.ACTUAL] + taken[Step.CONTRACTED] == found.contracted
    assert taken[Step.MARKET] == found.reserved
    assert sum(taken.values()) == found.offered


@given(masses(), kg, kg)
def test_what_is_declared_counts_before_what_was_weighed(
    found: Masses, used: int, generated: int
) -> None:
    rows = list(stacked(Part(Actual(found.received, used, generated), found)))
    assert rows[0].kg == min(used, generated)
    assert rows[-1].end_kg == generated


def test_what_is_reachable_beyond_what_was_generated_is_no_step() -> None:
    part = Part(Actual(0, used_kg=900, generated_kg=1_000), Masses(open=500, reachable=500))
    assert [row.kg for row in stacked(part)] == [900, 0, 0, 100, 0]


@given(st.lists(parts(), max_size=5))
def test_the_steps_of_all_are_the_sums_of_the_steps_of_each(found: list[Part]) -> None:
    whole = waterfall_of(Scope(DECEMBER), found, 100_000)
    each = [waterfall_of(Scope(DECEMBER), [part], 100_000) for part in found]
    assert [row.kg for row in whole.rows] == [sum(one.kg(step) for one in each) for step in Step]
    assert sum(row.kg for row in whole.rows) == whole.whole_kg == whole.target_kg
    assert whole.whole_kg == sum(one.whole_kg for one in each)
    assert whole.on_offer_kg == sum(one.whole_kg for one in each if not one.is_declared)


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
