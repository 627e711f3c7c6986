"""Two years of the demo market: plausible by county, whole by waste, in line with the story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Company, FirmGroup, GroupMember, PublicFirm, Site, UsePermit
from app.core.clock import china_day, month_of
from app.core.transactions import database
from app.declarations.models import Activity, Declaration, WasteSource, YardEvent
from app.declarations.rules import ActivityKind, EventKind
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End
from app.trades.models import Trade
from app.trades.rules import TradeStatus
from tests.conftest import NOW
from tests.demo.pasts import assert_its_past_is_whole, in_force

DONG_E = "371524"
PERCENT = 100


@pytest.fixture
def reading(told: Flask) -> Iterator[Session]:
    with database().reading() as session:
        yield session


def rate(declared: list[Declaration]) -> Fraction:
    """Per cent of what could be used."""
    used = sum(one.balance.used_kg for one in declared)
    return Fraction(PERCENT * used, sum(one.balance.usable_kg for one in declared))


def test_the_past_is_whole(reading: Session) -> None:
    assert_its_past_is_whole(reading, NOW)


def test_counties_differ_between_55_and_100_per_cent_and_one_gets_there(reading: Session) -> None:
    counties: defaultdict[str, list[Declaration]] = defaultdict(list)
    for one in in_force(reading):
        if one.material != "red_mud":
            counties[one.adcode].append(one)
    rates = {adcode: rate(declared) for adcode, declared in counties.items()}
    assert len(rates) == 8
    assert all(55 <= percent <= PERCENT for percent in rates.values())
    assert max(rates.values()) - min(rates.values()) > 20
    last = max(one.month for one in counties[DONG_E])
    assert rate([one for one in counties[DONG_E] if one.month == last]) == PERCENT


def test_of_red_mud_next_to_nothing_is_used(reading: Session) -> None:
    mud = [one for one in in_force(reading) if one.material == "red_mud"]
    assert 3 <= rate(mud) <= 10


def test_stock_piles_up_in_winter_and_is_drawn_down_in_spring(reading: Session) -> None:
    months: defaultdict[int, list[Declaration]] = defaultdict(list)
    for one in in_force(reading):
        if one.material != "red_mud":
            months[one.month.month].append(one)
    stored = {month: sum(one.stored_kg for one in of) for month, of in months.items()}
    drawn = {month: sum(one.old_used_kg for one in of) for month, of in months.items()}
    assert min(stored[1], stored[12]) > 3 * max(stored[4], stored[5])
    assert min(drawn[4], drawn[5]) > 3 * max(drawn[1], drawn[12])


def test_some_statements_were_corrected_with_a_reason(reading: Session) -> None:
    later = reading.scalars(select(Declaration).where(Declaration.version > 1)).all()
    assert 5 < len(later) < 60
    assert all(one.version == 2 and one.reason for one in later)
    first = reading.scalars(select(Declaration).where(Declaration.version == 1)).all()
    assert not any(one.reason or one.explanation for one in first)


def test_wastes_follow_from_what_was_burnt_and_made(reading: Session) -> None:
    """Within a tenth of the factors; where a yard's log has gaps, of all wastes together. One
    statement tells too little on purpose.
    """
    understated = select(Site.id).where(Site.name == "示例热电 06 厂区")
    excepted = (reading.scalars(understated).one(), month_of(china_day(NOW)).replace(month=10))
    ash_of_coal = Fraction(35 + 6, 1) / Fraction("168.6")
    generated: defaultdict[tuple[int, object], int] = defaultdict(int)
    for one in in_force(reading):
        if one.material in ("fly_ash", "bottom_ash"):
            generated[one.site_id, one.month] += one.generated_kg
    burnt = reading.scalars(select(Activity).where(Activity.kind == ActivityKind.COAL_BURNT))
    for work in burnt:
        if (work.site_id, work.month) == excepted:
            continue
        expected = work.quantity * ash_of_coal
        assert abs(generated[work.site_id, work.month] - expected) < expected / 10
    kinds = set(reading.scalars(select(Activity.kind)))
    assert kinds == set(ActivityKind)


def test_what_the_yard_logged_is_what_was_declared(reading: Session) -> None:
    """October is the first month the log saw whole."""
    logged: defaultdict[tuple[int, str, EventKind], int] = defaultdict(int)
    october = month_of(china_day(NOW)).replace(month=10)
    for event in reading.scalars(select(YardEvent)):
        if month_of(china_day(event.happened_at)) == october:
            logged[event.site_id, event.material, event.kind] += event.kg
    declared = {
        (one.site_id, one.material): one for one in in_force(reading) if one.month == october
    }
    wastes = {(site_id, material) for site_id, material, _kind in logged}
    assert wastes
    for waste in wastes:
        assert declared[waste].generated_kg == logged[*waste, EventKind.GENERATED]
        assert declared[waste].stored_kg == logged[*waste, EventKind.STORED]


def test_weighbridge_tickets_are_those_of_a_scale(reading: Session) -> None:
    past = select(Trade.id).where(
        Trade.status == TradeStatus.COMPLETED, Trade.origin == "elsewhere"
    )
    loads = reading.scalars(select(Shipment).where(Shipment.trade_id.in_(past))).all()
    assert 2_000 <= len(loads) <= 2_500
    for load in loads:
        sent, came = load.ticket(End.LOADING), load.ticket(End.UNLOADING)
        assert sent is not None
        assert came is not None
        assert sent.gross_kg % 20 == sent.tare_kg % 20 == came.gross_kg % 20 == 0
        assert (load.dispatched_kg, load.received_kg) == (sent.net_kg, came.net_kg)
        assert sent.recorded_at < came.recorded_at <= NOW


def test_no_ticket_of_the_past_is_of_this_month(reading: Session) -> None:
    past = select(Trade.id).where(
        Trade.status == TradeStatus.COMPLETED, Trade.origin == "elsewhere"
    )
    latest = select(func.max(Ticket.weighed_at)).join(Shipment).where(Shipment.trade_id.in_(past))
    assert china_day(reading.scalars(latest).one()) < month_of(china_day(NOW))


def test_groups_parks_permits_and_standing_are_there(reading: Session) -> None:
    members = select(func.count()).select_from(GroupMember).group_by(GroupMember.group_id)
    assert max(reading.scalars(members)) >= 6
    assert reading.scalar(select(func.count(FirmGroup.id))) == 2
    assert len(set(reading.scalars(select(Site.park).where(Site.park.is_not(None))))) == 5
    assert (reading.scalar(select(func.count()).select_from(UsePermit)) or 0) > 50
    producers = set(reading.scalars(select(Company.id).where(Company.is_producer)))
    assert set(reading.scalars(select(PublicFirm.company_id))) == producers
    pairs = select(Declaration.site_id, Declaration.material).distinct()
    sources = select(WasteSource.site_id, WasteSource.material)
    assert set(reading.execute(pairs)) == set(reading.execute(sources))
