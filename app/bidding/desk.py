"""What a firm may do about one listing, and the figures the forms for that show beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bidding.freight import Haul, about
from app.bidding.models import Negotiation
from app.bidding.queries import BID_MODES, RoundRow, rounds
from app.bidding.rules import NegotiationStatus, RoundState
from app.catalogue.queries import freight_terms
from app.companies.models import Site
from app.core.actor import Actor
from app.core.clock import china_day, month_of, months_between
from app.core.errors import Conflict
from app.core.i18n import month as written_month
from app.ledger.queries import balances
from app.listings import queries as listings
from app.listings.models import Listing
from app.listings.queries import ListingView
from app.listings.rules import DealMode, Side


@dataclass(frozen=True, slots=True)
class Ways:
    """How the reader may deal with a listing: rounds that take it, negotiations, an order."""

    view: ListingView
    rounds: list[RoundRow]
    threads: list[str]
    may_offer: bool
    may_take: bool


@dataclass(frozen=True, slots=True)
class SiteWay:
    """An own site, and about how far and how dear the way is between it and the listing."""

    site_id: int
    name: str
    way: Haul


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Somebody else's listing with what a form for a deal on it needs.

    `months` are those it still runs, with what is open of each, kg; that is shown for a fixed
    price only.
    """

    view: ListingView
    sites: tuple[SiteWay, ...]
    months: Mapping[date, int]

    @property
    def is_fixed(self) -> bool:
        return self.view.listing.deal_mode is DealMode.LIST_PRICE

    @property
    def is_offer(self) -> bool:
        return self.view.listing.side is Side.OFFER

    @property
    def site_words(self) -> dict[str, str]:
        return {str(one.site_id): one.name for one in self.sites}

    @property
    def material_words(self) -> dict[str, str]:
        return {row.code: row.name for row in self.view.listing.materials}

    @property
    def month_words(self) -> dict[str, str]:
        return {f"{month:%Y-%m}": written_month(month) for month in self.months}


def ways_of(session: Session, actor: Actor, number: str, now: datetime) -> Ways:
    """What the reader's firm may do about a listing; raises `NotFound` as the listing's page."""
    view = listings.show(session, actor, number, china_day(now))
    row = view.listing
    deals = actor.may_deal and not row.is_own and row.state.is_on_market
    return Ways(
        view=view,
        rounds=_rounds_for(session, view, now) if row.is_own else [],
        threads=_open_threads(session, actor, number),
        may_offer=deals and row.deal_mode is DealMode.OPEN,
        may_take=deals and row.deal_mode is DealMode.LIST_PRICE,
    )


def counterpart(
    session: Session, actor: Actor, number: str, mode: DealMode, now: datetime
) -> Counterpart:
    """A listing to deal with; raises `NotFound`, or `Conflict` if it is dealt with otherwise."""
    found = listings.readable(session, actor, number, china_day(now))
    view = listings.view_of(session, actor, found, china_day(now))
    if view.listing.is_own or view.listing.deal_mode is not mode:
        raise Conflict(
            _l("%(number)s 不能这样成交。", number=number),
            _l("请回到挂牌页，看它的成交方式。"),
        )
    return Counterpart(view, _sites(session, actor, found, now), _months(session, view, now))


def _rounds_for(session: Session, view: ListingView, now: datetime) -> list[RoundRow]:
    row = view.listing
    codes = tuple(material.code for material in row.materials)
    coming = (RoundState.OPEN, RoundState.ANNOUNCED)
    return [
        one
        for one in rounds(session, now)
        if one.state in coming
        and one.takes(codes)
        and row.deal_mode in BID_MODES
        and row.state.is_on_market
        and row.first_month <= one.month <= row.last_month
    ]


def _open_threads(session: Session, actor: Actor, number: str) -> list[str]:
    query = (
        select(Negotiation.number)
        .join(Negotiation.listing)
        .where(
            Listing.number == number,
            Negotiation.status == NegotiationStatus.OPEN,
            (Negotiation.company_id == actor.company_id)
            | (Negotiation.owner_company_id == actor.company_id),
        )
        .order_by(Negotiation.id)
    )
    return list(session.scalars(query))


def _sites(session: Session, actor: Actor, listing: Listing, now: datetime) -> tuple[SiteWay, ...]:
    tariff = freight_terms(session, china_day(now))
    found = session.scalars(
        select(Site).where(Site.company_id == actor.company_id).order_by(Site.id)
    )
    return tuple(
        SiteWay(site.id, site.display_name, about(tariff, listing, site)) for site in found
    )


def _months(session: Session, view: ListingView, now: datetime) -> dict[date, int]:
    row = view.listing
    held = balances(session, [row.number])
    first = max(row.first_month, month_of(china_day(now)))
    return {
        month: held[row.number, month].open
        for month in months_between(first, row.last_month)
        if (row.number, month) in held
    }
