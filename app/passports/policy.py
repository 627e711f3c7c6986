"""Who may enter what laboratories found, who may void it, and who may read the files."""

from __future__ import annotations

from app.core.actor import Actor
from app.listings.models import Listing
from app.listings.policy import may_change, oversees, owns
from app.listings.rules import Side


def may_enter(actor: Actor, listing: Listing) -> bool:
    """Whoever trades for the firm that offers the material."""
    return listing.side is Side.OFFER and may_change(actor, listing)


def may_void(actor: Actor, listing: Listing) -> bool:
    """The firm itself, and the operator, who alone may where an assay shows hazardous waste."""
    return may_enter(actor, listing) or (listing.side is Side.OFFER and actor.is_operator)


def reads_reports(actor: Actor, listing: Listing) -> bool:
    """The offer's firm, the operator and the region's regulators.

    The other side of a confirmed trade reads them, too; who that is, `trades` knows.
    """
    return owns(actor, listing) or oversees(actor, listing)
