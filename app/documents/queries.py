"""What the documents of a firm are written from: its sources, its yard and its trucks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import User
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.clock import add_months, china_instant, month_instants
from app.core.errors import NotFound
from app.declarations.models import WasteSource, YardEvent
from app.documents.rules import LoadLine, Log, SourceLine, Stream, YardLine
from app.listings.models import Requirement
from app.shipments.models import Shipment
from app.trades.models import Trade
from app.trades.policy import is_a_side, sides_of
from app.trades.rules import IDENTITY_OPEN


@dataclass(frozen=True, slots=True)
class FirmRow:
    """The firm a document is for, as business papers name it."""

    name: str
    credit_code: str
    address: str
    contact: str
    phone: str
    is_synthetic: bool


def firm(session: Session, company_id: int) -> FirmRow:
    """A firm by its registered Chinese name; its first site's address stands for its own."""
    found = session.get_one(Company, company_id)
    address = found.sites[0].address if found.sites else ""
    return FirmRow(
        name=found.name,
        credit_code=found.credit_code,
        address=address,
        contact=found.contact_name,
        phone=found.contact_phone,
        is_synthetic=found.is_synthetic,
    )


def log_of(session: Session, actor: Actor, first: date, last: date) -> Log:
    """What the actor's firm recorded as a producer, for the months from `first` to `last`."""
    until = add_months(last, 1)
    return Log(
        first=first,
        last=last,
        sources=tuple(_sources(session, actor)),
        yard=tuple(_yard(session, actor, until)),
        loads=tuple(sent_loads(session, actor, first, last)),
    )


def sent_loads(session: Session, actor: Actor, first: date, last: date) -> list[LoadLine]:
    """The trucks that left the firm's sites in these months."""
    return _loads(session, Trade.producer_company_id == actor.company_id, first, last)


def all_loads(session: Session, actor: Actor, first: date, last: date) -> list[LoadLine]:
    """The trucks of these months that the firm sent or took."""
    return _loads(session, is_a_side(actor), first, last)


def contract_trade(session: Session, actor: Actor, number: str) -> Trade:
    """The trade of a contract: for its sides and the operator, once the sides know each other."""
    trade = session.scalar(select(Trade).where(Trade.number == number))
    if trade is None or not (actor.is_operator or sides_of(actor, trade)):
        raise NotFound
    if trade.status not in IDENTITY_OPEN:
        raise NotFound
    return trade


def source_of(session: Session, site_id: int, material: str) -> WasteSource | None:
    """The line of form 1 for a waste of a site."""
    wanted = (WasteSource.site_id == site_id, WasteSource.material == material)
    return session.scalar(select(WasteSource).where(*wanted))


def _sources(session: Session, actor: Actor) -> list[SourceLine]:
    query = (
        select(WasteSource)
        .join(WasteSource.site)
        .where(Site.company_id == actor.company_id)
        .options(joinedload(WasteSource.site))
        .order_by(WasteSource.id)
    )
    return [_source_line(found) for found in session.scalars(query)]


def _source_line(found: WasteSource) -> SourceLine:
    return SourceLine(
        number=f"G-{found.id:04d}",
        stream=Stream(found.site_id, found.material),
        site=found.site.name,
        waste_name=found.waste_name,
        waste_code=found.waste_code,
        waste_class=found.waste_class,
        process=found.process,
        form=found.form,
        composition=found.composition,
        pollution=found.pollution,
        yearly_kg=found.yearly_kg,
    )


def _yard(session: Session, actor: Actor, until: date) -> list[YardLine]:
    """Everything that happened before a day and was not reversed, without the reversals."""
    reversal = aliased(YardEvent)
    query = (
        select(YardEvent)
        .join(YardEvent.site)
        .outerjoin(reversal, reversal.reverses_id == YardEvent.id)
        .where(
            Site.company_id == actor.company_id,
            YardEvent.reverses_id.is_(None),
            reversal.id.is_(None),
            YardEvent.happened_at < china_instant(until),
        )
        .options(joinedload(YardEvent.facility))
        .order_by(YardEvent.happened_at, YardEvent.id)
    )
    return [_yard_line(found) for found in session.scalars(query)]


def _yard_line(found: YardEvent) -> YardLine:
    return YardLine(
        number=found.number,
        stream=Stream(found.site_id, found.material),
        kind=found.kind,
        kg=found.kg,
        at=found.happened_at,
        facility=f"{found.facility.code} {found.facility.name}" if found.facility else "",
        handler=found.handler,
        destination=found.destination,
        product=found.product,
    )


def _loads(session: Session, whose: ColumnElement[bool], first: date, last: date) -> list[LoadLine]:
    begin, end = month_instants(first, last)
    query = (
        select(Shipment)
        .join(Shipment.trade)
        .where(whose, and_(Shipment.departed_at >= begin, Shipment.departed_at < end))
        .options(
            joinedload(Shipment.trade).joinedload(Trade.producer),
            joinedload(Shipment.trade).joinedload(Trade.consumer),
            joinedload(Shipment.trade).joinedload(Trade.producer_site),
            joinedload(Shipment.trade).joinedload(Trade.consumer_site),
            joinedload(Shipment.carrier),
        )
        .order_by(Shipment.departed_at, Shipment.number)
    )
    found = list(session.scalars(query))
    people = _people(session, found)
    products = _products(session, found)
    return [_load_line(shipment, people, products) for shipment in found]


def _load_line(
    shipment: Shipment, people: Mapping[str, str], products: Mapping[str, str]
) -> LoadLine:
    trade = shipment.trade
    assert shipment.departed_at is not None
    return LoadLine(
        number=shipment.number,
        trade=trade.number,
        lot=f"{trade.offer_number} {trade.month:%Y-%m}",
        stream=Stream(trade.producer_site_id, trade.material),
        departed_at=shipment.departed_at,
        received_at=shipment.received_at,
        returned_at=shipment.returned_at,
        dispatched_kg=shipment.dispatched_kg,
        received_kg=shipment.received_kg,
        rejected_kg=shipment.rejected_kg,
        tickets=tuple(ticket.number for ticket in shipment.tickets),
        producer=trade.producer.name,
        sender_adcode=trade.producer_site.adcode,
        receiver=trade.consumer.name,
        receiver_adcode=trade.consumer_site.adcode,
        carrier=shipment.carrier.name if shipment.carrier else trade.producer.name,
        plate=shipment.plate,
        driver=shipment.driver,
        handler=people.get(shipment.tickets[0].recorded_by, "") if shipment.tickets else "",
        product=products.get(trade.requirement_number, ""),
        is_lost=shipment.is_lost,
    )


def _people(session: Session, shipments: list[Shipment]) -> dict[str, str]:
    """The names behind the labels that recorded tickets."""
    labels = {ticket.recorded_by for shipment in shipments for ticket in shipment.tickets}
    ids: dict[int, list[str]] = defaultdict(list)
    for label in labels:
        _kind, _, identity = label.partition(":")
        if identity.isdecimal():
            ids[int(identity)].append(label)
    named = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {label: name for identity, name in named for label in ids[identity]}


def _products(session: Session, shipments: list[Shipment]) -> dict[str, str]:
    """What the taker makes of it, by the number of its requirement."""
    numbers = {shipment.trade.requirement_number for shipment in shipments}
    query = select(Requirement.number, Requirement.product).where(Requirement.number.in_(numbers))
    return {number: product for number, product in session.execute(query) if product}
