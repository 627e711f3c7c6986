"""Which firms belong together on a day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.companies.models import Company, GroupMember


def groups_of(session: Session, on: date) -> dict[int, str]:
    """A key per firm, the same for all of one group; a firm without a group is its own."""
    lasts = or_(GroupMember.valid_to.is_(None), GroupMember.valid_to >= on)
    members = select(GroupMember).where(GroupMember.valid_from <= on, lasts)
    grouped = {row.company_id: f"group:{row.group_id}" for row in session.scalars(members)}
    alone = {company_id: f"firm:{company_id}" for company_id in session.scalars(select(Company.id))}
    return alone | grouped
