"""Announcing and cancelling call rounds; placing, changing and withdrawing sealed bids.

A bid goes straight into its sealed box: no audit detail, message, error or log ever sees it.
Whoever places or withdraws locks the round first, and `mark_cleared` does the same: when it
returns, no bid is under way and none can follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bidding import boxes, queries, rules
from app.bidding.models import Bid, Round
from app.bidding.policy import may_deal, runs_rounds
from app.bidding.queries import BID_MODES, state_of
from app.bidding.rules import BidTerms, RoundState, RoundTerms
from app.bidding.words import spoken
from app.catalogue import queries as catalogue
from app.catalogue.rules import Term
from app.companies.standing import require_unbarred
from app.core import audit, once
from app.core.actor import SYSTEM, Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound, Refused
from app.core.faults import Fault
from app.core.i18n import moment
from app.core.permissions import require
from app.core.series import next_number
from app.core.vault import Vault
from app.listings.book import clearable_kg
from app.listings.models import Listing
from app.listings.policy import may_act_for
from app.listings.rules import ListingStatus, Side
from app.notifications.operations import tell_company
from app.notifications.rules import Kind

Problem = tuple[str, object]
"""A form field and the sentence that belongs to it."""


class BidRefused(Refused):
    """What breaks rules; `problems` names every field with its sentence."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.problems: list[Problem] = [(fault.field, spoken(fault)) for fault in faults]
        super().__init__(self.problems[0][1], field=self.problems[0][0])


class RoundNotOpen(Conflict):
    """The round takes no bid at this instant, by the server's clock."""


class BidChangedMeanwhile(Conflict):
    """Somebody else of the firm changed the bid while this one was being written."""

    message = _l("您打开报价单后，同事已经改过这份报价；您的改动没有保存。")
    next_step = _l("请对照现在的报价，改好后再保存一次。")


def announce_round(
    session: Session, actor: Actor, terms: RoundTerms, now: datetime, *, key: str
) -> Round:
    """Announce a round for everybody; the same form sent twice announces one.

    Raises `BidRefused` for times or a scope that will not do.
    """
    require(runs_rounds, actor)
    sent = once.sending(session, actor, "round", key, now)
    if sent.answer:
        return locked_round(session, sent.answer)
    found = _create(session, actor, terms, now, is_scheduled=False)
    sent.answer = found.number
    return found


def schedule_round(session: Session, now: datetime) -> Round | None:
    """Announce the weekly round that closes next, once; `None` if it is there or in the way of one.

    The market's terms say when it closes and how long it is open. A cancelled one is not repeated.
    """
    terms = scheduled_terms(session, now)
    there = select(Round.id).where(Round.is_scheduled, Round.closes_at == terms.closes_at)
    if session.scalar(there) is not None or _in_the_way(session, terms) is not None:
        return None
    return _create(session, SYSTEM, terms, now, is_scheduled=True)


def scheduled_terms(session: Session, now: datetime) -> RoundTerms:
    today = china_day(now)
    wanted = (Term.ROUND_WEEKDAY, Term.ROUND_CLOSE_HOUR, Term.ROUND_OPEN_DAYS)
    return rules.scheduled_round(now, *(catalogue.term(session, code, today) for code in wanted))


def tell_of_rounds(session: Session, now: datetime, within: timedelta) -> None:
    """Tell the firms with a fitting listing that a round takes bids; once each, however often."""
    for found in queries.lately_opened(session, now, within):
        path = f"/bidding/rounds/{found.number}"
        for company_id in queries.firms_for(session, found):
            tell_company(
                session,
                company_id,
                Kind.ROUND_OPENED,
                found.number,
                path,
                now,
                number=found.number,
                deadline=moment(found.closes_at),
            )


def cancel_round(session: Session, actor: Actor, number: str, now: datetime) -> Round:
    """Call a round off before it is cleared; its bids count for nothing. Twice is once."""
    require(runs_rounds, actor)
    found = locked_round(session, number)
    if found.cancelled_at is not None:
        return found
    if found.run_number is not None:
        raise Conflict(_l("场次 %(number)s 已经撮合，不能取消。", number=number))
    found.cancelled_at = now
    audit.record(session, actor, "round.cancel", ("round", number), now)
    return found


def mark_cleared(session: Session, round_number: str, run_number: str, now: datetime) -> Round:
    """Give a closed round to the run that clears it; from here on no bid is taken or changed.

    Call it where the run is started, before the book is frozen. Raises `Conflict` for a round that
    has not closed, was cancelled or belongs to another run; `release` gives it free again.
    """
    found = locked_round(session, round_number)
    if found.run_number == run_number:
        return found
    if state_of(found, now) is not RoundState.CLOSED:
        raise Conflict(_l("场次 %(number)s 现在不能撮合。", number=round_number))
    found.run_number = run_number
    audit.record(session, SYSTEM, "round.cleared", ("round", round_number), now, run=run_number)
    return found


def release(session: Session, round_number: str, run_number: str, now: datetime) -> None:
    """Take a round back from a run that came to nothing, so that another can clear it."""
    found = locked_round(session, round_number)
    if found.run_number == run_number:
        found.run_number = None
        audit.record(
            session, SYSTEM, "round.released", ("round", round_number), now, run=run_number
        )


def place_bid(
    session: Session,
    vault: Vault,
    actor: Actor,
    round_number: str,
    listing_number: str,
    terms: BidTerms,
    now: datetime,
    *,
    version: int,
) -> Bid:
    """Place a bid on an own listing, or replace it, until the round closes.

    `version` is that of the bid the form was made from, 0 without one. The same form sent twice
    changes nothing. Raises `NotFound`, `RoundNotOpen`, `BidChangedMeanwhile` or `BidRefused`.
    """
    require(may_deal, actor)
    listing = _own_listing(session, actor, listing_number)
    require_unbarred(listing.company)
    found = locked_round(session, round_number)
    _require_open(found, now)
    _require_taken(found, listing)
    bid = _standing_bid(session, found, listing)
    if bid is not None and bid.withdrawn_at is None and boxes.reveal(vault, bid) == terms:
        return bid
    if version != (bid.version if bid else 0):
        raise BidChangedMeanwhile
    _refuse(_faults(session, found, listing, terms))
    bid = bid or Bid(round_id=found.id, listing_id=listing.id, version=0, placed_at=now)
    bid.company_id, bid.withdrawn_at = listing.company_id, None
    _keep(session, vault, bid, terms, now)
    verb = "bid.place" if bid.version == 1 else "bid.change"
    _record(session, actor, verb, round_number, listing_number, now)
    return bid


def withdraw_bid(
    session: Session,
    actor: Actor,
    round_number: str,
    listing_number: str,
    now: datetime,
    *,
    version: int,
) -> Bid:
    """Take a bid back before the round closes. Twice is once; raises as `place_bid`."""
    require(may_deal, actor)
    listing = _own_listing(session, actor, listing_number)
    found = locked_round(session, round_number)
    bid = _standing_bid(session, found, listing)
    if bid is None:
        raise NotFound
    if bid.withdrawn_at is not None:
        return bid
    _require_open(found, now)
    if version != bid.version:
        raise BidChangedMeanwhile
    bid.withdrawn_at = bid.changed_at = now
    bid.version += 1
    _record(session, actor, "bid.withdraw", round_number, listing_number, now)
    return bid


def locked_round(session: Session, number: str) -> Round:
    """A round, held until the transaction ends; raises `NotFound`."""
    query = select(Round).where(Round.number == number).with_for_update()
    found = session.scalar(query, execution_options={"populate_existing": True})
    if found is None:
        raise NotFound
    return found


def _create(
    session: Session, actor: Actor, terms: RoundTerms, now: datetime, *, is_scheduled: bool
) -> Round:
    known = catalogue.material_map(session, china_day(now))
    number = next_number(session, f"C-{china_day(now):%y%m}", 2)  # also keeps creators apart
    _refuse([*rules.round_faults(terms, known, now), *_overlaps(session, terms)])
    found = Round(
        number=number,
        month=terms.month,
        materials="|".join(terms.materials),
        opens_at=terms.opens_at,
        closes_at=terms.closes_at,
        is_scheduled=is_scheduled,
        created_by=actor.label,
        created_at=now,
    )
    session.add(found)
    session.flush()
    month = f"{terms.month:%Y-%m}"
    audit.record(session, actor, "round.announce", ("round", number), now, month=month)
    return found


def _overlaps(session: Session, terms: RoundTerms) -> list[Fault]:
    other = _in_the_way(session, terms)
    return [] if other is None else [Fault("opens_at", "overlaps", {"number": other.number})]


def _in_the_way(session: Session, terms: RoundTerms) -> Round | None:
    """A round in which the same tonnes could be bid at the same time: they would be sold twice."""
    query = select(Round).where(Round.month == terms.month, Round.cancelled_at.is_(None))
    return next((one for one in session.scalars(query) if one.terms.overlaps(terms)), None)


def _own_listing(session: Session, actor: Actor, number: str) -> Listing:
    listing = session.scalar(select(Listing).where(Listing.number == number))
    if listing is None or not may_act_for(actor, listing.company_id):
        raise NotFound
    return listing


def _standing_bid(session: Session, found: Round, listing: Listing) -> Bid | None:
    query = select(Bid).where(Bid.round_id == found.id, Bid.listing_id == listing.id)
    return session.scalar(query, execution_options={"populate_existing": True})


def _require_open(found: Round, now: datetime) -> None:
    """Raise `RoundNotOpen` that says when, by the server's clock, bids were or will be taken."""
    match state_of(found, now):
        case RoundState.OPEN:
            return
        case RoundState.ANNOUNCED:
            at = moment(found.opens_at)
            raise RoundNotOpen(
                _l("场次 %(number)s 要到 %(at)s 才开始报价。", number=found.number, at=at),
                _l("报价没有保存；请到时再报。"),
            )
        case RoundState.CANCELLED:
            raise RoundNotOpen(_l("场次 %(number)s 已取消。", number=found.number))
        case _:
            at = moment(found.closes_at)
            raise RoundNotOpen(
                _l(
                    "场次 %(number)s 已在 %(at)s 截止（以服务器时间为准）。",
                    number=found.number,
                    at=at,
                ),
                _l("这次的报价没有保存，截止前的报价不变；请看下一场。"),
            )


def _require_taken(found: Round, listing: Listing) -> None:
    terms = found.terms
    takes = not terms.materials or set(terms.materials) & set(listing.materials)
    covers = listing.first_month <= terms.month <= listing.last_month
    active = listing.status is ListingStatus.ACTIVE and listing.company.is_approved
    if not (takes and covers and active and listing.deal_mode in BID_MODES):
        raise Conflict(
            _l(
                "%(listing)s 不能参加场次 %(number)s：物料、月份或成交方式不符，或已撤回。",
                listing=listing.number,
                number=found.number,
            ),
            _l("报价没有保存；请换一条挂牌，或先修改它。"),
        )


def _faults(session: Session, found: Round, listing: Listing, terms: BidTerms) -> Iterable[Fault]:
    yield from rules.bid_faults(terms, clearable_kg(session, listing.number, found.month))
    if terms.is_single and listing.side is not Side.OFFER:
        yield Fault("is_single", "single_demand")


def _refuse(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise BidRefused(found)


def _keep(session: Session, vault: Vault, bid: Bid, terms: BidTerms, now: datetime) -> None:
    boxes.keep(vault, bid, terms)
    bid.version += 1
    bid.changed_at = now
    session.add(bid)
    session.flush()


def _record(
    session: Session, actor: Actor, verb: str, number: str, listing: str, now: datetime
) -> None:
    audit.record(session, actor, verb, ("round", number), now, listing=listing)
