"""The verbs of a trade. Every change of state goes through `_change`, one guarded update.

Order of locking, the same everywhere: trades by id, then lots (`ledger.operations.lock`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from app.core import audit, i18n
from app.core.actor import SYSTEM, Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import require
from app.ledger import operations as ledger
from app.ledger.queries import LotName
from app.listings.models import Listing
from app.listings.rules import ListingStatus
from app.trades.models import Trade, TradeDraw
from app.trades.policy import may_answer, sides_of
from app.trades.rules import (
    DeclineReason,
    Deed,
    EndReason,
    Party,
    TradeStatus,
    confirmation,
    count_of,
    deadline_for,
    is_late,
    next_status,
    number_prefix,
    prices_agree,
    trade_number,
)
from app.trades.words import PARTY_WORDS, REASON_WORDS

LedgerVerb = Callable[[Session, Actor, str, date, int, str, datetime], None]


@dataclass(frozen=True, slots=True)
class ProposalDraft:
    """A match of a clearing run; kilograms, fen per tonne and metres. See `models.Trade`.

    `offer_draws` and `requirement_draws` are the kilograms by month that it takes out of the offer
    and fills of the requirement; empty for all in the month of delivery.
    """

    origin: str
    offer_number: str
    requirement_number: str
    material: str
    month: date
    kg: int
    price_producer: int
    price_consumer: int
    freight: int
    road_m: int
    offer_draws: Mapping[date, int] = field(default_factory=dict)
    requirement_draws: Mapping[date, int] = field(default_factory=dict)


def propose(session: Session, actor: Actor, draft: ProposalDraft, now: datetime) -> Trade:
    """Put a match before both sides and hold its tonnes; raises `ledger.Oversold`.

    Who proposes several at once locks all their lots first (`ledger.operations.lock`).
    """
    if not prices_agree(draft.price_producer, draft.freight, draft.price_consumer):
        raise ValueError(f"the prices of {draft} do not agree")
    if not all(sum(draws.values()) in (0, draft.kg) for draws in _draws_of(draft)):
        raise ValueError(f"the draws of {draft} do not sum to its mass")
    trade = _new_trade(session, draft, now)
    session.add(trade)
    session.flush()
    _post(session, actor, trade, ledger.reserve, now)
    audit.record(session, actor, "trade.propose", ("trade", trade.number), now)
    return trade


def confirm(session: Session, actor: Actor, number: str, now: datetime) -> Trade:
    """Say yes for the actor's firm; the second yes binds the tonnes. Twice is once.

    Raises `NotFound`, `Forbidden`, or `Conflict` if the trade has ended or its time is over.
    """
    trade, sides = _own(session, actor, number)
    stands = trade.status in (TradeStatus.PROPOSED, TradeStatus.CONFIRMED)
    if stands and sides <= trade.confirmed_by:
        return trade
    deed = confirmation(sides, trade.confirmed_by)
    _require_open(trade, deed, now)
    times = {f"{side}_confirmed_at": now for side in sides - trade.confirmed_by}
    if deed is Deed.CONFIRM_FIRST:
        _change(session, trade, deed, **times)
    else:
        _change(session, trade, deed, confirmed_at=now, **times)
        _post(session, actor, trade, ledger.contract, now)
    _record(session, actor, "trade.confirm", trade, sides, now)
    return trade


def decline(
    session: Session,
    actor: Actor,
    number: str,
    reason: DeclineReason,
    now: datetime,
    words: str = "",
) -> Trade:
    """Say no for the actor's firm and give the tonnes back. `words` are shown to the other side.

    Raises `NotFound`, `Forbidden`, `Refused` for `OTHER` without words, or `Conflict` if the trade
    has ended or its time is over.
    """
    trade, sides = _own(session, actor, number)
    if reason is DeclineReason.OTHER and not words:
        raise Refused(_l("选“其他原因”时，请写一句说明。"), field="words")
    _require_open(trade, Deed.DECLINE, now)
    by = Party.PRODUCER if Party.PRODUCER in sides else Party.CONSUMER
    _change(
        session,
        trade,
        Deed.DECLINE,
        ended_at=now,
        ended_by=by,
        ended_reason=EndReason(reason),
        ended_words=words,
    )
    _give_back(session, actor, trade, now)
    _record(session, actor, "trade.decline", trade, sides, now, reason=reason)
    return trade


def expire_due(session: Session, now: datetime) -> int:
    """End every proposal whose deadline has passed and give its tonnes back; returns how many."""
    due = _locked(session, (Trade.status == TradeStatus.PROPOSED) & (Trade.deadline < now))
    ledger.lock(session, [name for trade in due for name in _lots(trade)])
    for trade in due:
        _change(session, trade, Deed.EXPIRE, ended_at=now)
        _give_back(session, SYSTEM, trade, now)
        _record(session, SYSTEM, "trade.expire", trade, (), now)
    return len(due)


def _new_trade(session: Session, draft: ProposalDraft, now: datetime) -> Trade:
    offer = _listing(session, draft.offer_number)
    taker = _listing(session, draft.requirement_number)
    values = asdict(draft)
    ends = (values.pop("offer_draws"), offer), (values.pop("requirement_draws"), taker)
    return Trade(
        **values,
        draws=[
            TradeDraw(listing_number=listing.number, month=month, kg=kg)
            for draws, listing in ends
            for month, kg in (draws or {draft.month: draft.kg}).items()
        ],
        number=_next_number(session, china_day(now)),
        status=TradeStatus.PROPOSED,
        proposed_at=now,
        deadline=deadline_for(now),
        producer_company_id=offer.company_id,
        producer_site_id=offer.site_id,
        consumer_company_id=taker.company_id,
        consumer_site_id=taker.site_id,
    )


def _draws_of(draft: ProposalDraft) -> tuple[Mapping[date, int], ...]:
    return draft.offer_draws, draft.requirement_draws


def _listing(session: Session, number: str) -> Listing:
    found = session.scalar(select(Listing).where(Listing.number == number))
    if found is None:
        raise NotFound
    return found


def _next_number(session: Session, day: date) -> str:
    """The number after the month's last; two at once are parted by its unique constraint."""
    last = session.scalar(
        select(Trade.number)
        .where(Trade.number.startswith(number_prefix(day)))
        .order_by(Trade.id.desc())
        .limit(1)
    )
    return trade_number(day, count_of(last) + 1 if last else 1)


def _own(session: Session, actor: Actor, number: str) -> tuple[Trade, frozenset[Party]]:
    """The trade, held until the transaction ends, and the sides of it that the actor is."""
    found = _locked(session, Trade.number == number)
    sides = sides_of(actor, found[0]) if found else frozenset()
    if not sides:
        raise NotFound
    require(may_answer, actor)
    return found[0], sides


def _locked(session: Session, condition: ColumnElement[bool]) -> list[Trade]:
    query = select(Trade).where(condition).order_by(Trade.id).with_for_update()
    return list(session.scalars(query, execution_options={"populate_existing": True}))


def _require_open(trade: Trade, deed: Deed, now: datetime) -> None:
    """Raise a `Conflict` that says what happened, unless the deed may happen now."""
    if next_status(trade.status, deed) is None:
        raise Conflict(_what_happened(trade))
    if is_late(trade.deadline, now):
        raise Conflict(_expired_at(trade.deadline), _l("可以等下一场撮合，或直接联系运营方。"))


def _what_happened(trade: Trade) -> LazyString:
    ended_at = trade.ended_at or trade.confirmed_at or trade.deadline
    if trade.ended_by is not None and trade.ended_reason is not None:
        return _l(
            "%(side)s已在 %(at)s 拒绝这笔交易（%(reason)s），吨数已退回。",
            side=PARTY_WORDS[trade.ended_by],
            at=i18n.moment(ended_at),
            reason=REASON_WORDS[trade.ended_reason],
        )
    if trade.status is TradeStatus.CONFIRMED:
        return _l("双方已在 %(at)s 确认这笔交易，不能再改。", at=i18n.moment(ended_at))
    return _expired_at(trade.deadline)


def _expired_at(deadline: datetime) -> LazyString:
    return _l("这笔交易的确认期限是 %(at)s，已经过期；吨数退回双方。", at=i18n.moment(deadline))


def _change(session: Session, trade: Trade, deed: Deed, **values: object) -> None:
    """Move the trade on, if it still is what it was when it was read; else raise `Conflict`."""
    result = session.execute(
        update(Trade)
        .where(Trade.id == trade.id, Trade.status == trade.status, Trade.version == trade.version)
        .values(status=next_status(trade.status, deed), version=Trade.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict
    session.refresh(trade)


def _post(session: Session, actor: Actor, trade: Trade, verb: LedgerVerb, now: datetime) -> None:
    """Do the same to every lot the trade draws on, under its number."""
    ledger.lock(session, _lots(trade))
    for draw in trade.draws:
        verb(session, actor, draw.listing_number, draw.month, draw.kg, trade.number, now)


def _give_back(session: Session, actor: Actor, trade: Trade, now: datetime) -> None:
    """Open the tonnes again; what returns to a withdrawn listing leaves the market with it."""
    _post(session, actor, trade, ledger.give_back, now)
    numbers = (trade.offer_number, trade.requirement_number)
    withdrawn = select(Listing.number).where(
        Listing.number.in_(numbers), Listing.status == ListingStatus.WITHDRAWN
    )
    for number in session.scalars(withdrawn.order_by(Listing.number)):
        ledger.withdraw_open(session, actor, number, now)


def _lots(trade: Trade) -> list[LotName]:
    return [(draw.listing_number, draw.month) for draw in trade.draws]


def _record(
    session: Session,
    actor: Actor,
    verb: str,
    trade: Trade,
    sides: Iterable[Party],
    now: datetime,
    **detail: object,
) -> None:
    subject = ("trade", trade.number)
    audit.record(session, actor, verb, subject, now, sides=sorted(sides), **detail)
