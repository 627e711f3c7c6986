"""Who works at the regulator's desk: the operator everywhere, a regulator in its own region."""

from __future__ import annotations

from app.core.actor import Actor


def may_oversee(actor: Actor) -> bool:
    """The desk as such; what of it is seen, each question decides."""
    return actor.is_operator or actor.is_regulator


def may_see_site(actor: Actor, adcode: str) -> bool:
    """Whose site it is, and what is done there."""
    return actor.is_operator or actor.oversees(adcode)


def region_of(actor: Actor) -> str:
    """Under which region an official's own work is kept; blank for the operator's."""
    return actor.region or ""
