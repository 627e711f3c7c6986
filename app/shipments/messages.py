"""The sentences for what the rules of trucks find wrong, and for a state that has moved on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core import i18n
from app.core.errors import Conflict, Refused
from app.core.faults import Fault
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import ShipmentStatus

SENTENCES: Mapping[str, LazyString] = {
    "tare": _l("皮重要大于 0，您填的是 %(tare)s kg。请看磅单上的“皮重”。"),
    "gross": _l("毛重 %(gross)s kg 不大于皮重 %(tare)s kg：两个数可能填反了。"),
    "overloaded": _l(
        "净重 %(net)s kg 超过这辆车的核定载质量 %(load)s kg，超了 %(over)s kg：请卸下一部分再过磅。"
    ),
    "more_than_sent": _l(
        "收货净重 %(net)s kg 比发货净重 %(sent)s kg 多，超出了允许的磅差：请核对两张磅单和车牌。"
    ),
    "verdict": _l("请选收下、部分拒收或整车拒收。"),
    "reason": _l("拒收要选一个原因，对方会看到。"),
    "words": _l("选“其他”时，请写一句说明。"),
    "part": _l(
        "部分拒收的重量要大于 0、小于整车净重 %(net)s kg，您填的是 %(rejected)s kg；"
        "整车不收请选“整车拒收”。"
    ),
    "settlement": _l("商定重量要在两次过磅之间：%(least)s 至 %(most)s kg。"),
    "future": _l("过磅时间 %(at)s 还没有到。请核对日期和钟点。"),
    "early_loading": _l("装车过磅时间 %(at)s 早于合同签订的 %(before)s。请核对日期和钟点。"),
    "early_unloading": _l("收货过磅时间 %(at)s 早于装车过磅的 %(before)s。请核对日期和钟点。"),
    "early_return": _l("退回过磅时间 %(at)s 早于收货过磅的 %(before)s。请核对日期和钟点。"),
    "plate_empty": _l("请填车牌号，例如 鲁P5D827。"),
    "plate_province": _l("“%(plate)s”不以省份简称开头（现在是“%(sign)s”）。例如 鲁P5D827。"),
    "plate_letters": _l("“%(plate)s”里有字母 I 或 O：车牌不用这两个字母，多半是数字 1 或 0。"),
    "plate_length": _l(
        "“%(plate)s”是 %(count)s 位：普通车牌 7 位，新能源车牌 8 位。请补全或去掉多余的字。"
    ),
    "plate_form": _l(
        "“%(plate)s”不是有效的车牌：省份简称和一个字母之后，货车是 5 位字母数字，"
        "新能源货车是 5 位数字加 D 或 F。"
    ),
    "plate_is_trailer": _l("“%(plate)s”是挂车的车牌：这里请填牵引车的，挂车填在下一项。"),
    "plate_no_trailer": _l("“%(plate)s”不是挂车的车牌：挂车的车牌以“挂”结尾，例如 鲁P1234挂。"),
    "not_new_energy": _l("“%(plate)s”不是新能源车牌，排放标准请按行驶证选国四、国五或国六。"),
    "load": _l("核定载质量要在 %(least)s 至 %(most)s kg 之间，按行驶证填写，单位是千克。"),
    "gate_hours": _l("开门要早于关门，都在 0 至 24 点之间。"),
    "gate_slot": _l("一个时段要在 %(least)s 至 %(most)s 分钟之间。"),
    "gate_trucks": _l("一个时段接 1 至 %(count)s 辆车。"),
    "no_slot": _l(
        "这个时间不是可预约的时段：%(opens)s:00 至 %(closes)s:00，每 %(minutes)s 分钟一段。"
    ),
    "slot_past": _l("时段 %(at)s 已经过去，请选后面的。"),
    "blank": _l("这一项必须填写。"),
    "phone": _l("“%(value)s”不像电话号码。请填手机或带区号的座机，例如 0635-1234567。"),
    "planned": _l("每车计划重量要大于 0 kg，不超过这辆车的核定载质量 %(load)s kg。"),
}
MASSES = frozenset(
    {"tare", "gross", "net", "load", "over", "sent", "rejected", "least", "most", "left", "kg"}
)
"""The values that are kilograms, written with thousands commas."""

MOVED_ON: Mapping[ShipmentStatus, LazyString] = {
    ShipmentStatus.DRAFT: _l("运单 %(number)s 还没有确认：请对方或承运企业先确认。"),
    ShipmentStatus.CONFIRMED: _l("运单 %(number)s 还没有装车过磅。"),
    ShipmentStatus.IN_TRANSIT: _l("运单 %(number)s 已在 %(at)s 装车发出。"),
    ShipmentStatus.ARRIVED: _l("运单 %(number)s 的车已在 %(at)s 到厂。"),
    ShipmentStatus.RECEIVED: _l("运单 %(number)s 已在 %(at)s 签收。"),
    ShipmentStatus.PART_REJECTED: _l("运单 %(number)s 已在 %(at)s 部分拒收。"),
    ShipmentStatus.REJECTED: _l("运单 %(number)s 已在 %(at)s 整车拒收。"),
    ShipmentStatus.CLOSED: _l("运单 %(number)s 已在 %(at)s 关闭。"),
    ShipmentStatus.VOID: _l("运单 %(number)s 已在 %(at)s 作废，不能再过磅或更改。"),
}
LOST = _l("运单 %(number)s 一直没有收货过磅，已在 %(at)s 按未到货结案。")
ASK_OPERATOR = _l("这一步没有执行。车如果到了，请联系运营方。")
NOTHING_CHANGED = _l("这一步没有执行，没有改动任何重量。请刷新页面，按现在的状态再决定。")


def refusal(fault: Fault) -> Refused:
    """A fault as the error that an operation raises."""
    values = {name: _written(name, value) for name, value in fault.values.items()}
    return Refused(SENTENCES[fault.code] % values, field=fault.field)


def refuse_first(faults: Sequence[Fault]) -> None:
    """Raise `Refused` for the first fault, if there is one."""
    for fault in faults:
        raise refusal(fault)


def moved_on(shipment: Shipment) -> Conflict:
    """What a consignment note has become, for a deed that may not happen any more, or not yet."""
    at = i18n.moment(_since(shipment))
    if shipment.is_lost:
        return Conflict(LOST % {"number": shipment.number, "at": at}, ASK_OPERATOR)
    sentence = MOVED_ON[shipment.status] % {"number": shipment.number, "at": at}
    return Conflict(sentence, NOTHING_CHANGED)


def already_weighed(ticket: Ticket) -> Conflict:
    """The answer to the second of two clerks at one truck."""
    return Conflict(
        _l(
            "这车已在 %(at)s 过磅，磅单号 %(number)s，净重 %(net)s kg。",
            at=i18n.moment(ticket.weighed_at),
            number=ticket.number,
            net=i18n.kg(ticket.net_kg),
        ),
        NOTHING_CHANGED,
    )


def _since(shipment: Shipment) -> datetime:
    """When the note came into its present state."""
    at = {
        ShipmentStatus.DRAFT: shipment.created_at,
        ShipmentStatus.CONFIRMED: shipment.confirmed_at,
        ShipmentStatus.IN_TRANSIT: shipment.departed_at,
        ShipmentStatus.ARRIVED: shipment.arrived_at,
        ShipmentStatus.CLOSED: shipment.closed_at,
        ShipmentStatus.VOID: shipment.voided_at,
    }.get(shipment.status, shipment.received_at)
    return at or shipment.created_at


def _written(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return i18n.moment(value)
    return i18n.kg(value) if name in MASSES and isinstance(value, int) else value
