"""The definitions of the indicators, as the page of definitions prints them.

`INDICATORS` are the market's; `OFFICIAL` words the official ones of `indicators`, by their codes.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

DEMO = _l("演示数据：全部企业与数字均不代表任何真实企业")
"""Stands in every file that holds demonstration data."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured, how it is computed, in what unit, and from what."""

    name: LazyString
    meaning: LazyString
    formula: LazyString
    unit: LazyString | str
    source: LazyString


INDICATORS = (
    Indicator(
        _l("在市量"),
        _l("供应在当月摆上市场的吨数，已撤回的不算；企业停止挂牌前已预留、已签约的仍算。"),
        _l("未安置 + 待确认 + 已签约"),
        _l("吨"),
        _l("台账：当月各批的余额"),
    ),
    Indicator(
        _l("已签约"),
        _l("供需双方都已确认的吨数，含在途和已收。签约不等于已运到、已利用。"),
        _l("台账“已签约”“在途”“已收”三个科目的余额之和"),
        _l("吨"),
        _l("台账：双方确认时记账"),
    ),
    Indicator(
        _l("其中已收"),
        _l("已签约的吨数里，利废企业过磅收下的；拒收和磅差不算。"),
        _l("台账“已收”科目的余额"),
        _l("吨"),
        _l("台账：按收货磅单记账"),
    ),
    Indicator(
        _l("待确认"),
        _l("撮合已提出、双方还没有都确认的意向；到期或拒绝后退回未安置。"),
        _l("台账“已预留”科目的余额"),
        _l("吨"),
        _l("台账：提出意向时记账"),
    ),
    Indicator(
        _l("未安置"),
        _l("在市、但既未预留也未签约的吨数；被拒收的和路上差掉的没有着落，也算在内。"),
        _l("在市量 − 待确认 − 已签约"),
        _l("吨"),
        _l("台账“在市”“拒收”“磅差”三个科目的余额之和"),
    ),
    Indicator(
        _l("签约率"),
        _l("当月在市吨数中双方已签约的份额。只截不入：99.96% 写作 99.9%，全部签约才是 100%。"),
        _l("已签约 ÷ 在市量 × 100%"),
        "%",
        _l("由上面两项算出"),
    ),
    Indicator(
        _l("物理可达"),
        _l(
            "不看价格、只看物料、距离和接收能力，最多可以安置的吨数：当月最近一场撮合之前已预留、"
            "已签约的，加上那一场“物理方案”安置的；逐条供应计算，不超过它现在的在市吨数。"
            "撮合之后新挂牌的吨数下一场才计入。方案求各县合计的吨数最大，个别县可能小于该县已签约。"
        ),
        _l("各条供应 min（在市，撮合前已预留和已签约 + 物理方案安置）之和"),
        _l("吨"),
        _l("最近一场出结果的撮合，注明场次"),
    ),
    Indicator(
        _l("可达率"),
        _l("当月在市吨数中物理可达的份额，只截不入。"),
        _l("物理可达 ÷ 在市量 × 100%"),
        "%",
        _l("由上面两项算出"),
    ),
    Indicator(
        _l("流向"),
        _l("同一物料从一个县到另一个县（或留在本县）的待确认与已签约吨数，按交货月份。"),
        _l("同起点、同终点、同物料的交易相加；没有交就结束的交易不算"),
        _l("吨"),
        _l("台账：记在各笔交易号下的余额"),
    ),
)


@dataclass(frozen=True, slots=True)
class OfficialWords:
    """What an official indicator is called, and its formula in words."""

    name: LazyString
    meaning: LazyString
    formula: LazyString


OFFICIAL: dict[str, OfficialWords] = {
    "rate": OfficialWords(
        _l("综合利用率"),
        _l("产生量与利用往期贮存量之和里，被利用的份额；归产废厂区所在的县。"),
        _l("U ÷（G + U0）"),
    ),
    "chain_rate": OfficialWords(
        _l("链上只计一次的利用率"),
        _l("利用后变成另一种固废的吨数，只在后一种里计，两处不重复。"),
        _l("（U − C）÷（G + U0 − C）"),
    ),
    "self_share": OfficialWords(
        _l("自行利用份额"), _l("利用量里产废企业自己用掉的份额。"), _l("自行利用 ÷ U")
    ),
    "ticketed_share": OfficialWords(
        _l("有磅单的份额"),
        _l("委托利用里，收货磅单看得到的份额。"),
        _l("有磅单的委托利用 ÷ 申报的委托利用"),
    ),
    "generated": OfficialWords(_l("产生量"), _l("当月产生的吨数，按申报。"), _l("G")),
    "used": OfficialWords(
        _l("综合利用量"),
        _l("自行利用和委托利用之和，含利用往期贮存量。"),
        _l("U = 自行利用 + 委托利用"),
    ),
    "self_used": OfficialWords(
        _l("自行利用量"), _l("产废企业在自己厂区利用的吨数。"), _l("申报的自行利用")
    ),
    "entrusted_used": OfficialWords(
        _l("委托利用量"), _l("交给别人利用的吨数。"), _l("申报的委托利用")
    ),
    "related_used": OfficialWords(
        _l("关联企业利用量"),
        _l("有磅单的委托利用里，同一集团的企业收下的；按企业现在填报的集团算，不写入数字文件。"),
        _l("同一集团收下的磅单净重之和"),
    ),
    "old_used": OfficialWords(_l("利用往期贮存量"), _l("利用量里从期初贮存取用的。"), _l("U0")),
    "stored": OfficialWords(_l("贮存量（本期新增）"), _l("本期产生、期末还放着的。"), _l("S")),
    "disposed": OfficialWords(_l("处置量"), _l("填埋、焚烧等最终处置的，含往期贮存。"), _l("D")),
    "dumped": OfficialWords(_l("倾倒丢弃量"), _l("没有放在合规场所的。"), _l("X")),
    "stock": OfficialWords(
        _l("期末贮存量"), _l("期末那个月申报还放着的全部吨数。"), _l("期初 + S − U0 − D0")
    ),
    "gap": OfficialWords(
        _l("距目标"),
        _l("利用率到 100% 还要利用的吨数；目标不含赤泥，赤泥不计缺口。"),
        _l("（G + U0）× 100% − U，不小于 0"),
    ),
    "without_ticket": OfficialWords(
        _l("无磅单的申报"),
        _l("申报了委托利用、平台上没有磅单的；磅单比申报多时为负。单列一行，使各级相加相符。"),
        _l("申报的委托利用 − 有磅单的委托利用"),
    ),
}
