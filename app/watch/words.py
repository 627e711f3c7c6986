"""The words a reader sees for what the watch found and for what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.quantities import tonnes_text
from app.declarations.rules import ActivityKind
from app.watch.queries import FlagRow
from app.watch.rules import Deed, FlagStatus, Outcome, Owner
from app.watch.signs.chance import MOST_ODDS
from app.watch.signs.facts import Kind, Measure, Severity


@dataclass(frozen=True, slots=True)
class KindWords:
    """What a finding is called, and what it means."""

    title: LazyString
    meaning: LazyString


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state with its chip, and the one next deed."""

    text: LazyString
    chip: str


KINDS: Mapping[Kind, KindWords] = {
    Kind.BALANCE_OPEN: KindWords(
        _l("产生量与去向不平"), _l("产生量不等于新产生部分的利用、贮存、处置与倾倒之和。")
    ),
    Kind.STOCK_OPEN: KindWords(
        _l("期末库存对不上"), _l("期初库存加入库减出库，不等于申报的期末库存。")
    ),
    Kind.STOCK_BROKEN: KindWords(_l("库存前后月不衔接"), _l("本月期初库存与上月期末库存不一致。")),
    Kind.STOCK_OVERDRAWN: KindWords(
        _l("取用的往期贮存多于期初"), _l("申报利用和处置的往期贮存量超过期初库存。")
    ),
    Kind.STOCK_OVER_CAPACITY: KindWords(
        _l("库存超过贮存能力"), _l("期末库存大于贮存设施的总容量。")
    ),
    Kind.STOCK_TOO_OLD: KindWords(
        _l("库存久存不动"), _l("按先进先出推算，有一部分库存存放的时间过长。")
    ),
    Kind.DUMPED: KindWords(_l("申报了倾倒丢弃"), _l("企业自己申报了倾倒丢弃量。")),
    Kind.ARISINGS_OFF: KindWords(
        _l("产生量与生产活动不符"), _l("产生量超出同类生产活动应有的范围。")
    ),
    Kind.ARISINGS_CHANGED: KindWords(
        _l("单位产废量突变"), _l("单位生产活动的产生量与本厂往月相差很大。")
    ),
    Kind.USE_WITHOUT_TICKETS: KindWords(
        _l("无磅单的利用量突增"), _l("申报的委托利用量里，没有磅单的部分比往月多很多。")
    ),
    Kind.TICKETS_BEYOND_USE: KindWords(_l("磅单多于申报"), _l("磅单上的量大于申报的委托利用量。")),
    Kind.INTAKE_OFF: KindWords(_l("收货量与产量不符"), _l("几个月收的货多于它的产品能用掉的量。")),
    Kind.OVER_PERMIT: KindWords(_l("超过许可利用量"), _l("今年收的货超过许可的年利用量。")),
    Kind.REPEATED_WEIGHTS: KindWords(
        _l("同车磅单数值重复"), _l("同一辆车在同一磅房反复出现相同的毛重和皮重。")
    ),
    Kind.SHARED_WEIGHTS: KindWords(
        _l("不同车磅单数值相同"), _l("不同的车在同一磅房出现相同的毛重和皮重。")
    ),
    Kind.MIRRORED_WEIGHTS: KindWords(
        _l("两端磅单完全一致"), _l("装车与卸车两台磅的毛重和皮重一公斤不差，次数过多。")
    ),
    Kind.CONSTANT_TARE: KindWords(
        _l("皮重一直不变"), _l("油量、泥水、人员都会变，同一辆车的皮重却总是同一个数。")
    ),
    Kind.TARE_OFF: KindWords(_l("皮重异常"), _l("空车重量与这辆车平常的皮重相差太大。")),
    Kind.ROUND_WEIGHTS: KindWords(
        _l("磅单多为整数"), _l("毛重和皮重同时为整数的次数过多，像是人工填写。")
    ),
    Kind.OVERWEIGHT: KindWords(_l("车货总重超限"), _l("车货总重超过法定上限。")),
    Kind.TOO_FAST: KindWords(_l("行程时间过短"), _l("两次过磅之间的时间不够开完这段路。")),
    Kind.TOO_LONG: KindWords(_l("行程时间过长"), _l("两次过磅之间隔得太久。")),
    Kind.TWO_PLACES: KindWords(
        _l("同车同时在两地"), _l("这辆车还没卸完或来不及返回，就在别处装了车。")
    ),
    Kind.GATE_CLOSED: KindWords(_l("闭门时段过磅"), _l("磅房多次在自己公布的开放时间以外过磅。")),
}

NAMES: Mapping[str, LazyString] = {
    "generated": _l("产生量"),
    "accounted": _l("去向合计"),
    "gap": _l("相差"),
    "closing_due": _l("应有期末库存"),
    "closing": _l("期末库存"),
    "closing_before": _l("上月期末库存"),
    "opening": _l("期初库存"),
    "drawn": _l("取用往期贮存"),
    "capacity": _l("贮存能力"),
    "old_stock": _l("久存量"),
    "age": _l("存放时间"),
    "age_limit": _l("时间上限"),
    "dumped": _l("倾倒丢弃量"),
    "expected_low": _l("应有量下限"),
    "expected_high": _l("应有量上限"),
    "expected_usual": _l("按本厂往月应有"),
    "entrusted": _l("申报委托利用"),
    "ticketed": _l("磅单合计"),
    "unticketed_share": _l("无磅单占比"),
    "usual_share": _l("往月占比"),
    "taken": _l("收货量"),
    "window": _l("统计月数"),
    "taken_this_year": _l("今年收货量"),
    "permitted": _l("年许可量"),
    "gross": _l("毛重"),
    "tare": _l("皮重"),
    "usual_tare": _l("平常皮重"),
    "times": _l("次数"),
    "weighings": _l("过磅总数"),
    "trucks": _l("车辆数"),
    "one_in": _l("正常情况下出现的机会"),
    "same_at_both_ends": _l("两端一致的车次"),
    "loads": _l("总车次"),
    "round_weighings": _l("整数磅单"),
    "nearly_round": _l("接近整数的磅单"),
    "step": _l("整数单位"),
    "legal_gross": _l("总重上限"),
    "road": _l("路程"),
    "minutes": _l("用时"),
    "speed": _l("折合时速"),
    "unloaded": _l("上一车卸货"),
    "loaded_again": _l("下一车装货"),
    "between": _l("两地直线距离"),
    "opens": _l("开门时间"),
    "closes": _l("关门时间"),
    ActivityKind.COAL_BURNT: _l("燃煤量"),
    ActivityKind.ALUMINA_MADE: _l("氧化铝产量"),
    ActivityKind.PVC_MADE: _l("PVC 产量"),
    ActivityKind.COPPER_MADE: _l("铜产量"),
    ActivityKind.ALLOY_MADE: _l("铁合金产量"),
    ActivityKind.BOARD_MADE: _l("石膏板产量"),
}

STATUSES: Mapping[FlagStatus, StateWords] = {
    FlagStatus.OPEN: StateWords(_l("待认领"), "waiting"),
    FlagStatus.TAKEN: StateWords(_l("核查中"), "live"),
    FlagStatus.ASKED: StateWords(_l("待企业说明"), "waiting"),
    FlagStatus.ANSWERED: StateWords(_l("企业已说明"), "live"),
    FlagStatus.CLOSED: StateWords(_l("已办结"), "done"),
}
OUTCOMES: Mapping[Outcome, StateWords] = {
    Outcome.CONFIRMED: StateWords(_l("查实"), "wrong"),
    Outcome.CORRECTED: StateWords(_l("企业已更正"), "done"),
    Outcome.EXPLAINED: StateWords(_l("情况属实，合理"), "done"),
    Outcome.DISMISSED: StateWords(_l("误报"), "ended"),
}
DEEDS: Mapping[Deed, LazyString] = {
    Deed.RAISE: _l("系统发现"),
    Deed.TAKE: _l("已认领"),
    Deed.ASK: _l("已请企业说明"),
    Deed.ANSWER: _l("企业已说明"),
    Deed.CLOSE: _l("已办结"),
}
SEVERITIES: Mapping[Severity, StateWords] = {
    Severity.NOTICE: StateWords(_l("提示"), "draft"),
    Severity.WARNING: StateWords(_l("异常"), "waiting"),
    Severity.SERIOUS: StateWords(_l("严重"), "wrong"),
}


def name_of(name: str) -> str:
    """What a piece of evidence is called."""
    return str(NAMES[name])


def value_of(value: Any, measure: str, name: str = "") -> str:
    """A piece of evidence in figures, with its unit."""
    if measure == Measure.KG:
        return _tonnes(value)
    if measure == Measure.ACTIVITY:
        return _made(value, name)
    return str(_VALUES[Measure(measure)](value))


def evidence_sentence(evidence: Iterable[Iterable[Any]]) -> str:
    """All of the evidence in one sentence."""
    parts = [f"{name_of(n)} {value_of(v, measure, n)}" for n, v, measure in evidence]
    return str(_("；")).join(parts)


def owner_of(flag: FlagRow) -> str:
    """Whose turn it is, by name where it is a person's."""
    if flag.owner is Owner.OFFICE:
        return str(_("%(county)s监管部门", county=flag.county))
    if flag.owner is Owner.PERSON:
        return flag.person or str(_("监管部门"))
    return flag.company if flag.owner is Owner.FIRM else "—"


def state_of(status: FlagStatus, outcome: Outcome | None) -> StateWords:
    """The chip of a flag: its outcome once it has one."""
    return OUTCOMES[outcome] if outcome else STATUSES[status]


def _made(quantity: int, name: str) -> str:
    if name == ActivityKind.BOARD_MADE:
        return str(_("%(area)s 平方米", area=f"{quantity:,}"))
    return _tonnes(quantity)


def _tonnes(kg: int) -> str:
    return str(_("%(mass)s 吨", mass=tonnes_text(kg)))


def _odds(one_in: int) -> str:
    if one_in >= MOST_ODDS:
        return str(_("不到万亿分之一"))
    return str(_("约 %(count)s 次才有一次", count=f"{one_in:,}"))


_VALUES: Mapping[Measure, Callable[[Any], str]] = {
    Measure.MILLI: lambda milli: f"{milli / 10:.1f}%",
    Measure.MONTHS: lambda count: _("%(count)s 个月", count=count),
    Measure.COUNT: lambda count: f"{count:,}",
    Measure.METRES: lambda metres: _("%(km)s 公里", km=f"{metres / 1000:.1f}"),
    Measure.MINUTES: lambda minutes: _("%(count)s 分钟", count=f"{minutes:,}".replace("-", "−")),
    Measure.KMH: lambda kmh: _("%(speed)s 公里/小时", speed=f"{kmh:,}".replace("-", "−")),
    Measure.HOUR: lambda hour: f"{hour:02}:00",
    Measure.ONE_IN: _odds,
    Measure.TEXT: str,
}
