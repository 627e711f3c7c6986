"""Flows: county to county for everybody, site to site for those who oversee an end."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.actor import PUBLIC, Actor
from app.core.transactions import database
from app.statistics.flows import flows
from app.trades import cases
from tests.board.factories import statements_of
from tests.companies.factories import (
    CHIPING,
    DONGCHANGFU,
    LINQING,
    approved_company,
    site_draft,
)
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_requirement
from tests.statistics.factories import CITY, COUNTY, OPERATOR, STRANGER, TONNE, offers_in
from tests.trades.factories import (
    confirmed_trade,
    contracted_trade,
    deliver,
    proposed_trade,
)


def traded(session: Session) -> None:
    """Three ash trades Chiping → Dongchangfu of six firms, one from Linqing, one of red mud.

    Three small offers in Dongchangfu are what is withheld along with Linqing's, so that Chiping's
    sum is public.
    """
    offers_in(session, DONGCHANGFU, [30, 20, 10])
    offers = offers_in(session, CHIPING, [400, 300, 200])
    for offer, tonnes in zip(offers, (100, 50, 25), strict=True):
        taker = published_requirement(session)
        confirmed_trade(session, offer, taker, kg=tonnes * TONNE)
    proposed_trade(session, offers_in(session, LINQING, [40])[0], taker, kg=10 * TONNE)
    mud = published_requirement(session, materials=("red_mud",))
    sludge = offers_in(session, CHIPING, [700], "red_mud")[0]
    proposed_trade(session, sludge, mud, material="red_mud", kg=5 * TONNE)


@pytest.mark.parametrize("actor", [PUBLIC, STRANGER], ids=["public", "firm"])
def test_strangers_see_arcs_of_three_trades_and_firms_from_county_to_county(
    any_session: Session, actor: Actor
) -> None:
    traded(any_session)
    found = flows(any_session, actor, DECEMBER, with_red_mud=True)
    assert [(flow.giver.adcode, flow.taker.adcode, flow.kg) for flow in found.rows] == [
        ("371503", "371502", 175 * TONNE)
    ]
    only = found.rows[0]
    assert (only.contracted_kg, only.proposed_kg) == (175 * TONNE, 0)
    assert only.giver.name == "茌平区"
    assert not only.is_exact
    assert found.withheld == 2


def test_an_arc_from_a_county_whose_sum_is_withheld_is_withheld_too(any_session: Session) -> None:
    """Else the arcs that leave a county would add up to what it has sold."""
    taker = published_requirement(any_session)
    (offer,) = offers_in(any_session, LINQING, [900])
    for number in ("R-2612-1", "R-2612-2", "R-2612-3"):
        proposed_trade(any_session, offer, taker, origin=number, kg=100 * TONNE)
    found = flows(any_session, PUBLIC, DECEMBER, with_red_mud=False)
    assert (found.rows, found.withheld) == ([], 1)


def test_an_arc_to_one_consumer_is_withheld_whatever_the_number_of_producers(
    any_session: Session,
) -> None:
    """What it received would be a consumer's own volume."""
    taker = published_requirement(any_session)
    for offer in offers_in(any_session, CHIPING, [400, 300, 200]):
        confirmed_trade(any_session, offer, taker, kg=100 * TONNE)
    found = flows(any_session, PUBLIC, DECEMBER, with_red_mud=False)
    assert (found.rows, found.withheld) == ([], 1)


def test_an_arc_is_withheld_with_the_only_other_one_from_its_county(any_session: Session) -> None:
    """Else the rest of what the county has sold would be that other arc."""
    offers = offers_in(any_session, CHIPING, [400, 300, 200])
    for offer in offers:
        confirmed_trade(any_session, offer, kg=50 * TONNE)
    assert len(flows(any_session, PUBLIC, DECEMBER, with_red_mud=False).rows) == 1
    taker = published_requirement(
        any_session, approved_company(any_session, site_draft(*LINQING)).sites[0]
    )
    proposed_trade(any_session, offers[0], taker, kg=50 * TONNE)
    confirmed_trade(any_session, offers[1], taker, origin="R-2612-2", kg=50 * TONNE)
    found = flows(any_session, PUBLIC, DECEMBER, with_red_mud=False)
    assert (found.rows, found.withheld) == ([], 2)


@pytest.mark.parametrize("actor", [CITY, OPERATOR], ids=["city", "operator"])
def test_the_city_and_the_operator_see_every_trade_from_site_to_site(
    any_session: Session, actor: Actor
) -> None:
    traded(any_session)
    found = flows(any_session, actor, DECEMBER, with_red_mud=True)
    assert len(found.rows) == 5
    assert all(flow.is_exact for flow in found.rows)
    assert found.rows[0].giver.name.startswith("试验企业")
    assert (found.rows[0].giver.lon, found.rows[0].giver.lat) == CHIPING
    assert found.withheld == 0


def test_a_countys_regulator_sees_sites_only_where_an_end_is_its_own(any_session: Session) -> None:
    traded(any_session)
    found = flows(any_session, COUNTY, DECEMBER, with_red_mud=True)
    assert {flow.giver.adcode for flow in found.rows if flow.is_exact} == {"371503"}
    assert found.withheld == 1


def test_a_flow_keeps_what_was_received_and_loses_what_came_back(any_session: Session) -> None:
    taker = published_requirement(any_session)
    offer = offers_in(any_session, CHIPING, [900])[0]
    running = contracted_trade(any_session, offer, taker, kg=300 * TONNE)
    deliver(any_session, running, 100 * TONNE, 20 * TONNE)
    over = contracted_trade(any_session, offer, taker, origin="R-2612-2", kg=200 * TONNE)
    deliver(any_session, over, 200 * TONNE, document="W-2612-00002")
    (only,) = flows(any_session, OPERATOR, DECEMBER, with_red_mud=False).rows
    assert (only.proposed_kg, only.contracted_kg) == (0, 480 * TONNE)
    assert (only.received_kg, only.matches) == (300 * TONNE, 2)


def test_a_trade_that_ended_without_a_truck_leaves_no_flow(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    cases.operator_cancel(any_session, OPERATOR, trade.number, "测试", NOW)
    assert flows(any_session, OPERATOR, DECEMBER, with_red_mud=False).rows == []


def test_red_mud_flows_only_when_switched_in(any_session: Session) -> None:
    traded(any_session)
    without = flows(any_session, OPERATOR, DECEMBER, with_red_mud=False)
    assert {flow.material for flow in without.rows} == {"fly_ash"}


def test_flows_cost_no_more_statements_in_a_larger_market(app: Flask) -> None:
    with database().writing() as session:
        traded(session)
    few = statements_of(lambda s: flows(s, OPERATOR, DECEMBER, with_red_mud=True))
    with database().writing() as session:
        traded(session)
    assert statements_of(lambda s: flows(s, OPERATOR, DECEMBER, with_red_mud=True)) == few <= 10
