"""The sentence of every kind of message, and the title a mail has."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app.core.i18n import pick
from app.notifications.rules import Kind

TITLES = {
    Kind.NEW_MATCH: _l("新的成交意向"),
    Kind.COUNTERPART_CONFIRMED: _l("对方已确认"),
    Kind.APPROVAL_WANTED: _l("等第二位同事同意"),
    Kind.DEADLINE_NEAR: _l("期限快到了"),
    Kind.TRADE_ENDED: _l("交易已结束"),
    Kind.CANCEL_ASKED: _l("对方请求取消"),
    Kind.ESCALATED: _l("已过期限，转运营方"),
    Kind.NEW_OFFER: _l("收到新的报价"),
    Kind.ROUND_OPENED: _l("竞价场次开始"),
    Kind.ROUND_CLEARED: _l("竞价场次已出结果"),
    Kind.SHIPMENT_DUE: _l("车辆即将到厂"),
    Kind.SHIPMENT_ARRIVED: _l("车辆已到厂"),
    Kind.DISCREPANCY: _l("磅差超出允许范围"),
    Kind.REJECTION: _l("收货方拒收"),
    Kind.SILO_FULL: _l("料仓快满了"),
    Kind.DATA_LOOKED_UP: _l("监管部门查看了企业信息"),
    Kind.IMPORT_DONE: _l("导入完成"),
    Kind.HAZARD_FOUND: _l("检测超出危险废物限值"),
    Kind.GRADE_MOVES: _l("新标准改变判定"),
    Kind.DECLARATION_DUE: _l("月度申报快到期"),
    Kind.DECLARATION_LATE: _l("月度申报已逾期"),
    Kind.FLAG_ASKED: _l("监管部门请企业说明情况"),
    Kind.MONTH_CORRECTED: _l("公布的月份有更正"),
}
"""Also how the settings name a kind."""

SENTENCES = {
    Kind.NEW_MATCH: _l("%(number)s：%(material)s %(tonnes)s 吨，请在 %(deadline)s 前答复。"),
    Kind.COUNTERPART_CONFIRMED: _l("%(number)s：对方已确认，%(material)s %(tonnes)s 吨。"),
    Kind.APPROVAL_WANTED: _l("%(number)s：%(person)s 已同意“%(deed)s”，还要本企业另一位同事同意。"),
    Kind.DEADLINE_NEAR: _l("%(number)s：下一步是“%(step)s”，%(deadline)s 截止。"),
    Kind.TRADE_ENDED: _l("%(number)s：%(ending)s，原因：%(reason)s。"),
    Kind.CANCEL_ASKED: _l("%(number)s：对方请求取消，原因：%(reason)s。请答复是否同意。"),
    Kind.ESCALATED: _l("%(number)s：“%(step)s”已过期限，由运营方跟进。"),
    Kind.NEW_OFFER: _l("%(number)s：%(material)s，对方提出了新的条件，请查看并答复。"),
    Kind.ROUND_OPENED: _l("%(number)s：现在可以报价，%(deadline)s 截止。"),
    Kind.ROUND_CLEARED: _l("%(number)s：可以查看本企业的成交和没有成交的原因。"),
    Kind.SHIPMENT_DUE: _l("%(number)s：预约 %(at)s 到厂。"),
    Kind.SHIPMENT_ARRIVED: _l("%(number)s：%(plate)s 已到厂，等待过磅。"),
    Kind.DISCREPANCY: _l(
        "%(number)s：发货 %(dispatched)s 吨，收货 %(received)s 吨，请双方核对磅单。"
    ),
    Kind.REJECTION: _l("%(number)s：%(tonnes)s 吨被拒收，原因：%(reason)s。"),
    Kind.SILO_FULL: _l("%(site)s 的%(material)s按近 28 天的进出，约 %(days)s 天后装满。"),
    Kind.DATA_LOOKED_UP: _l("%(number)s：监管部门查看了交易双方的名称，理由：%(reason)s。"),
    Kind.IMPORT_DONE: _l("%(name)s：已导入 %(count)s 行。"),
    Kind.HAZARD_FOUND: _l("%(number)s：%(material)s的检测超出危险废物鉴别限值，挂牌已撤下。"),
    Kind.GRADE_MOVES: _l("%(number)s：%(day)s 起执行新标准，%(material)s的判定会变：%(moves)s。"),
    Kind.DECLARATION_DUE: _l(
        "%(site)s：%(month)s有 %(count)s 种废物还没有申报，请在 %(day)s 前申报。"
    ),
    Kind.DECLARATION_LATE: _l(
        "%(site)s：%(month)s有 %(count)s 种废物没有申报，%(day)s 已到期，请尽快申报。"
    ),
    Kind.FLAG_ASKED: _l("%(number)s：%(what)s，请在 %(deadline)s 前说明情况。"),
    Kind.MONTH_CORRECTED: _l(
        "%(month)s的数字公布以后，企业又申报或更正了 %(count)s 份，可以更正公布。"
    ),
}
GROUPS = (
    (
        _l("交易"),
        (
            Kind.NEW_MATCH,
            Kind.COUNTERPART_CONFIRMED,
            Kind.APPROVAL_WANTED,
            Kind.DEADLINE_NEAR,
            Kind.CANCEL_ASKED,
            Kind.TRADE_ENDED,
            Kind.ESCALATED,
        ),
    ),
    (_l("报价和竞价"), (Kind.NEW_OFFER, Kind.ROUND_OPENED, Kind.ROUND_CLEARED)),
    (
        _l("运输和过磅"),
        (Kind.SHIPMENT_DUE, Kind.SHIPMENT_ARRIVED, Kind.DISCREPANCY, Kind.REJECTION),
    ),
    (
        _l("厂内和数据"),
        (
            Kind.SILO_FULL,
            Kind.IMPORT_DONE,
            Kind.DATA_LOOKED_UP,
            Kind.HAZARD_FOUND,
            Kind.GRADE_MOVES,
            Kind.DECLARATION_DUE,
            Kind.DECLARATION_LATE,
            Kind.FLAG_ASKED,
        ),
    ),
    (_l("公布数字"), (Kind.MONTH_CORRECTED,)),
)
"""The kinds as the settings list them: every kind once."""

EN = "_en"
"""Ends the name of a value that an English page shows instead of the one before it."""


def sentence(kind: Kind, values: Mapping[str, str]) -> str:
    """What happened, in the language of the page or letter that is being written."""
    written = {name: pick(text, values.get(name + EN, "")) for name, text in values.items()}
    return str(SENTENCES[kind] % written)
