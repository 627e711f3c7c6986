"""Read-only: which wastes are to be declared of a month, and what has become of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import MaterialRow, material_map, term
from app.catalogue.rules import Term
from app.companies.models import Site
from app.core.actor import Actor
from app.core.clock import add_months, china_day, china_instant, month_of
from app.core.errors import NotFound
from app.declarations.balance import MassBalance
from app.declarations.declared import Waste, in_force
from app.declarations.evidence import received
from app.declarations.models import Declaration, WasteSource
from app.declarations.monthly import OPEN, State, Terms, is_open_for, state_of
from app.declarations.policy import may_read, overseen_sites
from app.listings.models import Listing, ListingMaterial
from app.listings.rules import Side
from app.trades.models import Trade


@dataclass(frozen=True, slots=True)
class Duty:
    """One waste of a site that is to be declared of a month.

    `balance` is what is in force, if anything is; `last_closing_kg` the stock declared of the month
    before. `days_late` counts from the day it was due, whether or not it has come in since.
    """

    site_id: int
    site: str
    company_id: int
    company: str
    adcode: str
    material: MaterialRow
    month: date
    due_on: date
    days_late: int
    is_escalated: bool
    number: str = ""
    version: int = 0
    balance: MassBalance | None = None
    explanation: str = ""
    last_closing_kg: int | None = None

    @property
    def opening_gap_kg(self) -> int:
        """What the month began with beyond what the one before ended with."""
        if self.balance is None or self.last_closing_kg is None:
            return 0
        return self.balance.opening_kg - self.last_closing_kg

    @property
    def is_balanced(self) -> bool:
        return self.balance is not None and self.balance.closes and self.opening_gap_kg == 0

    @property
    def state(self) -> State:
        return state_of(self.version, is_balanced=self.is_balanced, is_late=self.days_late > 0)

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
    reader = _Reader.prepare(session, where, month, today, wastes)
    rows = [reader.duty(waste, found.get(waste)) for waste in wastes]
    return sorted(rows, key=lambda row: (row.company_id, row.site_id, row.material.sort_order))


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
    return _Reader.prepare(session, where, month, today, {(site.id, material)}).duty(
        (site.id, material), None
    )


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
    begin, end = china_instant(month), china_instant(add_months(month, 1))
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


@dataclass(frozen=True, slots=True)
class _Reader:
    sites: Mapping[int, Site]
    materials: Mapping[str, MaterialRow]
    before: Mapping[Waste, Declaration]
    month: date
    today: date
    terms: Terms

    @classmethod
    def prepare(
        cls,
        session: Session,
        where: ColumnElement[bool],
        month: date,
        today: date,
        wastes: Iterable[Waste],
    ) -> _Reader:
        ids = {site_id for site_id, _material in wastes}
        places = select(Site).where(where).options(joinedload(Site.company))
        return cls(
            sites={site.id: site for site in session.scalars(places) if site.id in ids},
            materials=material_map(session, today),
            before=in_force(session, where, add_months(month, -1)),
            month=month,
            today=today,
            terms=terms(session, month),
        )

    def duty(self, waste: Waste, declared: Declaration | None) -> Duty:
        site, before = self.sites[waste[0]], self.before.get(waste)
        return Duty(
            site_id=site.id,
            site=site.display_name,
            company_id=site.company_id,
            company=site.company.display_name,
            adcode=site.adcode,
            material=self.materials[waste[1]],
            month=self.month,
            due_on=self.terms.due_on(self.month),
            days_late=self.terms.days_late(self.month, self.today),
            is_escalated=self.terms.is_escalated(self.month, self.today),
            number=declared.number if declared else "",
            version=declared.version if declared else 0,
            balance=declared.balance if declared else None,
            explanation=declared.explanation if declared else "",
            last_closing_kg=before.closing_kg if before else None,
        )
