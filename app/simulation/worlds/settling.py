"""Putting a planned world into the database: firms, sites, trucks, groups, permits, standing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from app.catalogue.models import Material, Park
from app.companies.models import (
    MICRO,
    Company,
    FirmGroup,
    GroupMember,
    PublicFirm,
    Site,
    UsePermit,
)
from app.companies.rules import CompanyStatus, PublicBasis
from app.core.bulk import add_rows, add_with_ids
from app.core.clock import china_day
from app.core.places import Datum
from app.core.series import next_serials
from app.declarations.models import WasteSource
from app.declarations.rules import ActivityKind, WasteClass, WasteForm
from app.history.deals import Place, Route, Truck
from app.history.declaring import Waste, Works
from app.history.queries import only_kinds, roads
from app.history.rules import STEADY, TRUCK_LOAD_KG
from app.shipments.models import Vehicle
from app.shipments.rules import EmissionClass
from app.simulation.worlds.planning import PlannedFirm, PlannedRoute, PlannedSite, World

PROCESS = "生成的数据"
REGION = "91371500"
SOURCE = "生成的数据：按固体废物信息公开要求（示例）"
PARK_MILLI = 400
TRUCKS_OF_A_HAULIER = 10
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PERMIT_OVER_LOADS = 3
MONTHS = 12
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """A world with ids, ready to have a past: `routes` with their weights."""

    works: list[Works]
    routes: list[tuple[Route, int]]
    trucks: list[Truck]
    firms: int


@dataclass(frozen=True, slots=True)
class Named:
    """Whose figures are public: of so many producers in a thousand, of none in some industries."""

    milli: int
    but_of: frozenset[str]


def settle(
    session: Session,
    random: Random,
    world: World,
    trucks: int,
    named: Named,
    at: datetime,
    today: date,
) -> Settled:
    """Write firms and all that stands; they joined at `at`. Freight is that of `today`."""
    firm_ids = _write_firms(session, [_firm_row(firm) for firm in world.firms], at)
    site_ids = _write_sites(session, world, firm_ids)
    _write_groups(session, world, firm_ids, china_day(at))
    _write_standing(session, random, world, firm_ids, named, china_day(at))
    _write_permits(session, world, site_ids, china_day(at))
    _write_sources(session, world, site_ids, at)
    places = [
        Place(site_id, firm_ids[site.firm])
        for site_id, site in zip(site_ids, world.sites, strict=True)
    ]
    parks = dict(session.execute(select(Site.id, Site.park).where(Site.id.in_(site_ids))).all())
    return Settled(
        works=list(_works(world, places, parks)),
        routes=_routes(session, world, places, today),
        trucks=_write_trucks(session, random, trucks, at),
        firms=len(firm_ids),
    )


# --- firms ------------------------------------------------------------------------------


def credit_code(serial: int) -> str:
    """A code that is valid in form and nobody's: GEN has letters where issued ones have none."""
    body = f"GEN{serial:05d}"
    code = f"{REGION}{body}{_organisation_check(body)}"
    return f"{code}{uscc.calc_check_digit(code)}"


def plate(serial: int) -> str:
    """A plate of three letters and two figures: issued ones have at most two letters."""
    letters, figures = divmod(serial, 100)
    first, second = divmod(letters, len(LETTERS))
    return f"鲁PG{LETTERS[first]}{LETTERS[second]}{figures:02d}"


def _organisation_check(body: str) -> str:
    """The check character of GB 11714."""
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(signs.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return "0123456789X0"[(11 - total % 11)]


def _firm_row(firm: PlannedFirm) -> Row:
    return {
        "name": firm.name,
        "name_en": firm.name_en,
        "is_producer": firm.is_producer,
        "is_consumer": not firm.is_producer,
        "is_carrier": False,
        "industry_code": firm.industry,
    }


def _write_firms(session: Session, rows: Sequence[Row], at: datetime) -> list[int]:
    serials = next_serials(session, "generated-firm", len(rows))
    common = {
        "needs_two_approvals": False,
        "status": CompanyStatus.APPROVED,
        "is_synthetic": True,
        "contact_name": "联系人",
        "contact_name_en": "Contact",
        "contact_phone": "0635-0000000",
        "contact_email": "",
        "applied_at": at,
        "decided_at": at,
        "refusal_reason": "",
    }
    full = [
        {**common, **row, "credit_code": credit_code(serial)}
        for serial, row in zip(serials, rows, strict=True)
    ]
    return add_with_ids(session, Company, full)


def _write_sites(session: Session, world: World, firm_ids: Sequence[int]) -> list[int]:
    parks: dict[str, str] = {}
    for code, adcode in session.execute(select(Park.code, Park.adcode).order_by(Park.code)):
        parks.setdefault(adcode, code)
    rows = [_site_row(site, world.firms[site.firm], firm_ids, parks) for site in world.sites]
    return add_with_ids(session, Site, rows)


def _site_row(
    site: PlannedSite, firm: PlannedFirm, firm_ids: Sequence[int], parks: Mapping[str, str]
) -> Row:
    lon, lat = site.position
    is_in_park = site.park_draw * 1_000 < PARK_MILLI
    return {
        "company_id": firm_ids[site.firm],
        "name": f"{firm.name} 厂区",
        "name_en": f"{firm.name_en}, site",
        "adcode": site.adcode,
        "park": parks.get(site.adcode) if is_in_park else None,
        "lon_e6": round(lon * MICRO),
        "lat_e6": round(lat * MICRO),
        "address": "",
        "address_en": "",
        "source_datum": Datum.WGS84,
    }


# --- what stands ------------------------------------------------------------------------


def _write_groups(session: Session, world: World, firm_ids: Sequence[int], day: date) -> None:
    serials = next_serials(session, "generated-group", world.groups)
    rows = [
        {"name": f"生成集团 {serial:04d}", "name_en": f"Generated group {serial:04d}"}
        for serial in serials
    ]
    ids = add_with_ids(session, FirmGroup, rows)
    members = [
        {"company_id": firm_id, "valid_from": day, "group_id": ids[firm.group]}
        for firm_id, firm in zip(firm_ids, world.firms, strict=True)
        if firm.group is not None
    ]
    add_rows(session, GroupMember, members)


def _write_standing(
    session: Session,
    random: Random,
    world: World,
    firm_ids: Sequence[int],
    named: Named,
    day: date,
) -> None:
    """The producers that are public, nearly all because they must."""
    bases = (PublicBasis.MUST_PUBLISH,) * 9 + (PublicBasis.AGREED,)
    rows = [
        {
            "company_id": firm_id,
            "valid_from": day,
            "basis": random.choice(bases),
            "source": SOURCE,
        }
        for firm_id, firm in zip(firm_ids, world.firms, strict=True)
        if firm.is_producer
        and random.randrange(1_000) < named.milli
        and firm.industry not in named.but_of
    ]
    add_rows(session, PublicFirm, rows)


def _write_permits(session: Session, world: World, site_ids: Sequence[int], day: date) -> None:
    """Each receiver may take a few times what it will be sent."""
    sent: dict[tuple[int, str], int] = {}
    for route in world.routes:
        key = (route.site, route.waste.material)
        sent[key] = sent.get(key, 0) + route.loads
    rows = [
        {
            "site_id": site_ids[site],
            "material": material,
            "valid_from": day,
            "kg_per_year": loads * TRUCK_LOAD_KG * MONTHS * PERMIT_OVER_LOADS,
            "number": f"生成环评 {site + 1:05d}",
        }
        for (site, material), loads in sorted(sent.items())
    ]
    add_rows(session, UsePermit, rows)


def _write_sources(session: Session, world: World, site_ids: Sequence[int], at: datetime) -> None:
    """Form 1 of every maker: without it nothing would be asked of it."""
    known = {material.code: material for material in session.scalars(select(Material))}
    rows = [
        {
            "site_id": site_ids[waste.site],
            "material": waste.material,
            "waste_name": known[waste.material].name_zh,
            "waste_code": known[waste.material].default_item,
            "waste_class": WasteClass.II,
            "process": PROCESS,
            "form": WasteForm.SOLID,
            "composition": "",
            "pollution": "",
            "yearly_kg": waste.habit.mean_kg * MONTHS,
            "registered_at": at,
            "changed_at": at,
        }
        for waste in world.wastes
    ]
    add_rows(session, WasteSource, rows)


def _write_trucks(session: Session, random: Random, count: int, at: datetime) -> list[Truck]:
    hauliers = -(-count // TRUCKS_OF_A_HAULIER)
    firms = [
        {
            "name": f"生成运输 {place + 1:03d}",
            "name_en": f"Generated haulage {place + 1:03d}",
            "is_producer": False,
            "is_consumer": False,
            "is_carrier": True,
            "industry_code": "5431",
        }
        for place in range(hauliers)
    ]
    owners = _write_firms(session, firms, at)
    serials = next_serials(session, "generated-plate", count)
    trucks = [
        Truck(
            company_id=owners[place // TRUCKS_OF_A_HAULIER],
            plate=plate(serial),
            trailer_plate="",
            driver=f"司机 {place + 1:04d}",
            tare_kg=random.randrange(14_000, 16_020, 20),
        )
        for place, serial in enumerate(serials)
    ]
    add_rows(session, Vehicle, [_vehicle_row(truck, at) for truck in trucks])
    return trucks


def _vehicle_row(truck: Truck, at: datetime) -> Row:
    return {
        "company_id": truck.company_id,
        "plate": truck.plate,
        "trailer_plate": truck.trailer_plate,
        "emission": EmissionClass.CHINA_6,
        "load_kg": TRUCK_LOAD_KG,
        "is_active": True,
        "registered_at": at,
    }


# --- what they do -----------------------------------------------------------------------


def _works(
    world: World, places: Sequence[Place], parks: Mapping[int, str | None]
) -> Iterator[Works]:
    wastes: dict[int, list[Waste]] = {}
    for one in world.wastes:
        waste = Waste(one.material, one.kg_per_million, one.habit, one.opening_kg)
        wastes.setdefault(one.site, []).append(waste)
    for site, (kind, mean) in world.makers.items():
        yield Works(
            place=places[site],
            adcode=world.sites[site].adcode,
            park=parks[places[site].site_id],
            kind=kind.activity,
            mean=mean,
            season=kind.season,
            wastes=tuple(wastes[site]),
        )
    for site, taker in world.takers.items():
        if taker.board_m2:
            yield Works(
                place=places[site],
                adcode=world.sites[site].adcode,
                park=parks[places[site].site_id],
                kind=ActivityKind.BOARD_MADE,
                mean=taker.board_m2,
                season=STEADY,
                wastes=(),
            )


def _routes(
    session: Session, world: World, places: Sequence[Place], today: date
) -> list[tuple[Route, int]]:
    ends = [
        (world.sites[one.waste.site].position, world.sites[one.site].position)
        for one in world.routes
    ]
    kinds = only_kinds(session)
    return [
        (_route(planned, places, kinds, *road), planned.loads)
        for planned, road in zip(world.routes, roads(session, ends, today), strict=True)
    ]


def _route(
    planned: PlannedRoute,
    places: Sequence[Place],
    kinds: Mapping[str, str],
    road_m: int,
    freight: int,
) -> Route:
    return Route(
        producer=places[planned.waste.site],
        consumer=places[planned.site],
        material=planned.waste.material,
        kind=kinds.get(planned.waste.material),
        product=planned.kind.product,
        price=planned.price,
        freight=freight,
        road_m=road_m,
    )
