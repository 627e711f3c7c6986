"""Whom a step of a trade is told to, and how often: once for each state and deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import i18n
from app.core.quantities import tonnes_text
from app.notifications.operations import tell_company, tell_operators
from app.notifications.rules import Kind
from app.trades.models import Trade, TradeApproval
from app.trades.rules import EndReason, Party
from app.trades.words import DEED_WORDS, END_WORDS, STATUS_WORDS, STEP_WORDS


def proposed(session: Session, trade: Trade, now: datetime) -> None:
    """Both sides have something to answer; who has spoken already is not asked again."""
    _tell(
        session,
        trade,
        frozenset(Party) - trade.confirmed_by,
        Kind.NEW_MATCH,
        trade.number,
        now,
        deadline=i18n.moment(trade.deadline),
        **_load(trade),
    )


def confirmed(session: Session, trade: Trade, sides: Iterable[Party], now: datetime) -> None:
    """These sides hear that the other has said yes."""
    key = f"{trade.number}:{trade.status}"
    _tell(session, trade, sides, Kind.COUNTERPART_CONFIRMED, key, now, **_load(trade))


def approval_wanted(session: Session, trade: Trade, first: TradeApproval, now: datetime) -> None:
    """A colleague of the first of two people has to agree as well."""
    _tell(
        session,
        trade,
        (first.party,),
        Kind.APPROVAL_WANTED,
        f"{trade.number}:{first.deed}",
        now,
        person=session.get_one(User, first.user_id).name,
        deed=DEED_WORDS[first.deed],
    )


def deadline_near(session: Session, trade: Trade, sides: Iterable[Party], now: datetime) -> None:
    """Whose turn it is hears that time runs out."""
    _tell(
        session,
        trade,
        sides,
        Kind.DEADLINE_NEAR,
        _clock_key(trade),
        now,
        step=STEP_WORDS[trade.status],
        deadline=i18n.moment(trade.deadline),
    )


def escalated(session: Session, trade: Trade, now: datetime) -> None:
    """The operator follows up, and both sides know."""
    step = STEP_WORDS[trade.status]
    _tell(session, trade, Party, Kind.ESCALATED, _clock_key(trade), now, step=step)
    tell_operators(
        session,
        Kind.ESCALATED,
        _clock_key(trade),
        _path(trade),
        now,
        number=trade.number,
        step=step,
    )


def cancel_asked(
    session: Session, trade: Trade, by: Party, reason: EndReason, now: datetime
) -> None:
    """The other side is asked to agree; every new wish is told anew."""
    key = f"{trade.number}:cancel:{trade.version}"
    _tell(session, trade, (by.other,), Kind.CANCEL_ASKED, key, now, reason=END_WORDS[reason])


def ended(session: Session, trade: Trade, now: datetime) -> None:
    """Everybody whose word did not end the trade hears how it ended."""
    assert trade.ended_reason is not None
    others = frozenset(Party) - ({trade.ended_by} if trade.ended_by else set())
    _tell(
        session,
        trade,
        others,
        Kind.TRADE_ENDED,
        trade.number,
        now,
        ending=STATUS_WORDS[trade.status],
        reason=END_WORDS[trade.ended_reason],
    )


def _tell(
    session: Session,
    trade: Trade,
    sides: Iterable[Party],
    kind: Kind,
    key: str,
    now: datetime,
    **values: Any,
) -> None:
    """Tell the firms of these sides, each once and in the order of their ids."""
    firms = {
        Party.PRODUCER: trade.producer_company_id,
        Party.CONSUMER: trade.consumer_company_id,
    }
    for company_id in sorted({firms[side] for side in sides}):
        tell_company(
            session, company_id, kind, key, _path(trade), now, number=trade.number, **values
        )


def _load(trade: Trade) -> dict[str, str]:
    return {"material": trade.material, "tonnes": tonnes_text(trade.kg)}


def _clock_key(trade: Trade) -> str:
    return f"{trade.number}:{trade.status}:{trade.deadline:%y%m%d%H}"


def _path(trade: Trade) -> str:
    return f"/trades/{trade.number}"
