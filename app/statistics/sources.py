"""What the official statistics are made of, as it was known at an instant: read-only.

Declarations are append-only and carry when they were made; a load counts in the month its ticket
was weighed at the consumer's gate, and from the instant that ticket was recorded. So the same
month as of the same instant gives the same rows, whatever has been entered since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from app.catalogue.models import ChainLink
from app.catalogue.queries import valid_on
from app.companies.models import Site
from app.core.clock import add_months, china_day, month_of
from app.declarations.balance import MASSES, MassBalance
from app.declarations.declared import Waste
from app.declarations.models import Declaration
from app.listings.models import Listing
from app.shipments.models import Shipment, Ticket
from app.shipments.receipts import received_in
from app.shipments.rules import End
from app.trades.models import Trade

WASTE = ("site_id", "material")
PLACE = ("company_id", "adcode", "park")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site stands for the statistics, and whose it is."""

    company_id: int
    adcode: str
    park: str | None


@dataclass(frozen=True, slots=True)
class Declared:
    """The declaration in force of one waste."""

    waste: Waste
    place: Place
    version: int
    balance: MassBalance


@dataclass(frozen=True, slots=True)
class Received:
    """What one trade brought in a month, in kg, on so many tickets at the consumer's gate."""

    trade_id: int
    waste: Waste
    company_id: int
    taker_id: int
    consumer_site_id: int
    to_adcode: str
    product: str | None
    kg: int
    tickets: int


def declared(session: Session, month: date, as_of: datetime) -> list[Declared]:
    """The declarations of a month that were in force at an instant, by site and material."""
    known = (Declaration.month == month, Declaration.declared_at <= as_of)
    newest = (
        select(Declaration.site_id, Declaration.material, func.max(Declaration.version))
        .where(*known)
        .group_by(Declaration.site_id, Declaration.material)
        .subquery("newest")
    )
    named = (Declaration.site_id, Declaration.material, Declaration.version)
    same = [column == wanted for column, wanted in zip(named, newest.c, strict=True)]
    columns = (getattr(Declaration, name) for name in (*WASTE, *PLACE, "version", *MASSES))
    query = select(*columns).join(newest, and_(*same)).where(Declaration.month == month)
    found = session.execute(query.order_by(Declaration.site_id, Declaration.material))
    return [_declared(*row) for row in found]


def expected(session: Session, month: date, as_of: datetime) -> dict[Waste, Place]:
    """The wastes that were declared for the month before, and where their sites stood."""
    before = declared(session, add_months(month, -1), as_of)
    return {found.waste: found.place for found in before}


def received(session: Session, month: date, as_of: datetime) -> list[Received]:
    """What every trade brought in a month, by what was recorded until an instant."""
    consumer_site = aliased(Site)
    columns = (
        Trade.id,
        Trade.producer_site_id,
        Trade.material,
        Trade.producer_company_id,
        Trade.consumer_company_id,
        Trade.consumer_site_id,
        consumer_site.adcode,
        Listing.product,
    )
    sums = (func.sum(Shipment.received_kg).label("kg"), func.count(Ticket.id).label("tickets"))
    query = (
        select(*columns, *sums)
        .join(Shipment, Shipment.trade_id == Trade.id)
        .join(Ticket, Ticket.shipment_id == Shipment.id)
        .join(consumer_site, consumer_site.id == Trade.consumer_site_id)
        .join(Listing, Listing.number == Trade.requirement_number)
        .where(*received_in(month), Ticket.recorded_at <= as_of)
        .group_by(*columns)
        .order_by(Trade.id)
    )
    return [_received(row) for row in session.execute(query)]


def chained_uses(session: Session, month: date) -> frozenset[tuple[str, str]]:
    """The materials and products whose tonnes turn up again as another waste."""
    found = session.scalars(valid_on(ChainLink, month))
    return frozenset((link.material, link.product) for link in found)


def places(session: Session, site_ids: set[int]) -> dict[int, Place]:
    """Where sites stand today; a site of an approved firm does not move."""
    found = session.scalars(select(Site).where(Site.id.in_(site_ids)))
    return {site.id: Place(site.company_id, site.adcode, site.park) for site in found}


def changed_months(session: Session, since: datetime) -> Iterator[date]:
    """The months of whatever was declared or recorded after an instant."""
    yield from session.scalars(
        select(Declaration.month).where(Declaration.declared_at > since).distinct()
    )
    weighed = select(Ticket.weighed_at).where(
        Ticket.end == End.UNLOADING, Ticket.recorded_at > since
    )
    yield from {month_of(china_day(moment)) for moment in session.scalars(weighed)}


def _declared(
    site_id: int,
    material: str,
    company_id: int,
    adcode: str,
    park: str | None,
    version: int,
    *masses: int,
) -> Declared:
    place = Place(company_id, adcode, park)
    return Declared((site_id, material), place, version, MassBalance(*masses))


def _received(row: Any) -> Received:
    return Received(
        trade_id=row.id,
        waste=(row.producer_site_id, row.material),
        company_id=row.producer_company_id,
        taker_id=row.consumer_company_id,
        consumer_site_id=row.consumer_site_id,
        to_adcode=row.adcode,
        product=row.product,
        kg=int(row.kg),
        tickets=row.tickets,
    )
