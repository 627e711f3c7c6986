"""What the page of a consignment note says: its stations, its fields, its weights, its disputes.

The fields are those a transfer manifest has to hold (source: domain practice, solid waste law).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.core.i18n import is_english, kg, month, short_moment
from app.shipments.choices import WasteRow
from app.shipments.rows import DiscrepancyRow, ShipmentView
from app.shipments.rules import DiscrepancyStatus, End, Next, Verdict
from app.shipments.words import (
    EMISSION_WORDS,
    LOST,
    PACKAGING_WORDS,
    PARTY_WORDS,
    REASON_WORDS,
    STATUS_WORDS,
    VERDICT_WORDS,
    difference,
    tolerance,
)
from app.trades.rules import Party

Facts = list[tuple[object, object]]
SCALES = {
    Next.LOADING: Party.PRODUCER,
    Next.ARRIVAL: Party.CONSUMER,
    Next.UNLOADING: Party.CONSUMER,
    Next.RETURN: Party.PRODUCER,
}
"""Whose weighbridge comes next, by what the load waits for."""


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the stepper; `state` is past, now or ahead."""

    label: object
    detail: object
    state: str


@dataclass(frozen=True, slots=True)
class Weighing:
    """The ticket form of one truck: what it is compared with."""

    end: End
    sent_kg: int
    allowed_kg: int


def stations(view: ShipmentView) -> list[Station]:
    """The way of a load: planned, confirmed, loaded, arrived, received, back, closed."""
    way: list[tuple[object, datetime | None]] = [
        (_l("派车"), view.created_at),
        (_l("确认"), view.confirmed_at),
        (_l("装车出厂"), view.departed_at),
        (_l("车到厂"), view.arrived_at),
        (_received_word(view), view.received_at),
    ]
    if view.rejected_kg:
        way.append((_l("退回过磅"), view.returned_at))
    way.append((_l("关闭"), view.closed_at))
    if view.voided_at is not None:
        way = [(label, at) for label, at in way if at] + [(_l("作废"), view.voided_at)]
    if view.is_lost:
        way = [(label, at) for label, at in way[:-1] if at] + [(LOST, view.closed_at)]
    return _with_states(way)


def _with_states(way: list[tuple[object, datetime | None]]) -> list[Station]:
    """What has happened is past, the first that has not is now."""
    now = next((index for index, (_, at) in enumerate(way) if at is None), len(way))
    states = ["past" if index < now else "ahead" for index in range(len(way))]
    if now < len(way):
        states[now] = "now"
    details = [short_moment(at) if at else "" for _, at in way]
    return [Station(label, *rest) for (label, _), *rest in zip(way, details, states, strict=True)]


def _received_word(view: ShipmentView) -> LazyString:
    return _l("签收") if view.verdict in (None, Verdict.ACCEPT) else VERDICT_WORDS[view.verdict]


def note(view: ShipmentView, waste: WasteRow) -> Facts:
    """Every field of the note but the parties and the tickets; what is not known is left out."""
    rows: Facts = [
        (_l("物料"), waste.name),
        (_l("类别和代码"), waste.code),
        (_l("包装方式"), PACKAGING_WORDS[view.packaging]),
        (_l("利用方式"), waste.use),
        (_l("计划装"), f"{kg(view.planned_kg)} kg"),
        (_l("排放阶段"), EMISSION_WORDS[view.emission]),
        (_l("核定载质量"), f"{kg(view.load_kg)} kg" if view.load_kg else ""),
        (_l("司机"), f"{view.driver} {view.driver_phone}".strip()),
        (_l("途经"), view.via),
        (_l("装车时段"), _at(view.load_slot_at)),
        (_l("卸车时段"), _at(view.unload_slot_at)),
        (_l("装车时间"), _at(view.loaded_at)),
        (_l("出厂时间"), _at(view.departed_at)),
        (_l("到厂时间"), _at(view.arrived_at)),
        (_l("收货时间"), _at(view.received_at)),
        (_l("合同"), view.contract_number),
        (_l("交货月份"), month(view.month)),
    ]
    return [(name, value) for name, value in rows if value]


def result(view: ShipmentView) -> Facts:
    """What became of the load, in whole kilograms: the masses sum to what was dispatched."""
    unloaded = view.ticket(End.UNLOADING)
    if view.is_lost:
        return [(LOST, f"{kg(view.difference_kg)} kg"), (_l("核实的情况"), view.words or "—")]
    if unloaded is None:
        return []
    rows: Facts = [
        (_l("两端相比"), difference(view.dispatched_kg, unloaded.net_kg)),
        (_l("容差"), tolerance(view.allowed_kg, view.dispatched_kg)),
        (_l("收下"), f"{kg(view.received_kg)} kg"),
    ]
    if view.rejected_kg:
        rows.append((_l("拒收"), f"{kg(view.rejected_kg)} kg"))
        rows.append((_l("拒收原因"), _reason(view)))
    if view.difference_kg:
        rows.append((_l("磅差"), f"{kg(view.difference_kg)} kg"))
    rows.append((_l("结算重量"), f"{kg(view.paid_kg)} kg"))
    return rows


def _reason(view: ShipmentView) -> str:
    reason = str(REASON_WORDS[view.reject_reason]) if view.reject_reason else ""
    return f"{reason} · {view.words}" if view.words else reason


def case(row: DiscrepancyRow) -> str:
    """A disputed weight in one or two sentences."""
    facts = {
        "sent": kg(row.sent_kg),
        "weighed": kg(row.weighed_kg),
        "short": kg(row.short_kg),
        "allowed": kg(row.allowed_kg),
    }
    sentence = _l(
        "发货 %(sent)s kg，后来称得 %(weighed)s kg，少 %(short)s kg；容差只有 %(allowed)s kg。"
    )
    told = [str(sentence % facts)]
    if row.status is DiscrepancyStatus.SETTLED:
        told.append(str(_l("已按 %(kg)s kg 商定。", kg=kg(row.settled_kg or 0))))
    elif row.proposed_kg is not None:
        told.append(on_the_table(row))
    return (" " if is_english() else "").join(told)


def on_the_table(row: DiscrepancyRow) -> str:
    """Who proposed which weight."""
    if row.proposed_kg is None or row.proposed_by is None:
        return ""
    proposed = _l(
        "%(side)s提出 %(kg)s kg。", side=PARTY_WORDS[row.proposed_by], kg=kg(row.proposed_kg)
    )
    return f"{proposed}{row.words}" if row.words else str(proposed)


def open_case(view: ShipmentView) -> DiscrepancyRow | None:
    """The dispute that a reader may still say something to: one at a time."""
    open_ones = (row for row in view.discrepancies if row.status is not DiscrepancyStatus.SETTLED)
    return next(open_ones, None)


def weighing(view: ShipmentView, end: End) -> Weighing:
    """What the next ticket is compared with: the load as sent, or what of it goes back."""
    sent = view.rejected_kg if end is End.RETURN else view.dispatched_kg
    return Weighing(end, sent, view.allowed_kg)


def why_not_now(view: ShipmentView) -> str:
    """Why the truck is not weighed here now."""
    scale = SCALES.get(view.next)
    if scale is None:
        return str(_l("运单状态：%(state)s。", state=STATUS_WORDS[view.status]))
    return str(_l("下一次过磅在%(side)s。", side=PARTY_WORDS[scale]))


def gate_site(view: ShipmentView) -> int | None:
    """The reader's own site on this road, if its firm is a side."""
    sites = {Party.PRODUCER: view.producer.site_id, Party.CONSUMER: view.consumer.site_id}
    return next((site for side, site in sites.items() if side in view.my_sides), None)


def _at(moment: datetime | None) -> str:
    return short_moment(moment) if moment else ""
