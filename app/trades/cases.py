"""A confirmed trade as a case: its contract, and the ways it ends by somebody's word."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core import audit
from app.core.actor import Actor
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import require
from app.core.quantities import tonnes_text
from app.trades import approvals, steps, telling, trucks
from app.trades.models import Trade
from app.trades.operations import require_words
from app.trades.policy import operates
from app.trades.rules import (
    DEFAULT_REASONS,
    DeclineReason,
    Deed,
    EndReason,
    Party,
    TradeStatus,
    delivery_deadline,
    ending_when_done,
    holding,
    is_barred,
    signing,
    speaker,
)
from app.trades.steps import End
from app.trades.terms import terms_at


def sign(session: Session, actor: Actor, number: str, contract_number: str, now: datetime) -> Trade:
    """Say for the actor's firm that the contract is signed; the second signature starts delivery.

    Without a number the contract bears the trade's. Twice is once. Raises `NotFound`, `Forbidden`,
    `Refused` if the other side has entered another number, or `Conflict`.
    """
    trade, sides = steps.own(session, actor, number)
    if trade.contracted_at is not None or sides <= trade.signed_by:
        return trade
    deed = signing(sides, trade.signed_by)
    steps.require_deed(trade, deed)
    agreed = _agreed_number(trade, contract_number.strip())
    if approvals.is_agreed(session, actor, trade, sides, "sign", now):
        _sign(session, actor, trade, deed, sides, agreed, now)
    return trade


def complete(session: Session, actor: Actor, number: str, now: datetime) -> Trade:
    """Close a case of which all, or as much as the terms let pass, is delivered.

    What was not is open again. Raises `NotFound`, `Forbidden`, `Refused` naming both masses if too
    little came, or `Conflict` if trucks are still on the road or the trade has ended.
    """
    trade, sides = steps.own(session, actor, number)
    if trade.status is TradeStatus.COMPLETED:
        return trade
    steps.require_deed(trade, Deed.COMPLETE)
    found = steps.require_at_rest(session, trade)
    short_milli = terms_at(session, now).short_tolerance_milli
    if not found.reaches(short_milli):
        raise Refused(
            _l(
                "已收 %(received)s 吨，合同 %(kg)s 吨，少交超过允许的 %(percent)s%%，还不能办结。",
                received=tonnes_text(found.received),
                kg=tonnes_text(found.kg),
                percent=f"{short_milli / 10:g}",
            ),
            next_step=_l("请继续交货，或请求对方同意取消剩余部分。"),
        )
    done = ending_when_done(found, short_milli)
    reason = done[1] if done else EndReason.DELIVERED_SHORT
    steps.end(session, actor, trade, End(Deed.COMPLETE, reason, speaker(sides)), now)
    return trade


def ask_to_cancel(
    session: Session,
    actor: Actor,
    number: str,
    reason: DeclineReason,
    now: datetime,
    words: str = "",
) -> Trade:
    """Ask the other side to let the trade go; the case stands and its clock runs until it agrees.

    A firm that is both sides agrees with itself. Raises `NotFound`, `Forbidden`, `Refused` for
    `OTHER` without words, or `Conflict` if the other side has asked already.
    """
    trade, sides = steps.own(session, actor, number)
    require_words(reason, words)
    steps.require_deed(trade, Deed.ASK_CANCEL)
    by = speaker(sides)
    if trade.cancel_asked_by is by.other:
        raise Conflict(_l("对方已经请求取消这笔交易。"), _l("请直接答复是否同意。"))
    wish = {"cancel_asked_by": by, "cancel_reason": EndReason(reason), "ended_words": words}
    steps.change(session, trade, Deed.ASK_CANCEL, **wish)
    steps.record(session, actor, "trade.ask_cancel", trade, now, sides=(by,), reason=reason)
    if by.other in sides:
        _cancel(session, actor, trade, by, now)
    else:
        telling.cancel_asked(session, trade, by, EndReason(reason), now)
    return trade


def agree_to_cancel(session: Session, actor: Actor, number: str, now: datetime) -> Trade:
    """Let the trade go as the other side has asked; raises as `ask_to_cancel`."""
    trade, sides = steps.own(session, actor, number)
    steps.require_deed(trade, Deed.CANCEL)
    by = speaker(sides)
    if trade.cancel_asked_by is not by.other:
        raise Conflict(_l("对方没有请求取消这笔交易，或已经收回请求；没有改动任何数据。"))
    _cancel(session, actor, trade, by, now)
    return trade


def keep_after_all(session: Session, actor: Actor, number: str, now: datetime) -> Trade:
    """Take the own wish to cancel back; without one nothing changes."""
    trade, sides = steps.own(session, actor, number)
    steps.require_deed(trade, Deed.KEEP)
    if trade.cancel_asked_by not in sides:
        return trade
    steps.change(
        session, trade, Deed.KEEP, cancel_asked_by=None, cancel_reason=None, ended_words=""
    )
    steps.record(session, actor, "trade.keep", trade, now, sides=sides)
    return trade


def operator_cancel(
    session: Session, actor: Actor, number: str, words: str, now: datetime
) -> Trade:
    """Cancel a trade for the market, with a reason both sides read; raises as `find_default`."""
    trade = steps.operated(session, actor, number)
    steps.require_deed(trade, Deed.CANCEL)
    steps.require_at_rest(session, trade)
    ending = End(Deed.CANCEL, EndReason.OPERATOR, words=_reason(words))
    steps.end(session, actor, trade, ending, now)
    return trade


def find_default(
    session: Session, actor: Actor, number: str, at_fault: Party, words: str, now: datetime
) -> Trade:
    """Find that a side did not do what it had signed, with a reason both sides read.

    Raises `Forbidden`, `NotFound`, `Refused` without words, or `Conflict` if the state does not
    admit it, trucks are on the road or a weight is still being settled.
    """
    trade = steps.operated(session, actor, number)
    steps.require_deed(trade, Deed.DEFAULT)
    steps.require_at_rest(session, trade)
    _require_settled(session, trade)
    default(session, actor, trade, at_fault, now, _reason(words))
    return trade


def default(
    session: Session,
    actor: Actor,
    trade: Trade,
    at_fault: Party,
    now: datetime,
    words: str = "",
) -> None:
    """End a trade as the default of a side; one too many bars its firm from dealing."""
    ending = End(Deed.DEFAULT, DEFAULT_REASONS[at_fault], at_fault=at_fault, words=words)
    steps.end(session, actor, trade, ending, now)
    firm = _held_firm(session, approvals.firm(trade, at_fault).id)
    terms = terms_at(session, now)
    limits = (terms.default_limit, terms.default_window_days)
    times = _defaults(session, firm.id)
    if firm.barred_at is None and is_barred(times, firm.defaults_released_at, *limits):
        firm.barred_at = now
        audit.record(session, actor, "company.barred", ("company", firm.id), now)


def release_defaults(session: Session, actor: Actor, company_id: int, now: datetime) -> Company:
    """Let a firm deal again: defaults up to now count no more; raises `Forbidden`, `NotFound`."""
    require(operates, actor)
    firm = _held_firm(session, company_id)
    firm.barred_at, firm.defaults_released_at = None, now
    audit.record(session, actor, "company.defaults_released", ("company", firm.id), now)
    return firm


def _agreed_number(trade: Trade, wanted: str) -> str:
    """The one number both sides give their contract."""
    if trade.contract_number and wanted not in ("", trade.contract_number):
        raise Refused(
            _l("对方填写的合同编号是“%(number)s”，两边要一致。", number=trade.contract_number),
            field="contract_number",
        )
    return trade.contract_number or wanted or trade.number


def _sign(
    session: Session,
    actor: Actor,
    trade: Trade,
    deed: Deed,
    sides: frozenset[Party],
    contract_number: str,
    now: datetime,
) -> None:
    values: dict[str, object] = {f"{side}_signed_at": now for side in sides - trade.signed_by}
    if deed is Deed.SIGN_LAST:
        deadline = delivery_deadline(trade.month, now, terms_at(session, now))
        values |= {"contracted_at": now, "deadline": deadline}
    steps.change(session, trade, deed, contract_number=contract_number, **values)
    steps.record(session, actor, "trade.sign", trade, now, sides=sides)


def _cancel(session: Session, actor: Actor, trade: Trade, by: Party, now: datetime) -> None:
    steps.require_at_rest(session, trade)
    ending = End(Deed.CANCEL, EndReason.BOTH_AGREED, by, words=trade.ended_words)
    steps.end(session, actor, trade, ending, now)


def _require_settled(session: Session, trade: Trade) -> None:
    """Nobody defaults on a load whose weight is not known yet."""
    if holding(trucks.disputes_of(session, [trade.number])[trade.number]) is not None:
        raise Conflict(
            _l("这笔交易还有磅差没有商定，现在不能认定违约；没有改动任何数据。"),
            _l("请先商定或裁定磅差。"),
        )


def _reason(words: str) -> str:
    reason = words.strip()
    if not reason:
        raise Refused(_l("请写明原因，双方会看到这段话。"), field="words")
    return reason


def _held_firm(session: Session, company_id: int) -> Company:
    """A firm, held without standing in the way of new rows that point to it."""
    wanted = select(Company).where(Company.id == company_id).with_for_update(key_share=True)
    firm = session.scalar(wanted.execution_options(populate_existing=True))
    if firm is None:
        raise NotFound
    return firm


def _defaults(session: Session, company_id: int) -> list[datetime]:
    """When the trades ended that a firm did not honour."""
    at_fault = case(
        (Trade.at_fault == Party.PRODUCER, Trade.producer_company_id),
        else_=Trade.consumer_company_id,
    )
    ended = select(Trade.ended_at).where(
        Trade.status == TradeStatus.DEFAULTED, at_fault == company_id
    )
    return [at for at in session.scalars(ended) if at is not None]
