"""Who sees whom: what each reader may know of the two sides of a trade.

Before both sides have confirmed, a side sees the other only as a county and a role, unless the
other's listing shows its name; from then on with name, site, contact and phone. The operator sees
names at any time. A regulator sees counties and roles too, until it has looked a trade up and
said why; see `lookups`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import CountyRow, county_map, term
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.clock import china_day
from app.core.i18n import pick
from app.listings.models import Listing
from app.listings.rules import DealMode
from app.trades.models import Trade
from app.trades.policy import sides_of
from app.trades.rules import Party

LOOKED_UP = "company.looked_up"
"""The verb in the audit trail: one event per firm, with the trade and the reason."""

FIGURES_OPENED = "company.figures_opened"
"""Of the firm whose figures a regulator opens, and of those that took its waste: one event each."""


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One side of a trade as this reader may know it; what is not open is empty."""

    party: Party
    county: str
    is_mine: bool
    name: str = ""
    site: str = ""
    address: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to write the sides of some trades for one reader.

    `named` are the listings that show their firm, `opened` the trades this reader has looked up.
    """

    actor: Actor
    counties: Mapping[str, CountyRow]
    named: frozenset[str]
    opened: frozenset[str]

    @classmethod
    def prepare(
        cls, session: Session, actor: Actor, trades: Iterable[Trade], now: datetime
    ) -> Reader:
        numbers = {
            number for trade in trades for number in (trade.offer_number, trade.requirement_number)
        }
        named = select(Listing.number).where(Listing.number.in_(numbers), Listing.shows_name)
        if not actor.is_company:  # what was made for one deal names its firm to the other side only
            named = named.where(Listing.deal_mode != DealMode.PRIVATE)
        return cls(
            actor=actor,
            counties=county_map(session),
            named=frozenset(session.scalars(named)),
            opened=opened_to(session, actor, now),
        )

    def knows(self, trade: Trade) -> bool:
        """Whether names and sites of both sides are open to this reader."""
        if self.actor.is_company:
            return trade.confirmed_at is not None
        return self.actor.is_operator or trade.number in self.opened

    def party(self, trade: Trade, party: Party) -> PartyRow:
        company, site, number = side(trade, party)
        is_mine = party in sides_of(self.actor, trade)
        row = PartyRow(party, self.counties[site.adcode].name, is_mine)
        if is_mine or self.knows(trade):
            row = _with_site(row, company, site)
        elif number in self.named:
            row = replace(row, name=company.display_name)
        if is_mine or (self.knows(trade) and not self.actor.is_regulator):
            row = _with_contact(row, company)
        return row


def opened_to(session: Session, actor: Actor, now: datetime) -> frozenset[str]:
    """The trades whose names a regulator has looked up and may still see."""
    return frozenset(event.detail["trade"] for event in _deeds(session, actor, LOOKED_UP, now))


def figures_open_to(session: Session, actor: Actor, now: datetime) -> frozenset[int]:
    """The firms whose figures a regulator has opened, and may still read down to the tickets."""
    opened = _deeds(session, actor, FIGURES_OPENED, now)
    return frozenset(event.detail["producer"] for event in opened)


def _deeds(session: Session, actor: Actor, verb: str, now: datetime) -> list[AuditEvent]:
    """What a regulator has opened that has not closed again."""
    if not actor.is_regulator:
        return []
    hours = term(session, "lookup_hours", china_day(now))
    query = select(AuditEvent).where(
        AuditEvent.verb == verb,
        AuditEvent.actor == actor.label,
        AuditEvent.at > now - timedelta(hours=hours),
    )
    return list(session.scalars(query))


def side(trade: Trade, party: Party) -> tuple[Company, Site, str]:
    """The firm, the site and the listing of one side."""
    if party is Party.PRODUCER:
        return trade.producer, trade.producer_site, trade.offer_number
    return trade.consumer, trade.consumer_site, trade.requirement_number


def _with_site(row: PartyRow, company: Company, site: Site) -> PartyRow:
    return replace(
        row,
        name=company.display_name,
        site=site.display_name,
        address=site.display_address,
    )


def _with_contact(row: PartyRow, company: Company) -> PartyRow:
    contact = pick(company.contact_name, company.contact_name_en)
    return replace(row, contact=contact, phone=company.contact_phone)
