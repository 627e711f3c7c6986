"""Questions about trucks. Each reader finds the loads of its own firm; for others there are none.

Sides and carrier know each other by name: a trade under delivery has been confirmed by both.
What a gate asks stands in `gate_book`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import material_map, term
from app.catalogue.rules import Term
from app.core.actor import Actor
from app.core.clock import CHINA, add_months, china_day
from app.core.errors import NotFound
from app.shipments.models import Discrepancy, Photo, Shipment, Ticket, Vehicle
from app.shipments.plates import normal_plate
from app.shipments.policy import steps, visible_to
from app.shipments.rows import (
    AS_STORED_ON_THE_PAGE,
    DiscrepancyRow,
    FirmRow,
    ShipmentRow,
    ShipmentView,
    common,
    discrepancy_row,
    firm_row,
    shipment_rows,
    ticket_row,
)
from app.shipments.rules import (
    DUTIES,
    ENDED,
    ON_THE_ROAD,
    PLANNED,
    SENT_BACK,
    UNSETTLED,
    End,
    ShipmentStatus,
    allowed_kg,
)
from app.trades.masses import masses_of
from app.trades.models import Trade
from app.trades.policy import visible_to as trades_visible_to
from app.trades.readers import figures_open_to, opened_to

PAGE_SIZE = 25
SHORTEST_TRIP = timedelta(hours=1)
"""No truck is loaded, driven to another gate, emptied and loaded again in less."""


@dataclass(frozen=True, slots=True)
class Left:
    """Kilograms of a trade that wait for a truck, and how many of them a planned one will take."""

    contracted_kg: int
    planned_kg: int

    @property
    def unplanned_kg(self) -> int:
        return max(0, self.contracted_kg - self.planned_kg)


@dataclass(frozen=True, slots=True)
class TradeLoads:
    """All loads of one trade, the latest first, and their sums in kilograms."""

    rows: list[ShipmentRow]
    left: Left
    in_transit_kg: int
    received_kg: int
    rejected_kg: int
    difference_kg: int
    paid_kg: int


@dataclass(frozen=True, slots=True)
class ShipmentFilter:
    """Which loads of a list: of one state or all, still open ones only; pages count from 1."""

    status: ShipmentStatus | None = None
    open_only: bool = False
    plate: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ShipmentList:
    """One page of a reader's loads, and how many there are by state (every state is there)."""

    rows: list[ShipmentRow]
    page: int
    total: int
    counts: dict[ShipmentStatus, int]

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """The picture of a ticket."""

    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """A disputed weight that the sides did not settle in time."""

    shipment_number: str
    trade_number: str
    case: DiscrepancyRow


@dataclass(frozen=True, slots=True)
class TruckEvent:
    """A load as the ledger forms of a firm need it: one row per truck that left or arrived.

    Kilograms; `loading`, `unloading` and `returning` are the tickets' numbers, empty until made.
    """

    number: str
    trade_number: str
    material: str
    producer_id: int
    producer_site_id: int
    consumer_id: int
    consumer_site_id: int
    consumer_name: str
    producer_name: str
    carrier_name: str
    plate: str
    driver: str
    status: ShipmentStatus
    departed_at: datetime
    received_at: datetime | None
    returned_at: datetime | None
    dispatched_kg: int
    received_kg: int
    rejected_kg: int
    paid_kg: int
    loading: str
    unloading: str
    returning: str


def show(session: Session, actor: Actor, number: str, now: datetime) -> ShipmentView:
    """One consignment note; raises `NotFound` for strangers."""
    shipment = seen(session, actor, number, now)
    trade, carrier = shipment.trade, shipment.carrier
    view = ShipmentView(
        **common(shipment, actor, material_map(session, china_day(now)), now),
        **{name: getattr(shipment, name) for name in AS_STORED_ON_THE_PAGE},
        month=trade.month,
        contract_number=trade.contract_number,
        producer=firm_row(trade.producer, trade.producer_site),
        consumer=firm_row(trade.consumer, trade.consumer_site),
        carrier=None if carrier is None else firm_row(carrier),
        allowed_kg=tolerance(session, shipment.dispatched_kg or shipment.planned_kg, now),
        load_kg=session.scalar(select(Vehicle.load_kg).where(Vehicle.plate == shipment.plate)),
        left_kg=contracted_kg(session, trade),
        tickets=tuple(map(ticket_row, shipment.tickets)),
        discrepancies=tuple(map(discrepancy_row, shipment.discrepancies)),
    )
    return _without_persons(view) if actor.is_regulator else view


def seen(session: Session, actor: Actor, number: str, now: datetime) -> Shipment:
    """The note of a number for its page; raises `NotFound`.

    A regulator reads a load of its region once it has looked the trade up or has opened the
    figures of the producer: both are on record for the firms.
    """
    if not actor.is_regulator:
        return found(session, actor, number)
    region = select(Trade.id).where(trades_visible_to(actor))
    query = _with_names(select(Shipment).where(Shipment.trade_id.in_(region)))
    shipment = session.scalar(query.where(Shipment.number == number))
    if shipment is None or not _is_open(session, actor, shipment.trade, now):
        raise NotFound
    return shipment


def _without_persons(view: ShipmentView) -> ShipmentView:
    """The load with its firms and without whom one would call there."""
    return replace(
        view,
        driver="",
        driver_phone="",
        producer=_without_person(view.producer),
        consumer=_without_person(view.consumer),
        carrier=_without_person(view.carrier) if view.carrier else None,
    )


def _without_person(firm: FirmRow) -> FirmRow:
    return replace(firm, contact="", phone="")


def _is_open(session: Session, actor: Actor, trade: Trade, now: datetime) -> bool:
    is_producers = trade.producer_company_id in figures_open_to(session, actor, now)
    return is_producers or trade.number in opened_to(session, actor, now)


def found(session: Session, actor: Actor, number: str) -> Shipment:
    """The note of a number if the reader may see it; raises `NotFound`."""
    shipment = session.scalar(readable(actor).where(Shipment.number == number))
    if shipment is None:
        raise NotFound
    return shipment


def readable(actor: Actor) -> Select[Shipment]:
    """The notes a reader may see, with what a row of them needs."""
    return _with_names(select(Shipment).where(visible_to(actor)))


def rows_of(
    session: Session, actor: Actor, shipments: Iterable[Shipment], now: datetime
) -> list[ShipmentRow]:
    return shipment_rows(shipments, actor, material_map(session, china_day(now)), now)


def own(session: Session, actor: Actor, wanted: ShipmentFilter, now: datetime) -> ShipmentList:
    """A page of the loads the reader may see, open ones first, the latest first."""
    conditions = list(_conditions(wanted))
    counted = select(func.count()).select_from(Shipment).where(visible_to(actor), *conditions)
    total = session.scalar(counted) or 0
    page = max(1, min(wanted.page, -(-total // PAGE_SIZE)))
    listed = (
        readable(actor)
        .where(*conditions)
        .order_by(Shipment.status.in_(ENDED), Shipment.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    rows = rows_of(session, actor, session.scalars(listed), now)
    return ShipmentList(rows, page, total, _counts(session, actor))


def of_trade(session: Session, actor: Actor, trade_number: str, now: datetime) -> TradeLoads:
    """The loads of one trade that the reader may see, and the sums of all of them.

    Raises `NotFound` for a trade the reader may not see.
    """
    own_trade = (Trade.number == trade_number) & trades_visible_to(actor)
    trade = session.scalar(select(Trade).where(own_trade))
    if trade is None:
        raise NotFound
    loads = session.scalars(
        readable(actor).where(Shipment.trade_id == trade.id).order_by(Shipment.id.desc())
    ).all()
    masses = masses_of(session, [trade_number])[trade_number]
    return TradeLoads(
        rows=rows_of(session, actor, loads, now),
        left=left_of(session, trade),
        in_transit_kg=masses.in_transit,
        received_kg=masses.received,
        rejected_kg=masses.rejected,
        difference_kg=masses.difference,
        paid_kg=sum(load.paid_kg for load in loads),
    )


def left_of(session: Session, trade: Trade) -> Left:
    """What of a trade is still to be sent, and what of that trucks are planned for."""
    planned = session.scalar(
        select(func.coalesce(func.sum(Shipment.planned_kg), 0)).where(
            Shipment.trade_id == trade.id, Shipment.status.in_(PLANNED)
        )
    )
    return Left(contracted_kg(session, trade), int(planned or 0))


def contracted_kg(session: Session, trade: Trade) -> int:
    """What waits on the account of contracted kilograms, by the ledger."""
    return masses_of(session, [trade.number])[trade.number].contracted


def tolerance(session: Session, sent_kg: int, now: datetime) -> int:
    """How far a second weighing of so many kilograms may lie from the first today."""
    return allowed_kg(sent_kg, term(session, Term.WEIGHT_TOLERANCE_MILLI, china_day(now)))


def under_way(session: Session, plate: str) -> str | None:
    """The note under which a truck carries a load now: on the road, or on its way back."""
    on_its_way_back = and_(Shipment.status.in_(SENT_BACK), Shipment.returned_at.is_(None))
    return session.scalar(
        select(Shipment.number).where(
            Shipment.plate == plate, or_(Shipment.status.in_(ON_THE_ROAD), on_its_way_back)
        )
    )


def loaded_near(session: Session, plate: str, at: datetime) -> str | None:
    """A note under which the truck left within the time of the shortest trip from an instant."""
    return session.scalar(
        select(Shipment.number).where(
            Shipment.plate == plate,
            Shipment.departed_at > at - SHORTEST_TRIP,
            Shipment.departed_at < at + SHORTEST_TRIP,
        )
    )


def by_plate(session: Session, actor: Actor, plate: str, now: datetime) -> list[ShipmentRow]:
    """The reader's open loads whose plate contains what was typed, the latest first."""
    wanted = ShipmentFilter(open_only=True, plate=plate)
    return own(session, actor, wanted, now).rows if normal_plate(plate) else []


def photo(session: Session, actor: Actor, number: str, end: End, now: datetime) -> PhotoRow:
    """The picture of a ticket of a load the reader may see; raises `NotFound`."""
    shipment = seen(session, actor, number, now)
    picture = session.scalar(
        select(Photo)
        .join(Ticket, Ticket.id == Photo.ticket_id)
        .where(Ticket.shipment_id == shipment.id, Ticket.end == end)
    )
    if picture is None:
        raise NotFound
    return PhotoRow(picture.media_type, picture.sha256, picture.content)


def waiting_for(session: Session, actor: Actor, now: datetime) -> int:
    """How many loads wait for something the reader can do."""
    open_ones = session.scalars(readable(actor).where(Shipment.status.not_in(ENDED)))
    return sum(bool(steps(actor, shipment, now) & DUTIES) for shipment in open_ones)


def overdue(session: Session, now: datetime) -> list[OverdueRow]:
    """Disputed weights whose time is over: they wait for the operator, the oldest first."""
    query = (
        select(Discrepancy)
        .options(joinedload(Discrepancy.shipment).joinedload(Shipment.trade))
        .where(Discrepancy.status.in_(UNSETTLED), Discrepancy.deadline < now)
        .order_by(Discrepancy.deadline, Discrepancy.shipment_id)
    )
    return [
        OverdueRow(case.shipment.number, case.shipment.trade.number, discrepancy_row(case))
        for case in session.scalars(query)
    ]


def events(
    session: Session, company_id: int, month: date, site_id: int | None = None
) -> list[TruckEvent]:
    """Every truck of a firm that left, was received or came back in a month of China time.

    With a site, those that touched it. The caller has decided that the reader may see the firm.
    """
    first, end = (datetime.combine(day, time(), CHINA) for day in (month, add_months(month, 1)))
    columns = (Shipment.departed_at, Shipment.received_at, Shipment.returned_at)
    query = (
        _with_names(select(Shipment))
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(
            or_(Trade.producer_company_id == company_id, Trade.consumer_company_id == company_id),
            or_(*(and_(column >= first, column < end) for column in columns)),
        )
        .order_by(Shipment.departed_at, Shipment.id)
    )
    if site_id is not None:
        at_site = (Trade.producer_site_id == site_id) | (Trade.consumer_site_id == site_id)
        query = query.where(at_site)
    return [_event(shipment) for shipment in session.scalars(query)]


def _with_names(query: Select[Shipment]) -> Select[Shipment]:
    trade = joinedload(Shipment.trade, innerjoin=True)
    return query.options(
        trade.joinedload(Trade.producer, innerjoin=True),
        trade.joinedload(Trade.consumer, innerjoin=True),
        joinedload(Shipment.carrier),
    )


def _conditions(wanted: ShipmentFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.status is not None:
        yield Shipment.status == wanted.status
    if wanted.open_only:
        yield Shipment.status.not_in(ENDED)
    if wanted.plate:
        yield Shipment.plate.contains(normal_plate(wanted.plate), autoescape=True)


def _counts(session: Session, actor: Actor) -> dict[ShipmentStatus, int]:
    counted = session.execute(
        select(Shipment.status, func.count()).where(visible_to(actor)).group_by(Shipment.status)
    )
    counts = dict.fromkeys(ShipmentStatus, 0)
    for status, count in counted:
        counts[status] = count
    return counts


def _event(shipment: Shipment) -> TruckEvent:
    trade = shipment.trade
    numbers = {ticket.end: ticket.number for ticket in shipment.tickets}
    assert shipment.departed_at is not None
    return TruckEvent(
        **{name: getattr(shipment, name) for name in _OF_EVENT},
        departed_at=shipment.departed_at,
        trade_number=trade.number,
        material=trade.material,
        producer_id=trade.producer_company_id,
        producer_site_id=trade.producer_site_id,
        producer_name=trade.producer.display_name,
        consumer_id=trade.consumer_company_id,
        consumer_site_id=trade.consumer_site_id,
        consumer_name=trade.consumer.display_name,
        carrier_name=shipment.carrier.display_name if shipment.carrier else "",
        loading=numbers.get(End.LOADING, ""),
        unloading=numbers.get(End.UNLOADING, ""),
        returning=numbers.get(End.RETURN, ""),
    )


_OF_EVENT = (
    "number",
    "plate",
    "driver",
    "status",
    "received_at",
    "returned_at",
    "dispatched_kg",
    "received_kg",
    "rejected_kg",
    "paid_kg",
)
