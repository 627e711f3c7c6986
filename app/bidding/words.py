"""What codes and faults of this feature are called on a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.bidding.rules import MoveKind, NegotiationStatus, RoundState
from app.core.faults import Fault
from app.core.i18n import moment, month, tonnes, yuan
from app.listings.rules import Payer, Side

ROUND_STATES: dict[RoundState, tuple[str, LazyString]] = {
    RoundState.ANNOUNCED: ("draft", _l("未开始")),
    RoundState.OPEN: ("live", _l("正在报价")),
    RoundState.CLOSED: ("waiting", _l("已截止，待撮合")),
    RoundState.CLEARED: ("done", _l("已撮合")),
    RoundState.CANCELLED: ("ended", _l("已取消")),
}
"""The kind of chip and the word for each state."""
NEGOTIATION_STATES: dict[NegotiationStatus, tuple[str, LazyString]] = {
    NegotiationStatus.OPEN: ("waiting", _l("商谈中")),
    NegotiationStatus.ACCEPTED: ("done", _l("已谈成")),
    NegotiationStatus.DECLINED: ("ended", _l("已拒绝")),
    NegotiationStatus.WITHDRAWN: ("ended", _l("已撤回")),
    NegotiationStatus.EXPIRED: ("ended", _l("已过期")),
}
MOVES: dict[MoveKind, LazyString] = {
    MoveKind.OFFER: _l("报价"),
    MoveKind.COUNTER: _l("还价"),
    MoveKind.MESSAGE: _l("留言"),
    MoveKind.ACCEPT: _l("接受"),
    MoveKind.DECLINE: _l("拒绝"),
    MoveKind.WITHDRAW: _l("撤回"),
}
BID_PAYERS: dict[Side, dict[Payer, LazyString]] = {
    Side.OFFER: {Payer.CONSUMER: _l("我方收"), Payer.PRODUCER: _l("我方付")},
    Side.REQUIREMENT: {Payer.CONSUMER: _l("我方付"), Payer.PRODUCER: _l("我方收处置费")},
}
"""Who pays at the bidder's own gate, said from the bidder's side."""
GATE_PAYERS: dict[Payer, LazyString] = {
    Payer.CONSUMER: _l("产废方收"),
    Payer.PRODUCER: _l("产废方付"),
}
"""Who pays at the producer's gate."""
QUOTED: dict[str, Callable[..., str]] = {
    "room": tonnes,
    "price_limit": yuan,
    "at": moment,
    "first": month,
    "last": month,
}
SENTENCES: dict[str, LazyString] = {
    "no_step": _l("请至少填一档吨数和价格。"),
    "too_many_steps": _l("最多报 %(limit)s 档。"),
    "mass_not_positive": _l("数量要大于 0。"),
    "price_too_large": _l("价格超过上限 %(price_limit)s 元/吨，请核对单位是不是元/吨。"),
    "over_capacity": _l("各档合计超过这条挂牌当月可成交的 %(room)s 吨，请减少。"),
    "lot_above_step": _l("每笔最少数量不能大于任何一档的吨数。"),
    "single_with_steps": _l("不可拆分的供应只能报一档。"),
    "single_demand": _l("只有供应才能选“不可拆分”。"),
    "not_asked_for": _l("这条挂牌不收这种物料，请从列表里选。"),
    "not_in_window": _l("交货月份要在 %(first)s 到 %(last)s 之间。"),
    "not_so_much_left": _l("超过这条挂牌当月还能成交的数量，请减少或换个月份。"),
    "closes_in_past": _l("截止时间 %(at)s 已经过去。"),
    "open_too_short": _l("从开始到截止至少要有 %(hours)s 小时。"),
    "month_past": _l("交货月份最早是截止当月：%(first)s。"),
    "month_too_late": _l("交货月份要在今后 %(limit)s 个月之内。"),
    "unknown_material": _l("目录里没有“%(value)s”这种物料，请从列表中选。"),
    "overlaps": _l("同一时间已有场次 %(number)s 收同样的物料和月份；请改时间、月份或物料。"),
}


def spoken(fault: Fault) -> str:
    """The sentence for a fault, with its values written for the reader."""
    values = {
        name: QUOTED[name](value) if name in QUOTED else value
        for name, value in fault.values.items()
    }
    return f"{SENTENCES[fault.code] % values}"


def own_price(side: Side, fen: int) -> str:
    """A price at the bidder's own gate, from the bidder's side and without a minus."""
    word = BID_PAYERS[side][Payer.of(fen)]
    return str(_("%(payer)s %(amount)s 元/吨", payer=word, amount=yuan(abs(fen))))


def time_left(until: datetime, now: datetime) -> str:
    """How long it is until an instant, in the largest two units that matter."""
    minutes = max(0, int((until - now).total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return str(_("%(days)s 天 %(hours)s 小时", days=days, hours=hours))
    if hours:
        return str(_("%(hours)s 小时 %(minutes)s 分钟", hours=hours, minutes=minutes % 60))
    return str(_("%(minutes)s 分钟", minutes=minutes))
