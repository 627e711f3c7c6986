"""A month's market whose figures are easy to add up, and who looks at it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind, CompanyRole
from app.listings.models import Offer
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import published_offer, published_requirement
from tests.trades.factories import confirmed_trade, proposed_trade

TONNE = 1000
CITY = Actor(kind=ActorKind.REGULATOR, user_id=1, region="371500")
COUNTY = Actor(kind=ActorKind.REGULATOR, user_id=2, region="371503")
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=3)
STRANGER = Actor(
    kind=ActorKind.COMPANY,
    user_id=4,
    company_id=9_999,
    company_role=CompanyRole.MANAGER,
    company_approved=True,
    is_producer=True,
)


def offers_in(
    session: Session, place: tuple[float, float], tonnes: list[int], material: str = "fly_ash"
) -> list[Offer]:
    """An offer per number of tonnes a month, each by a new firm at that place."""
    sites = [approved_company(session, site_draft(*place)).sites[0] for _ in tonnes]
    return [
        published_offer(session, site, NOW, material=material, kg_per_month=mass * TONNE)
        for site, mass in zip(sites, tonnes, strict=True)
    ]


def uneven_market(session: Session) -> dict[str, list[Offer]]:
    """Ash: Chiping 4 firms, Dongchangfu 3, Linqing 1; red mud: Chiping 1 firm.

    In December 100 t of the first Chiping offer are contracted and 50 t of the second proposed.
    """
    offers = {
        "chiping": offers_in(session, CHIPING, [400, 300, 200, 100]),
        "dongchangfu": offers_in(session, DONGCHANGFU, [90, 80, 70]),
        "linqing": offers_in(session, LINQING, [50]),
        "mud": offers_in(session, CHIPING, [5_000], "red_mud"),
    }
    taker = published_requirement(session)
    first, second, *_ = offers["chiping"]
    confirmed_trade(session, first, taker, kg=100 * TONNE)
    proposed_trade(session, second, taker, kg=50 * TONNE)
    return offers
