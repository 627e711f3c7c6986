"""Telling a producer that a store will soon be full, with the way to an offer made ready."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.quantities import tonnes_text
from app.declarations.rules import bucket
from app.declarations.silos import SiloRow, silos
from app.notifications.operations import tell_company
from app.notifications.rules import Kind

OFFER_PATH = "/listings/offers/new"


def tell_of_full_silos(session: Session, company_id: int, now: datetime) -> None:
    """Tell the firm of each store that is full within the market's term, once a week."""
    for row in silos(session, company_id, now):
        if row.warns:
            _tell(session, company_id, row, now)


def offer_path(row: SiloRow) -> str:
    """The form for an offer with waste, site and monthly tonnes filled in."""
    known = {"material": row.source.material.code, "site": row.source.site_id}
    if row.monthly_kg:
        known["tonnes"] = tonnes_text(row.monthly_kg).replace(",", "")
    return f"{OFFER_PATH}?{urlencode(known)}"


def _tell(session: Session, company_id: int, row: SiloRow, now: datetime) -> None:
    material = row.source.material.code
    site = session.get_one(Site, row.source.site_id)
    tell_company(
        session,
        company_id,
        Kind.SILO_FULL,
        f"{row.source.site_id}:{material}:{bucket(now)}",
        offer_path(row),
        now,
        site=site.name,
        site_en=site.name_en,
        material=material,
        days=str(row.days_left),
    )
