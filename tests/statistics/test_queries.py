"""Figures from a real ledger: they add up, they follow what happens, and they cost little."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import MarketTerm
from app.clearing.models import RunOrder
from app.clearing.queries import last_recorded
from app.companies.models import FirmGroup, GroupMember
from app.core.actor import PUBLIC, Actor
from app.core.transactions import database
from app.listings import operations as listings
from app.listings.models import Offer
from app.listings.rules import DealMode
from app.statistics.queries import (
    CountyFigure,
    Figure,
    Figures,
    county_figures,
    detail,
    first_and_last_month,
    material_figures,
    open_data,
)
from app.statistics.rules import Measure
from app.trades import delivery
from app.trades import operations as trades
from app.trades.rules import DeclineReason, TradeStatus
from tests.board.factories import statements_of
from tests.clearing.factories import cleared, small_market
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, trader
from tests.statistics.factories import (
    CITY,
    COUNTY,
    OPERATOR,
    STRANGER,
    TONNE,
    offers_in,
    uneven_market,
)
from tests.trades.factories import confirmed_trade, contracted_trade, deliver, proposed_trade

MASSES = ("offered_kg", "reserved_kg", "contracted_kg", "unplaced_kg")


def by_county(figures: Figures) -> dict[str, CountyFigure]:
    return {row.adcode: row for row in figures.rows}


def masses(figure: Figure) -> tuple[int | None, ...]:
    """Offered, reserved, contracted and unplaced tonnes."""
    kg = [getattr(figure, name) for name in MASSES]
    return tuple(None if mass is None else mass // TONNE for mass in kg)


def test_a_countys_figures_are_what_its_offers_hold_in_the_ledger(any_session: Session) -> None:
    uneven_market(any_session)
    figures = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False)
    chiping = by_county(figures)["371503"]
    assert masses(chiping) == (1_000, 50, 100, 850)
    assert chiping.firms == 4
    assert chiping.rate_class == "r1"
    assert masses(figures.total) == (1_290, 50, 100, 1_140)


def test_red_mud_comes_in_by_the_switch_alone(any_session: Session) -> None:
    uneven_market(any_session)
    without = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False)
    with_mud = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=True)
    mud = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False, material="red_mud")
    assert masses(with_mud.total)[0] == 6_290
    assert masses(mud.total)[0] == 5_000
    assert masses(without.total)[0] == 1_290


def test_counties_add_up_to_the_city_and_materials_to_the_county_to_the_kilogram(
    any_session: Session,
) -> None:
    uneven_market(any_session)
    site = approved_company(any_session, site_draft(*CHIPING)).sites[0]
    published_offer(any_session, site, NOW, material="fgd_gypsum", kg_per_month=1_234_567)
    figures = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=True)
    chiping = detail(any_session, OPERATOR, DECEMBER, "371503")
    for name in MASSES:
        rows = [getattr(row, name) for row in figures.rows]
        assert sum(rows) == getattr(figures.total, name)
        materials = [getattr(row, name) for row in chiping.materials]
        offers = [getattr(row, name) for row in chiping.offers]
        own = getattr(by_county(figures)["371503"], name)
        assert sum(materials) == sum(offers) == getattr(chiping.whole, name) == own


def test_what_is_on_offer_is_unplaced_reserved_or_contracted(any_session: Session) -> None:
    uneven_market(any_session)
    total = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=True).total
    offered, reserved, contracted, unplaced = masses(total)
    assert offered == (unplaced or 0) + (reserved or 0) + (contracted or 0)


def test_withdrawing_an_offer_takes_its_open_tonnes_out_and_leaves_the_contract(
    any_session: Session,
) -> None:
    offers = uneven_market(any_session)["chiping"]
    first = offers[0]
    listings.withdraw(any_session, trader(first.company), first.number, NOW)
    figures = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False)
    assert masses(by_county(figures)["371503"]) == (700, 50, 100, 550)


def test_a_declined_proposal_returns_to_unplaced(any_session: Session) -> None:
    offer = offers_in(any_session, CHIPING, [800])[0]
    trade = proposed_trade(any_session, offer)
    reason = DeclineReason.PRICE
    trades.decline(any_session, trader(offer.company), trade.number, reason, NOW)
    figures = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False)
    assert masses(figures.total) == (800, 0, 0, 800)


def test_what_is_received_stays_contracted_and_what_is_rejected_is_unplaced(
    any_session: Session,
) -> None:
    offer = offers_in(any_session, CHIPING, [800])[0]
    trade = contracted_trade(any_session, offer, kg=500 * TONNE)
    deliver(any_session, trade, 200 * TONNE, 30 * TONNE)
    total = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False).total
    assert masses(total) == (800, 0, 470, 330)
    assert total.received_kg == 200 * TONNE


def test_what_was_received_still_counts_when_the_trade_is_over(any_session: Session) -> None:
    offer = offers_in(any_session, CHIPING, [800])[0]
    trade = contracted_trade(any_session, offer, kg=500 * TONNE)
    deliver(any_session, trade, 500 * TONNE)
    delivery.close_if_done(any_session, OPERATOR, trade.number, NOW)
    assert trade.status is TradeStatus.COMPLETED
    total = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False).total
    assert (masses(total), total.received_kg) == ((800, 0, 500, 300), 500 * TONNE)


def test_a_listing_made_for_one_deal_counts_only_what_the_deal_holds(any_session: Session) -> None:
    site = approved_company(any_session, site_draft(*CHIPING)).sites[0]
    offer = published_offer(
        any_session, site, NOW, kg_per_month=100 * TONNE, deal_mode=DealMode.PRIVATE
    )
    proposed_trade(any_session, offer, kg=60 * TONNE)
    total = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False).total
    assert masses(total) == (60, 60, 0, 0)


def test_a_month_holds_its_own_lots_only(any_session: Session) -> None:
    uneven_market(any_session)
    before = county_figures(any_session, OPERATOR, date(2026, 11, 1), with_red_mud=True)
    assert masses(before.total) == (0, 0, 0, 0)
    assert before.as_of is None
    assert first_and_last_month(any_session) == (DECEMBER, date(2027, 3, 1))


def test_an_empty_market_has_no_first_and_last_month(any_session: Session) -> None:
    assert first_and_last_month(any_session) is None


def test_before_the_first_run_what_is_reachable_is_unknown_and_not_nothing(
    any_session: Session,
) -> None:
    uneven_market(any_session)
    figures = county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=False)
    assert figures.run_number is None
    assert figures.total.reachable_kg is None
    assert figures.total.withheld is False


def test_reachable_is_what_the_last_runs_plan_could_place(any_app: Flask) -> None:
    with database().writing() as session:
        numbers = small_market(session)
    number = cleared()
    with database().reading() as session:
        figures = county_figures(session, OPERATOR, DECEMBER, with_red_mud=True)
        placed = {
            order.listing_number: order.plan_placed_kg
            for order in session.scalars(select(RunOrder))
        }
        assert figures.run_number == number
        expected = sum(placed[numbers[name]] for name in ("ash", "mud", "gypsum"))
        assert figures.total.reachable_kg == expected > 0
        for row in figures.rows:
            assert (row.reachable_kg or 0) <= (row.offered_kg or 0)


def test_a_second_run_counts_what_the_first_has_committed_once(any_app: Flask) -> None:
    with database().writing() as session:
        small_market(session)
    cleared()
    with database().reading() as session:
        first = county_figures(session, OPERATOR, DECEMBER, with_red_mud=True).total
    cleared()
    with database().reading() as session:
        second = county_figures(session, OPERATOR, DECEMBER, with_red_mud=True)
        run = last_recorded(session, DECEMBER)
    assert run is not None
    assert second.run_number == run.number
    committed = (first.reserved_kg or 0) + (first.contracted_kg or 0)
    assert second.total.reachable_kg == committed + run.plan_placed_kg
    assert second.total.reachable_kg <= (second.total.offered_kg or 0)


def test_tonnes_withdrawn_after_the_run_are_no_longer_reachable(any_app: Flask) -> None:
    with database().writing() as session:
        small_market(session)
    cleared()
    with database().writing() as session:
        for row in detail(session, OPERATOR, DECEMBER, "371503").offers:
            offer = session.scalars(select(Offer).where(Offer.number == row.number)).one()
            listings.withdraw(session, trader(offer.company), row.number, NOW)
    with database().reading() as session:
        chiping = detail(session, OPERATOR, DECEMBER, "371503").whole
    assert chiping.unplaced_kg == 0
    assert chiping.reachable_kg is not None
    assert chiping.reachable_kg <= (chiping.offered_kg or 0)


def test_the_public_sees_counties_of_three_firms_and_none_that_gives_another_away(
    any_session: Session,
) -> None:
    uneven_market(any_session)
    rows = by_county(county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=False))
    assert masses(rows["371503"])[0] == 1_000
    linqing, dongchangfu = rows["371581"], rows["371502"]
    assert linqing.withheld
    assert dongchangfu.withheld, "else Linqing follows from the total"
    for row in (linqing, dongchangfu):
        assert masses(row) == (None, None, None, None)
        assert row.firms is row.reachable_kg is None


def test_what_one_firm_has_signed_is_withheld_beside_what_four_offer(any_session: Session) -> None:
    offers = uneven_market(any_session)["chiping"]
    chiping = by_county(county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=False))["371503"]
    assert masses(chiping) == (1_000, None, None, None)
    assert chiping.untold == {Measure.RESERVED, Measure.CONTRACTED, Measure.UNPLACED}
    assert chiping.received_kg == 0
    assert chiping.rate_class is None
    for offer in offers[2:]:
        confirmed_trade(any_session, offer, kg=60 * TONNE)
    chiping = by_county(county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=False))["371503"]
    assert chiping.contracted_kg == 220 * TONNE


def test_firms_of_one_group_count_as_one_while_they_are_in_it(any_session: Session) -> None:
    offers = offers_in(any_session, CHIPING, [300, 300, 300])
    group = FirmGroup(name="示例集团")
    joined = [
        GroupMember(
            company_id=offer.company_id,
            group=group,
            valid_from=date(2026, 1, 1),
            valid_to=date(2026, 12, 31),
        )
        for offer in offers[:2]
    ]
    any_session.add_all(joined)
    any_session.flush()
    for month, withheld in ((DECEMBER, True), (date(2027, 1, 1), False)):
        table = county_figures(any_session, PUBLIC, month, with_red_mud=False)
        assert table.total.withheld is withheld
        assert county_figures(any_session, OPERATOR, month, with_red_mud=False).total.firms == 3


def test_the_thresholds_are_those_of_the_month(any_session: Session) -> None:
    offers_in(any_session, CHIPING, [300, 300, 300])
    old = any_session.get_one(MarketTerm, ("disclosure_groups", date(2020, 1, 1)))
    old.valid_to = date(2026, 12, 31)
    any_session.add(
        MarketTerm(
            code="disclosure_groups",
            value=4,
            unit="count",
            valid_from=date(2027, 1, 1),
            confidence=old.confidence,
            source=old.source,
            note="",
        )
    )
    any_session.flush()
    withheld = [
        county_figures(any_session, PUBLIC, month, with_red_mud=False).total.withheld
        for month in (DECEMBER, date(2027, 1, 1))
    ]
    assert withheld == [False, True]


def test_the_public_sees_nothing_the_red_mud_switch_would_give_away(any_session: Session) -> None:
    uneven_market(any_session)
    table = county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=True)
    assert table.total.withheld
    assert by_county(table)["371503"].withheld
    materials = {row.code: row for row in material_figures(any_session, PUBLIC, DECEMBER)}
    assert materials["red_mud"].withheld
    assert masses(materials["fly_ash"])[0] == 1_290
    assert masses(materials["carbide_slag"]) == (0, 0, 0, 0)


def test_a_firm_sees_what_the_public_sees(any_session: Session) -> None:
    uneven_market(any_session)
    for red_mud in (False, True):
        public = county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=red_mud)
        assert county_figures(any_session, STRANGER, DECEMBER, with_red_mud=red_mud) == public
    assert not detail(any_session, STRANGER, DECEMBER, "371503").offers


def test_a_countys_regulator_sees_the_own_county_in_full_and_the_others_as_the_public(
    any_session: Session,
) -> None:
    uneven_market(any_session)
    own = by_county(county_figures(any_session, COUNTY, DECEMBER, with_red_mud=True))
    public = by_county(county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=True))
    assert masses(own["371503"])[0] == 6_000
    assert {code: row for code, row in own.items() if code != "371503"} == {
        code: row for code, row in public.items() if code != "371503"
    }
    assert len(detail(any_session, COUNTY, DECEMBER, "371503").offers) == 5
    assert not detail(any_session, COUNTY, DECEMBER, "371581").offers


def test_a_citys_regulator_and_the_operator_see_every_county(any_session: Session) -> None:
    uneven_market(any_session)
    city = county_figures(any_session, CITY, DECEMBER, with_red_mud=True)
    assert not any(row.withheld for row in [*city.rows, city.total])
    assert city == county_figures(any_session, OPERATOR, DECEMBER, with_red_mud=True)


def test_the_open_data_holds_every_cell_its_sums_and_no_more_than_the_pages(
    any_session: Session,
) -> None:
    uneven_market(any_session)
    found = open_data(any_session, PUBLIC, DECEMBER)
    lines = {
        (
            line.county.adcode if line.county else "",
            line.material.code if line.material else line.with_red_mud,
        ): line
        for line in found.lines
    }
    assert len(lines) == len(found.lines) == 9 * 8
    table = county_figures(any_session, PUBLIC, DECEMBER, with_red_mud=False)
    assert masses(lines["", False]) == masses(table.total)
    for row in table.rows:
        assert lines[row.adcode, False].withheld == row.withheld
    assert lines["371503", "red_mud"].withheld


@pytest.mark.parametrize("actor", [PUBLIC, OPERATOR], ids=["public", "operator"])
def test_a_larger_market_costs_no_more_statements(app: Flask, actor: Actor) -> None:
    with database().writing() as session:
        uneven_market(session)
    questions: list[Callable[[Session], object]] = [
        lambda session: county_figures(session, actor, DECEMBER, with_red_mud=True),
        lambda session: material_figures(session, actor, DECEMBER),
        lambda session: detail(session, actor, DECEMBER, "371503"),
        lambda session: open_data(session, actor, DECEMBER),
    ]
    few = [statements_of(ask) for ask in questions]
    with database().writing() as session:
        uneven_market(session)
        uneven_market(session)
    assert [statements_of(ask) for ask in questions] == few
    assert max(few) <= 8
