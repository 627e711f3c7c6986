"""Which trades wait for one person's next step, as a condition of a query."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import ColumnElement, and_, exists, false, or_

from app.core.actor import Actor
from app.trades.models import Trade, TradeApproval
from app.trades.rules import STANDING, Party, TradeStatus

CONFIRM, SIGN = "confirm", "sign"
"""What needs two people in a firm that asks for it, as `TradeApproval.deed` names it."""


@lru_cache(maxsize=256)  # every page asks, and to build the condition costs more than to ask
def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Whether the next step is this person's: a side's, or the operator's once time has passed."""
    if actor.is_operator:
        return and_(Trade.status.in_(STANDING), Trade.escalated_at.is_not(None))
    if not actor.may_trade:
        return false()
    return or_(*(_waits_for_side(actor, party) for party in Party))


def _waits_for_side(actor: Actor, party: Party) -> ColumnElement[bool]:
    columns = {
        Party.PRODUCER: (
            Trade.producer_company_id,
            Trade.producer_confirmed_at,
            Trade.producer_signed_at,
        ),
        Party.CONSUMER: (
            Trade.consumer_company_id,
            Trade.consumer_confirmed_at,
            Trade.consumer_signed_at,
        ),
    }
    company_id, confirmed_at, signed_at = columns[party]
    return and_(
        company_id == actor.company_id,
        or_(
            and_(
                Trade.status == TradeStatus.PROPOSED,
                confirmed_at.is_(None),
                ~_has_agreed(actor, party, CONFIRM),
            ),
            and_(
                Trade.status == TradeStatus.CONFIRMED,
                signed_at.is_(None),
                ~_has_agreed(actor, party, SIGN),
            ),
            and_(Trade.status.in_(STANDING), Trade.cancel_asked_by == party.other),
        ),
    )


def _has_agreed(actor: Actor, party: Party, deed: str) -> ColumnElement[bool]:
    """Whether this person has given the first of two yeses; the next is somebody else's."""
    return exists().where(
        TradeApproval.trade_id == Trade.id,
        TradeApproval.party == party,
        TradeApproval.deed == deed,
        TradeApproval.user_id == actor.user_id,
    )
