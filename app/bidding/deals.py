"""Direct deals on one listing: what both kinds share, and taking tonnes at the list price.

A deal is a trade between the listing and a private one, made for the bidder's side alone. Order of
locking: the negotiation, the lot of the listing, then the series of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.bidding import rules
from app.bidding.freight import Haul, way_of
from app.bidding.operations import BidRefused
from app.bidding.policy import may_deal
from app.bidding.rules import Asked, DealTerms
from app.companies.models import Site
from app.companies.standing import require_unbarred
from app.core import once
from app.core.actor import SYSTEM, Actor
from app.core.clock import china_day, month_of
from app.core.errors import Conflict, NotFound
from app.core.faults import Fault
from app.core.permissions import require
from app.ledger import operations as ledger
from app.ledger.queries import balance
from app.listings import operations as listings
from app.listings.models import Listing
from app.listings.operations import OfferDraft, RequirementDraft
from app.listings.rules import DealMode, ListingStatus, Side
from app.trades.models import Trade
from app.trades.operations import ProposalDraft, propose_agreed
from app.trades.rules import Party, TradeSource


@dataclass(frozen=True, slots=True)
class DealDraft:
    """What a bidder puts before the owner of a listing; `site_id` is the bidder's own.

    `seen_price` is the list price the bidder read, where it deals at that.
    """

    site_id: int
    terms: DealTerms
    words: str = ""
    seen_price: int | None = None


def take(
    session: Session, actor: Actor, number: str, draft: DealDraft, now: datetime, *, key: str
) -> Trade:
    """Take tonnes of a listing at its list price: a trade to which the taker has said yes.

    The same form sent twice takes once. Raises `NotFound`, `BidRefused` or `Conflict`.
    """
    require(may_deal, actor)
    sent = once.sending(session, actor, "take", key, now)
    if sent.answer:
        return session.scalars(select(Trade).where(Trade.number == sent.answer)).one()
    listing, site = counterparts(session, actor, number, draft.site_id, DealMode.LIST_PRICE)
    if draft.seen_price not in (None, listing.list_price):
        raise Conflict(_l("挂牌价刚刚改了，没有下单。"), _l("请刷新页面，按现在的价格再决定。"))
    ledger.lock(session, [(listing.number, draft.terms.month)])
    refuse(faults_of(session, listing, draft.terms, now))
    way = way_of(session, listing, site, now)
    proposal = proposal_of(session, listing, site, draft.terms, way, listing.number, now)
    takers = Party.CONSUMER if listing.side is Side.OFFER else Party.PRODUCER
    trade = propose_agreed(session, actor, proposal, frozenset({takers}), now)
    sent.answer = trade.number
    return trade


def counterparts(
    session: Session, actor: Actor, number: str, site_id: int, mode: DealMode
) -> tuple[Listing, Site]:
    """Somebody else's listing on the market, dealt with in this mode, and the own site.

    The listing is held until the transaction ends: its price and mode stay what they were read as.
    """
    query = (
        select(Listing)
        .where(Listing.number == number)
        .options(joinedload(Listing.site), joinedload(Listing.company))
        .with_for_update(key_share=True, of=Listing)
    )
    listing = session.scalar(query, execution_options={"populate_existing": True})
    site = session.get(Site, site_id, options=[joinedload(Site.company)])
    if listing is None or listing.deal_mode is DealMode.PRIVATE:
        raise NotFound
    if site is None or site.company_id != actor.company_id:
        raise NotFound
    if listing.company_id == actor.company_id:
        raise Conflict(_l("这是本企业自己的挂牌。"), _l("请在市场上选别家的挂牌。"))
    if listing.deal_mode is not mode:
        raise Conflict(
            _l("%(number)s 的成交方式已经不同，没有提交。", number=number),
            _l("请回到挂牌页，按现在的成交方式再试。"),
        )
    require_dealing(listing)
    require_unbarred(site.company)
    return listing, site


def require_dealing(listing: Listing) -> None:
    if listing.status is not ListingStatus.ACTIVE or not listing.company.may_deal:
        raise Conflict(
            _l("%(number)s 已不在市场上，没有成交。", number=listing.number),
            _l("请在市场上另选一条。"),
        )


def faults_of(
    session: Session, listing: Listing, terms: DealTerms, now: datetime
) -> Iterable[Fault]:
    room_kg = balance(session, listing.number, terms.month).open
    asked = Asked(listing.materials, listing.first_month, listing.last_month, room_kg)
    return rules.deal_faults(terms, asked, month_of(china_day(now)))


def refuse(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise BidRefused(found)


def proposal_of(
    session: Session,
    listing: Listing,
    site: Site,
    terms: DealTerms,
    way: Haul,
    origin: str,
    now: datetime,
) -> ProposalDraft:
    """The trade between a listing and the private one that is made for the bidder's side."""
    mine = _private_listing(session, listing.side, site, terms, now)
    is_offer = listing.side is Side.OFFER
    price = _producer_price(listing, way) if terms.price is None else terms.price
    return ProposalDraft(
        origin=origin,
        offer_number=listing.number if is_offer else mine.number,
        requirement_number=mine.number if is_offer else listing.number,
        material=terms.material,
        month=terms.month,
        kg=terms.kg,
        price_producer=price,
        price_consumer=price + way.freight,
        freight=way.freight,
        road_m=way.road_m,
        source=TradeSource.LIST_PRICE if terms.price is None else TradeSource.NEGOTIATION,
    )


def _producer_price(listing: Listing, way: Haul) -> int:
    """The list price at the producer's gate: a requirement's is meant at the consumer's."""
    assert listing.list_price is not None  # the table holds it for a fixed price
    return listing.list_price - (way.freight if listing.side is Side.REQUIREMENT else 0)


def _private_listing(
    session: Session, side: Side, site: Site, terms: DealTerms, now: datetime
) -> Listing:
    values = {
        "site_id": site.id,
        "kg_per_month": terms.kg,
        "first_month": terms.month,
        "last_month": terms.month,
        "deal_mode": DealMode.PRIVATE,
    }
    if side is Side.OFFER:
        need = RequirementDraft(materials=(terms.material,), **values)  # type: ignore[arg-type]
        return listings.publish_requirement(session, SYSTEM, need, now)
    offer = OfferDraft(material=terms.material, **values)  # type: ignore[arg-type]
    return listings.publish_offer(session, SYSTEM, offer, now)
