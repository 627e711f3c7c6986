"""Which firms' own figures are public under their names."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.catalogue.queries import valid_on
from app.companies.models import PublicFirm


def public_firms(session: Session, on: date) -> frozenset[int]:
    """The firms that agreed or must publish by a rule that holds on a day."""
    return frozenset(row.company_id for row in session.scalars(valid_on(PublicFirm, on)))
