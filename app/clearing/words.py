"""The words of a run, in one place: states, reasons, and what would change each of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.clearing.rules import RunState, Unplaced

STATE_WORDS: dict[RunState, tuple[str, LazyString]] = {
    RunState.WAITING: ("waiting", _l("排队中")),
    RunState.RUNNING: ("live", _l("进行中")),
    RunState.DONE: ("done", _l("已完成")),
    RunState.FAILED: ("wrong", _l("失败")),
    RunState.CANCELLED: ("ended", _l("已取消")),
}


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason's title, what it means for one order, and the next step for its owner."""

    title: LazyString
    meaning: LazyString
    next_step: LazyString


REASON_WORDS: dict[Unplaced, ReasonWords] = {
    Unplaced.PLACED: ReasonWords(
        _l("全部有着落"), _l("全部吨数都有成交意向。"), _l("在“交易”里确认。")
    ),
    Unplaced.ZERO: ReasonWords(
        _l("本月没有数量"), _l("这个月没有可撮合的吨数。"), _l("要参加下一场，请改数量或时段。")
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
    Unplaced.PRICE: ReasonWords(
        _l("双方价差不够付运费"),
        _l("运距内有对家，但出价减要价不够付运费。"),
        _l("改限价后参加下一场；或看规划口径需要多少补贴。"),
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
