"""Who is told anything."""

from __future__ import annotations

from app.core.actor import Actor
from app.notifications.rules import OFFICIAL_KINDS, Kind


def is_told(actor: Actor) -> bool:
    """Firms, the operator, and officials above the counties; others look for themselves."""
    return actor.is_company or actor.is_operator or actor.is_above_counties


def kinds_for(actor: Actor) -> frozenset[Kind]:
    """What a person may be told of."""
    return OFFICIAL_KINDS if actor.is_regulator else frozenset(Kind) - OFFICIAL_KINDS
