"""`flask statistics generate`: worlds whose months close and whose tickets are entrusted use."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, datetime

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from app.companies.models import Company, FirmGroup, GroupMember, PublicFirm, Site, UsePermit
from app.core.clock import china_day
from app.core.errors import Conflict
from app.core.places import current_places
from app.core.transactions import database
from app.declarations.models import Activity, Declaration, WasteSource
from app.history.declaring import ticketed_masses
from app.history.rules import past_months
from app.ledger.models import Entry, Posting, Seal
from app.ledger.verification import verify
from app.listings.models import Listing
from app.shipments.models import Shipment, Ticket, Vehicle
from app.shipments.plates import plate_kind
from app.simulation.worlds.operations import Made, Wanted, generate
from app.simulation.worlds.settling import credit_code, plate
from app.trades.models import Trade, TradeDraw
from app.trades.rules import TradeStatus
from tests.conftest import NOW

SMALL = Wanted(sites=14, months=5, tickets=120, seed=1)


def made(wanted: Wanted, now: datetime = NOW) -> Made:
    with database().writing() as session:
        return generate(session, wanted, now)


def in_force(session: Session) -> list[Declaration]:
    order = (Declaration.site_id, Declaration.material, Declaration.month, Declaration.version)
    found = session.scalars(select(Declaration).order_by(*order))
    return list({(one.site_id, one.material, one.month): one for one in found}.values())


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def facts(session: Session) -> list[list[str]]:
    """Every row of the past, without ids."""
    masses = [column for column in Declaration.__table__.columns if column.name.endswith("_kg")]
    questions = (
        select(Declaration.number, Declaration.version, Declaration.declared_at, *masses),
        select(Activity.month, Activity.kind, Activity.quantity),
        select(Trade.number, Trade.kg, Trade.status, Trade.proposed_at, Trade.ended_at),
        select(Shipment.number, Shipment.plate, Shipment.received_kg, Shipment.received_at),
        select(Ticket.number, Ticket.gross_kg, Ticket.tare_kg, Ticket.weighed_at),
        select(Entry.key, Entry.at, Seal.digest).join(Seal, Seal.entry_id == Entry.id),
        select(Company.credit_code, Site.adcode, Site.park, Site.lon_e6).join(Site.company),
    )
    return [sorted(map(repr, session.execute(question))) for question in questions]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_months_close_stock_runs_on_and_tickets_are_entrusted_use(
    any_app: Flask, seed: int
) -> None:
    made(Wanted(sites=14, months=5, tickets=120, seed=seed))
    with database().reading() as session:
        declared = in_force(session)
        assert {one.month for one in declared} == set(past_months(NOW, 5))
        assert_closed(declared)
        entrusted = {
            (one.site_id, one.material, one.month): one.entrusted_used_kg
            for one in declared
            if one.entrusted_used_kg
        }
        assert entrusted == ticketed_masses(session)
        assert verify(session) == []


def assert_closed(declared: list[Declaration]) -> None:
    left: dict[tuple[int, str], int] = {}
    for one in declared:
        waste = (one.site_id, one.material)
        assert one.balance.flow_gap_kg == 0 == one.balance.stock_gap_kg
        assert one.old_used_kg + one.old_disposed_kg <= one.opening_kg
        assert left.get(waste, one.opening_kg) == one.opening_kg
        left[waste] = one.closing_kg


def test_the_same_seed_makes_the_same_world_on_each_database(
    sqlite_app: Flask, postgres_app: Flask
) -> None:
    found = []
    for app in (sqlite_app, postgres_app):
        with app.app_context():
            made(SMALL)
            with database().reading() as session:
                found.append(facts(session))
    assert found[0] == found[1]


def test_another_seed_makes_another_world(app: Flask) -> None:
    made(SMALL)
    with database().reading() as session:
        first = facts(session)[1]
    made(Wanted(sites=14, months=5, tickets=120, seed=2))
    with database().reading() as session:
        assert facts(session)[1][: len(first)] != first
        assert verify(session) == []


def test_a_deal_has_all_the_companions_of_a_real_one(any_app: Flask) -> None:
    figures = made(SMALL)
    with database().reading() as session:
        trades = session.scalars(select(Trade)).all()
        assert len(trades) == figures.trades == count(session, TradeDraw) / 2
        assert {one.status for one in trades} == {TradeStatus.COMPLETED}
        numbers = set(session.scalars(select(Listing.number)))
        assert numbers == {
            number for one in trades for number in (one.offer_number, one.requirement_number)
        }
        for one in trades:
            stations = (one.proposed_at, one.confirmed_at, one.contracted_at, one.delivering_at)
            in_order = [at for at in (*stations, one.ended_at) if at is not None]
            assert len(in_order) == 5
            assert in_order == sorted(in_order)
            assert china_day(in_order[-1]).replace(day=1) == one.month


def test_there_are_as_many_tickets_as_asked_for(any_app: Flask) -> None:
    figures = made(SMALL)
    with database().reading() as session:
        assert count(session, Ticket) == figures.tickets == SMALL.tickets
        loads = session.scalars(select(Shipment)).all()
        assert all(len(load.tickets) == 2 for load in loads)
        known = set(session.scalars(select(Vehicle.plate)))
        assert {load.plate for load in loads} <= known


def test_a_world_stands_in_its_counties_with_groups_permits_and_papers(any_app: Flask) -> None:
    made(SMALL)
    places = current_places()
    with database().reading() as session:
        sites = session.scalars(select(Site)).all()
        assert all(places.county_at(one.lon, one.lat) == one.adcode for one in sites)
        members = Counter(session.scalars(select(GroupMember.group_id)))
        assert max(members.values()) == 8
        assert count(session, FirmGroup)
        assert count(session, PublicFirm)
        assert count(session, UsePermit)
        assert all(session.scalars(select(Company.is_synthetic)))
        pairs = {(one.site_id, one.material) for one in in_force(session)}
        described = select(WasteSource.site_id, WasteSource.material)
        assert pairs == {tuple(row) for row in session.execute(described)}


def test_no_receiver_gets_more_than_its_permit(any_app: Flask) -> None:
    made(SMALL)
    taken: defaultdict[tuple[int, str], int] = defaultdict(int)
    with database().reading() as session:
        for trade in session.scalars(select(Trade)):
            taken[trade.consumer_site_id, trade.material] += trade.kg
        permits = {
            (one.site_id, one.material): one.kg_per_year
            for one in session.scalars(select(UsePermit))
        }
    assert all(kg <= permits[key] for key, kg in taken.items())


def test_only_who_asks_for_it_gets_statements_that_stay_open(any_app: Flask) -> None:
    made(Wanted(sites=14, months=5, tickets=0, seed=1, unclosed_milli=300))
    with database().reading() as session:
        still_open = [one for one in in_force(session) if one.balance.stock_gap_kg]
        assert still_open
        assert all(one.explanation for one in still_open)
        assert count(session, Posting) == 0


def test_a_correction_is_never_of_the_future(app: Flask) -> None:
    made(Wanted(sites=60, months=6, tickets=0, seed=4))
    with database().reading() as session:
        later = session.scalars(select(Declaration).where(Declaration.version == 2)).all()
        assert later
        assert all(one.reason for one in later)
        latest = session.scalars(select(func.max(Declaration.declared_at))).one()
        assert latest <= NOW


def test_too_many_tickets_for_the_sites_are_refused(app: Flask) -> None:
    with database().writing() as session, pytest.raises(Conflict) as refused:
        generate(session, Wanted(sites=1, months=1, tickets=100_000, seed=1), NOW)
    assert "磅单" in str(refused.value.message)


@pytest.mark.parametrize("serial", [1, 60, 99_999])
def test_codes_are_valid_in_form_and_plates_nobody_has(serial: int) -> None:
    assert uscc.calc_check_digit(credit_code(serial)[:-1]) == credit_code(serial)[-1]
    if serial < 50_000:
        assert plate_kind(plate(serial)) is not None


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["statistics", "generate", *arguments])


def test_the_command_prints_one_line_of_figures(app: Flask, frozen: datetime) -> None:
    result = run(app, "--sites", "14", "--months", "3", "--tickets", "60", "--seed", "5")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["months"], figures["seed"], figures["tickets"]) == (3, 5, 60)
    assert figures["declarations"] > figures["sites"]
    assert figures["seconds"] >= 0


def test_beside_a_real_firm_no_world_is_made(app: Flask, frozen: datetime) -> None:
    assert run(app, "--sites", "9", "--months", "1", "--tickets", "0").exit_code == 0
    with database().writing() as session:
        session.execute(update(Company).where(Company.id == 1).values(is_synthetic=False))
    result = run(app, "--sites", "9", "--months", "1", "--tickets", "0")
    assert result.exit_code == 1
    assert "真实企业" in result.output
    with database().reading() as session:
        months = set(session.scalars(select(Declaration.month)))
    assert months == {date(2026, 10, 1)}
