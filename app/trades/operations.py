"""How a trade comes to be: proposed, then confirmed or declined by its two sides.

What follows is in `cases` (contract and endings), `delivery` (trucks) and `keeping` (the clock).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.standing import require_unbarred
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound, Refused
from app.core.series import next_number
from app.ledger import operations as ledger
from app.listings.models import Listing
from app.trades import approvals, steps, telling
from app.trades.models import Trade, TradeDraw
from app.trades.policy import sides_of
from app.trades.rules import (
    STANDING,
    DeclineReason,
    Deed,
    EndReason,
    Party,
    TradeSource,
    TradeStatus,
    answer_deadline,
    confirmation,
    prices_agree,
    signing_deadline,
    speaker,
)
from app.trades.steps import End
from app.trades.terms import terms_at


@dataclass(frozen=True, slots=True)
class ProposalDraft:
    """A match to be put before both sides; kilograms, fen per tonne and metres. See `models.Trade`.

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
    source: TradeSource = TradeSource.CLEARING
    offer_step: int = 0
    requirement_step: int = 0


def propose(session: Session, actor: Actor, draft: ProposalDraft, now: datetime) -> Trade:
    """Put a match before both sides and hold its tonnes; raises `ledger.Oversold`.

    Who proposes several at once locks all their lots first (`ledger.operations.lock`).
    """
    return propose_agreed(session, actor, draft, frozenset(), now)


def propose_agreed(
    session: Session,
    actor: Actor,
    draft: ProposalDraft,
    said_yes: Collection[Party],
    now: datetime,
    *,
    people: Mapping[Party, int] | None = None,
) -> Trade:
    """The same for a match to which some sides have said yes by dealing; both: it is confirmed.

    In a firm that asks for two people that yes is the first of them: the actor's, or of the person
    whose id stands in `people` for the other side; without one both have still to speak. Raises
    `Barred` for a side that may not deal, and `Conflict` if a firm is suspended.
    """
    _require_sound(draft)
    trade = _new_trade(session, draft, now)
    session.add(trade)
    session.flush()
    steps.post(session, actor, trade, ledger.reserve, now)
    steps.record(session, actor, "trade.propose", trade, now)
    for side in sorted(said_yes):
        _speak(session, actor, trade, side, now, (people or {}).get(side))
    if trade.status is TradeStatus.PROPOSED:
        telling.proposed(session, trade, now)
    else:
        telling.confirmed(session, trade, Party, now)
    return trade


def confirm(session: Session, actor: Actor, number: str, now: datetime) -> Trade:
    """Say yes for the actor's firm; the second yes binds the tonnes. Twice is once.

    In a firm that asks for two people the first one's yes is kept, and the second one's counts.
    Raises `NotFound`, `Forbidden`, `Barred`, or `Conflict` if the trade has ended, its time is
    over, a firm is suspended or the same person has agreed before.
    """
    trade, sides = steps.own(session, actor, number)
    if trade.status in STANDING and sides <= trade.confirmed_by:
        return trade
    steps.require_deed(trade, confirmation(sides, trade.confirmed_by))
    steps.require_in_time(trade, now)
    _require_fit(actor, trade, sides)
    if approvals.is_agreed(session, actor, trade, sides, "confirm", now):
        _say_yes(session, actor, trade, sides, now)
        telling.confirmed(session, trade, frozenset(Party) - sides, now)
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
    trade, sides = steps.own(session, actor, number)
    require_words(reason, words)
    steps.require_deed(trade, Deed.DECLINE)
    steps.require_in_time(trade, now)
    by = speaker(sides)
    steps.end(session, actor, trade, End(Deed.DECLINE, EndReason(reason), by, words=words), now)
    return trade


def require_words(reason: DeclineReason, words: str) -> None:
    """Raise `Refused` unless a reason that says nothing comes with words."""
    if reason is DeclineReason.OTHER and not words:
        raise Refused(_l("选“其他原因”时，请写一句说明。"), field="words")


def _require_sound(draft: ProposalDraft) -> None:
    if not prices_agree(draft.price_producer, draft.freight, draft.price_consumer):
        raise ValueError(f"the prices of {draft} do not agree")
    if not all(sum(draws.values()) in (0, draft.kg) for draws in _draws_of(draft)):
        raise ValueError(f"the draws of {draft} do not sum to its mass")


def _new_trade(session: Session, draft: ProposalDraft, now: datetime) -> Trade:
    offer, taker = _listings(session, draft.offer_number, draft.requirement_number)
    values = asdict(draft)
    ends = (values.pop("offer_draws"), offer), (values.pop("requirement_draws"), taker)
    draws = [
        TradeDraw(listing_number=listing.number, month=month, kg=kg)
        for draws, listing in ends
        for month, kg in (draws or {draft.month: draft.kg}).items()
    ]
    ledger.lock(session, [(draw.listing_number, draw.month) for draw in draws])
    return Trade(
        **values,
        draws=draws,
        number=next_number(session, f"T-{china_day(now):%y%m}"),
        status=TradeStatus.PROPOSED,
        proposed_at=now,
        deadline=answer_deadline(now, terms_at(session, now)),
        producer_company_id=offer.company_id,
        producer_site_id=offer.site_id,
        consumer_company_id=taker.company_id,
        consumer_site_id=taker.site_id,
    )


def _draws_of(draft: ProposalDraft) -> tuple[Mapping[date, int], ...]:
    return draft.offer_draws, draft.requirement_draws


def _listings(session: Session, *numbers: str) -> list[Listing]:
    """The listings of these numbers, in their order; raises `NotFound` if one is not there."""
    query = select(Listing).where(Listing.number.in_(numbers))
    found = {listing.number: listing for listing in session.scalars(query)}
    if not found.keys() >= set(numbers):
        raise NotFound
    return [found[number] for number in numbers]


def _speak(
    session: Session,
    actor: Actor,
    trade: Trade,
    side: Party,
    now: datetime,
    person: int | None,
) -> None:
    """Take the yes a side has given by dealing, as far as its firm lets one person give it."""
    _require_fit(actor, trade, frozenset({side}))
    user_id = actor.user_id if side in sides_of(actor, trade) else person
    if not approvals.firm(trade, side).needs_two_approvals:
        _say_yes(session, actor, trade, frozenset({side}), now)
    elif user_id is not None:
        approvals.keep(session, actor, trade, side, "confirm", user_id, now)


def _require_fit(actor: Actor, trade: Trade, sides: frozenset[Party]) -> None:
    """Both firms may trade, and those who say yes are not barred; each is told of itself only."""
    mine = sides_of(actor, trade)
    for side in sorted(sides):
        if mine and side not in mine and not approvals.firm(trade, side).may_deal:
            raise Conflict(
                _l("对方企业现在不能成交；没有改动任何数据。"), _l("请在市场上另选一家。")
            )
        require_unbarred(approvals.firm(trade, side))
    if not (trade.producer.is_approved and trade.consumer.is_approved):
        raise Conflict(
            _l("这笔交易的一方企业已被暂停，不能再确认；吨数会退回双方。"),
            _l("可以等下一场撮合，或直接联系运营方。"),
        )


def _say_yes(
    session: Session, actor: Actor, trade: Trade, sides: frozenset[Party], now: datetime
) -> None:
    """Confirm for these sides; the last of the two words binds the tonnes."""
    deed = confirmation(sides, trade.confirmed_by)
    values: dict[str, object] = {f"{side}_confirmed_at": now for side in sides - trade.confirmed_by}
    if deed is Deed.CONFIRM_LAST:
        deadline = signing_deadline(now, terms_at(session, now))
        values |= {"confirmed_at": now, "deadline": deadline}
    steps.change(session, trade, deed, **values)
    if deed is Deed.CONFIRM_LAST:
        steps.post(session, actor, trade, ledger.contract, now)
    steps.record(session, actor, "trade.confirm", trade, now, sides=sides)
