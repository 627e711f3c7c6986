"""Months of declarations and loads whose official figures are easy to add up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.clock import add_months, china_instant
from app.declarations.balance import MASSES
from app.declarations.models import Declaration
from app.listings.rules import Product
from app.trades.models import Trade
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import published_offer, published_requirement
from tests.shipments.factories import received
from tests.trades.factories import contracted_trade

NOVEMBER = date(2026, 11, 1)
OCTOBER = date(2026, 10, 1)
CLOSING = china_instant(date(2026, 12, 8))
"""When November is closed, after all its declarations and tickets are in."""
_numbers = count(1)


def declared(
    session: Session,
    site: Site,
    month: date = NOVEMBER,
    material: str = "fly_ash",
    *,
    version: int = 1,
    at: datetime | None = None,
    **masses: int,
) -> Declaration:
    """A declaration, on the fourth of the next month unless told otherwise; `masses` in kg.

    They go by their names without the unit: `generated=1_000`.
    """
    row = Declaration(
        number=f"D-TEST-{next(_numbers):05d}",
        month=month,
        site_id=site.id,
        company_id=site.company_id,
        adcode=site.adcode,
        park=site.park,
        material=material,
        version=version,
        declared_at=at or china_instant(add_months(month, 1)) + timedelta(days=3),
        declared_by="company:1",
        **(dict.fromkeys(MASSES, 0) | {f"{name}_kg": kg for name, kg in masses.items()}),
    )
    session.add(row)
    session.flush()
    return row


def producer(session: Session, place: tuple[float, float] = CHIPING) -> Site:
    """The site of one more firm."""
    return approved_company(session, site_draft(*place)).sites[0]


def loads_of(
    session: Session,
    site: Site,
    *nets: int,
    taker: Site | None = None,
    product: Product | None = None,
) -> Trade:
    """A contract of the site with the trucks it sent in November, as they were weighed."""
    buyer = taker or producer(session, DONGCHANGFU)
    offer = published_offer(session, site, NOW)
    need = published_requirement(session, buyer, NOW, product=product)
    trade = contracted_trade(session, offer, need)
    for net in nets:
        received(session, trade, net)
    return trade
