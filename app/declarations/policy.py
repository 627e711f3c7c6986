"""Who keeps the records of a firm's own waste."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, true

from app.companies.models import Site
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.regions import stem

RECORDING = (CompanyRole.MANAGER, CompanyRole.TRADER)


def sees_records(actor: Actor) -> bool:
    """Everybody of a firm that produces waste; consumers have nothing to declare."""
    return actor.is_company and actor.is_producer


def keeps_records(actor: Actor) -> bool:
    return sees_records(actor) and actor.company_role in RECORDING


def may_act_for(actor: Actor, company_id: int) -> bool:
    """A person for the own firm; the system, which loads the demo market, for any."""
    return actor.kind is ActorKind.SYSTEM or actor.company_id == company_id


def oversees_declarations(actor: Actor) -> bool:
    """Officials: a regulator its region, the operator everything."""
    return actor.is_operator or (actor.is_regulator and actor.region is not None)


def chases_declarations(actor: Actor) -> bool:
    """Only the regulator it is owed to may ask for a declaration again."""
    return actor.is_regulator and actor.region is not None


def reads_declarations(actor: Actor) -> bool:
    return sees_records(actor) or oversees_declarations(actor)


def may_read(actor: Actor, company_id: int, adcode: str) -> bool:
    """The firm itself, the operator, and the regulators of the county."""
    return may_act_for(actor, company_id) or actor.is_operator or actor.oversees(adcode)


def overseen_sites(actor: Actor) -> ColumnElement[bool]:
    """The sites an official oversees: a city's regulator those of all its counties."""
    if actor.is_operator:
        return true()
    if not oversees_declarations(actor):
        return false()
    return Site.adcode.startswith(stem(str(actor.region)))
