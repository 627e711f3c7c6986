"""Who may see and run clearings. Totals are public; orders are cut per reader in `queries`."""

from __future__ import annotations

from app.core.actor import Actor


def may_run(actor: Actor) -> bool:
    """Starting and cancelling is the operator's."""
    return actor.is_operator


def may_see_matches(actor: Actor) -> bool:
    """The list of proposals, without limits; a firm sees its own under its trades."""
    return actor.is_operator or actor.is_regulator
