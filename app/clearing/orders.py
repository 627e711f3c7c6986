"""The orders and matches of a run as each reader may see them: cut here, not in the templates.

What of an order's frozen form and its proof its owner may read is in `leaves`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import CountyRow, MaterialRow
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import run_of
from app.clearing.rules import Unplaced
from app.clearing.shut_outs import ShutOutRow, shut_outs_of
from app.companies.models import Company
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.i18n import tonnes
from app.core.map_figures import Place, arc, ground, picture, point
from app.listings.rules import Side
from app.listings.words import firm_without_name
from app.trades.models import Trade
from app.trades.readers import Reader, side
from app.trades.rules import Party, TradeStatus

End = tuple[Place, str]
Pair = tuple[str, End, End]
"""A material, and where and whose both ends are."""
SIDES = {Party.PRODUCER: Side.OFFER, Party.CONSUMER: Side.REQUIREMENT}


@dataclass(frozen=True, slots=True)
class OrderMonth:
    """One month of an order in a run, or one step of its bid in a round, kg.

    `step` counts from 1; it is 0 without a bid. `lever` is for its owner alone, fen per tonne.
    """

    month: date
    step: int
    kg: int
    placed_kg: int
    plan_placed_kg: int
    reason: Unplaced
    detail: dict[str, int]
    lever: int | None = field(repr=False)

    @property
    def open_kg(self) -> int:
        return self.kg - self.placed_kg


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a run, for its owner and the officials; masses in kg over all its lines."""

    side: Side
    number: str
    firm: str
    company_id: int
    adcode: str
    materials: tuple[str, ...]
    months: tuple[OrderMonth, ...]

    @property
    def kg(self) -> int:
        return sum(month.kg for month in self.months)

    @property
    def placed_kg(self) -> int:
        return sum(month.placed_kg for month in self.months)

    @property
    def open_kg(self) -> int:
        return self.kg - self.placed_kg

    @property
    def worst(self) -> OrderMonth:
        """The line with the most left open, which a list of orders speaks of; the earliest."""
        return max(
            self.months, key=lambda each: (each.open_kg, -each.month.toordinal(), -each.step)
        )

    @property
    def reason(self) -> Unplaced:
        return self.worst.reason

    @property
    def detail(self) -> dict[str, int]:
        return self.worst.detail


@dataclass(frozen=True, slots=True)
class FillRow:
    """A proposal that came of an order; `price` is the order's own side's, fen per tonne."""

    trade: str
    month: date
    step: int
    kg: int
    price: int
    status: TradeStatus


@dataclass(frozen=True, slots=True)
class OwnResult:
    """What a run made of an order. The fills are for its owner, and empty for all others."""

    run: str
    round_number: str | None
    price_rule: str
    root: str | None
    first_month: date
    last_month: date
    recorded_at: datetime
    order: OrderRow
    fills: tuple[FillRow, ...]
    shut_out: tuple[ShutOutRow, ...]


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One proposal of a run, for officials: places are (lon, lat), prices fen per tonne."""

    number: str
    material: str
    month: date
    status: TradeStatus
    producer: str
    producer_adcode: str
    producer_place: Place
    consumer: str
    consumer_adcode: str
    consumer_place: Place
    kg: int
    road_m: int
    price_producer: int
    freight: int
    price_consumer: int
    deadline: datetime


class _End(NamedTuple):
    name: str
    adcode: str
    place: Place


def orders_seen_by(session: Session, actor: Actor, number: str) -> list[OrderRow]:
    """The orders of a run this reader may see: officials theirs, a firm its own, others none."""
    query = _lines().where(ClearingRun.number == number)
    if actor.is_company:
        query = query.where(RunOrder.company_id == actor.company_id)
    found = [row for row in _rows(session, actor, query) if _sees(actor, row)]
    return sorted(found, key=lambda row: (-row.open_kg, row.number))


def result_of(
    session: Session, actor: Actor, listing_number: str, run_number: str | None = None
) -> OwnResult | None:
    """What a run, by default the newest, made of an order; `None` before its first.

    Raises `NotFound` for those whose order it is not.
    """
    run = _run_with(session, listing_number, run_number)
    if run is None or run.recorded_at is None:
        return None
    query = _lines().where(RunOrder.run_id == run.id, RunOrder.listing_number == listing_number)
    (row,) = _rows(session, actor, query)
    if not _sees(actor, row):
        raise NotFound
    return OwnResult(
        run=run.number,
        round_number=run.round_number,
        price_rule=run.price_rule,
        root=run.root,
        first_month=run.month,
        last_month=run.last_month,
        recorded_at=run.recorded_at,
        order=row,
        fills=_fills(session, run, row) if actor.company_id == row.company_id else (),
        shut_out=tuple(shut_outs_of(session, run, row.number, row.side)),
    )


def own_run(
    session: Session, actor: Actor, listing_number: str, run_number: str | None
) -> ClearingRun:
    """The run, by default the newest, that took in an order of the actor's own firm.

    Raises `NotFound` for everybody else: what stands in the frozen book is the owner's alone.
    """
    run = _run_with(session, listing_number, run_number)
    mine = RunOrder.company_id == actor.company_id
    query = select(RunOrder.id).where(RunOrder.listing_number == listing_number, mine).limit(1)
    if run is None or run.root is None or session.scalar(query) is None:
        raise NotFound
    return run


def _run_with(session: Session, listing_number: str, number: str | None) -> ClearingRun | None:
    query = (
        select(ClearingRun)
        .join(RunOrder, RunOrder.run_id == ClearingRun.id)
        .where(RunOrder.listing_number == listing_number)
        .order_by(ClearingRun.id.desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(ClearingRun.number == number)
    return session.scalar(query)


def _fills(session: Session, run: ClearingRun, row: OrderRow) -> tuple[FillRow, ...]:
    is_offer = row.side is Side.OFFER
    own_end = Trade.offer_number if is_offer else Trade.requirement_number
    query = select(Trade).where(Trade.origin == run.origin, own_end == row.number)
    return tuple(
        FillRow(
            trade=trade.number,
            month=trade.month,
            step=trade.offer_step if is_offer else trade.requirement_step,
            kg=trade.kg,
            price=trade.price_producer if is_offer else trade.price_consumer,
            status=trade.status,
        )
        for trade in session.scalars(query.order_by(Trade.number))
    )


def matches_seen_by(
    session: Session, actor: Actor, number: str, limit: int | None, now: datetime
) -> list[MatchRow]:
    """The proposals of a run, largest first: all for the operator, a regulator's own region's.

    A regulator finds counties in the place of firms until it has looked the trade up.
    """
    if not (actor.is_operator or actor.is_regulator):
        return []
    ends = (Trade.producer, Trade.consumer, Trade.producer_site, Trade.consumer_site)
    origin = run_of(session, number).origin
    query = select(Trade).where(Trade.origin == origin).options(*map(joinedload, ends))
    found = list(session.scalars(query.order_by(Trade.kg.desc(), Trade.number)))
    reader = Reader.prepare(session, actor, found, now)
    rows = [_match_row(trade, reader) for trade in found]
    if actor.is_regulator:
        rows = [row for row in rows if _oversees_an_end(actor, row)]
    return rows[:limit]


def flow_map(
    matches: list[MatchRow], counties: Iterable[CountyRow], names: Mapping[str, MaterialRow]
) -> dict[str, Any]:
    """The matches as arcs and points of a map; what a pair trades in several months is one arc."""
    pairs: Counter[Pair] = Counter()
    for row in matches:
        giver, taker = (row.producer_place, row.producer), (row.consumer_place, row.consumer)
        pairs[row.material, giver, taker] += row.kg
    return picture(
        counties=[ground(county.adcode, county.short_name) for county in counties],
        arcs=[_arc(pair, kg, names[pair[0]].name) for pair, kg in pairs.items()],
        points=[*_givers(matches), *_takers(matches)],
    )


def _lines() -> Select[RunOrder, Company]:
    return (
        select(RunOrder, Company)
        .join(ClearingRun, ClearingRun.id == RunOrder.run_id)
        .join(Company, Company.id == RunOrder.company_id)
        .order_by(RunOrder.listing_number, RunOrder.month, RunOrder.step)
    )


def _rows(session: Session, actor: Actor, query: Select[RunOrder, Company]) -> list[OrderRow]:
    """The lines of each order together, by number."""
    lines: dict[str, list[tuple[RunOrder, Company]]] = {}
    for line, company in session.execute(query):
        lines.setdefault(line.listing_number, []).append((line, company))
    return [_order_row(actor, found) for found in lines.values()]


def _order_row(actor: Actor, lines: list[tuple[RunOrder, Company]]) -> OrderRow:
    order, company = lines[0]
    is_own = actor.company_id == order.company_id
    return OrderRow(
        side=order.side,
        number=order.listing_number,
        firm=company.display_name,
        company_id=order.company_id,
        adcode=order.adcode,
        materials=tuple(order.materials.split("|")),
        months=tuple(_order_month(line, is_own) for line, _company in lines),
    )


def _order_month(line: RunOrder, is_own: bool) -> OrderMonth:
    return OrderMonth(
        month=line.month,
        step=line.step,
        kg=line.kg,
        placed_kg=line.placed_kg,
        plan_placed_kg=line.plan_placed_kg,
        reason=line.reason,
        detail=line.detail,
        lever=line.lever if is_own else None,
    )


def _sees(actor: Actor, row: OrderRow) -> bool:
    """Its own firm, the operator, and the regulators of its region."""
    if actor.is_company:
        return actor.company_id == row.company_id
    return actor.is_operator or actor.oversees(row.adcode)


def _match_row(trade: Trade, reader: Reader) -> MatchRow:
    giver, taker = (_end_of(trade, party, reader) for party in Party)
    return MatchRow(
        number=trade.number,
        material=trade.material,
        month=trade.month,
        status=trade.status,
        producer=giver.name,
        producer_adcode=giver.adcode,
        producer_place=giver.place,
        consumer=taker.name,
        consumer_adcode=taker.adcode,
        consumer_place=taker.place,
        kg=trade.kg,
        road_m=trade.road_m,
        price_producer=trade.price_producer,
        freight=trade.freight,
        price_consumer=trade.price_consumer,
        deadline=trade.deadline,
    )


def _end_of(trade: Trade, party: Party, reader: Reader) -> _End:
    """One end as this reader may know it: its firm and site, or a county and a role."""
    _company, site, _listing = side(trade, party)
    county = reader.counties[site.adcode]
    place = (site.lon, site.lat) if reader.knows(trade) else (county.lon, county.lat)
    named = reader.party(trade, party).name
    return _End(named or firm_without_name(SIDES[party], county.name), county.adcode, place)


def _oversees_an_end(actor: Actor, row: MatchRow) -> bool:
    return actor.oversees(row.producer_adcode) or actor.oversees(row.consumer_adcode)


def _arc(pair: Pair, kg: int, name: str) -> dict[str, Any]:
    code, (giver_place, giver), (taker_place, taker) = pair
    label = _(
        "%(material)s %(giver)s → %(taker)s %(tonnes)s 吨",
        material=name,
        giver=giver,
        taker=taker,
        tonnes=tonnes(kg),
    )
    return arc(giver_place, taker_place, code, kg, label)


def _givers(matches: list[MatchRow]) -> list[dict[str, Any]]:
    """One circle per producing site and material, as large as what leaves it."""
    sums: Counter[tuple[Place, str, str]] = Counter()
    for row in matches:
        sums[row.producer_place, row.material, row.producer] += row.kg
    return [
        point(place, "circle", _("%(firm)s %(tonnes)s 吨", firm=name, tonnes=tonnes(kg)), code, kg)
        for (place, code, name), kg in sums.items()
    ]


def _takers(matches: list[MatchRow]) -> list[dict[str, Any]]:
    """One square per consuming site."""
    names = {row.consumer_place: row.consumer for row in matches}
    return [point(place, "square", name) for place, name in names.items()]
