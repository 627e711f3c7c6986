"""What happened to a trade, read from the audit trail and told in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEvent
from app.trades.rules import EndReason, Party
from app.trades.words import DEED_WORDS, END_WORDS, PARTY_WORDS


@dataclass(frozen=True, slots=True)
class LogRow:
    """One deed of the audit trail on a trade; `detail` as its operation recorded it."""

    at: datetime
    verb: str
    sides: tuple[Party, ...]
    reason: EndReason | None
    detail: Mapping[str, Any]


def log_of(session: Session, number: str) -> list[LogRow]:
    """What happened to a trade, newest first. The caller has shown the trade to the reader."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.object_kind == "trade", AuditEvent.object_id == number)
        .order_by(AuditEvent.id.desc())
    )
    return [_log_row(event) for event in events]


def sentence(row: LogRow) -> object:
    """One line of the log; a verb that has no sentence is told by its code."""
    tell = SENTENCES.get(row.verb)
    return tell(row) if tell else row.verb


def _plain(text: LazyString) -> Callable[[LogRow], object]:
    return lambda _row: text


def _of_sides(text: LazyString) -> Callable[[LogRow], object]:
    """A sentence about one side or both."""
    return lambda row: text % {"side": _sides(row)}


def _with_reason(text: LazyString) -> Callable[[LogRow], object]:
    """A sentence about a side that says why."""
    return lambda row: text % {"side": _sides(row), "reason": _reason(row)}


def _cancelled(row: LogRow) -> object:
    if row.reason is EndReason.BOTH_AGREED:
        return _l("%(side)s同意取消，没有交的吨数退回双方", side=_sides(row))
    return _l("已取消：%(reason)s。没有交的吨数退回双方", reason=_reason(row))


def _completed(row: LogRow) -> object:
    if row.sides:
        return _l("%(side)s办结：%(reason)s", side=_sides(row), reason=_reason(row))
    return _l("已办结：%(reason)s", reason=_reason(row))


def _approved(row: LogRow) -> object:
    deed = DEED_WORDS.get(row.detail.get("deed", ""), "")
    return _l("%(side)s第一人同意（%(deed)s），等第二人", side=_sides(row), deed=deed)


SENTENCES: dict[str, Callable[[LogRow], object]] = {
    "trade.propose": _plain(_l("交易提出，双方挂牌各留出这些吨数")),
    "trade.approve": _approved,
    "trade.confirm": _of_sides(_l("%(side)s确认")),
    "trade.decline": _with_reason(_l("%(side)s拒绝：%(reason)s。吨数退回双方")),
    "trade.expire": _plain(_l("期限已过，自动作废，吨数退回双方")),
    "trade.sign": _of_sides(_l("%(side)s签订合同")),
    "trade.ask_cancel": _with_reason(_l("%(side)s请求取消：%(reason)s")),
    "trade.keep": _of_sides(_l("%(side)s收回取消请求")),
    "trade.cancel": _cancelled,
    "trade.complete": _completed,
    "trade.default": _with_reason(_l("认定违约：%(reason)s。没有交的吨数退回双方")),
    "trade.remind": _plain(_l("系统提醒：期限将到")),
    "trade.escalate": _plain(_l("期限已过，转运营方处理")),
}
"""A deed's line; the verbs are those of the audit trail."""


def _sides(row: LogRow) -> str:
    return str(_l("、")).join(str(PARTY_WORDS[side]) for side in row.sides)


def _reason(row: LogRow) -> object:
    return END_WORDS[row.reason] if row.reason else ""


def _log_row(event: AuditEvent) -> LogRow:
    reason = event.detail.get("reason")
    return LogRow(
        at=event.at,
        verb=event.verb,
        sides=tuple(Party(side) for side in event.detail.get("sides", ())),
        reason=EndReason(reason) if reason in list(EndReason) else None,
        detail=event.detail,
    )
