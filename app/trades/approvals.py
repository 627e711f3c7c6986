"""Two people of a firm that asks for two: the first yes is kept, the second does the deed."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.core.errors import Conflict
from app.trades import telling
from app.trades.models import Trade, TradeApproval
from app.trades.rules import Party, speaker
from app.trades.steps import record


def is_agreed(
    session: Session,
    actor: Actor,
    trade: Trade,
    sides: frozenset[Party],
    deed: str,
    now: datetime,
) -> bool:
    """Whether the actor's yes is the last its firm needs for a deed; if not, it is kept.

    The trade is held, so of two people at once one is the first. Raises `Conflict` for a person
    who has agreed before.
    """
    side = speaker(sides)
    if not firm(trade, side).needs_two_approvals:
        return True
    first = session.get(TradeApproval, (trade.id, side, deed))
    if first is None:
        assert actor.user_id is not None  # who acts for a firm is somebody
        keep(session, actor, trade, side, deed, actor.user_id, now)
        return False
    if first.user_id == actor.user_id:
        raise Conflict(
            _l("本企业要求两个人同意，您已经同意过；没有改动任何数据。"),
            _l("请另一位有权限的同事打开这笔交易，再同意一次。"),
        )
    return True


def keep(
    session: Session,
    actor: Actor,
    trade: Trade,
    side: Party,
    deed: str,
    user_id: int,
    now: datetime,
) -> None:
    """Keep the yes of the first of two people, and ask their firm for the second."""
    first = TradeApproval(trade_id=trade.id, party=side, deed=deed, user_id=user_id, at=now)
    session.add(first)
    session.flush()
    record(session, actor, "trade.approve", trade, now, sides=(side,), deed=deed)
    telling.approval_wanted(session, trade, first, now)


def firm(trade: Trade, side: Party) -> Company:
    """The firm of one side."""
    return trade.producer if side is Party.PRODUCER else trade.consumer
