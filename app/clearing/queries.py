"""Questions about runs. What each reader may see is cut here, not in the templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import CountyRow, MaterialRow
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.rules import Line, RunState, Unplaced, offered_totals
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.i18n import tonnes
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.map_figures import Place, arc, ground, picture, point
from app.listings.models import Listing
from app.listings.rules import Side
from app.trades.models import Trade
from app.trades.rules import TradeStatus

STATES = {
    JobState.WAITING: RunState.WAITING,
    JobState.RUNNING: RunState.RUNNING,
    JobState.DONE: RunState.DONE,
    JobState.FAILED: RunState.FAILED,
    JobState.CANCELLED: RunState.CANCELLED,
}
BATCH = 500


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list; masses in kg, the surplus in fen where it may be shown."""

    number: str
    month: date
    state: RunState
    job_id: str
    started_at: datetime
    frozen_at: datetime | None
    recorded_at: datetime | None
    problem_sha256: str | None
    outcome_sha256: str | None
    match_count: int | None
    surplus_fen: int | None
    offers: int
    requirements: int
    offered_kg: int
    placed_kg: int
    plan_placed_kg: int

    @property
    def unplaced_kg(self) -> int:
        return self.offered_kg - self.placed_kg


@dataclass(frozen=True, slots=True)
class MaterialTotal:
    """Offers of a run: kg on offer, placed by the market, placeable by the plan.

    `counted` says whether the city's target counts the material; the others stand apart.
    """

    material: str
    counted: bool
    kg: int
    placed_kg: int
    plan_placed_kg: int

    @property
    def plan_more_kg(self) -> int:
        return max(0, self.plan_placed_kg - self.placed_kg)

    @property
    def nowhere_kg(self) -> int:
        return self.kg - self.placed_kg - self.plan_more_kg


@dataclass(frozen=True, slots=True)
class ReasonTotal:
    """All offers of a run that were left open for the same reason."""

    reason: Unplaced
    kg: int
    orders: int
    by_material: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a run, for its owner and the officials."""

    side: Side
    number: str
    firm: str
    adcode: str
    materials: tuple[str, ...]
    kg: int
    placed_kg: int
    reason: Unplaced
    detail: dict[str, int]

    @property
    def open_kg(self) -> int:
        return self.kg - self.placed_kg


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a proposal needs to know of the listing behind an order; `place` is (lon, lat)."""

    number: str
    side: Side
    company_id: int
    site_id: int
    adcode: str
    place: Place
    materials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One proposal of a run, for officials: places are (lon, lat), prices fen per tonne."""

    number: str
    material: str
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


def run_of(session: Session, number: str) -> ClearingRun:
    """The run of that number; raises `NotFound`."""
    run = session.scalar(select(ClearingRun).where(ClearingRun.number == number))
    if run is None:
        raise NotFound
    return run


def open_run(session: Session) -> ClearingRun | None:
    """The run that waits or is under way, if there is one."""
    under_way = (JobState.WAITING, JobState.RUNNING)
    query = select(ClearingRun).join(Job, Job.id == ClearingRun.job_id)
    return session.scalar(query.where(Job.state.in_(under_way)).limit(1))


def runs(session: Session, limit: int = 50) -> list[RunRow]:
    """The newest runs first."""
    rows = session.execute(_with_sums().order_by(ClearingRun.id.desc()).limit(limit))
    return [_row(*row) for row in rows]


def run_row(session: Session, number: str) -> RunRow:
    """One run with its totals; raises `NotFound`."""
    found = session.execute(_with_sums().where(ClearingRun.number == number)).one_or_none()
    if found is None:
        raise NotFound
    return _row(*found)


def last_recorded(session: Session, month: date | None = None) -> RunRow | None:
    """The newest run that has a result, of one month or of any."""
    query = _with_sums().where(ClearingRun.recorded_at.is_not(None))
    if month is not None:
        query = query.where(ClearingRun.month == month)
    found = session.execute(query.order_by(ClearingRun.id.desc()).limit(1)).one_or_none()
    return None if found is None else _row(*found)


def material_totals(
    session: Session, number: str, materials: Mapping[str, MaterialRow]
) -> list[MaterialTotal]:
    """Per material of the offers: those the target counts first, then the largest."""
    totals = offered_totals(_lines(session, number))
    rows = [
        MaterialTotal(
            material,
            materials[material].in_target,
            sums["kg"],
            sums["placed"],
            sums["plan_placed"],
        )
        for material, sums in totals.items()
    ]
    return sorted(rows, key=lambda row: (not row.counted, -row.kg, row.material))


def sum_of(rows: Iterable[MaterialTotal]) -> MaterialTotal:
    """The total of the materials that the target counts; red mud is never added in."""
    counted = [row for row in rows if row.counted]
    return MaterialTotal(
        "",
        True,
        sum(row.kg for row in counted),
        sum(row.placed_kg for row in counted),
        sum(row.plan_placed_kg for row in counted),
    )


def reason_totals(session: Session, number: str) -> list[ReasonTotal]:
    """Why offered tonnes were left open: each kilogram under exactly one reason."""
    kilograms: dict[Unplaced, Counter[str]] = {}
    orders: Counter[Unplaced] = Counter()
    for line in _lines(session, number):
        if line.side == Side.OFFER and line.kg > line.placed:
            kilograms.setdefault(line.reason, Counter())[line.material] += line.kg - line.placed
            orders[line.reason] += 1
    rows = [
        ReasonTotal(reason, counts.total(), orders[reason], tuple(counts.most_common()))
        for reason, counts in kilograms.items()
    ]
    return sorted(rows, key=lambda row: (-row.kg, row.reason))


def orders_seen_by(session: Session, actor: Actor, number: str) -> list[OrderRow]:
    """The orders of a run this reader may see: officials theirs, a firm its own, others none."""
    query = _order_rows(number)
    if actor.is_company:
        query = query.where(RunOrder.company_id == actor.company_id)
    found = [_order_row(order, company) for order, company in session.execute(query)]
    if actor.is_regulator:
        return [row for row in found if actor.oversees(row.adcode)]
    return found if actor.is_operator or actor.is_company else []


def matches_seen_by(
    session: Session, actor: Actor, number: str, limit: int | None
) -> list[MatchRow]:
    """The proposals of a run, largest first: all for the operator, a regulator's own region's."""
    if not (actor.is_operator or actor.is_regulator):
        return []
    ends = (Trade.producer, Trade.consumer, Trade.producer_site, Trade.consumer_site)
    query = select(Trade).where(Trade.origin == number).options(*map(joinedload, ends))
    found = session.scalars(query.order_by(Trade.kg.desc(), Trade.number))
    rows = [_match_row(trade) for trade in found]
    if actor.is_regulator:
        rows = [row for row in rows if _oversees_an_end(actor, row)]
    return rows[:limit]


def flow_map(
    matches: list[MatchRow], counties: Iterable[CountyRow], names: Mapping[str, MaterialRow]
) -> dict[str, Any]:
    """The matches as arcs and points of a map."""
    return picture(
        counties=[ground(county.adcode, county.short_name) for county in counties],
        arcs=[_arc(row, names[row.material].name) for row in matches],
        points=[*_givers(matches), *_takers(matches)],
    )


def order_facts(session: Session, numbers: Iterable[str]) -> dict[str, OrderFacts]:
    """Facts of the listings behind these orders, by number."""
    wanted = sorted(set(numbers))
    found: dict[str, OrderFacts] = {}
    for start in range(0, len(wanted), BATCH):
        found |= _some_facts(session, wanted[start : start + BATCH])
    return found


def _some_facts(session: Session, numbers: list[str]) -> dict[str, OrderFacts]:
    query = (
        select(Listing, Site)
        .join(Site, Site.id == Listing.site_id)
        .where(Listing.number.in_(numbers))
    )
    return {listing.number: _facts(listing, site) for listing, site in session.execute(query)}


def _facts(listing: Listing, site: Site) -> OrderFacts:
    return OrderFacts(
        number=listing.number,
        side=listing.side,
        company_id=listing.company_id,
        site_id=listing.site_id,
        adcode=site.adcode,
        place=(site.lon, site.lat),
        materials=listing.materials,
    )


def _with_sums() -> Select[ClearingRun, JobState, int, int, int, int, int]:
    """Runs with the state of their job and the sums over their orders, in one statement."""
    is_offer = RunOrder.side == Side.OFFER
    return (
        select(
            ClearingRun,
            Job.state,
            func.count(RunOrder.id).filter(is_offer),
            func.count(RunOrder.id).filter(RunOrder.side == Side.REQUIREMENT),
            func.coalesce(func.sum(RunOrder.kg).filter(is_offer), 0),
            func.coalesce(func.sum(RunOrder.placed_kg).filter(is_offer), 0),
            func.coalesce(func.sum(RunOrder.plan_placed_kg).filter(is_offer), 0),
        )
        .join(Job, Job.id == ClearingRun.job_id)
        .outerjoin(RunOrder, RunOrder.run_id == ClearingRun.id)
        .group_by(ClearingRun.id, Job.state)
    )


def _row(
    run: ClearingRun,
    job_state: JobState,
    offers: int,
    requirements: int,
    offered_kg: int,
    placed_kg: int,
    plan_placed_kg: int,
) -> RunRow:
    return RunRow(
        number=run.number,
        month=run.month,
        state=STATES[job_state],
        job_id=run.job_id,
        started_at=run.started_at,
        frozen_at=run.frozen_at,
        recorded_at=run.recorded_at,
        problem_sha256=run.problem_sha256,
        outcome_sha256=run.outcome_sha256,
        match_count=run.match_count,
        surplus_fen=run.surplus_fen,
        offers=offers,
        requirements=requirements,
        offered_kg=int(offered_kg),
        placed_kg=int(placed_kg),
        plan_placed_kg=int(plan_placed_kg),
    )


def _lines(session: Session, number: str) -> list[Line]:
    query = select(RunOrder).join(ClearingRun).where(ClearingRun.number == number)
    return [
        Line(
            side=order.side,
            material=order.materials,
            kg=order.kg,
            placed=order.placed_kg,
            plan_placed=order.plan_placed_kg,
            reason=order.reason,
        )
        for order in session.scalars(query)
    ]


def _order_rows(number: str) -> Select[RunOrder, Company]:
    open_kg = RunOrder.kg - RunOrder.placed_kg
    return (
        select(RunOrder, Company)
        .join(ClearingRun, ClearingRun.id == RunOrder.run_id)
        .join(Company, Company.id == RunOrder.company_id)
        .where(ClearingRun.number == number)
        .order_by(open_kg.desc(), RunOrder.listing_number)
    )


def _order_row(order: RunOrder, company: Company) -> OrderRow:
    return OrderRow(
        side=order.side,
        number=order.listing_number,
        firm=company.display_name,
        adcode=order.adcode,
        materials=tuple(order.materials.split("|")),
        kg=order.kg,
        placed_kg=order.placed_kg,
        reason=order.reason,
        detail=order.detail,
    )


def _match_row(trade: Trade) -> MatchRow:
    giver, taker = trade.producer_site, trade.consumer_site
    return MatchRow(
        number=trade.number,
        material=trade.material,
        status=trade.status,
        producer=trade.producer.display_name,
        producer_adcode=giver.adcode,
        producer_place=(giver.lon, giver.lat),
        consumer=trade.consumer.display_name,
        consumer_adcode=taker.adcode,
        consumer_place=(taker.lon, taker.lat),
        kg=trade.kg,
        road_m=trade.road_m,
        price_producer=trade.price_producer,
        freight=trade.freight,
        price_consumer=trade.price_consumer,
        deadline=trade.deadline,
    )


def _oversees_an_end(actor: Actor, row: MatchRow) -> bool:
    return actor.oversees(row.producer_adcode) or actor.oversees(row.consumer_adcode)


def _arc(row: MatchRow, material: str) -> dict[str, Any]:
    label = _(
        "%(material)s %(giver)s → %(taker)s %(tonnes)s 吨",
        material=material,
        giver=row.producer,
        taker=row.consumer,
        tonnes=tonnes(row.kg),
    )
    return arc(row.producer_place, row.consumer_place, row.material, row.kg, label)


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
