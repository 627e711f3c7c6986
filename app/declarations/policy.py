"""Who keeps the records of a firm's own waste."""

from __future__ import annotations

from app.core.actor import Actor, ActorKind, CompanyRole

RECORDING = (CompanyRole.MANAGER, CompanyRole.TRADER)


def sees_records(actor: Actor) -> bool:
    """Everybody of a firm that produces waste; consumers have nothing to declare."""
    return actor.is_company and actor.is_producer


def keeps_records(actor: Actor) -> bool:
    return sees_records(actor) and actor.company_role in RECORDING


def may_act_for(actor: Actor, company_id: int) -> bool:
    """A person for the own firm; the system, which loads the demo market, for any."""
    return actor.kind is ActorKind.SYSTEM or actor.company_id == company_id
