"""Who may ask the map for what."""

from __future__ import annotations

from app.core.actor import Actor
from app.maps.rules import Measure
from app.statistics.policy import is_official


def may_ask(actor: Actor, measure: Measure) -> bool:
    """A flow is the tonnes of a few buyers: officials alone read what went where."""
    return measure is not Measure.OFFICIAL_FLOWS or is_official(actor)
