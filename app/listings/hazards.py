"""Material that a laboratory found to be hazardous: its works offer no more of the kind."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assays.queries import facts, readings
from app.eligibility.queries import gates
from app.eligibility.rules import Lot, hazards
from app.listings.models import Listing
from app.listings.rules import Side


def found_hazardous(session: Session, site_id: int, kind: str, on: date) -> str | None:
    """The number of an offer of a kind from a site that breaks a hazard limit on a day, if any."""
    offers = select(Listing.number).where(
        Listing.side == Side.OFFER, Listing.site_id == site_id, Listing.kind == kind
    )
    measured = readings(session, session.scalars(offers.order_by(Listing.number)), on)
    if not measured:
        return None
    limits, told = gates(session, on), facts(session, [site_id]).get(site_id, {})
    lots = {number: Lot(found, told) for number, found in sorted(measured.items())}
    return next((number for number, lot in lots.items() if hazards(limits, lot)), None)
