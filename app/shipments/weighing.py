"""The weighbridge: a ticket, the state of its note and the postings, all or none of them.

Sending a ticket again with its `client_key` finds the first one and does nothing: a gate without a
connection may try as often as it likes. Of two clerks at one truck the second is told of the first.

A load divides at the consumer's gate by the weight of the whole of it, which gross and tare
measure also when a part is rejected. What was rejected opens again whole when it is weighed back
at the producer's gate; kilograms missing then are a discrepancy of their own, and the producer
takes them off its listing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalogue.queries import term
from app.catalogue.rules import Term
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, Forbidden, Refused
from app.core.permissions import require
from app.core.quantities import tonnes_text
from app.shipments import photos, tidings, vehicles
from app.shipments.discrepancies import complete_trade, open_case
from app.shipments.gate_book import site_at
from app.shipments.locking import change, hold, record, require_open, write
from app.shipments.messages import NOTHING_CHANGED, already_weighed, moved_on, refuse_first
from app.shipments.models import Photo, Shipment, Ticket
from app.shipments.policy import may_handle, may_plan, may_weigh
from app.shipments.queries import contracted_kg, loaded_near, under_way
from app.shipments.rules import (
    ON_THE_ROAD,
    SENT_BACK,
    Deed,
    End,
    Outcome,
    RejectReason,
    ShipmentStatus,
    Verdict,
    allowed_kg,
    excess_faults,
    is_short,
    load_faults,
    normal_ticket_number,
    outcome,
    time_faults,
    verdict_faults,
    weight_faults,
)
from app.trades import delivery


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """A weighing as it was typed; `weighed_at` is the time on the paper.

    Verdict, rejected mass, reason and words belong to the unloading end. `rejected_kg` counts for a
    part only: a whole load is rejected as weighed. `is_late` is a ticket entered from the
    weighbridge's own book: where its truck is by now says nothing about where it was then.
    """

    end: End
    number: str
    gross_kg: int
    tare_kg: int
    weighed_at: datetime
    client_key: str | None = None
    photo: bytes | None = None
    verdict: Verdict | None = None
    rejected_kg: int = 0
    reject_reason: RejectReason | None = None
    words: str = ""
    is_late: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", normal_ticket_number(self.number))

    @property
    def net_kg(self) -> int:
        return self.gross_kg - self.tare_kg


def weigh(session: Session, actor: Actor, number: str, draft: TicketDraft, now: datetime) -> Ticket:
    """Record a ticket and what follows from it; sent again with its key it is found, not doubled.

    Raises `NotFound`, `Forbidden` at another firm's weighbridge, `Conflict` when the truck was
    weighed already, its note is void or not confirmed, or the ticket number is taken, and
    `Refused` for weights, times and verdicts that cannot be.
    """
    return weigh_held(session, actor, hold(session, actor, number), draft, now)


def weigh_held(
    session: Session, actor: Actor, shipment: Shipment, draft: TicketDraft, now: datetime
) -> Ticket:
    """The same for a note that this transaction holds already."""
    photo = photos.cleaned(draft.photo) if draft.photo else None
    _require_weigher(actor, shipment, draft.end)
    before = _sent_before(session, shipment, draft)
    if before is not None:
        return before
    _require_new(session, shipment, draft)
    refuse_first(weight_faults(draft.gross_kg, draft.tare_kg))
    DEEDS[draft.end](session, actor, shipment, draft, now)
    ticket = _keep(session, actor, shipment, draft, photo, now)
    detail = {"end": draft.end, "ticket": ticket.number, "kg": ticket.net_kg}
    record(session, actor, "weigh", shipment, now, **detail)
    return ticket


def _load(
    session: Session, actor: Actor, shipment: Shipment, draft: TicketDraft, now: datetime
) -> None:
    """A confirmed truck leaves with what the producer's weighbridge showed."""
    require_open(shipment, Deed.DEPART)
    trade = shipment.trade
    refuse_first(
        time_faults(draft.weighed_at, trade.contracted_at or trade.proposed_at, End.LOADING, now)
    )
    _require_truck(session, shipment, draft)
    _require_left(session, shipment, draft.net_kg)
    times = {"loaded_at": draft.weighed_at, "departed_at": draft.weighed_at}
    change(session, shipment, Deed.DEPART, dispatched_kg=draft.net_kg, **times)
    delivery.dispatch(session, actor, trade.number, draft.net_kg, shipment.number, now)
    if shipment.unload_slot_at is not None:
        tidings.due(session, shipment, End.UNLOADING, shipment.unload_slot_at, now)


def _unload(
    session: Session, actor: Actor, shipment: Shipment, draft: TicketDraft, now: datetime
) -> None:
    """The consumer takes a load, a part of it or nothing; weighing it proves that it arrived."""
    if shipment.status not in ON_THE_ROAD:
        raise moved_on(shipment)
    sent, allowed = shipment.dispatched_kg, _allowed(session, shipment, now)
    verdict, found = _judged(shipment, draft, allowed, now)
    if shipment.status is ShipmentStatus.IN_TRANSIT:
        change(session, shipment, Deed.ARRIVE, arrived_at=draft.weighed_at)
    change(session, shipment, verdict.deed, **_verdict_values(draft, verdict, found))
    delivery.receive(
        session,
        actor,
        shipment.trade.number,
        shipment.number,
        received_kg=found.received_kg,
        rejected_kg=found.rejected_kg,
        difference_kg=found.difference_kg,
        now=now,
    )
    if verdict is not Verdict.ACCEPT:
        tidings.rejected(session, shipment, now)
    if found.is_disputed:
        open_case(session, shipment, End.UNLOADING, sent, draft.net_kg, allowed, now)
    complete_trade(session, actor, shipment.trade, now)


def _judged(
    shipment: Shipment, draft: TicketDraft, allowed: int, now: datetime
) -> tuple[Verdict, Outcome]:
    """The verdict and what it makes of the load; raises `Refused` for what cannot be."""
    sent = shipment.dispatched_kg
    facts = (draft.rejected_kg, draft.reject_reason, draft.words)
    refuse_first(
        [
            *time_faults(draft.weighed_at, shipment.loaded_at or now, End.UNLOADING, now),
            *excess_faults(draft.net_kg, sent, allowed),
            *verdict_faults(draft.verdict, min(draft.net_kg, sent), *facts),
        ]
    )
    assert draft.verdict is not None
    found = outcome(sent, draft.net_kg, draft.verdict, draft.rejected_kg, allowed)
    return draft.verdict, found


def _verdict_values(draft: TicketDraft, verdict: Verdict, found: Outcome) -> dict[str, object]:
    """The columns of a note that the consumer's weighing fills."""
    is_whole = verdict is Verdict.ACCEPT
    return {
        "received_at": draft.weighed_at,
        "received_kg": found.received_kg,
        "rejected_kg": found.rejected_kg,
        "verdict": verdict,
        "reject_reason": None if is_whole else draft.reject_reason,
        "words": draft.words.strip(),
    }


def _take_back(
    session: Session, actor: Actor, shipment: Shipment, draft: TicketDraft, now: datetime
) -> None:
    """What was rejected is home again and open; kilograms missing by now are a discrepancy."""
    if shipment.status not in SENT_BACK:
        raise moved_on(shipment)
    rejected, allowed = shipment.rejected_kg, _allowed(session, shipment, now)
    refuse_first(
        [
            *time_faults(draft.weighed_at, shipment.received_at or now, End.RETURN, now),
            *excess_faults(draft.net_kg, rejected, allowed),
        ]
    )
    write(session, shipment, returned_at=draft.weighed_at)
    delivery.take_back(session, actor, shipment.trade.number, shipment.number, rejected, now)
    if is_short(rejected, draft.net_kg, allowed):
        open_case(session, shipment, End.RETURN, rejected, draft.net_kg, allowed, now)
    complete_trade(session, actor, shipment.trade, now)


DEEDS: dict[End, Callable[[Session, Actor, Shipment, TicketDraft, datetime], None]] = {
    End.LOADING: _load,
    End.UNLOADING: _unload,
    End.RETURN: _take_back,
}


def _require_weigher(actor: Actor, shipment: Shipment, end: End) -> None:
    if not may_weigh(actor, shipment, end):
        raise Forbidden(_l("这张磅单由过磅的厂区录入：装车和退回由产废方，收货由利废方。"))
    require(may_plan if end is End.LOADING else may_handle, actor)


def _sent_before(session: Session, shipment: Shipment, draft: TicketDraft) -> Ticket | None:
    """The ticket this very sending made earlier; raises `Conflict` if its key made another."""
    if draft.client_key is None:
        return None
    found = session.scalar(select(Ticket).where(Ticket.client_key == draft.client_key))
    if found is not None and (found.shipment_id, found.end) != (shipment.id, draft.end):
        raise Conflict(_l("这张磅单已经记在另一张运单上。"), NOTHING_CHANGED)
    return found


def _require_new(session: Session, shipment: Shipment, draft: TicketDraft) -> None:
    """Neither this end of the truck nor this ticket number was recorded before."""
    for ticket in shipment.tickets:
        if ticket.end is draft.end:
            raise already_weighed(ticket)
    if not draft.number:
        raise Refused(_l("请填磅单号。"), field="number")
    site_id = site_at(shipment.trade, draft.end)
    taken = session.scalar(
        select(Ticket).where(Ticket.site_id == site_id, Ticket.number == draft.number)
    )
    if taken is not None:
        raise _number_taken(taken.number, taken.shipment.number)


def _number_taken(number: str, shipment: str) -> Conflict:
    return Conflict(
        _l(
            "磅单号 %(number)s 在这个厂区已经用过，记在运单 %(shipment)s 上：请核对磅单。",
            number=number,
            shipment=shipment,
        ),
        NOTHING_CHANGED,
    )


def _require_truck(session: Session, shipment: Shipment, draft: TicketDraft) -> None:
    """The truck carries no more than it may, and stands nowhere else under load."""
    vehicle = vehicles.held(session, shipment.plate)
    if vehicle is not None:
        refuse_first(load_faults(draft.net_kg, vehicle.load_kg))
    if draft.is_late:
        _require_no_other_trip(session, shipment, draft.weighed_at)
        return
    other = under_way(session, shipment.plate)
    if other is not None:
        raise Conflict(
            _l(
                "车辆 %(plate)s 还在运单 %(number)s 的途中：那一车收货或退回后才能再装。",
                plate=shipment.plate,
                number=other,
            ),
            NOTHING_CHANGED,
        )


def _require_no_other_trip(session: Session, shipment: Shipment, loaded_at: datetime) -> None:
    other = loaded_near(session, shipment.plate, loaded_at)
    if other is not None:
        raise Conflict(
            _l(
                "车辆 %(plate)s 在这前后一小时内已按运单 %(number)s 装车：请核对车牌和过磅时间。",
                plate=shipment.plate,
                number=other,
            ),
            NOTHING_CHANGED,
        )


def _require_left(session: Session, shipment: Shipment, net_kg: int) -> None:
    left = contracted_kg(session, shipment.trade)
    if net_kg > left:
        raise Refused(
            _l(
                "净重 %(net)s 吨超过交易 %(number)s 剩下的 %(left)s 吨：请卸下 %(over)s 吨再过磅。",
                net=tonnes_text(net_kg),
                number=shipment.trade.number,
                left=tonnes_text(left),
                over=tonnes_text(net_kg - left),
            ),
            field="gross_kg",
        )


def _allowed(session: Session, shipment: Shipment, now: datetime) -> int:
    milli = term(session, Term.WEIGHT_TOLERANCE_MILLI, china_day(now))
    return allowed_kg(shipment.dispatched_kg, milli)


def _keep(
    session: Session,
    actor: Actor,
    shipment: Shipment,
    draft: TicketDraft,
    photo: Photo | None,
    now: datetime,
) -> Ticket:
    try:
        with session.begin_nested():
            ticket = Ticket(
                shipment=shipment,
                site_id=site_at(shipment.trade, draft.end),
                end=draft.end,
                number=draft.number,
                gross_kg=draft.gross_kg,
                tare_kg=draft.tare_kg,
                weighed_at=draft.weighed_at,
                recorded_at=now,
                recorded_by=actor.label,
                client_key=draft.client_key,
                photo=photo,
            )
            session.add(ticket)
    except IntegrityError:
        raise Conflict(_l("同号磅单刚由别人录入，这一步没有执行。"), NOTHING_CHANGED) from None
    return ticket
