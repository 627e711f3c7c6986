"""Read-only: which wastes are to be declared of a month, and what has become of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.catalogue.queries import MaterialRow, material_map, term
from app.catalogue.rules import Term
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.clock import add_months, china_day, china_instant, month_instants, month_of
from app.core.errors import NotFound
from app.core.i18n import pick
from app.declarations.balance import MassBalance
from app.declarations.declared import InForce, Waste, closings, in_force
from app.declarations.evidence import received
from app.declarations.models import Declaration, WasteSource
from app.declarations.monthly import OPEN, State, Terms, is_open_for, state_of
from app.declarations.policy import may_read, overseen_sites
from app.listings.models import Listing, ListingMaterial
from app.listings.rules import Side
from app.trades.models import Trade


@dataclass(frozen=True, slots=True)
class Place:
    """A site and its firm."""

    site_id: int
    site_zh: str
    site_en: str
    adcode: str
    company_id: int
    company_zh: str
    company_en: str

    @property
    def site(self) -> str:
        return pick(self.site_zh, self.site_en)

    @property
    def company(self) -> str:
        return pick(self.company_zh, self.company_en)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a month is due, and how late it is today, whether or not it has come in since."""

    month: date
    due_on: date
    days_late: int
    is_escalated: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """One waste of a site that is to be declared of a month.

    `declared` is what is in force, if anything is; `last_closing_kg` the stock declared of the
    month before.
    """

    place: Place
    deadline: Deadline
    material: MaterialRow
    declared: InForce | None
    last_closing_kg: int | None

    @property
    def site_id(self) -> int:
        return self.place.site_id

    @property
    def month(self) -> date:
        return self.deadline.month

    @property
    def version(self) -> int:
        """The version in force; 0 if nothing is declared."""
        return self.declared.version if self.declared else 0

    @property
    def balance(self) -> MassBalance | None:
        return self.declared.balance if self.declared else None

    @property
    def opening_gap_kg(self) -> int:
        """What the month began with beyond what the one before ended with."""
        if self.declared is None or self.last_closing_kg is None:
            return 0
        return self.declared.balance.opening_kg - self.last_closing_kg

    @property
    def is_balanced(self) -> bool:
        closes = self.declared is not None and self.declared.balance.closes
        return closes and self.opening_gap_kg == 0

    @property
    def state(self) -> State:
        return state_of(
            self.version, is_balanced=self.is_balanced, is_late=self.deadline.days_late > 0
        )

    @property
    def is_open(self) -> bool:
        """Whether it is still waited for."""
        return self.state in OPEN


def terms(session: Session, month: date) -> Terms:
    """The terms by which a month is declared: those of the month after it."""
    on = add_months(month, 1)
    return Terms(
        day=term(session, Term.DECLARE_DAY, on),
        remind_days=term(session, Term.DECLARE_REMIND_DAYS, on),
        escalate_days=term(session, Term.DECLARE_ESCALATE_DAYS, on),
    )


def duties_of(session: Session, company_id: int, month: date, today: date) -> list[Duty]:
    """A firm's duties of a month, by site and in the catalogue's order of materials."""
    return duties(session, Site.company_id == company_id, month, today)


def duties_overseen(session: Session, actor: Actor, month: date, today: date) -> list[Duty]:
    """The duties of the sites that an official oversees."""
    return duties(session, overseen_sites(actor), month, today)


def duties(session: Session, where: ColumnElement[bool], month: date, today: date) -> list[Duty]:
    """What is to be declared of a month by the sites that `where` chooses.

    Every registered waste, every waste that was offered for the month or received by others in it,
    and whatever has been declared in spite of that.
    """
    found = in_force(session, where, month)
    wastes = _registered(session, where, month) | _traded(session, where, month) | found.keys()
    reader = _Reader.prepare(session, where, month, today)
    rows = [reader.duty(waste, found.get(waste)) for waste in wastes]
    return sorted(rows, key=_order)


def duty(
    session: Session, actor: Actor, site_id: int, material: str, month: date, today: date
) -> Duty:
    """One duty; raises `NotFound` for what is not to be declared or not for the actor to see."""
    site = session.get(Site, site_id)
    if site is None or not may_read(actor, site.company_id, site.adcode):
        raise NotFound
    if not is_open_for(month, today):
        raise NotFound
    where = Site.id == site.id
    for row in duties(session, where, month, today):
        if row.material.code == material:
            return row
    if (site.id, material) not in _registered(session, where, month_of(today)):
        raise NotFound
    return _Reader.prepare(session, where, month, today).duty((site.id, material), None)


def firms(session: Session) -> list[int]:
    """The firms that may have something to declare: those with a waste or an offer of one."""
    waste = select(WasteSource.site_id)
    offer = select(Listing.site_id).where(Listing.side == Side.OFFER)
    places = or_(Site.id.in_(waste), Site.id.in_(offer))
    query = select(Site.company_id).where(places).distinct().order_by(Site.company_id)
    return list(session.scalars(query))


def first_month(session: Session, where: ColumnElement[bool], today: date) -> date:
    """The first month of which anything is due or declared; the last one before there is any."""
    registered = select(WasteSource.registered_at).join(WasteSource.site).where(where)
    declared = select(Declaration.month).join(Declaration.site).where(where)
    since = session.scalar(registered.order_by(WasteSource.registered_at).limit(1))
    month = session.scalar(declared.order_by(Declaration.month).limit(1))
    known = [month_of(china_day(since))] if since else []
    return min([*known, *([month] if month else []), add_months(month_of(today), -1)])


def _registered(session: Session, where: ColumnElement[bool], month: date) -> set[Waste]:
    query = (
        select(WasteSource.site_id, WasteSource.material)
        .join(WasteSource.site)
        .where(where, WasteSource.registered_at < china_instant(add_months(month, 1)))
    )
    return {(site_id, material) for site_id, material in session.execute(query)}


def _traded(session: Session, where: ColumnElement[bool], month: date) -> set[Waste]:
    """Wastes that stood on the market for the month, or that others received in it."""
    begin, end = month_instants(month)
    offered = (
        select(Listing.site_id, ListingMaterial.material_code)
        .join(ListingMaterial, ListingMaterial.listing_id == Listing.id)
        .join(Site, Site.id == Listing.site_id)
        .where(where, Listing.side == Side.OFFER, Listing.published_at < end)
        .where(Listing.first_month <= month, Listing.last_month >= month)
        .where(or_(Listing.withdrawn_at.is_(None), Listing.withdrawn_at >= begin))
    )
    sold = received(select(Trade.producer_site_id, Trade.material).distinct(), month)
    sold = sold.join(Site, Site.id == Trade.producer_site_id).where(where)
    rows = (*session.execute(offered), *session.execute(sold))
    return {(site_id, material) for site_id, material in rows}


def _order(row: Duty) -> tuple[int, int, int]:
    return row.place.company_id, row.place.site_id, row.material.sort_order


def _places(session: Session, where: ColumnElement[bool]) -> dict[int, Place]:
    """The sites that `where` chooses, by id."""
    site = (Site.id, Site.name, Site.name_en, Site.adcode)
    query = select(*site, Company.id, Company.name, Company.name_en).join(Site.company)
    return {row[0]: Place(*row) for row in session.execute(query.where(where))}


def _deadline(session: Session, month: date, today: date) -> Deadline:
    found = terms(session, month)
    late, escalated = found.days_late(month, today), found.is_escalated(month, today)
    return Deadline(month, found.due_on(month), late, escalated)


@dataclass(frozen=True, slots=True)
class _Reader:
    places: Mapping[int, Place]
    materials: Mapping[str, MaterialRow]
    before: Mapping[Waste, int]
    deadline: Deadline

    @classmethod
    def prepare(
        cls, session: Session, where: ColumnElement[bool], month: date, today: date
    ) -> _Reader:
        return cls(
            places=_places(session, where),
            materials=material_map(session, today),
            before=closings(session, where, add_months(month, -1)),
            deadline=_deadline(session, month, today),
        )

    def duty(self, waste: Waste, declared: InForce | None) -> Duty:
        site_id, material = waste
        return Duty(
            place=self.places[site_id],
            deadline=self.deadline,
            material=self.materials[material],
            declared=declared,
            last_closing_kg=self.before.get(waste),
        )
