"""Read-only questions about listings: one of them, a firm's own, what is known of their material.

A limit price is opened for its owner only (`show`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, joinedload

from app.assays.queries import evidence, facts, readings
from app.assays.rules import Evidence
from app.catalogue import quality
from app.catalogue import queries as catalogue
from app.catalogue.quality import KindRow, ParameterRow
from app.catalogue.queries import CountyRow, MaterialRow, StopRow
from app.catalogue.rules import WorkingDays
from app.companies.standing import may_deal
from app.core.actor import Actor
from app.core.clock import china_day, month_of
from app.core.errors import NotFound
from app.core.vault import own_vault
from app.eligibility.fitting import OwnLimit, Wish, limits_of
from app.eligibility.own_limits import name_and_bound
from app.eligibility.queries import parameter_map
from app.eligibility.rules import Lot
from app.ledger.queries import BalanceRow, balances
from app.listings import limits, policy, rules
from app.listings.models import Listing
from app.listings.rules import DealMode, ListingState, ListingStatus, Product, Side
from app.listings.words import firm_without_name

NEW_DAYS = 3


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A listing as its reader sees it. `open_kg` counts this month and later.

    `kind_name` is blank where the name of the material says as much; `own_limits` are those of a
    requirement in words, each its parameter and its bound.
    """

    number: str
    side: Side
    state: ListingState
    materials: tuple[MaterialRow, ...]
    waste_name: str
    firm: str
    county: CountyRow
    kg_per_month: int
    open_kg: int
    list_price: int | None
    first_month: date
    last_month: date
    max_km: int | None
    product: Product | None
    deal_mode: DealMode
    is_own: bool
    is_new: bool
    is_synthetic: bool
    kind: str | None
    kind_name: str
    evidence: Evidence
    own_limits: tuple[tuple[str, str], ...]
    accepts_not_shown: bool


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A firm's own listing with what is left and taken from this month on, kg."""

    listing: ListingRow
    site: str
    reserved: int
    contracted: int


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of a listing: what the ledger holds, and how many days its works are open.

    `worked` is `None` where no day is idle.
    """

    month: date
    balance: BalanceRow
    worked: WorkingDays | None

    @property
    def clearable(self) -> int:
        """What a clearing may place of it, kg."""
        return clearable(self.balance, self.worked)


@dataclass(frozen=True, slots=True)
class ListingView:
    """One listing in full. What its reader may not see is empty or `None`."""

    listing: ListingRow
    waste_code: str
    note: str
    published_at: datetime
    changed_at: datetime
    withdrawn_at: datetime | None
    shows_name: bool
    site_id: int | None
    site: str | None
    silo_kg: int | None
    holding_price: int | None = field(repr=False)
    stops: tuple[StopRow, ...]
    months: list[MonthRow]
    may_change: bool
    is_private: bool
    version: int
    own_limits: tuple[OwnLimit, ...]
    limit_price: int | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Quality:
    """What the waste of an offer is known to be, or what a requirement asks of it."""

    kind: str
    lot: Lot
    wish: Wish


@dataclass(frozen=True, slots=True)
class Context:
    """What every row of an answer needs, read once: who reads, when, the catalogue, the ledger."""

    actor: Actor
    on: date
    materials: Mapping[str, MaterialRow]
    counties: Mapping[str, CountyRow]
    held: Mapping[str, dict[date, BalanceRow]]
    evidence: Mapping[str, Evidence]
    kinds: Mapping[str, KindRow]
    parameters: Mapping[str, ParameterRow]

    def coming(self, number: str) -> list[BalanceRow]:
        """The balances of a listing from this month on."""
        this_month = month_of(self.on)
        return [row for month, row in self.held[number].items() if month >= this_month]


def own_listings(session: Session, actor: Actor, on: date) -> list[OwnRow]:
    """Everything the actor's firm has listed: what is on the market first, then newest first."""
    query = (
        full_listings().where(Listing.company_id == actor.company_id).order_by(Listing.id.desc())
    )
    listings = list(session.scalars(query))
    context = _context(session, actor, on, listings)
    rows = [_own_row(listing, context) for listing in listings]
    return sorted(rows, key=lambda row: list(ListingState).index(row.listing.state))


def rows_of(session: Session, actor: Actor, on: date, ids: list[int]) -> dict[int, ListingRow]:
    """The rows of some listings by id, in a fixed number of statements."""
    listings = list(session.scalars(full_listings().where(Listing.id.in_(ids))))
    context = _context(session, actor, on, listings)
    return {listing.id: _row(listing, context) for listing in listings}


def show(session: Session, actor: Actor, number: str, on: date) -> ListingView:
    """One listing; raises `NotFound` also for what is not on the market and not the reader's."""
    return view_of(session, actor, readable(session, actor, number, on), on)


def readable(session: Session, actor: Actor, number: str, on: date) -> Listing:
    """The listing itself, for features that read more of it than is shown; raises as `show`."""
    listing = session.scalar(full_listings().where(Listing.number == number))
    if listing is None or not _may_read(actor, listing, on):
        raise NotFound
    return listing


def view_of(session: Session, actor: Actor, listing: Listing, on: date) -> ListingView:
    """What the reader may see of a listing that is `readable` for this reader."""
    number = listing.number
    context = _context(session, actor, on, [listing])
    private = policy.sees_balances(actor, listing)
    return ListingView(
        listing=_row(listing, context),
        waste_code=listing.waste_code,
        note=listing.note,
        published_at=listing.published_at,
        changed_at=listing.changed_at,
        withdrawn_at=listing.withdrawn_at,
        shows_name=listing.shows_name,
        site_id=listing.site_id if private else None,
        site=listing.site.display_name if private else None,
        silo_kg=listing.silo_kg if private else None,
        holding_price=listing.holding_price if policy.owns(actor, listing) else None,
        stops=_stops(session, listing, on),
        months=_month_rows(session, listing, context.held[number]) if private else [],
        may_change=policy.may_change(actor, listing),
        is_private=private,
        version=listing.version,
        own_limits=listing.own_limits,
        limit_price=_own_limit(actor, listing),
    )


def own(session: Session, actor: Actor, number: str, on: date) -> ListingView:
    """A listing of the actor's firm that the actor may change; raises `NotFound`."""
    view = show(session, actor, number, on)
    if not view.may_change:
        raise NotFound
    return view


def wishes(session: Session, numbers: Iterable[str], on: date) -> dict[str, Wish]:
    """What requirements ask of a lot, by number; all of it is on the market for everybody."""
    return {number: each.wish for number, each in qualities(session, numbers, on).items()}


def qualities(
    session: Session, numbers: Iterable[str], on: date, as_of: datetime | None = None
) -> dict[str, Quality]:
    """The quality of these listings on a day, by number.

    Of offers as it was known at an instant, by default now; what a requirement asks is what it
    asks now.
    """
    wanted = sorted(set(numbers))
    found = session.scalars(select(Listing).where(Listing.number.in_(wanted)))
    return qualities_of(session, found, on, as_of)


def qualities_of(
    session: Session, listings: Iterable[Listing], on: date, as_of: datetime | None = None
) -> dict[str, Quality]:
    """The same of listings that have been read."""
    found = list(listings)
    offers = [listing for listing in found if listing.side is Side.OFFER]
    measured = readings(session, {offer.number for offer in offers}, on, as_of)
    told = facts(session, {offer.site_id for offer in offers}, as_of)
    parameters = parameter_map(session)
    return {
        listing.number: Quality(
            kind=listing.kind or "",
            lot=Lot(measured.get(listing.number, {}), told.get(listing.site_id, {})),
            wish=_wish(listing, parameters),
        )
        for listing in found
    }


def _wish(listing: Listing, parameters: Mapping[str, ParameterRow]) -> Wish:
    own = limits_of(listing.own_limits, parameters)
    return Wish(listing.product or "", own, listing.accepts_not_shown)


def clearable(held: BalanceRow, worked: WorkingDays | None) -> int:
    """What a clearing may place of a month, kg; works that stand still take nothing in."""
    if worked is None:
        return held.open
    left = rules.kg_of_open_days(held.offered, held.taken, worked.open, worked.days)
    return min(held.open, left)


def full_listings() -> Select[Listing]:
    """Listings with everything a row needs, in a fixed number of statements."""
    return (
        select(Listing)
        .join(Listing.company)
        .options(joinedload(Listing.site), joinedload(Listing.company))
    )


def is_on_show() -> ColumnElement[bool]:
    """Active and for everybody: a listing made for one deal is on no market."""
    return and_(is_active(), Listing.deal_mode != DealMode.PRIVATE)


def is_active() -> ColumnElement[bool]:
    """Not withdrawn, and of a firm that may deal; a barred one could say yes to nothing."""
    return and_(Listing.status == ListingStatus.ACTIVE, may_deal())


def _context(session: Session, actor: Actor, on: date, listings: list[Listing]) -> Context:
    held: dict[str, dict[date, BalanceRow]] = {listing.number: {} for listing in listings}
    for (number, month), row in balances(session, held).items():
        held[number][month] = row
    materials, counties = catalogue.material_map(session, on), catalogue.county_map(session)
    offers = [listing.number for listing in listings if listing.side is Side.OFFER]
    return Context(
        actor=actor,
        on=on,
        materials=materials,
        counties=counties,
        held=held,
        evidence=evidence(session, offers, on),
        kinds={row.code: row for row in quality.kinds(session)},
        parameters=parameter_map(session) if any(one.limit_rows for one in listings) else {},
    )


def _row(listing: Listing, context: Context) -> ListingRow:
    county = context.counties[listing.site.adcode]
    open_kg = sum(row.open for row in context.coming(listing.number))
    this_month = month_of(context.on)
    return ListingRow(
        number=listing.number,
        side=listing.side,
        state=rules.state(
            listing.status,
            listing.last_month,
            open_kg,
            this_month,
            may_deal=listing.company.may_deal,
        ),
        materials=tuple(context.materials[code] for code in listing.materials),
        waste_name=listing.waste_name,
        firm=_firm(listing, context.actor, county),
        county=county,
        kg_per_month=listing.kg_per_month,
        open_kg=open_kg,
        list_price=listing.list_price,
        first_month=listing.first_month,
        last_month=listing.last_month,
        max_km=listing.max_km,
        product=listing.product,
        deal_mode=listing.deal_mode,
        is_own=policy.owns(context.actor, listing),
        is_new=(context.on - china_day(listing.published_at)).days < NEW_DAYS,
        is_synthetic=listing.company.is_synthetic,
        kind=listing.kind,
        kind_name=_kind_name(listing, context),
        evidence=context.evidence.get(listing.number, Evidence.NONE),
        own_limits=tuple(
            name_and_bound(one, context.parameters[one.parameter]) for one in listing.own_limits
        ),
        accepts_not_shown=listing.accepts_not_shown,
    )


def _kind_name(listing: Listing, context: Context) -> str:
    if listing.kind is None or listing.kind in listing.materials:
        return ""
    return context.kinds[listing.kind].name


def _firm(listing: Listing, actor: Actor, county: CountyRow) -> str:
    if policy.sees_name(actor, listing):
        return listing.company.display_name
    return firm_without_name(listing.side, county.name)


def _own_row(listing: Listing, context: Context) -> OwnRow:
    coming = context.coming(listing.number)
    return OwnRow(
        listing=_row(listing, context),
        site=listing.site.display_name,
        reserved=sum(row.reserved for row in coming),
        contracted=sum(row.signed for row in coming),
    )


def _may_read(actor: Actor, listing: Listing, on: date) -> bool:
    """Strangers read what is on the market; the owner and those who oversee it read all."""
    on_market = (
        listing.status is ListingStatus.ACTIVE
        and listing.deal_mode is not DealMode.PRIVATE
        and listing.company.may_deal
        and listing.last_month >= month_of(on)
    )
    return on_market or policy.sees_balances(actor, listing)


def worked_by(listing: Listing, worked: Mapping[str, WorkingDays]) -> WorkingDays | None:
    return worked.get(listing.product) if listing.product else None


def _stops(session: Session, listing: Listing, on: date) -> tuple[StopRow, ...]:
    found = catalogue.production_stops(session, on) if listing.product else []
    return tuple(row for row in found if row.product == listing.product)


def _month_rows(
    session: Session, listing: Listing, held: Mapping[date, BalanceRow]
) -> list[MonthRow]:
    worked = catalogue.days_worked(session, held)
    return [
        MonthRow(month, held[month], worked_by(listing, worked[month])) for month in sorted(held)
    ]


def _own_limit(actor: Actor, listing: Listing) -> int | None:
    if not policy.owns(actor, listing):
        return None
    return limits.reveal(own_vault(), listing)
