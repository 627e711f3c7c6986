"""Offers and counter-offers on one listing, with a thread, until they are agreed on or end.

Who may do what is in `rules.may_move`; what may be accepted is the last offer or counter-offer,
named by its position, so that nobody agrees to what has just been replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding import rules
from app.bidding.deals import (
    DealDraft,
    counterparts,
    faults_of,
    proposal_of,
    refuse,
    require_dealing,
)
from app.bidding.freight import way_of
from app.bidding.models import Move, Negotiation
from app.bidding.policy import may_deal
from app.bidding.rules import DealTerms, MoveKind, NegotiationStatus
from app.bidding.words import NEGOTIATION_STATES
from app.catalogue import queries as catalogue
from app.catalogue.rules import Term
from app.companies.models import Site
from app.core import audit, once
from app.core.actor import SYSTEM, Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound
from app.core.i18n import moment
from app.core.permissions import require
from app.core.series import next_number
from app.ledger import operations as ledger
from app.listings.models import Listing
from app.listings.rules import DealMode, Side
from app.notifications.operations import tell_company
from app.notifications.rules import Kind
from app.trades.models import Trade
from app.trades.operations import propose_agreed
from app.trades.rules import Party


@dataclass(frozen=True, slots=True)
class Reply:
    """A counter-offer to the move at `position`; fen per tonne at the producer's gate."""

    position: int
    kg: int
    price: int
    words: str = ""


def open_negotiation(
    session: Session, actor: Actor, number: str, draft: DealDraft, now: datetime, *, key: str
) -> Negotiation:
    """Put a direct offer on somebody's listing; the same form sent twice makes one.

    Raises `NotFound`, `BidRefused`, or `Conflict` where the listing is not open to offers or the
    firm already has one under way.
    """
    require(may_deal, actor)
    sent = once.sending(session, actor, "negotiation", key, now)
    if sent.answer:
        return _own(session, actor, sent.answer)
    listing, site = counterparts(session, actor, number, draft.site_id, DealMode.OPEN)
    refuse(faults_of(session, listing, draft.terms, now))
    _require_first(session, listing, site)
    _require_patience(session, listing, site, now)
    found = _begin(session, listing, site, draft.terms, now)
    _add(session, actor, found, MoveKind.OFFER, now, draft.terms.kg, draft.terms.price, draft.words)
    sent.answer = found.number
    return found


def counter(
    session: Session, actor: Actor, number: str, reply: Reply, now: datetime
) -> Negotiation:
    """Answer the other side's standing offer with one's own; the same one twice is once.

    Raises `NotFound`, `BidRefused`, or `Conflict` if that offer no longer stands.
    """
    found = _own(session, actor, number)
    if _is_repeated(actor, found, reply):
        return found
    _require_move(actor, found, MoveKind.COUNTER, now, reply.position)
    terms = DealTerms(found.material, found.month, reply.kg, reply.price)
    refuse(faults_of(session, found.listing, terms, now))
    _add(session, actor, found, MoveKind.COUNTER, now, reply.kg, reply.price, reply.words)
    found.expires_at = _expiry(session, now)
    return found


def say(session: Session, actor: Actor, number: str, words: str, now: datetime) -> Negotiation:
    """Leave a message in the thread; the same one twice in a row is one."""
    found = _own(session, actor, number)
    last = found.moves[-1]
    if (last.company_id, last.kind, last.words) == (actor.company_id, MoveKind.MESSAGE, words):
        return found
    _require_move(actor, found, MoveKind.MESSAGE, now)
    _add(session, actor, found, MoveKind.MESSAGE, now, words=words)
    return found


def accept(
    session: Session, actor: Actor, number: str, position: int, freight: int, now: datetime
) -> Trade:
    """Say yes to the other side's standing offer, the move at `position`: it becomes a trade.

    `freight` is what the page showed. Raises `NotFound`, or `Conflict` if the offer no longer
    stands, the freight has changed, or the listing has not so much left.
    """
    found = _own(session, actor, number)
    _require_move(actor, found, MoveKind.ACCEPT, now, position)
    way = way_of(session, found.listing, found.site, now)
    if way.freight != freight:
        raise Conflict(_l("运费标准刚刚变了，还没有成交。"), _l("请刷新页面，按新的运费再决定。"))
    offer = found.standing
    assert offer.kg is not None  # the table holds it: an offer has a mass and a price
    assert offer.price is not None
    terms = DealTerms(found.material, found.month, offer.kg, offer.price)
    _require_still_there(session, found.listing, terms, now)
    people = {_party(found, offer.company_id): offer.user_id} if offer.user_id else {}
    draft = proposal_of(session, found.listing, found.site, terms, way, found.number, now)
    trade = propose_agreed(session, actor, draft, frozenset(Party), now, people=people)
    found.trade_number = trade.number
    _end(session, actor, found, MoveKind.ACCEPT, NegotiationStatus.ACCEPTED, now)
    return trade


def decline(
    session: Session, actor: Actor, number: str, position: int, words: str, now: datetime
) -> Negotiation:
    """Say no to the other side's standing offer; the negotiation ends."""
    found = _own(session, actor, number)
    _require_move(actor, found, MoveKind.DECLINE, now, position)
    _end(session, actor, found, MoveKind.DECLINE, NegotiationStatus.DECLINED, now, words)
    return found


def withdraw(
    session: Session, actor: Actor, number: str, position: int, now: datetime
) -> Negotiation:
    """Take one's own standing offer back; the negotiation ends."""
    found = _own(session, actor, number)
    _require_move(actor, found, MoveKind.WITHDRAW, now, position)
    _end(session, actor, found, MoveKind.WITHDRAW, NegotiationStatus.WITHDRAWN, now)
    return found


def expire_due(session: Session, now: datetime) -> int:
    """End every negotiation whose standing offer nobody answered in time; returns how many."""
    query = (
        select(Negotiation)
        .where(Negotiation.status == NegotiationStatus.OPEN, Negotiation.expires_at <= now)
        .order_by(Negotiation.id)
        .with_for_update(skip_locked=True)
    )
    due = list(session.scalars(query))
    for found in due:
        found.status, found.ended_at = NegotiationStatus.EXPIRED, now
        found.version += 1
        _record(session, SYSTEM, "negotiation.expire", found, now)
    return len(due)


def _require_first(session: Session, listing: Listing, site: Site) -> None:
    """One negotiation at a time of a firm on a listing; the listing is held, so two come apart."""
    query = select(Negotiation.number).where(
        Negotiation.listing_id == listing.id,
        Negotiation.company_id == site.company_id,
        Negotiation.status == NegotiationStatus.OPEN,
    )
    number = session.scalar(query)
    if number is not None:
        raise Conflict(
            _l("本企业对这条挂牌已有一份报价 %(number)s 在商谈，没有新建。", number=number),
            _l("请在“商谈”里打开它，撤回或等对方答复。"),
        )


def _require_patience(session: Session, listing: Listing, site: Site, now: datetime) -> None:
    """Who offers and withdraws again and again neither floods the owner nor measures distances."""
    query = select(func.count(Negotiation.id)).where(
        Negotiation.listing_id == listing.id,
        Negotiation.company_id == site.company_id,
        Negotiation.opened_at > now - rules.OPENED_WINDOW,
    )
    if (session.scalar(query) or 0) >= rules.MOST_OPENED:
        raise Conflict(
            _l("一天内已对这条挂牌报过 %(count)s 次，没有新建。", count=rules.MOST_OPENED),
            _l("请明天再报，或换一条挂牌。"),
        )


def _begin(
    session: Session, listing: Listing, site: Site, terms: DealTerms, now: datetime
) -> Negotiation:
    found = Negotiation(
        number=next_number(session, f"N-{china_day(now):%y%m}"),
        listing_id=listing.id,
        owner_company_id=listing.company_id,
        company_id=site.company_id,
        site_id=site.id,
        material=terms.material,
        month=terms.month,
        status=NegotiationStatus.OPEN,
        version=0,
        opened_at=now,
        expires_at=_expiry(session, now),
    )
    session.add(found)
    session.flush()
    return found


def _expiry(session: Session, now: datetime) -> datetime:
    days = catalogue.term(session, Term.NEGOTIATION_DAYS, china_day(now))
    return now + timedelta(days=days)


def _own(session: Session, actor: Actor, number: str) -> Negotiation:
    """A negotiation of the actor's firm, held until the transaction ends."""
    require(may_deal, actor)
    query = select(Negotiation).where(Negotiation.number == number).with_for_update()
    found = session.scalar(query, execution_options={"populate_existing": True})
    if found is None or actor.company_id not in (found.owner_company_id, found.company_id):
        raise NotFound
    return found


def _is_repeated(actor: Actor, found: Negotiation, reply: Reply) -> bool:
    """Whether the standing offer is this very counter-offer, made a moment ago."""
    offer = found.standing
    said = (offer.company_id, offer.kg, offer.price, offer.words)
    return (
        offer.kind is MoveKind.COUNTER
        and said == (actor.company_id, reply.kg, reply.price, reply.words)
        and found.status is NegotiationStatus.OPEN
    )


def _require_move(
    actor: Actor, found: Negotiation, kind: MoveKind, now: datetime, position: int | None = None
) -> None:
    """Raise a `Conflict` that says what happened, unless the firm may make this move now."""
    if found.status is not NegotiationStatus.OPEN or now >= found.expires_at:
        raise Conflict(_what_happened(found, now), _l("这一步没有执行；需要时请重新报价。"))
    offer = found.standing
    if position not in (None, offer.position):
        raise Conflict(
            _l("这份报价已被新的条件替代，这一步没有执行。"), _l("请刷新页面，按现在的条件再决定。")
        )
    if kind in rules.LENGTHENING and len(found.moves) >= rules.MOST_MOVES:
        raise Conflict(
            _l("这次商谈已有 %(count)s 条，不能再写。", count=rules.MOST_MOVES),
            _l("请接受、拒绝或撤回；需要时重新报价。"),
        )
    is_mine = offer.company_id == actor.company_id
    if not rules.may_move(
        found.status, kind, is_mine=is_mine, expires_at=found.expires_at, now=now
    ):
        raise Conflict(
            _l("现在轮到对方答复，这一步没有执行。"), _l("要改条件，请先撤回自己的报价。")
        )


def _what_happened(found: Negotiation, now: datetime) -> object:
    if found.status is NegotiationStatus.ACCEPTED:
        return _l(
            "%(number)s 已经谈成，交易编号 %(trade)s。",
            number=found.number,
            trade=found.trade_number,
        )
    ended = found.status
    if ended is NegotiationStatus.OPEN:
        ended = NegotiationStatus.EXPIRED
    at = moment(found.ended_at or min(found.expires_at, now))
    state = NEGOTIATION_STATES[ended][1]
    return _l("%(number)s 已在 %(at)s 结束：%(state)s。", number=found.number, at=at, state=state)


def _require_still_there(
    session: Session, listing: Listing, terms: DealTerms, now: datetime
) -> None:
    """The tonnes, held from here on; what is left is told to nobody."""
    require_dealing(listing)
    ledger.lock(session, [(listing.number, terms.month)])
    if any(faults_of(session, listing, terms, now)):
        raise Conflict(
            _l("%(number)s 当月的余量或时段已不够这笔成交，没有成交。", number=listing.number),
            _l("请减少数量再还价，或换个月份重新报价。"),
        )


def _party(found: Negotiation, company_id: int) -> Party:
    """Which side of the trade a firm of the negotiation is."""
    owner = Party.PRODUCER if found.listing.side is Side.OFFER else Party.CONSUMER
    other = Party.CONSUMER if owner is Party.PRODUCER else Party.PRODUCER
    return owner if company_id == found.owner_company_id else other


def _end(
    session: Session,
    actor: Actor,
    found: Negotiation,
    kind: MoveKind,
    status: NegotiationStatus,
    now: datetime,
    words: str = "",
) -> None:
    _add(session, actor, found, kind, now, words=words)
    found.status, found.ended_at = status, now


def _add(
    session: Session,
    actor: Actor,
    found: Negotiation,
    kind: MoveKind,
    now: datetime,
    kg: int | None = None,
    price: int | None = None,
    words: str = "",
) -> None:
    """One more line of the thread; the other side is told."""
    position = len(found.moves) + 1
    assert actor.company_id is not None
    found.moves.append(
        Move(
            position=position,
            company_id=actor.company_id,
            user_id=actor.user_id,
            kind=kind,
            kg=kg,
            price=price,
            words=words,
            at=now,
        )
    )
    found.version += 1
    session.flush()
    _record(session, actor, f"negotiation.{kind}", found, now)
    _tell(session, actor, found, position, now)


def _tell(session: Session, actor: Actor, found: Negotiation, position: int, now: datetime) -> None:
    other = found.owner_company_id
    if other == actor.company_id:
        other = found.company_id
    path = f"/bidding/negotiations/{found.number}"
    key = f"{found.number}:{position}"
    number, material = found.number, found.material
    tell_company(session, other, Kind.NEW_OFFER, key, path, now, number=number, material=material)


def _record(session: Session, actor: Actor, verb: str, found: Negotiation, now: datetime) -> None:
    audit.record(session, actor, verb, ("negotiation", found.number), now)
