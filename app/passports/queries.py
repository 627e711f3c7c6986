"""What is known of the material of an offer on a day, and what the law says of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.assays import queries as assays
from app.assays import rules
from app.assays.rules import Batch, Standing
from app.catalogue.rules import LimitRole
from app.eligibility.queries import gates
from app.eligibility.rules import Finding, Lot, Ruling, judge
from app.listings.models import Listing
from app.passports.history import origin


@dataclass(frozen=True, slots=True)
class KnownLot:
    """The material of an offer: its kind, blank if untold, its batches, and what decides."""

    number: str
    kind: str
    batches: list[Batch]
    standing: dict[str, Standing]
    facts: dict[str, str]

    @property
    def lot(self) -> Lot:
        readings = {name: each.reading for name, each in self.standing.items()}
        return Lot(readings, self.facts)


def known_lot(
    session: Session, listing: Listing, on: date, as_of: datetime | None = None
) -> KnownLot:
    """What was known at an instant, by default by now, of what an offer is on a day."""
    kind, site_id = origin(session, listing, as_of)
    found = assays.batches(session, [listing.number], as_of).get(listing.number, [])
    told = assays.facts(session, [site_id], as_of).get(site_id, {})
    terms = assays.terms_on(session, on)
    standing = rules.standing(found, on, terms)
    return KnownLot(listing.number, kind or "", found, standing, told)


def hazards(session: Session, lot: Lot, on: date) -> list[Finding]:
    """The readings that make a lot hazardous waste by the limits of a day."""
    found = (judge(limit, lot) for limit in gates(session, on) if limit.role is LimitRole.HAZARD)
    return [finding for finding in found if finding.ruling is Ruling.BROKEN]
