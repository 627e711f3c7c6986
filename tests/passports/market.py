"""A market of fly ash for the tests of editions: many lots, known more or less well."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from app.assays import operations as assays
from app.companies.models import Site
from app.core.actor import SYSTEM
from app.eligibility.fitting import OwnLimit
from app.listings.models import Offer, Requirement
from app.listings.rules import Product
from tests.assays.factories import GRADE_I, recorded
from tests.conftest import NOW
from tests.listings.factories import published_offer, published_requirement

SPREAD = {
    "loi": ("3.0", "13.0"),
    "residue_45um": ("8.0", "40.0"),
    "so3": ("0.5", "3.6"),
    "moisture": ("0.1", "2.4"),
    "water_demand": ("90", "112"),
}
"""Between which values the lots differ; in all else they are of grade I."""


def told_pulverised(session: Session, site: Site) -> None:
    assays.tell_facts(session, SYSTEM, site.id, {"boiler_type": "pulverised"}, NOW)


def assayed_offer(session: Session, values: dict[str, str], **changes: object) -> Offer:
    """An offer of ash of a pulverised-coal boiler with these values, else of grade I."""
    offer = published_offer(session, **changes)  # type: ignore[arg-type]
    told_pulverised(session, offer.site)
    recorded(session, offer.company_id, offer.number, values=GRADE_I | values)
    return offer


def random_offers(session: Session, random: Random, count: int) -> list[Offer]:
    """Offers of which some are fully known, some in part, some not at all."""
    return [_random_offer(session, random) for _ in range(count)]


def random_requirements(session: Session, random: Random, count: int) -> list[Requirement]:
    """Buyers of different products; some set limits of their own, some take what is not shown."""
    return [
        published_requirement(
            session,
            materials=("fly_ash",),
            product=random.choice((None, Product.CONCRETE, Product.CEMENT, Product.BLOCK)),
            accepts_not_shown=random.random() < 0.5,
            own_limits=random.choice(((), (), (OwnLimit("loi", None, Decimal("5.5")),))),
        )
        for _ in range(count)
    ]


def _random_offer(session: Session, random: Random) -> Offer:
    offer = published_offer(session)
    if random.random() < 0.85:
        told_pulverised(session, offer.site)
    if random.random() < 0.9:
        values = {name: _between(random, *ends) for name, ends in SPREAD.items()}
        kept = {name: text for name, text in (GRADE_I | values).items() if random.random() < 0.98}
        recorded(session, offer.company_id, offer.number, values=kept)
    return offer


def _between(random: Random, low: str, high: str) -> str:
    share = Decimal(random.randint(0, 100)) / 100
    text = str((Decimal(low) + share * (Decimal(high) - Decimal(low))).quantize(Decimal("0.1")))
    return f"<{text}" if random.random() < 0.05 else text
