"""Who is told anything."""

from __future__ import annotations

from app.core.actor import Actor


def is_told(actor: Actor) -> bool:
    """Firms and those who run the market; officials look for themselves."""
    return actor.is_company or actor.is_operator
