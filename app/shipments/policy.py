"""Who may see a shipment and who does what with it.

A firm that was suspended still sees the trucks it has under way through to their end: tonnes on
the road cannot wait. It plans and loads no new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, exists, false, or_, select, true

from app.core.actor import Actor, CompanyRole
from app.shipments.models import Shipment
from app.shipments.rules import PLANNED, End, Next, ShipmentStatus, Step
from app.trades.models import Trade
from app.trades.policy import is_a_side, sides_of
from app.trades.rules import Party

WEIGHED_BY = {
    End.LOADING: Party.PRODUCER,
    End.UNLOADING: Party.CONSUMER,
    End.RETURN: Party.PRODUCER,
}
"""Whose weighbridge makes the ticket of each end."""


def may_plan(actor: Actor) -> bool:
    """A trader or manager of an approved firm; whose trade it is, the operation decides."""
    return actor.may_trade


def may_handle(actor: Actor) -> bool:
    """Works at a gate or drives, for a firm that may be suspended by now."""
    return actor.is_company and actor.company_role in (CompanyRole.MANAGER, CompanyRole.TRADER)


def reads_shipments(actor: Actor) -> bool:
    """Lists trucks: the firms, each its own, and the operator.

    A regulator finds every load in the statistics, which lead to its page.
    """
    return actor.is_company or actor.is_operator


def reads_a_shipment(actor: Actor) -> bool:
    """Opens the page of one truck; a regulator after a look-up, see `queries.seen`."""
    return reads_shipments(actor) or actor.is_regulator


def drives(actor: Actor, shipment: Shipment) -> bool:
    """Whether the actor's firm is the carrier."""
    return actor.is_company and actor.company_id == shipment.carrier_company_id


def takes_part(actor: Actor, shipment: Shipment) -> bool:
    """Belongs to one of the two firms or to the carrier."""
    return drives(actor, shipment) or bool(sides_of(actor, shipment.trade))


def may_confirm(actor: Actor, shipment: Shipment) -> bool:
    """The other side or the carrier says yes; a firm that is both sides has nobody else to ask."""
    planner = {
        Party.PRODUCER: shipment.trade.producer_company_id,
        Party.CONSUMER: shipment.trade.consumer_company_id,
    }[shipment.planned_by]
    is_both = len(sides_of(actor, shipment.trade)) == len(Party)
    return takes_part(actor, shipment) and (is_both or actor.company_id != planner)


def may_weigh(actor: Actor, shipment: Shipment, end: End) -> bool:
    """The firm whose weighbridge it is."""
    return WEIGHED_BY[end] in sides_of(actor, shipment.trade)


def may_see_vehicles_of(actor: Actor, company_id: int) -> bool:
    return actor.is_operator or (actor.is_company and actor.company_id == company_id)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The shipments a reader may see: those of its firm as a side or carrier, or all."""
    if actor.is_operator:
        return true()
    if not actor.is_company:
        return false()
    own = (Trade.id == Shipment.trade_id, is_a_side(actor))
    own_trade = select(Trade.id).where(*own).correlate(Shipment)
    return or_(Shipment.carrier_company_id == actor.company_id, exists(own_trade))


def steps(actor: Actor, shipment: Shipment, now: datetime) -> frozenset[Step]:
    """What the reader may do with a load now; the operations decide again."""
    if actor.is_operator:
        return frozenset(_operators_steps(shipment, now))
    if not (takes_part(actor, shipment) and may_handle(actor)):
        return frozenset()
    return frozenset(step for step, offered in OFFERED.items() if offered(actor, shipment))


def _operators_steps(shipment: Shipment, now: datetime) -> Iterator[Step]:
    if shipment.is_disputed and any(case.deadline < now for case in shipment.discrepancies):
        yield Step.SETTLE_WEIGHT


def _confirms(actor: Actor, shipment: Shipment) -> bool:
    is_draft = shipment.status is ShipmentStatus.DRAFT
    return is_draft and may_plan(actor) and may_confirm(actor, shipment)


def _changes(actor: Actor, shipment: Shipment) -> bool:
    return shipment.status in PLANNED and may_plan(actor)


def _voids(actor: Actor, shipment: Shipment) -> bool:
    return _changes(actor, shipment) and bool(sides_of(actor, shipment.trade))


def _books_unloading(actor: Actor, shipment: Shipment) -> bool:
    return shipment.status in PLANNED | {ShipmentStatus.IN_TRANSIT}


def _loads(actor: Actor, shipment: Shipment) -> bool:
    is_ready = shipment.status is ShipmentStatus.CONFIRMED
    return is_ready and may_plan(actor) and may_weigh(actor, shipment, End.LOADING)


def _arrives(actor: Actor, shipment: Shipment) -> bool:
    return shipment.status is ShipmentStatus.IN_TRANSIT


def _unloads(actor: Actor, shipment: Shipment) -> bool:
    is_here = shipment.status in (ShipmentStatus.IN_TRANSIT, ShipmentStatus.ARRIVED)
    return is_here and may_weigh(actor, shipment, End.UNLOADING)


def _takes_back(actor: Actor, shipment: Shipment) -> bool:
    return shipment.next is Next.RETURN and may_weigh(actor, shipment, End.RETURN)


def _closes(actor: Actor, shipment: Shipment) -> bool:
    return shipment.next is Next.CLOSE


def _proposes(actor: Actor, shipment: Shipment) -> bool:
    return shipment.is_disputed and bool(sides_of(actor, shipment.trade))


def _agrees(actor: Actor, shipment: Shipment) -> bool:
    proposed = {case.proposed_by for case in shipment.discrepancies if case.is_unsettled}
    return bool(proposed - sides_of(actor, shipment.trade) - {None}) and _proposes(actor, shipment)


OFFERED: Mapping[Step, Callable[[Actor, Shipment], bool]] = MappingProxyType(
    {
        Step.CONFIRM: _confirms,
        Step.CHANGE_VEHICLE: _changes,
        Step.BOOK_LOADING: _changes,
        Step.BOOK_UNLOADING: _books_unloading,
        Step.VOID: _voids,
        Step.WEIGH_LOADING: _loads,
        Step.ARRIVE: _arrives,
        Step.WEIGH_UNLOADING: _unloads,
        Step.WEIGH_RETURN: _takes_back,
        Step.CLOSE: _closes,
        Step.PROPOSE_WEIGHT: _proposes,
        Step.AGREE_TO_WEIGHT: _agrees,
    }
)
