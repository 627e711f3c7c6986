"""Listings for tests, published by the product's own operations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.companies.models import Company, Site
from app.core.actor import Actor, ActorKind, CompanyRole
from app.listings import operations
from app.listings.models import Offer, Requirement
from app.listings.operations import OfferDraft, RequirementDraft
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW

DECEMBER = date(2026, 12, 1)
MARCH = date(2027, 3, 1)


def trader(company: Company, role: CompanyRole = CompanyRole.TRADER) -> Actor:
    """Somebody who lists for a company."""
    return Actor(
        kind=ActorKind.COMPANY,
        user_id=1,
        company_id=company.id,
        company_name=company.name,
        company_role=role,
        company_approved=company.is_approved,
    )


def offer_draft(site: Site, **changes: object) -> OfferDraft:
    """1,200 t of fly ash a month from December to March, without any price."""
    values: dict[str, object] = {
        "site_id": site.id,
        "material": "fly_ash",
        "kg_per_month": 1_200_000,
        "first_month": DECEMBER,
        "last_month": MARCH,
    }
    return OfferDraft(**(values | changes))  # type: ignore[arg-type]


def requirement_draft(site: Site, **changes: object) -> RequirementDraft:
    """A need of 2,000 t of fly ash or bottom ash a month from December to March, untested too."""
    values: dict[str, object] = {
        "site_id": site.id,
        "materials": ("fly_ash", "bottom_ash"),
        "kg_per_month": 2_000_000,
        "first_month": DECEMBER,
        "last_month": MARCH,
        "accepts_not_shown": True,
    }
    return RequirementDraft(**(values | changes))  # type: ignore[arg-type]


def published_offer(
    session: Session, site: Site | None = None, now: datetime = NOW, **changes: object
) -> Offer:
    """An offer on the market; without a site a new approved firm in Chiping makes it."""
    site = site or approved_company(session, site_draft(*CHIPING)).sites[0]
    draft = offer_draft(site, **changes)
    return operations.publish_offer(session, trader(site.company), draft, now)


def published_requirement(
    session: Session, site: Site | None = None, now: datetime = NOW, **changes: object
) -> Requirement:
    """A requirement on the market; without a site a new approved firm in Dongchangfu makes it."""
    site = site or approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
    draft = requirement_draft(site, **changes)
    return operations.publish_requirement(session, trader(site.company), draft, now)
