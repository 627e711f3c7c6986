"""The words a reader sees for the codes of the rules and the rows of the queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.i18n import price, yuan
from app.trades.queries import TradeView
from app.trades.readers import PartyRow
from app.trades.rules import (
    DeclineReason,
    EndReason,
    Party,
    TimeUnit,
    TradeSource,
    TradeStatus,
    time_left,
)

STATUS_WORDS: dict[TradeStatus, LazyString] = {
    TradeStatus.PROPOSED: _l("待确认"),
    TradeStatus.CONFIRMED: _l("已确认"),
    TradeStatus.CONTRACTED: _l("已签约"),
    TradeStatus.DELIVERING: _l("履约中"),
    TradeStatus.COMPLETED: _l("已完成"),
    TradeStatus.DECLINED: _l("已拒绝"),
    TradeStatus.EXPIRED: _l("已过期"),
    TradeStatus.CANCELLED: _l("已取消"),
    TradeStatus.DEFAULTED: _l("违约"),
}
STATUS_CHIPS: dict[TradeStatus, str] = {
    TradeStatus.PROPOSED: "waiting",
    TradeStatus.CONFIRMED: "live",
    TradeStatus.CONTRACTED: "live",
    TradeStatus.DELIVERING: "live",
    TradeStatus.COMPLETED: "done",
    TradeStatus.DECLINED: "ended",
    TradeStatus.EXPIRED: "ended",
    TradeStatus.CANCELLED: "ended",
    TradeStatus.DEFAULTED: "wrong",
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
END_WORDS: dict[EndReason, LazyString] = {
    **{EndReason(reason): words for reason, words in REASON_WORDS.items()},
    EndReason.DELIVERED: _l("全部交清"),
    EndReason.DELIVERED_SHORT: _l("少交，按已交数量办结"),
    EndReason.NO_ANSWER: _l("期限内没有答复"),
    EndReason.NOT_SIGNED: _l("期限内没有签订合同"),
    EndReason.BOTH_AGREED: _l("双方同意取消"),
    EndReason.OPERATOR: _l("运营方取消"),
    EndReason.FIRM_SUSPENDED: _l("一方企业被暂停"),
    EndReason.NOT_DELIVERED: _l("产废方没有交货"),
    EndReason.NOT_TAKEN: _l("利废方没有收货"),
}
STEP_WORDS: dict[TradeStatus, LazyString] = {
    TradeStatus.PROPOSED: _l("答复成交意向"),
    TradeStatus.CONFIRMED: _l("签订合同"),
    TradeStatus.CONTRACTED: _l("安排车辆交货"),
    TradeStatus.DELIVERING: _l("交清并办结"),
}
"""What a trade that has not ended waits for."""
DEED_WORDS: dict[str, LazyString] = {
    "confirm": _l("确认交易"),
    "sign": _l("签订合同"),
}
"""What may need two people of a firm."""
LEFT_WORDS: dict[TimeUnit, LazyString] = {
    TimeUnit.DAYS: _l("剩 %(count)s 天"),
    TimeUnit.HOURS: _l("剩 %(count)s 小时"),
    TimeUnit.MINUTES: _l("剩 %(count)s 分钟"),
}
ANONYMOUS: dict[Party, LazyString] = {
    Party.PRODUCER: _l("%(county)s · 产废企业"),
    Party.CONSUMER: _l("%(county)s · 利废企业"),
}
ANONYMOUS_IN_TITLE: dict[Party, LazyString] = {
    Party.PRODUCER: _l("%(county)s产废企业"),
    Party.CONSUMER: _l("%(county)s利废企业"),
}


@dataclass(frozen=True, slots=True)
class Payment:
    """What somebody gets or pays, in fen per tonne and in fen for the whole."""

    label: LazyString
    fen_per_t: int
    fen: int

    def turned(self, label: LazyString) -> Payment:
        """The same money seen from the other end."""
        return Payment(label, -self.fen_per_t, -self.fen)


def label(row: PartyRow) -> str:
    """How a side is called in lists: by name, or by county and role."""
    return row.name or str(ANONYMOUS[row.party] % {"county": row.county})


def title_label(row: PartyRow) -> str:
    """The same inside a heading, where a dot already parts the material from the sides."""
    return row.name or str(ANONYMOUS_IN_TITLE[row.party] % {"county": row.county})


def left(deadline: datetime, now: datetime) -> str:
    """What is left until a deadline: `剩 25 天`."""
    count, unit = time_left(deadline, now)
    return str(LEFT_WORDS[unit] % {"count": count})


def payments(view: TradeView) -> list[Payment]:
    """Three payments, none negative, of which the first two add up to the last."""
    producer = Payment(_l("产废方收"), view.price_producer, view.producer_fen)
    agreed = view.source is TradeSource.ELSEWHERE
    freight_label = _l("运费") if agreed else _l("运费（测算）")
    freight = Payment(freight_label, view.freight, view.freight_fen)
    consumer = Payment(_l("到厂价，利废方付"), view.price_consumer, view.consumer_fen)
    if view.price_producer >= 0:
        return [producer, freight, consumer]
    producer = producer.turned(_l("产废方付"))
    if view.price_consumer >= 0:
        return [consumer, producer, freight]
    return [freight, consumer.turned(_l("到厂价，利废方收")), producer]


def balance_of_prices(view: TradeView) -> str:
    """Why the three prices agree, each with its payer, so that none needs a bare minus."""
    if view.price_producer >= 0:
        text = _l("到厂价 %(consumer)s − 产废方价 %(producer)s = 运费 %(freight)s 元/吨")
    elif view.price_consumer >= 0:
        text = _l("到厂价 %(consumer)s + 产废方付 %(producer)s = 运费 %(freight)s 元/吨")
    else:
        text = _l("产废方付 %(producer)s − 利废方收 %(consumer)s = 运费 %(freight)s 元/吨")
    prices = {
        "producer": yuan(abs(view.price_producer)),
        "consumer": yuan(abs(view.price_consumer)),
        "freight": yuan(view.freight),
    }
    return str(text % prices)


def delivered(fen_per_t: int) -> LazyString | str:
    """The price at the consumer's gate; when the consumer is paid to take it, that is said."""
    if fen_per_t < 0:
        return _l("利废方收 %(amount)s", amount=yuan(-fen_per_t))
    return yuan(fen_per_t)


def limit(party: Party, fen_per_t: int) -> LazyString | str:
    """A side's own limit, naming who pays: the producer's at its gate, the consumer's at its."""
    return price(fen_per_t) if party is Party.PRODUCER else at_gate(fen_per_t)


def at_gate(fen_per_t: int) -> LazyString:
    """A consumer-side price that names the payer and never shows a bare minus."""
    if fen_per_t < 0:
        return _l("利废方收 %(amount)s 元/吨", amount=yuan(-fen_per_t))
    return _l("利废方付 %(amount)s 元/吨", amount=yuan(fen_per_t))


def distance(view: TradeView) -> LazyString:
    """The assumed road distance; rounded ones say so."""
    if view.is_open:
        return _l("%(km)s 公里（测算）", km=f"{view.metres / 1000:,.1f}")
    return _l("约 %(km)s 公里", km=f"{view.metres // 1000:,}")
