"""What an offer said of its material at an instant of the past: the audit trail remembers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEvent
from app.listings.models import Listing

TOLD = ("listing.publish", "listing.change", "listing.renew", "listing.name_kind")
"""The deeds that say what kind of waste an offer is, and at which site it arises."""


def origin(
    session: Session, listing: Listing, as_of: datetime | None = None
) -> tuple[str | None, int]:
    """The kind of an offer's waste, if it was told, and its site; by default those of now.

    Those of now also stand for what the trail does not tell.
    """
    now = listing.kind, listing.site_id
    if as_of is None or as_of >= listing.changed_at:
        return now
    query = (
        select(AuditEvent.detail)
        .where(
            AuditEvent.object_kind == listing.side.value,
            AuditEvent.object_id == listing.number,
            AuditEvent.verb.in_(TOLD),
            AuditEvent.at <= as_of,
        )
        .order_by(AuditEvent.id.desc())
    )
    detail = session.scalar(query.limit(1))
    return now if detail is None or "site_id" not in detail else (detail["kind"], detail["site_id"])
