"""What holds of the demo market's two years, on whatever day it is loaded."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.declarations.models import Activity, Declaration
from app.demo.files import rows
from app.history.declaring import ticketed_masses
from app.history.rules import past_months
from app.settings import ROOT
from app.shipments.models import Shipment

FOLDER = ROOT / "data" / "demo"
MONTHS = 24


def in_force(session: Session) -> list[Declaration]:
    """The last version of every declaration, by waste and month."""
    order = (Declaration.site_id, Declaration.material, Declaration.month, Declaration.version)
    found = session.scalars(select(Declaration).order_by(*order))
    return list({(one.site_id, one.material, one.month): one for one in found}.values())


def assert_its_past_is_whole(session: Session, now: datetime) -> None:
    """Every waste has every month up to the last; balances close; tickets are entrusted use."""
    declared = in_force(session)
    wastes = len(rows(FOLDER, "offers.csv"))
    assert {one.month for one in declared} == set(past_months(now, MONTHS))
    assert len(declared) == wastes * MONTHS
    assert max(one.declared_at for one in declared) <= now
    assert all(one.balance.flow_gap_kg == 0 == one.balance.stock_gap_kg for one in declared)
    assert_stock_runs_on(declared)
    assert_tickets_are_entrusted_use(session, declared)
    assert_no_truck_is_in_two_places(session)
    months = select(func.count(Activity.month.distinct()))
    assert session.scalar(months) == MONTHS


def assert_stock_runs_on(declared: list[Declaration]) -> None:
    """A month begins with the stock that the one before ended with."""
    left: dict[tuple[int, str], int] = {}
    for one in declared:
        waste = (one.site_id, one.material)
        assert left.get(waste, one.opening_kg) == one.opening_kg
        assert one.old_used_kg + one.old_disposed_kg <= one.opening_kg
        left[waste] = one.closing_kg


def assert_tickets_are_entrusted_use(session: Session, declared: list[Declaration]) -> None:
    """All that went to others from a waste with a standing contract has its ticket."""
    tickets = ticketed_masses(session)
    of_month = {(one.site_id, one.material, one.month): one for one in declared}
    last = max(one.month for one in declared)
    for key, kg in tickets.items():
        assert key in of_month or key[2] > last
        if key in of_month:
            assert of_month[key].entrusted_used_kg == kg
    contracted = {(row["producer_site"], row["material"]) for row in rows(FOLDER, "standing.csv")}
    assert {key[:2] for key in tickets} <= {key[:2] for key in of_month}
    assert len({key[:2] for key in tickets}) >= len(contracted)


def assert_no_truck_is_in_two_places(session: Session) -> None:
    trips: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    query = select(Shipment.plate, Shipment.loaded_at, Shipment.received_at)
    for plate, loaded, received in session.execute(query.where(Shipment.received_at.is_not(None))):
        assert loaded is not None
        assert received is not None
        trips[plate].append((loaded, received))
    for of_truck in trips.values():
        of_truck.sort()
        assert all(there <= away for (_, there), (away, _) in pairwise(of_truck))
