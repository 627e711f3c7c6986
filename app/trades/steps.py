"""One step of a trade: hold it, ask whether the deed may be, move it on, move its tonnes.

Every change of state goes through `change`, one guarded update, and every ending through `end`,
which opens again what was not delivered.

Order of locking, the same everywhere: trades by id, then lots by id (`ledger.operations.lock`),
then the series of numbers, then a firm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.core import audit, i18n
from app.core.actor import Actor
from app.core.errors import Conflict, NotFound
from app.core.permissions import require
from app.ledger import operations as ledger
from app.ledger.queries import LotName, balances, held
from app.ledger.rules import Account, Verb
from app.listings.models import Listing
from app.listings.rules import DealMode, ListingStatus
from app.trades import telling, trucks
from app.trades.models import Trade
from app.trades.policy import may_answer, operates, sides_of
from app.trades.rules import (
    END_REASONS,
    STANDING,
    Deed,
    EndReason,
    Party,
    Progress,
    TradeStatus,
    is_late,
    next_status,
)
from app.trades.words import END_WORDS, PARTY_WORDS, STATUS_WORDS

LedgerVerb = Callable[[Session, Actor, Mapping[LotName, int], str, datetime], None]
UNDO = {Account.RESERVED: Verb.GIVE_BACK, Account.CONTRACTED: Verb.RELEASE}
"""How what a trade holds is opened again."""


@dataclass(frozen=True, slots=True)
class End:
    """How a trade ends: by whose word (nobody's if time or the operator ended it) and why."""

    deed: Deed
    reason: EndReason
    by: Party | None = None
    at_fault: Party | None = None
    words: str = ""


def own(session: Session, actor: Actor, number: str) -> tuple[Trade, frozenset[Party]]:
    """The trade, held until the transaction ends, and the sides of it that the actor is.

    Raises `NotFound` for strangers and `Forbidden` for who may not act for the firm.
    """
    found = locked(session, Trade.number == number)
    sides = sides_of(actor, found[0]) if found else frozenset()
    if not sides:
        raise NotFound
    require(may_answer, actor)
    return found[0], sides


def operated(session: Session, actor: Actor, number: str) -> Trade:
    """The trade, held, for whoever runs the market; raises `Forbidden` or `NotFound`."""
    require(operates, actor)
    return one(session, number)


def one(session: Session, number: str) -> Trade:
    """The trade, held until the transaction ends; raises `NotFound`."""
    found = locked(session, Trade.number == number)
    if not found:
        raise NotFound
    return found[0]


def locked(session: Session, condition: ColumnElement[bool]) -> list[Trade]:
    """The trades of which the condition holds, by id, held and read anew."""
    query = select(Trade).where(condition).order_by(Trade.id).with_for_update()
    return list(session.scalars(query, execution_options={"populate_existing": True}))


def require_deed(trade: Trade, deed: Deed) -> None:
    """Raise a `Conflict` that says what happened, unless the deed may happen in this state."""
    if next_status(trade.status, deed) is None:
        raise Conflict(what_happened(trade))


def require_in_time(trade: Trade, now: datetime) -> None:
    """Raise a `Conflict` for an answer after the deadline, whether or not it was noticed yet."""
    if is_late(trade.deadline, now):
        raise Conflict(_expired_at(trade), _l("可以等下一场撮合，或直接联系运营方。"))


def require_at_rest(session: Session, trade: Trade) -> Progress:
    """Where the tonnes stand; raises a `Conflict` while some are on the road, either way."""
    found = progress(session, trade)
    if found.is_moving:
        raise Conflict(
            _l("这笔交易还有车辆在途，或拒收的货还没有退回，现在不能结束。"),
            _l("请先办完在途的运单。"),
        )
    return found


def what_happened(trade: Trade) -> LazyString:
    """Why the state of a trade admits no more of what was asked for."""
    if trade.status is TradeStatus.DECLINED and trade.ended_by and trade.ended_reason:
        return _l(
            "%(side)s已在 %(at)s 拒绝这笔交易（%(reason)s），吨数已退回。",
            side=PARTY_WORDS[trade.ended_by],
            at=i18n.moment(trade.ended_at or trade.deadline),
            reason=END_WORDS[trade.ended_reason],
        )
    if trade.status is TradeStatus.EXPIRED:
        return _expired_at(trade)
    if trade.status is TradeStatus.CONFIRMED and trade.confirmed_at:
        at = i18n.moment(trade.confirmed_at)
        return _l("双方已在 %(at)s 确认这笔交易，不能再改。", at=at)
    return _standing_or_over(trade)


def change(session: Session, trade: Trade, deed: Deed, **values: object) -> None:
    """Move the trade on, if it still is what it was when it was read; else raise `Conflict`.

    A new `deadline` starts a new clock: nobody was reminded of it yet.
    """
    if "deadline" in values:
        values |= {"reminded_at": None, "escalated_at": None}
    write(session, trade, status=next_status(trade.status, deed), **values)


def write(session: Session, trade: Trade, **values: object) -> None:
    """Change a row that was read and held; raises `Conflict` if it is another by now."""
    written = session.scalar(
        update(Trade)
        .where(Trade.id == trade.id, Trade.status == trade.status, Trade.version == trade.version)
        .values(version=Trade.version + 1, **values)
        .returning(Trade)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if written is None:
        raise Conflict


def end(session: Session, actor: Actor, trade: Trade, ending: End, now: datetime) -> None:
    """End a trade: what is not delivered is open again, the sides are told, the deed is on record.

    Raises `Conflict` if the state does not admit it and `ValueError` for a reason that may not
    stand with this ending.
    """
    require_deed(trade, ending.deed)
    status = next_status(trade.status, ending.deed)
    if status is None or ending.reason not in END_REASONS[status]:
        raise ValueError(f"{ending.deed} cannot have the reason {ending.reason}")
    change(
        session,
        trade,
        ending.deed,
        ended_at=now,
        ended_by=ending.by,
        ended_reason=ending.reason,
        at_fault=ending.at_fault,
        ended_words=ending.words,
    )
    _open_again(session, actor, trade, now)
    sides = () if ending.by is None else (ending.by,)
    record(session, actor, f"trade.{ending.deed}", trade, now, sides=sides, reason=ending.reason)
    telling.ended(session, trade, now)


def progress(session: Session, trade: Trade) -> Progress:
    """Where the kilograms of a trade stand: both listings move alike, so the offer's tell."""
    stands: dict[Account, int] = defaultdict(int)
    for (number, _month), accounts in held(session, trade.number).items():
        if number == trade.offer_number:
            for account, kg in accounts.items():
                stands[account] += kg
    return Progress(
        kg=trade.kg,
        contracted=stands[Account.CONTRACTED],
        in_transit=stands[Account.IN_TRANSIT],
        received=stands[Account.UTILISED],
        rejected=stands[Account.REJECTED],
        difference=stands[Account.DIFFERENCE],
        lost=trucks.lost_kg(session, trade.number) if stands[Account.DIFFERENCE] else 0,
    )


def post(session: Session, actor: Actor, trade: Trade, verb: LedgerVerb, now: datetime) -> None:
    """Do the same to every lot the trade draws on, as one entry under its number."""
    masses = {(draw.listing_number, draw.month): draw.kg for draw in trade.draws}
    verb(session, actor, masses, trade.number, now)


def withdraw_again(session: Session, actor: Actor, trade: Trade, now: datetime) -> None:
    """What returns to a withdrawn listing, or to one made for this deal, leaves the market with it.

    The lots are held by now.
    """
    off_market = or_(
        Listing.status == ListingStatus.WITHDRAWN, Listing.deal_mode == DealMode.PRIVATE
    )
    withdrawn = select(Listing.number).where(Listing.number.in_(listings(trade)), off_market)
    for number in session.scalars(withdrawn.order_by(Listing.number)):
        ledger.withdraw_open(session, actor, number, now)


def hold_all_lots(session: Session, trade: Trade) -> None:
    """Hold every lot of both listings: what comes back may take the rest of a listing with it."""
    ledger.lock(session, balances(session, listings(trade)))


def listings(trade: Trade) -> tuple[str, str]:
    """The numbers of the offer and of the requirement."""
    return trade.offer_number, trade.requirement_number


def record(
    session: Session,
    actor: Actor,
    verb: str,
    trade: Trade,
    now: datetime,
    *,
    sides: Collection[Party] = (),
    **detail: object,
) -> None:
    """Put the deed on the trade's trail; `sides` are those for whom it was done."""
    subject = ("trade", trade.number)
    audit.record(session, actor, verb, subject, now, sides=sorted(sides), **detail)


def _open_again(session: Session, actor: Actor, trade: Trade, now: datetime) -> None:
    hold_all_lots(session, trade)
    stands = held(session, trade.number)
    for account, verb in UNDO.items():
        masses = _on(stands, account)
        if masses:
            ledger.move(session, actor, verb, masses, reference=trade.number, document="", now=now)
    withdraw_again(session, actor, trade, now)


def _on(stands: Mapping[LotName, Mapping[Account, int]], account: Account) -> dict[LotName, int]:
    return {name: kg[account] for name, kg in stands.items() if account in kg}


def _standing_or_over(trade: Trade) -> LazyString:
    if trade.status in STANDING:
        return _l("这笔交易现在是“%(status)s”，不能做这一步。", status=STATUS_WORDS[trade.status])
    return _l(
        "这笔交易已在 %(at)s 结束（%(status)s），不能再改。",
        at=i18n.moment(trade.ended_at or trade.deadline),
        status=STATUS_WORDS[trade.status],
    )


def _expired_at(trade: Trade) -> LazyString:
    at = i18n.moment(trade.deadline)
    return _l("这笔交易的确认期限是 %(at)s，已经过期；吨数退回双方。", at=at)
