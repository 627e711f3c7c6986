"""Lots and buyers for the tests of passports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.assays import operations
from app.core.actor import PUBLIC, SYSTEM
from app.eligibility.fitting import OwnLimit
from app.listings.models import Offer
from app.listings.rules import Product
from app.passports.queries import Passport, passport
from tests.assays.factories import GRADE_I, recorded
from tests.conftest import NOW, TODAY
from tests.listings.factories import published_offer, published_requirement

LABORATORY = "山东示例检测技术有限公司"
DAYS = (
    date(2026, 1, 8),
    date(2026, 6, 3),
    date(2026, 7, 9),
    date(2026, 8, 20),
    date(2026, 10, 2),
    date(2026, 11, 5),
)
"""Sampling days of a series; the first one has expired by `TODAY`."""
LOSSES = ("7.4", "6.1", "6.3", "6.4", "6.6", "6.7")
MORE = {"nh4": "<20", "sio2": "49", "cl": "<0.01"}
"""What shows grade II fly ash fit for cement, too, and leaves only the road base open."""
UNFIT = {"loi": "22.4", "so3": "4.6", "residue_45um": "47", "sio2": "38", "moisture": "36"}


def good_offer(session: Session, **changes: Any) -> Offer:
    """Fly ash of a pulverised-coal boiler with six batches, of grade II by its loss on ignition."""
    offer = published_offer(session, **changes)
    operations.tell_facts(session, SYSTEM, offer.site_id, {"boiler_type": "pulverised"}, NOW)
    for day, loss in zip(DAYS, LOSSES, strict=True):
        recorded(
            session,
            offer.company_id,
            offer.number,
            values=GRADE_I | MORE | {"loi": loss},
            sampled_on=day,
            laboratory=LABORATORY,
            batch_kg=1_200_000,
            moisture="0.3",
        )
    return offer


def unfit_offer(session: Session) -> Offer:
    """Fly ash of a fluidised bed that breaks every limit it was held against."""
    offer = published_offer(session)
    operations.tell_facts(session, SYSTEM, offer.site_id, {"boiler_type": "fluidised_bed"}, NOW)
    recorded(session, offer.company_id, offer.number, values=UNFIT, sampled_on=None)
    return offer


def buyers(session: Session) -> dict[str, str]:
    """Requirements for fly ash by what they are for; their numbers."""
    wanted: dict[str, dict[str, Any]] = {
        "concrete": {"product": Product.CONCRETE, "kg_per_month": 3_000_000},
        "cement": {"product": Product.CEMENT, "kg_per_month": 8_000_000},
        "road": {"product": Product.ROAD_BASE, "kg_per_month": 4_000_000},
        "brick": {"product": Product.BRICK, "kg_per_month": 2_000_000},
        "any brick": {
            "product": Product.BRICK,
            "kg_per_month": 900_000,
            "accepts_not_shown": True,
        },
        "strict": {
            "product": Product.CONCRETE,
            "kg_per_month": 5_000_000,
            "own_limits": (OwnLimit("loi", None, Decimal("4.0")),),
        },
    }
    terms: dict[str, Any] = {"accepts_not_shown": False}
    return {
        name: published_requirement(session, **(terms | changes)).number
        for name, changes in wanted.items()
    }


def seen(session: Session, offer: Offer) -> Passport:
    """The passport of an offer as the public sees it."""
    return passport(session, PUBLIC, offer.number, TODAY)
