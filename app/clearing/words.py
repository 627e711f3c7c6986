"""The words of a run, in one place: states, reasons, and what would change each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.catalogue.quality import ParameterRow
from app.clearing.rules import RunState, Unplaced
from app.clearing.shut_outs import Remedy, ShutOutRow
from app.core.i18n import is_english
from app.eligibility.words import (
    finding_text,
    headline,
    place_text,
    subject_text,
    unit_text,
)

STATE_WORDS: dict[RunState, tuple[str, LazyString]] = {
    RunState.WAITING: ("waiting", _l("排队中")),
    RunState.RUNNING: ("live", _l("进行中")),
    RunState.DONE: ("done", _l("已完成")),
    RunState.FAILED: ("wrong", _l("失败")),
    RunState.CANCELLED: ("ended", _l("已取消")),
}


PRICE_RULES: dict[str, LazyString] = {
    "midpoint": _l("双方限价的中点，余一分归产废方"),
    "midpoint_5": _l(
        "双方限价的中点，按产废方价取 5 元/吨的整数倍，差一半时归产废方；没有整数倍可取时就是中点"
    ),
}


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason's title, what it means for one order, and the next step for its owner."""

    title: LazyString
    meaning: LazyString
    next_step: LazyString


AUDIT_WORDS: dict[str, LazyString] = {
    "clearing.auditor_named": _l("指定为审计员"),
    "clearing.auditor_withdrawn": _l("撤销审计员"),
    "clearing.documents_handed": _l("下载报单与凭证"),
}
REASON_WORDS: dict[Unplaced, ReasonWords] = {
    Unplaced.PLACED: ReasonWords(
        _l("全部有着落"), _l("全部吨数都有成交意向。"), _l("在“交易”里确认。")
    ),
    Unplaced.ZERO: ReasonWords(
        _l("本月没有数量"), _l("这个月没有可撮合的吨数。"), _l("要参加下一场，请改数量或时段。")
    ),
    Unplaced.STOCK: ReasonWords(
        _l("库存已够用"),
        _l("原有库存已经满足这个月的需要。"),
        _l("不用做什么；库存用完的月份会照常撮合。"),
    ),
    Unplaced.IDLE: ReasonWords(
        _l("停窑，不收料"),
        _l("按停窑日历，这个月没有开窑的日子。"),
        _l("有料库的，在需求里填“可存放”，开窑后要用的料就能提前收；日历有误请告诉运营方。"),
    ),
    Unplaced.NO_LANE_MATERIAL: ReasonWords(
        _l("没有对家收这种物料"),
        _l("本月没有企业在册收（或供）这种物料。"),
        _l("运营方可去找新的用途或用户；您可先看统计里的去向。"),
    ),
    Unplaced.NO_LANE_DISTANCE: ReasonWords(
        _l("对家都太远"),
        _l("有企业要这种物料，但都超出双方限定的运距。"),
        _l("放宽最远运距，或请对方放宽。"),
    ),
    Unplaced.NO_LANE_LISTED: ReasonWords(
        _l("没有准许的通道"), _l("没有一对买卖双方被准许成交。"), _l("请联系运营方。")
    ),
    Unplaced.QUALITY: ReasonWords(
        _l("品质不合或未证明"),
        _l("本月有企业收（或供）这种物料，但按品质没有一家能配。"),
        _l("缺什么、超了什么见“为品质不能配的对手”；补上检测，或放宽自己提的品质要求。"),
    ),
    Unplaced.MONTH: ReasonWords(
        _l("月份对不上"),
        _l("运距内有对家，但没有一家在这个月有量，存放也接不上。"),
        _l("改挂牌的月份，或填“可存放”的数量，让料等到有对家的月份。"),
    ),
    Unplaced.PRICE: ReasonWords(
        _l("双方价差不够付运费"),
        _l("运距内有对家，但出价减要价不够付运费。"),
        _l("改限价后参加下一场；或看规划口径需要多少补贴。"),
    ),
    Unplaced.LOT_TOO_LARGE: ReasonWords(
        _l("整批太大"),
        _l("要求整批交给一家，但没有一家装得下。"),
        _l("允许分批，或把这一批拆成几条挂牌。"),
    ),
    Unplaced.LOT_TOO_SMALL: ReasonWords(
        _l("达不到起运量"),
        _l("能配给一家的数量低于最低起运量。"),
        _l("降低最低起运量，或把几个月的数量合起来。"),
    ),
    Unplaced.COSTS: ReasonWords(
        _l("划不来"),
        _l("还有余量，但用上它多花的钱比带来的多。"),
        _l("改限价或增加数量后参加下一场。"),
    ),
    Unplaced.SILO: ReasonWords(
        _l("料库装不下"),
        _l("别的月份还有去处，但可存放的数量不够留到那时。"),
        _l("增加“可存放”的数量，或把挂牌改到有去处的月份。"),
    ),
    Unplaced.FULL: ReasonWords(
        _l("接收能力已满"),
        _l("能成交的对家，吨数已经配完。"),
        _l("早些挂牌、放宽运距，或等对家扩大接收量。"),
    ),
    Unplaced.TIE: ReasonWords(
        _l("条件相同，名额有限"),
        _l("另有条件完全相同的企业，按固定次序先配完。"),
        _l("稍稍改善限价，下一场即可排在前面。"),
    ),
    Unplaced.CHANGED: ReasonWords(
        _l("撮合期间数量有变"),
        _l("求解时一方撤下或改了数量，这笔意向没有成立。"),
        _l("下一场会按现在的数量重新撮合。"),
    ),
}

REMEDIES: dict[Remedy, LazyString] = {
    Remedy.TEST: _l("补上检测或来源情况，下一场就按新的结果配。"),
    Remedy.TEST_AGAIN: _l("有更新的检测请录入；这批料也可以找别的用途。"),
    Remedy.NO_TEST: _l("这一用途没有可依的标准，检测也证明不了；要由买方勾选“接受未证明的料”。"),
    Remedy.ACCEPT: _l("在需求里勾选“接受未证明的料”，下一场就不再为此挡住。"),
    Remedy.LOOSEN: _l("放宽自己提的限值，下一场可配的供应就多一些。"),
    Remedy.WAIT: _l("这一用途要先证明品质，等供应方补上检测。"),
}


def use_title(row: ShutOutRow) -> str:
    """The use that counterparts were shut out of, or that there is none in the catalogue."""
    return headline(row.use.name) if row.use else str(_("目录里没有这种用途"))


def shut_out_text(row: ShutOutRow, parameters: Mapping[str, ParameterRow]) -> str:
    """Why: `烧失量 11.2 % > 10 %，III 级，GB/T 1596-2017 6.1 表 1` or `缺 烧失量、需水量比`."""
    names = _names(row.subjects, parameters)
    if not row.is_failing:
        missing = str(_("缺 %(names)s", names=names))
        return str(_("%(text)s（买方要求）", text=missing)) if row.is_own_limit else missing
    if not row.tells_values:
        place = place_text(row.finding.limit)
        return headline(str(_("%(names)s不合（%(place)s）", names=names, place=place)))
    broken = headline(finding_text(row.finding, parameters))
    if not row.subjects[1:]:
        return broken
    others = _names(row.subjects[1:], parameters)
    return str(_("%(text)s；另外不合的：%(names)s", text=broken, names=others))


def value_text(value: Decimal, parameter: ParameterRow) -> str:
    """A value with its unit: `10 %`."""
    return f"{value} {unit_text(parameter.unit)}".strip()


def _names(subjects: Iterable[str], parameters: Mapping[str, ParameterRow]) -> str:
    names = dict.fromkeys(subject_text(code, parameters) for code in subjects)
    return (", " if is_english() else "、").join(names)
