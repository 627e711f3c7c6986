"""Who sees figures in full; everybody else gets what `disclosure` lets through."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.actor import Actor


def is_official(actor: Actor) -> bool:
    """The operator and the regulators; what a single buyer took is for them alone."""
    return actor.is_operator or actor.is_regulator


def sees_in_full(actor: Actor, adcodes: Iterable[str]) -> bool:
    """The operator everywhere; a regulator where all of the counties are of its own region."""
    if actor.is_operator:
        return True
    codes = list(adcodes)
    return bool(codes) and all(actor.oversees(code) for code in codes)


def sees_either_end(actor: Actor, adcodes: Iterable[str]) -> bool:
    """Whether a trade between these counties is shown from site to site."""
    return actor.is_operator or any(actor.oversees(code) for code in adcodes)


def closes(actor: Actor) -> bool:
    """Who may publish the figures of a month: the operator, and the regulator of all counties."""
    return actor.is_operator or actor.is_above_counties
