"""Which firms' own figures are public under their names."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.companies.models import PublicFirm


def public_firms(session: Session, on: date) -> frozenset[int]:
    """The firms that agreed or must publish by a rule that holds on a day."""
    lasts = or_(PublicFirm.valid_to.is_(None), PublicFirm.valid_to >= on)
    return frozenset(
        session.scalars(select(PublicFirm.company_id).where(PublicFirm.valid_from <= on, lasts))
    )
