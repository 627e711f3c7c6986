"""The words a reader sees for the codes of trucks, tickets and discrepancies."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.i18n import kg
from app.shipments.rows import ShipmentRow
from app.shipments.rules import (
    DiscrepancyStatus,
    EmissionClass,
    End,
    GateHours,
    Next,
    Packaging,
    RejectReason,
    ShipmentStatus,
    Step,
    Verdict,
)
from app.shipments.script_words import SCRIPT_WORDS
from app.trades.rules import Party

STATUS_WORDS: dict[ShipmentStatus, LazyString] = {
    ShipmentStatus.DRAFT: _l("草稿"),
    ShipmentStatus.CONFIRMED: _l("已派车"),
    ShipmentStatus.IN_TRANSIT: _l("在途"),
    ShipmentStatus.ARRIVED: _l("已到厂"),
    ShipmentStatus.RECEIVED: _l("已签收"),
    ShipmentStatus.PART_REJECTED: _l("部分拒收"),
    ShipmentStatus.REJECTED: _l("拒收"),
    ShipmentStatus.CLOSED: _l("已关闭"),
    ShipmentStatus.VOID: _l("已作废"),
}
LOST = _l("未到货")
"""What a note is called that was closed because its load never arrived."""

STATUS_CHIPS: dict[ShipmentStatus, str] = {
    ShipmentStatus.DRAFT: "draft",
    ShipmentStatus.CONFIRMED: "live",
    ShipmentStatus.IN_TRANSIT: "live",
    ShipmentStatus.ARRIVED: "waiting",
    ShipmentStatus.RECEIVED: "done",
    ShipmentStatus.PART_REJECTED: "waiting",
    ShipmentStatus.REJECTED: "wrong",
    ShipmentStatus.CLOSED: "done",
    ShipmentStatus.VOID: "ended",
}
PARTY_WORDS: dict[Party, LazyString] = {
    Party.PRODUCER: _l("产废方"),
    Party.CONSUMER: _l("利废方"),
}
END_WORDS: dict[End, LazyString] = {
    End.LOADING: _l("装车过磅"),
    End.UNLOADING: _l("收货过磅"),
    End.RETURN: _l("退回过磅"),
}
SAVE_WORDS: dict[End, LazyString] = {
    End.LOADING: _l("放行出厂"),
    End.UNLOADING: _l("收货"),
    End.RETURN: _l("退货入厂"),
}
"""What the big button of the gate says before a weight is known."""

SAVE_WITH_WEIGHT: dict[End, LazyString] = {
    End.LOADING: _l("放行出厂 %(kg)s kg"),
    End.UNLOADING: _l("收货 %(kg)s kg"),
    End.RETURN: _l("退货入厂 %(kg)s kg"),
}
REFUSE_WITH_WEIGHT: dict[Verdict, LazyString] = {
    Verdict.PART: _l("拒收 %(rejected)s kg，收下 %(rest)s kg"),
    Verdict.REJECT: _l("整车拒收 %(kg)s kg"),
}
VERDICT_WORDS: dict[Verdict, LazyString] = {
    Verdict.ACCEPT: _l("全部收下"),
    Verdict.PART: _l("部分拒收"),
    Verdict.REJECT: _l("整车拒收"),
}
REASON_WORDS: dict[RejectReason, LazyString] = {
    RejectReason.MOISTURE: _l("含水过高"),
    RejectReason.FINENESS: _l("细度不合格"),
    RejectReason.LOSS_ON_IGNITION: _l("烧失量过高"),
    RejectReason.CONTAMINATION: _l("混有杂物"),
    RejectReason.WRONG_MATERIAL: _l("物料不符"),
    RejectReason.WEIGHT: _l("重量不符"),
    RejectReason.NO_ROOM: _l("库容已满"),
    RejectReason.PAPERS: _l("单证不符"),
    RejectReason.OTHER: _l("其他（请说明）"),
}
EMISSION_WORDS: dict[EmissionClass, LazyString] = {
    EmissionClass.CHINA_4: _l("国四"),
    EmissionClass.CHINA_5: _l("国五"),
    EmissionClass.CHINA_6: _l("国六"),
    EmissionClass.NEW_ENERGY: _l("新能源"),
}
PACKAGING_WORDS: dict[Packaging, LazyString] = {
    Packaging.BULK: _l("散装"),
    Packaging.TANKER: _l("罐车"),
    Packaging.BAGS: _l("袋装"),
    Packaging.TARPAULIN: _l("散装加盖篷布"),
}
DISCREPANCY_WORDS: dict[DiscrepancyStatus, LazyString] = {
    DiscrepancyStatus.OPEN: _l("双方协商中"),
    DiscrepancyStatus.ESCALATED: _l("运营方处理中"),
    DiscrepancyStatus.SETTLED: _l("已商定"),
}
DISCREPANCY_CHIPS: dict[DiscrepancyStatus, str] = {
    DiscrepancyStatus.OPEN: "waiting",
    DiscrepancyStatus.ESCALATED: "wrong",
    DiscrepancyStatus.SETTLED: "done",
}
NEXT_WORDS: dict[Next, LazyString] = {
    Next.CONFIRMATION: _l("等对方或承运企业确认"),
    Next.LOADING: _l("等装车过磅"),
    Next.ARRIVAL: _l("在路上，等到厂"),
    Next.UNLOADING: _l("在厂，等收货过磅"),
    Next.RETURN: _l("拒收的货等退回过磅"),
    Next.SETTLEMENT: _l("等双方商定磅差"),
    Next.CLOSE: _l("可以关闭"),
    Next.NOTHING: _l("已办完"),
}
DUTY_WORDS: dict[Step, LazyString] = {
    Step.CONFIRM: _l("等您确认"),
    Step.WEIGH_LOADING: _l("等您装车过磅"),
    Step.WEIGH_UNLOADING: _l("等您收货过磅"),
    Step.WEIGH_RETURN: _l("等您退回过磅"),
    Step.AGREE_TO_WEIGHT: _l("等您答复净重"),
    Step.SETTLE_WEIGHT: _l("等您裁定净重"),
}
"""What somebody else waits for, told to the one who can do it."""

NO_GATE = _l("这个厂区没有设收发时段，不用预约。")
FULL_GATE = _l("近几天的时段都约满了，可以先派车，以后再约。")
HOURS = _l("%(opens)s:00 至 %(closes)s:00，每 %(minutes)s 分钟接 %(trucks)s 辆车")
TOLERANCE = _l("允许 ±%(kg)s kg（±%(percent)s）")


def difference(sent_kg: int, weighed_kg: int) -> str:
    """The second weighing against the first, in words and per cent: `比发货少 40 kg（−0.13%）`."""
    gap = weighed_kg - sent_kg
    if gap == 0:
        return str(SCRIPT_WORDS["same"])
    sign, sentence = ("−", "less") if gap < 0 else ("+", "more")
    percent = f"{sign}{abs(gap) * 100 / sent_kg:.2f}%"
    return str(SCRIPT_WORDS[sentence] % {"kg": kg(abs(gap)), "percent": percent})


def tolerance(allowed_kg: int, sent_kg: int) -> str:
    """What the tolerance allows: `允许 ±315 kg（±1.00%）`."""
    percent = f"{allowed_kg * 100 / sent_kg:.2f}%"
    return str(TOLERANCE % {"kg": kg(allowed_kg), "percent": percent})


def state(row: ShipmentRow) -> tuple[str, LazyString]:
    """The chip and the word of a note's state."""
    return ("wrong", LOST) if row.is_lost else (STATUS_CHIPS[row.status], STATUS_WORDS[row.status])


def duty(steps: frozenset[Step]) -> LazyString | None:
    """The first thing the reader of a list has to do with a truck."""
    return next((words for step, words in DUTY_WORDS.items() if step in steps), None)


def hours(gate: GateHours) -> str:
    """When a gate works: `7:00 至 19:00，每 30 分钟接 4 辆车`."""
    return str(
        HOURS
        % {
            "opens": gate.opens_hour,
            "closes": gate.closes_hour,
            "minutes": gate.slot_minutes,
            "trucks": gate.trucks_per_slot,
        }
    )
