"""What the database knows of a month, as the watch looks at it: read-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.companies.models import Site, UsePermit
from app.core.clock import add_months
from app.declarations.balance import MASSES, MassBalance
from app.declarations.models import Activity, Declaration, Facility
from app.declarations.rules import FacilityKind
from app.shipments.models import Gate, Shipment, Ticket
from app.shipments.receipts import unloaded_in
from app.shipments.rules import End
from app.statistics.models import MonthClose, MonthlyFact, MonthlyFlow
from app.trades.models import Trade
from app.watch.signs.facts import (
    Active,
    Declared,
    Dossier,
    GateHours,
    Load,
    Permit,
    Taken,
    Waste,
    Weighing,
)
from matching.geo import distance_m

PAST_MONTHS = 18
"""How much past a dossier holds: what any rule asks for, and a little more."""
OPEN_MONTHS = 3
"""The latest months that are looked at anew each day while they are not closed."""
MICRO = 1_000_000


def open_months(session: Session) -> list[date]:
    """The latest months with figures that nobody has closed, the earliest first."""
    closed = select(MonthClose.month)
    query = select(MonthlyFact.month).where(MonthlyFact.month.not_in(closed)).distinct()
    latest = session.scalars(query.order_by(MonthlyFact.month.desc()).limit(OPEN_MONTHS))
    return sorted(latest)


def dossier(session: Session, month: date) -> Dossier:
    """A month with its past, in a fixed number of statements."""
    loads = _loads(session, month)
    return Dossier(
        month=month,
        declared=_declared(session, month),
        activities=_activities(session, month),
        taken=_taken(session, month),
        permits=_permits(session),
        capacities=_capacities(session),
        loads=loads,
        gates=_gates(session),
        metres=_metres(session, loads),
    )


def _declared(session: Session, month: date) -> list[Declared]:
    said = _explanations(session, month)
    query = select(MonthlyFact).where(
        MonthlyFact.month.between(_first(month), month), MonthlyFact.version > 0
    )
    return [
        Declared(
            waste=(waste := Waste(row.site_id, row.material)),
            month=row.month,
            balance=MassBalance(**{name: getattr(row, name) for name in MASSES}),
            ticketed_kg=row.ticketed_kg,
            explanation=said.get((waste, row.version), "") if row.month == month else "",
        )
        for row in session.scalars(query)
    ]


def _explanations(session: Session, month: date) -> dict[tuple[Waste, int], str]:
    """What firms said of balances that do not close, by waste and version."""
    query = select(
        Declaration.site_id, Declaration.material, Declaration.version, Declaration.explanation
    ).where(Declaration.month == month, Declaration.explanation != "")
    return {
        (Waste(site, kind), version): said for site, kind, version, said in session.execute(query)
    }


def _activities(session: Session, month: date) -> list[Active]:
    between = Activity.month.between(_first(month), month)
    named = (Activity.site_id, Activity.month, Activity.kind)
    newest = (
        select(*named, func.max(Activity.version).label("version"))
        .where(between)
        .group_by(*named)
        .subquery("newest")
    )
    columns = (*named, Activity.version)
    same = [column == wanted for column, wanted in zip(columns, newest.c, strict=True)]
    query = select(*named, Activity.quantity).join(newest, and_(*same)).where(between)
    return [Active(*row) for row in session.execute(query)]


def _taken(session: Session, month: date) -> list[Taken]:
    named = (MonthlyFlow.consumer_site_id, MonthlyFlow.material, MonthlyFlow.month)
    query = (
        select(*named, func.sum(MonthlyFlow.received_kg))
        .where(MonthlyFlow.month.between(_first(month), month))
        .group_by(*named)
    )
    rows = session.execute(query)
    return [Taken(Waste(site, kind), each, int(kg)) for site, kind, each, kg in rows]


def _permits(session: Session) -> list[Permit]:
    return [
        Permit(Waste(row.site_id, row.material), row.kg_per_year, row.valid_from, row.valid_to)
        for row in session.scalars(select(UsePermit))
    ]


def _capacities(session: Session) -> dict[Waste, int]:
    """What the stores for a waste hold; a store for anything counts for every waste it may take."""
    query = select(Facility.site_id, Facility.material, func.sum(Facility.capacity_kg))
    stores = query.where(Facility.kind == FacilityKind.STORAGE, Facility.capacity_kg.is_not(None))
    rows = session.execute(stores.group_by(Facility.site_id, Facility.material)).all()
    shared = {site: int(kg or 0) for site, material, kg in rows if material is None}
    return {
        Waste(site, material): int(kg or 0) + shared.get(site, 0)
        for site, material, kg in rows
        if material is not None
    }


def _gates(session: Session) -> dict[int, GateHours]:
    gates = session.scalars(select(Gate))
    return {gate.site_id: GateHours(gate.opens_hour, gate.closes_hour) for gate in gates}


def _loads(session: Session, month: date) -> list[Load]:
    return [
        Load(
            number=row.number,
            plate=row.plate,
            material=row.material,
            loading=Weighing(*row[4:8]),
            unloading=Weighing(*row[8:12]),
            road_m=row.road_m,
        )
        for row in session.execute(_weighed_twice(month)).all()
    ]


def _weighed_twice(month: date) -> Select[*tuple[Any, ...]]:
    loading = aliased(Ticket)
    ends = (loading, Ticket)
    columns = [
        column
        for ticket in ends
        for column in (ticket.site_id, ticket.weighed_at, ticket.gross_kg, ticket.tare_kg)
    ]
    return (
        select(Shipment.number, Shipment.plate, Trade.material, Trade.road_m, *columns)
        .join(Trade, Trade.id == Shipment.trade_id)
        .join(Ticket, Ticket.shipment_id == Shipment.id)
        .join(loading, and_(loading.shipment_id == Shipment.id, loading.end == End.LOADING))
        .where(*unloaded_in(month))
        .order_by(Shipment.number)
    )


def _metres(session: Session, loads: Sequence[Load]) -> dict[tuple[int, int], int]:
    """How far apart the places are between which any truck went empty, as the crow flies."""
    pairs = sorted(_empty_legs(loads))
    if not pairs:
        return {}
    where = _positions(session, {site for pair in pairs for site in pair})
    one, other = (np.array([where[pair[end]] for pair in pairs]) / MICRO for end in (0, 1))
    metres = distance_m(one[:, 0], one[:, 1], other[:, 0], other[:, 1])
    return {pair: int(length) for pair, length in zip(pairs, metres, strict=True)}


def _empty_legs(loads: Iterable[Load]) -> set[tuple[int, int]]:
    starts: dict[str, set[int]] = {}
    ends: dict[str, set[int]] = {}
    for load in loads:
        starts.setdefault(load.plate, set()).add(load.loading.site)
        ends.setdefault(load.plate, set()).add(load.unloading.site)
    return {
        (min(start, end), max(start, end))
        for plate, places in starts.items()
        for start in places
        for end in ends[plate]
        if start != end
    }


def _positions(session: Session, sites: set[int]) -> Mapping[int, tuple[int, int]]:
    query = select(Site.id, Site.lon_e6, Site.lat_e6).where(Site.id.in_(sites))
    return {site: (lon, lat) for site, lon, lat in session.execute(query)}


def _first(month: date) -> date:
    return add_months(month, 1 - PAST_MONTHS)
