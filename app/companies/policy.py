"""Who may do what with a company."""

from __future__ import annotations

from app.core.actor import Actor, ActorKind, CompanyRole


def is_member(actor: Actor) -> bool:
    """Sees the pages of their own company."""
    return actor.is_company


def is_manager(actor: Actor) -> bool:
    """Changes the sites, the particulars and the members of their own company."""
    return actor.is_company and actor.company_role is CompanyRole.MANAGER


def operates(actor: Actor) -> bool:
    """Decides about companies."""
    return actor.is_operator or actor.kind is ActorKind.SYSTEM


def may_change(actor: Actor, company_id: int) -> bool:
    """Changes this very company; to everybody else it answers as if it were not there."""
    return operates(actor) or (is_manager(actor) and actor.company_id == company_id)
