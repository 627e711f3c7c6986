"""A delivery record written out: each figure with its name and how it is reckoned."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.i18n import rate, tonnes
from app.trades.records import DeliveryRecord

NONE = "—"


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One figure of a record, as it is read."""

    name: LazyString
    value: object
    meaning: LazyString


def lines(record: DeliveryRecord, named: bool) -> list[RecordLine]:
    """The figures in their order. Without a name counts and shares only, no tonnes."""
    due = record.delivered_kg + record.short_kg
    weighed = record.delivered_kg + record.rejected_kg
    written = (
        _counted(record.trades, record.confirmed_kg, named),
        _share(record.delivered_kg, due, named),
        _share(record.short_kg, due, named),
        _share(record.rejected_kg, weighed, named),
        _l("%(count)s 笔交易", count=record.late),
        _l("%(part)s / %(whole)s", part=record.answered, whole=record.asked),
        _l("%(count)s 次", count=record.defaults),
    )
    return [
        RecordLine(name, value, meaning)
        for (name, meaning), value in zip(DEFINITIONS, written, strict=True)
    ]


DEFINITIONS: tuple[tuple[LazyString, LazyString], ...] = (
    (_l("确认"), _l("双方都同意的交易")),
    (_l("交付"), _l("在利废方过磅收下的吨数，占“交付加少交”的比例")),
    (_l("少交"), _l("已完成或违约的交易里没有交到的吨数，占“交付加少交”的比例")),
    (_l("拒收"), _l("在利废方门口退回的吨数，占过磅吨数的比例")),
    (_l("逾期"), _l("过了交货期限才结束，或还没有结束的交易")),
    (_l("及时答复"), _l("期限内确认或拒绝的意向，占该答复的意向")),
    (_l("违约"), _l("由本方造成、按违约结束的交易")),
)


def _counted(count: int, kg: int, named: bool) -> object:
    if named:
        return _l("%(count)s 笔，%(tonnes)s 吨", count=count, tonnes=tonnes(kg))
    return _l("%(count)s 笔交易", count=count)


def _share(kg: int, whole: int, named: bool) -> object:
    if not whole:
        return NONE
    if named:
        return _l("%(tonnes)s 吨，%(rate)s", tonnes=tonnes(kg), rate=rate(kg, whole))
    return rate(kg, whole)
