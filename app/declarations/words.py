"""What the codes and faults of declarations are called on a page."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.errors import Refused
from app.core.faults import Fault
from app.core.i18n import moment, tonnes
from app.declarations.monthly import State
from app.declarations.rules import ActivityKind, EventKind, FacilityKind, WasteClass, WasteForm

EVENTS: dict[EventKind, LazyString] = {
    EventKind.GENERATED: _l("产生"),
    EventKind.STORED: _l("入库"),
    EventKind.TAKEN_OUT: _l("出库"),
    EventKind.SELF_USED: _l("自行利用"),
    EventKind.SELF_DISPOSED: _l("自行处置"),
    EventKind.ENTRUSTED_DISPOSED: _l("委托处置"),
}
FACILITIES: dict[FacilityKind, LazyString] = {
    FacilityKind.STORAGE: _l("贮存设施"),
    FacilityKind.USE: _l("自行利用设施"),
    FacilityKind.DISPOSAL: _l("自行处置设施"),
}
FORMS: dict[WasteForm, LazyString] = {
    WasteForm.POWDER: _l("粉状"),
    WasteForm.SOLID: _l("固态"),
    WasteForm.SEMI_SOLID: _l("半固态"),
    WasteForm.SLURRY: _l("浆状"),
}
CLASSES: dict[WasteClass, LazyString] = {
    WasteClass.I: _l("第 I 类"),
    WasteClass.II: _l("第 II 类"),
}
MASS_WORDS: dict[str, LazyString] = {
    "generated_kg": _l("产生量"),
    "self_used_kg": _l("自行利用量"),
    "entrusted_used_kg": _l("委托利用量"),
    "old_used_kg": _l("利用往期贮存量"),
    "disposed_kg": _l("处置量"),
    "old_disposed_kg": _l("处置往期贮存量"),
    "stored_kg": _l("贮存量"),
    "opening_kg": _l("月初库存"),
    "closing_kg": _l("月末库存"),
    "dumped_kg": _l("倾倒丢弃量"),
}
"""The masses of a month in the order of the official form."""
STATES: dict[State, LazyString] = {
    State.DUE: _l("待申报"),
    State.LATE: _l("逾期"),
    State.UNBALANCED: _l("不平衡"),
    State.CORRECTED: _l("已更正"),
    State.DECLARED: _l("已申报"),
}
ACTIVITIES: dict[ActivityKind, LazyString] = {
    ActivityKind.COAL_BURNT: _l("燃煤量"),
    ActivityKind.ALUMINA_MADE: _l("氧化铝产量"),
    ActivityKind.PVC_MADE: _l("聚氯乙烯产量"),
    ActivityKind.COPPER_MADE: _l("铜产量"),
    ActivityKind.ALLOY_MADE: _l("铁合金产量"),
    ActivityKind.BOARD_MADE: _l("石膏板产量"),
}
QUOTED: dict[str, Callable[..., str]] = {
    **dict.fromkeys(("kg", "whole_kg", "mass_limit"), tonnes),
    **dict.fromkeys(("now", "first", "at"), moment),
}
"""How the values a sentence quotes are written; the rest stand as they are."""
SENTENCES: dict[str, LazyString] = {
    "mass_not_positive": _l("吨数要大于 0；填的是 %(kg)s 吨。"),
    "mass_too_large": _l("超过上限 %(mass_limit)s 吨，请核对单位是不是吨。"),
    "in_future": _l("时间还没有到；现在是 %(now)s。"),
    "long_past": _l("时间太早；最早可以补记 %(first)s 以后的。"),
    "moisture_range": _l("含水率要在 0 到 100%% 之间，不含 100%%。"),
    "handler_missing": _l("请填经办人。"),
    "product_missing": _l("请填利用方式，例如：制砖。"),
    "destination_missing": _l("请填处置方式或接收单位。"),
    "facility_unwanted": _l("这种记录不用选设施；请留空。"),
    "facility_missing_storage": _l("入库、出库要选一处贮存设施。"),
    "facility_missing_use": _l("自行利用要选一处利用设施。"),
    "facility_missing_disposal": _l("自行处置要选一处处置设施。"),
    "facility_other_material": _l("这处设施只放另一种废物，请另选一处。"),
    "facility_elsewhere": _l("这处设施不在这个厂区，请另选一处。"),
    "facility_code": _l("“%(value)s”不是设施编码。请按排污许可证填写，例如 TS001。"),
    "facility_taken": _l("这个厂区已经有编码为 %(value)s 的设施。"),
    "capacity_missing": _l("贮存设施要填容量，用来估算几天后装满。"),
    "stock_short": _l("%(facility)s 在 %(at)s 只有 %(kg)s 吨，不够取；没有记录。"),
    "source_taken": _l("这个厂区的这种废物已经登记过，请直接修改那一条。"),
    "unknown_material": _l("目录里没有这种物料，请从列表中选。"),
    "hazardous_code": _l(
        "%(value)s 是危险废物代码。本平台只登记一般工业固体废物；请走危险废物申报。"
    ),
    "not_item_code": _l("“%(value)s”不是废物代码。请填 2024 年目录的代码，例如 441-001-S02。"),
    "mass_below_zero": _l("吨数不能小于 0；填的是 %(kg)s 吨。"),
    "old_over_used": _l(
        "利用往期贮存量 %(kg)s 吨，大于综合利用量 %(whole_kg)s 吨；它是其中的一部分。"
    ),
    "old_over_disposed": _l(
        "处置往期贮存量 %(kg)s 吨，大于处置量 %(whole_kg)s 吨；它是其中的一部分。"
    ),
    "old_over_opening": _l(
        "从往期贮存中取用 %(kg)s 吨，大于月初库存 %(whole_kg)s 吨。请核对月初库存或取用量。"
    ),
    "more_went": _l(
        "利用、贮存、处置和倾倒合计比产生量多 %(kg)s 吨。其中有多少来自往期贮存？"
        "请填“利用往期贮存量”或“处置往期贮存量”。"
    ),
    "more_arose": _l(
        "产生的废物还有 %(kg)s 吨没有去向。请核对贮存量、利用量和处置量；"
        "往期贮存的取用量如果填多了，也会这样。"
    ),
    "stock_open": _l("月末库存填 %(kg)s 吨，按月初库存、贮存和取用算应为 %(whole_kg)s 吨。"),
    "opening_moved": _l("月初库存填 %(kg)s 吨，上月申报的月末库存是 %(whole_kg)s 吨。"),
    "below_tickets": _l("委托利用填 %(kg)s 吨，少于本月收货磅单合计 %(whole_kg)s 吨。"),
    "explanation_missing": _l(
        "平衡还有 %(count)s 处没有对上。请改正数字，或写明原因（至少 %(least)s 个字）后照样申报。"
    ),
    "reason_missing": _l("请写明为什么更正，至少 %(least)s 个字。"),
    "nothing_corrected": _l("和 %(value)s 完全一样，没有更正。"),
    "month_not_open": _l("这个月还没有结束，或者已超过台账保存期，不能申报。"),
}


def spoken(fault: Fault) -> LazyString:
    """The sentence of a fault, with its values written as on a page."""
    values = {name: QUOTED.get(name, str)(value) for name, value in fault.values.items()}
    return SENTENCES[fault.code] % values


def refusal(fault: Fault) -> Refused:
    """A fault as the error that an operation raises."""
    return Refused(spoken(fault), field=fault.field or None)
