"""A deal two members made elsewhere, entered by one of them and confirmed by the other.

It takes one form. Each side gets a private listing, on no market and in no book, that holds the
tonnes of this one deal; both leave again with the trade if it comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.catalogue.queries import CountyRow, county_map, freight_terms
from app.companies.models import Company, Site
from app.companies.rules import normal_credit_code
from app.companies.standing import may_deal
from app.core import once
from app.core.actor import SYSTEM, Actor
from app.core.clock import china_day
from app.core.errors import NotFound
from app.core.permissions import require
from app.listings import operations as listings
from app.listings.models import Listing
from app.listings.operations import ListingRefused, OfferDraft, Problem, RequirementDraft
from app.listings.rules import CELL_DEGREES, DealMode
from app.trades.models import Trade
from app.trades.operations import ProposalDraft, propose_agreed
from app.trades.policy import may_answer
from app.trades.rules import Party, TradeSource, TradeStatus, shown_metres
from matching import geo

SHORTEST_SEARCH = 2
MOST_UNANSWERED = 24
"""Deals of two firms that may wait for an answer at once: two years of months."""
PARTNERS_SHOWN = 8
ORIGIN = "elsewhere"
Place = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class DealDraft:
    """What was agreed; kilograms and fen per tonne, the price at the producer's gate.

    `freight` is `None` where the market's tariff shall be used.
    """

    my_side: Party
    my_site_id: int
    other_site_id: int
    material: str
    month: date
    kg: int
    price_producer: int
    freight: int | None = None
    contract_number: str = ""
    waste_name: str = ""


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A site of another member, to be chosen as the other end of the deal."""

    site_id: int
    firm: str
    county: str
    site: str


def record_deal(session: Session, actor: Actor, draft: DealDraft, key: str, now: datetime) -> Trade:
    """Enter a deal; the same form sent twice is one deal.

    Raises `Forbidden`, `NotFound` for a site that is not the actor's, `ListingRefused` with all
    that `problems` finds, and `Barred`.
    """
    require(may_answer, actor)
    sent = once.sending(session, actor, "elsewhere", key, now)
    if sent.answer:
        return session.scalars(select(Trade).where(Trade.number == sent.answer)).one()
    mine = session.get(Site, draft.my_site_id)
    if mine is None or mine.company_id != actor.company_id:
        raise NotFound
    found = problems(session, actor, draft, now)
    if found:
        raise ListingRefused(found)
    other = session.get_one(Site, draft.other_site_id)
    ends = {draft.my_side: mine, draft.my_side.other: other}
    trade = _propose(session, actor, draft, ends, now)
    trade.contract_number = draft.contract_number
    sent.answer = trade.number
    session.flush()
    return trade


def problems(session: Session, actor: Actor, draft: DealDraft, now: datetime) -> list[Problem]:
    """Everything that speaks against a deal, each at its field and told once.

    The fields are those of `DealDraft`, or of the listings that are made for it.
    """
    found = [
        *_end_problems(session, actor, draft),
        *(each for listing in _drafts(draft) for each in listings.problems(session, listing, now)),
    ]
    told = {(name, str(sentence)): sentence for name, sentence in found}
    return [(name, sentence) for (name, _), sentence in told.items()]


def partners(session: Session, actor: Actor, side: Party, text: str) -> list[PartnerRow]:
    """Sites of members that could be this side of a deal, found by name or whole credit code.

    A site is told by name and county only: more opens once both have said yes.
    """
    sought = text.strip()
    if len(sought) < SHORTEST_SEARCH:
        return []
    part = Company.is_producer if side is Party.PRODUCER else Company.is_consumer
    names = (Company.name, Company.name_en)
    query = (
        select(Site)
        .join(Site.company)
        .where(
            part,
            may_deal(),
            Company.id != actor.company_id,
            or_(
                Company.credit_code == normal_credit_code(sought),
                *(name.icontains(sought, autoescape=True) for name in names),
            ),
        )
        .order_by(Company.name, Site.id)
        .limit(PARTNERS_SHOWN)
    )
    return _partner_rows(session.scalars(query), county_map(session))


def tariff_freight(session: Session, here: Site, there: Site, on: date) -> int:
    """The market's freight between two sites, fen per tonne.

    Reckoned to the middle of the other site's cell and in steps, as the market does: whoever enters
    deals from many sites must not find where a firm stands.
    """
    terms = freight_terms(session, on)
    cell = (_middle_of_cell(there.lon), _middle_of_cell(there.lat))
    metres = shown_metres(_road_m((here.lon, here.lat), cell, terms.detour_milli), exact=False)
    return terms.per_t_fen + (terms.per_tkm_fen * metres + 500) // 1_000


def _propose(
    session: Session, actor: Actor, draft: DealDraft, ends: dict[Party, Site], now: datetime
) -> Trade:
    producer, consumer = ends[Party.PRODUCER], ends[Party.CONSUMER]
    offer, taker = _private_listings(session, draft, now)
    mine, other = ends[draft.my_side], ends[draft.my_side.other]
    today = china_day(now)
    freight = draft.freight
    if freight is None:
        freight = tariff_freight(session, mine, other, today)
    detour = freight_terms(session, today).detour_milli
    proposal = ProposalDraft(
        origin=ORIGIN,
        source=TradeSource.ELSEWHERE,
        offer_number=offer.number,
        requirement_number=taker.number,
        material=draft.material,
        month=draft.month,
        kg=draft.kg,
        price_producer=draft.price_producer,
        price_consumer=draft.price_producer + freight,
        freight=freight,
        road_m=_road_m((producer.lon, producer.lat), (consumer.lon, consumer.lat), detour),
    )
    trade = propose_agreed(session, actor, proposal, {draft.my_side}, now)
    for listing in (offer, taker):  # what ever comes back leaves the market with its listing
        listings.withdraw(session, SYSTEM, listing.number, now)
    return trade


def _private_listings(session: Session, draft: DealDraft, now: datetime) -> tuple[Listing, Listing]:
    """One listing a side, for exactly this deal."""
    offer, need = _drafts(draft)
    return (
        listings.publish_offer(session, SYSTEM, offer, now),
        listings.publish_requirement(session, SYSTEM, need, now),
    )


def _drafts(draft: DealDraft) -> tuple[OfferDraft, RequirementDraft]:
    """What the two listings of a deal say. Their firms are named: the two have met."""
    sites = {draft.my_side: draft.my_site_id, draft.my_side.other: draft.other_site_id}
    common = {
        "kg_per_month": draft.kg,
        "first_month": draft.month,
        "last_month": draft.month,
        "shows_name": True,
        "deal_mode": DealMode.PRIVATE,
    }
    offer = OfferDraft(
        site_id=sites[Party.PRODUCER],
        material=draft.material,
        waste_name=draft.waste_name,
        **common,  # type: ignore[arg-type]
    )
    need = RequirementDraft(
        site_id=sites[Party.CONSUMER],
        materials=(draft.material,),
        **common,  # type: ignore[arg-type]
    )
    return offer, need


def _end_problems(session: Session, actor: Actor, draft: DealDraft) -> Iterator[Problem]:
    """What is wrong with the two firms as the sides of a deal."""
    mine = session.get(Site, draft.my_site_id)
    if mine is None or mine.company_id != actor.company_id:
        yield "my_site_id", _l("请选本企业的厂区。")
    elif not _plays(mine.company, draft.my_side):
        yield "my_side", _l("本企业没有登记为这一方，请核对后重选。")
    other = session.get(Site, draft.other_site_id)
    firm = other.company if other else None
    if firm is not None and firm.id == actor.company_id:
        yield "other_site_id", _l("对方要是另一家企业。")
    elif firm is None or not (firm.may_deal and _plays(firm, draft.my_side.other)):
        yield "other_site_id", _l("这家企业现在不能作为对方，请核对后重选。")
    elif _unanswered(session, actor, firm) >= MOST_UNANSWERED:
        yield (
            "other_site_id",
            _l("对方还有 %(count)s 笔登记没有答复，请等对方答复后再登记。", count=MOST_UNANSWERED),
        )


def _unanswered(session: Session, actor: Actor, firm: Company) -> int:
    """How many deals between the two firms were entered and wait for a word."""
    pair = (actor.company_id, firm.id)
    query = select(func.count(Trade.id)).where(
        Trade.source == TradeSource.ELSEWHERE,
        Trade.status == TradeStatus.PROPOSED,
        Trade.producer_company_id.in_(pair),
        Trade.consumer_company_id.in_(pair),
    )
    return session.scalar(query) or 0


def _plays(firm: Company, side: Party) -> bool:
    return firm.is_producer if side is Party.PRODUCER else firm.is_consumer


def _middle_of_cell(degrees: float) -> float:
    return round(degrees / CELL_DEGREES) * CELL_DEGREES


def _road_m(here: Place, there: Place, detour_milli: int) -> int:
    """Assumed road metres between two places."""
    (lon, lat), (to_lon, to_lat) = np.array([here, there], dtype=np.float64)[:, :, None]
    return int(geo.road_m(lon, lat, to_lon, to_lat, detour_milli)[0])


def _partner_rows(sites: Iterable[Site], counties: dict[str, CountyRow]) -> list[PartnerRow]:
    return [
        PartnerRow(
            site_id=site.id,
            firm=site.company.display_name,
            county=counties[site.adcode].name,
            site=site.display_name,
        )
        for site in sites
    ]
