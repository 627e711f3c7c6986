"""Who watches whom: a regulator its region, the operator everybody, a firm what it is asked."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, true

from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.regions import stem
from app.watch.models import Flag

ANSWERING = (CompanyRole.MANAGER, CompanyRole.TRADER)


def watches(actor: Actor) -> bool:
    """Sees the list of flags, and decides about them."""
    return actor.is_regulator or actor.is_operator


def is_asked(actor: Actor) -> bool:
    """Everybody of a firm sees what it was asked."""
    return actor.is_company


def answers(actor: Actor) -> bool:
    return actor.is_company and actor.company_role in ANSWERING


def concerned(actor: Actor) -> bool:
    return watches(actor) or is_asked(actor)


def may_decide(actor: Actor, adcode: str) -> bool:
    """Whether a flag of a county is this person's to deal with."""
    return actor.kind in (ActorKind.OPERATOR, ActorKind.SYSTEM) or actor.oversees(adcode)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The flags a person may know of; of all others they are told that they are not there."""
    if actor.kind in (ActorKind.OPERATOR, ActorKind.SYSTEM):
        return true()
    if actor.is_regulator and actor.region:
        return Flag.adcode.startswith(stem(actor.region))
    if actor.is_company:
        return (Flag.company_id == actor.company_id) & Flag.asked_at.is_not(None)
    return false()
