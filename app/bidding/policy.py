"""Who runs call rounds, who bids, and who reads what was bid."""

from __future__ import annotations

from app.core.actor import Actor
from app.core.permissions import operator

runs_rounds = operator
"""Announces and cancels rounds."""


def may_deal(actor: Actor) -> bool:
    """May open the forms; whose listing it is, the operation decides."""
    return actor.may_deal


def belongs_to_a_company(actor: Actor) -> bool:
    """Reads what the own firm bid, and its negotiations; nobody else does."""
    return actor.is_company
