"""Who may do what with accounts."""

from __future__ import annotations

from app.accounts.models import User
from app.companies.policy import is_manager
from app.core.actor import Actor

manages_members = is_manager


def may_manage(actor: Actor, user: User) -> bool:
    """A manager's colleagues; everybody else's answer as if they were not there."""
    return manages_members(actor) and user.company_id == actor.company_id
