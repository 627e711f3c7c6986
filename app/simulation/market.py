"""Matches for the simulation: demo firms publish and are proposed to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnExpressionArgument, select
from sqlalchemy.orm import Session

from app.companies.models import Company, Site
from app.companies.rules import CompanyStatus
from app.core.actor import SYSTEM
from app.core.clock import add_months, china_day, month_of
from app.core.errors import Conflict
from app.listings.operations import (
    OfferDraft,
    RequirementDraft,
    publish_offer,
    publish_requirement,
)
from app.listings.rules import DealMode, Product
from app.simulation.rules import TRUCK_KG, Temper
from app.trades.models import Trade
from app.trades.operations import ProposalDraft, propose

MATERIAL = "fly_ash"
LATEST_MONTH = 1
ROAD_M = 40_000
PRICES_FEN = (-1_500, 3_000)
FREIGHT_FEN = (1_500, 4_000)


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of the sites of demo firms that make and that take waste."""

    producers: tuple[int, ...]
    consumers: tuple[int, ...]


def require_no_real_firm(session: Session) -> None:
    """Raise `Conflict` if any firm is real: nothing invented may stand beside it."""
    if session.scalar(select(Company.id).where(Company.is_synthetic.is_(False)).limit(1)):
        raise Conflict(_l("数据库里有真实企业：模拟只在演示数据上进行，没有改动任何数据。"))


def require_demo(session: Session) -> Places:
    """The demo firms' sites; raises `Conflict` if any firm is real, or if there are none."""
    require_no_real_firm(session)
    places = Places(
        producers=_sites(session, Company.is_producer),
        consumers=_sites(session, Company.is_consumer),
    )
    if not places.producers or not places.consumers:
        raise Conflict(_l("数据库里没有演示企业，请先运行 flask demo load。"))
    return places


def propose_match(
    session: Session, places: Places, origin: str, temper: Temper, random: Random, now: datetime
) -> Trade:
    """One proposed trade of two demo firms for this month or the next, from listings of its own."""
    giver, taker = random.choice(places.producers), random.choice(places.consumers)
    month = add_months(month_of(china_day(now)), random.randint(0, LATEST_MONTH))
    kg = TRUCK_KG * len(temper.loads)
    price, freight = random.randint(*PRICES_FEN), random.randint(*FREIGHT_FEN)
    draft = ProposalDraft(
        origin=origin,
        offer_number=_offer(session, giver, month, kg, now),
        requirement_number=_requirement(session, taker, month, kg, now),
        material=MATERIAL,
        month=month,
        kg=kg,
        price_producer=price,
        price_consumer=price + freight,
        freight=freight,
        road_m=ROAD_M,
    )
    return propose(session, SYSTEM, draft, now)


def _offer(session: Session, site_id: int, month: date, kg: int, now: datetime) -> str:
    draft = OfferDraft(
        site_id=site_id,
        kg_per_month=kg,
        first_month=month,
        last_month=month,
        material=MATERIAL,
        deal_mode=DealMode.PRIVATE,
    )
    return publish_offer(session, SYSTEM, draft, now).number


def _requirement(session: Session, site_id: int, month: date, kg: int, now: datetime) -> str:
    draft = RequirementDraft(
        site_id=site_id,
        kg_per_month=kg,
        first_month=month,
        last_month=month,
        materials=(MATERIAL,),
        product=Product.CEMENT,
        deal_mode=DealMode.PRIVATE,
    )
    return publish_requirement(session, SYSTEM, draft, now).number


def _sites(session: Session, plays: ColumnExpressionArgument[bool]) -> tuple[int, ...]:
    """The sites of approved firms of one side, in a fixed order."""
    wanted = (Company.status == CompanyStatus.APPROVED, plays)
    return tuple(
        session.scalars(select(Site.id).join(Site.company).where(*wanted).order_by(Site.id))
    )
