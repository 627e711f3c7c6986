"""The case as a reader follows it: its stations, whose turn it is, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.clock import china_day
from app.core.i18n import day, short_moment, tonnes
from app.trades.queries import TradeRow, TradeView
from app.trades.rules import BOUND, Owner, Party, TradeSource, TradeStatus, owner
from app.trades.words import END_WORDS, PARTY_WORDS, STATUS_WORDS, STEP_WORDS

OWNER_WORDS: dict[Owner, LazyString] = {
    Owner.PRODUCER: PARTY_WORDS[Party.PRODUCER],
    Owner.CONSUMER: PARTY_WORDS[Party.CONSUMER],
    Owner.BOTH: _l("双方"),
    Owner.OPERATOR: _l("运营方"),
}
SECOND_PERSON = _l("本企业第二人")
SECOND_PERSON_AND_OTHER = _l("本企业第二人和对方")
SETTLEMENT = _l("商定磅差")
SOURCE_WORDS: dict[TradeSource, LazyString] = {
    TradeSource.CLEARING: _l("来自撮合 %(number)s"),
    TradeSource.ROUND: _l("来自竞价场次 %(number)s"),
    TradeSource.LIST_PRICE: _l("按挂牌价成交"),
    TradeSource.NEGOTIATION: _l("来自议价 %(number)s"),
    TradeSource.ELSEWHERE: _l("场外已谈成"),
}


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the stepper; `state` is past, now or ahead."""

    label: object
    detail: object
    state: str


def source(view: TradeView) -> object:
    """Where the trade came from, with the number there."""
    return SOURCE_WORDS[view.source] % {"number": view.origin}


def turn(view: TradeView) -> LazyString | None:
    """Who has to act now; nobody once the trade has ended.

    A firm that waits for its own second person is told so; who that waits for is its own affair.
    """
    given = view.signed_by if view.status is TradeStatus.CONFIRMED else view.confirmed_by
    found = owner(view.status, given, view.escalated_at is not None, view.dispute)
    if found is None or found is Owner.OPERATOR or not view.approvals:
        return OWNER_WORDS[found] if found else None
    asks_other = frozenset(Party) - given - view.my_sides
    return SECOND_PERSON_AND_OTHER if asks_other else SECOND_PERSON


def step(row: TradeRow) -> LazyString:
    """What the trade waits for."""
    return SETTLEMENT if row.dispute else STEP_WORDS[row.status]


def stations(view: TradeView) -> list[Station]:
    """The way of a trade: every station it passed, where it is, and what lies ahead."""
    way = [
        (TradeStatus.PROPOSED, _l("提出"), view.proposed_at),
        (TradeStatus.CONFIRMED, _l("双方确认"), view.confirmed_at),
        (TradeStatus.CONTRACTED, _l("合同签订"), view.contracted_at),
        (TradeStatus.DELIVERING, _l("交货"), view.delivering_at),
    ]
    passed = [Station(label, short_moment(at), "past") for _status, label, at in way if at]
    if view.ended_at is not None:
        state = "past" if view.status is TradeStatus.COMPLETED else "now"
        return [*passed, Station(STATUS_WORDS[view.status], short_moment(view.ended_at), state)]
    if view.status is TradeStatus.DELIVERING:
        passed[-1] = Station(_l("交货"), _delivered(view), "now")
        return [*passed, Station(_l("完成"), _last_day(view), "ahead")]
    ahead = [Station(label, "", "ahead") for _status, label, at in way if not at]
    ahead[0] = Station(ahead[0].label, _standing(view), "now")
    return [*passed, *ahead, Station(_l("完成"), "", "ahead")]


def ending(view: TradeView) -> LazyString | str:
    """How and why a trade ended; empty while it has not."""
    if view.ended_reason is None:
        return _l("到截止时间没有等到双方确认") if view.status is TradeStatus.EXPIRED else ""
    reason = END_WORDS[view.ended_reason]
    if view.status is TradeStatus.DECLINED and view.ended_by:
        return _l("%(side)s拒绝：%(reason)s", side=PARTY_WORDS[view.ended_by], reason=reason)
    if view.at_fault is not None:
        return _l("%(side)s违约：%(reason)s", side=PARTY_WORDS[view.at_fault], reason=reason)
    return _l("%(ending)s：%(reason)s", ending=STATUS_WORDS[view.status], reason=reason)


def missed_kg(view: TradeView) -> int:
    """The kilograms of the trade that did not come, and are open again or lost on the road."""
    return view.kg - view.masses.received


def wish_to_cancel(view: TradeView) -> LazyString | None:
    """Which side asks to cancel, and why; nothing if none does."""
    if view.cancel_asked_by is None or view.cancel_reason is None or view.status not in BOUND:
        return None
    return _l(
        "%(side)s请求取消：%(reason)s。",
        side=PARTY_WORDS[view.cancel_asked_by],
        reason=END_WORDS[view.cancel_reason],
    )


def _standing(view: TradeView) -> object:
    """How far the present station has come: what was said, and until when."""
    counts = {
        TradeStatus.PROPOSED: len(view.confirmed_by),
        TradeStatus.CONFIRMED: len(view.signed_by),
    }
    if view.status not in counts:
        return _until(view)
    given = counts[view.status]
    return _l("%(given)s / 2，截止 %(at)s", given=given, at=short_moment(view.deadline))


def _last_day(view: TradeView) -> object:
    """By when a delivery has to be over; while a weight is being settled no day counts."""
    if view.dispute is not None:
        return _l("期限暂停")
    return _l("截止 %(at)s", at=day(china_day(view.deadline)))


def _delivered(view: TradeView) -> object:
    return _l("%(part)s / %(kg)s 吨", part=tonnes(view.masses.received), kg=tonnes(view.kg))


def _until(view: TradeView) -> object:
    return _l("截止 %(at)s", at=short_moment(view.deadline))
