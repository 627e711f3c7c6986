"""The words a reader sees for the codes of the rules."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.trades.rules import DeclineReason, Party, TradeStatus

STATUS_WORDS: dict[TradeStatus, LazyString] = {
    TradeStatus.PROPOSED: _l("待确认"),
    TradeStatus.CONFIRMED: _l("已确认"),
    TradeStatus.DECLINED: _l("已拒绝"),
    TradeStatus.EXPIRED: _l("已过期"),
}
STATUS_CHIPS: dict[TradeStatus, str] = {
    TradeStatus.PROPOSED: "waiting",
    TradeStatus.CONFIRMED: "live",
    TradeStatus.DECLINED: "ended",
    TradeStatus.EXPIRED: "ended",
}
PARTY_WORDS: dict[Party, LazyString] = {
    Party.PRODUCER: _l("产废方"),
    Party.CONSUMER: _l("利废方"),
}
REASON_WORDS: dict[DeclineReason, LazyString] = {
    DeclineReason.PRICE: _l("价格不合适"),
    DeclineReason.QUANTITY: _l("数量或月份不合适"),
    DeclineReason.QUALITY: _l("品质不符合要求"),
    DeclineReason.TRANSPORT: _l("运输安排不了"),
    DeclineReason.STANDSTILL: _l("本月停产或检修"),
    DeclineReason.TAKEN: _l("已有别的去向或货源"),
    DeclineReason.OTHER: _l("其他原因"),
}
