"""Who may see and run clearings. Totals are public; orders are cut per reader in `orders`."""

from __future__ import annotations

from app.core.actor import Actor


def may_run(actor: Actor) -> bool:
    """Starting and cancelling, and naming who audits, is the operator's."""
    return actor.is_operator


def may_see_matches(actor: Actor) -> bool:
    """The list of proposals, without limits; a firm sees its own under its trades."""
    return actor.is_operator or actor.is_regulator


def may_prove(actor: Actor) -> bool:
    """The frozen order with its salt is its firm's alone; whose it is, the question decides."""
    return actor.is_company


def may_see_orders(actor: Actor) -> bool:
    """The result of single orders; whose, the question itself decides."""
    return actor.is_company or actor.is_operator or actor.is_regulator
