"""Questions about runs: their state, their totals, and what stands between market and plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import MaterialRow
from app.clearing.models import ClearingRun, PriceIndex, RunOrder
from app.clearing.rules import (
    Line,
    RunState,
    Unplaced,
    listing_of,
    month_totals,
    offered_totals,
    published,
)
from app.companies.groups import Groups, group_of, groups_of
from app.companies.models import Site
from app.companies.rules import GroupKey
from app.core.clock import china_day, months_between, parse_month
from app.core.errors import NotFound
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.map_figures import Place
from app.listings.models import Listing
from app.listings.rules import Product, Side

STATES = {
    JobState.WAITING: RunState.WAITING,
    JobState.RUNNING: RunState.RUNNING,
    JobState.DONE: RunState.DONE,
    JobState.FAILED: RunState.FAILED,
    JobState.CANCELLED: RunState.CANCELLED,
}
BATCH = 500
_OF_THE_MARKET = ClearingRun.round_number.is_(None)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list; masses in kg over all its months, the surplus in fen where it may be shown.

    A gap says how far the figure beside it may lie below the best; 0 is proven the best.
    """

    number: str
    month: date
    last_month: date
    round_number: str | None
    state: RunState
    job_id: str
    started_at: datetime
    frozen_at: datetime | None
    recorded_at: datetime | None
    root: str | None
    price_rule: str
    match_count: int | None
    plan_match_count: int | None
    surplus_fen: int | None
    gap_kg: int | None
    surplus_gap_fen: int | None
    plan_gap_kg: int | None
    idle: tuple[IdleRow, ...]
    offers: int
    requirements: int
    offered_kg: int
    placed_kg: int
    plan_placed_kg: int

    @property
    def unplaced_kg(self) -> int:
        return self.offered_kg - self.placed_kg

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that no better result exists."""
        return self.gap_kg == 0 and self.surplus_gap_fen == 0


@dataclass(frozen=True, slots=True)
class IdleRow:
    """Works that stood still on some days of a month of a run."""

    month: date
    product: Product
    idle: int
    days: int


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """Offers of one month of a run that the target counts, kg."""

    month: date
    kg: int
    placed_kg: int
    plan_placed_kg: int


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
    """All offers of a run that were left open for the same reason, by the market and by the plan.

    `orders` counts listings, however many of their months it was.
    """

    reason: Unplaced
    kg: int
    orders: int
    plan_kg: int
    plan_orders: int
    by_material: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A material's mean price at the producer's gate in a run, fen per tonne, over kg traded.

    `firms` is the smaller number of the two sides' owners, at least three.
    """

    material: str
    run: str
    round_number: str | None
    month: date
    last_month: date
    at: datetime
    kg: int
    price: int
    firms: int


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
    product: Product | None


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
    """The clearings of the whole market, the newest first; rounds stand apart."""
    query = _with_sums().where(_OF_THE_MARKET).order_by(ClearingRun.id.desc()).limit(limit)
    return [_row(*row) for row in session.execute(query)]


def round_runs(session: Session, limit: int = 50) -> list[RunRow]:
    """The clearings of call rounds, the newest first; their sums are not for publishing."""
    query = _with_sums().where(~_OF_THE_MARKET).order_by(ClearingRun.id.desc()).limit(limit)
    return [_row(*row) for row in session.execute(query)]


def run_of_round(session: Session, round_number: str) -> ClearingRun | None:
    """The run that clears a call round, once it has begun."""
    return session.scalar(select(ClearingRun).where(ClearingRun.round_number == round_number))


def run_row(session: Session, number: str) -> RunRow:
    """One run with its totals; raises `NotFound`."""
    found = session.execute(_with_sums().where(ClearingRun.number == number)).one_or_none()
    if found is None:
        raise NotFound
    return _row(*found)


def last_recorded(session: Session, month: date | None = None) -> RunRow | None:
    """The market's newest run with a result: of those that began with a month, or of all."""
    query = _with_sums().where(ClearingRun.recorded_at.is_not(None), _OF_THE_MARKET)
    if month is not None:
        query = query.where(ClearingRun.month == month)
    found = session.execute(query.order_by(ClearingRun.id.desc()).limit(1)).one_or_none()
    return None if found is None else _row(*found)


def last_covering(session: Session, month: date) -> RunRow | None:
    """The market's newest run with a result that took a month in, as its first or a later one."""
    covers = (ClearingRun.month <= month, ClearingRun.last_month >= month, _OF_THE_MARKET)
    query = _with_sums().where(ClearingRun.recorded_at.is_not(None), *covers)
    found = session.execute(query.order_by(ClearingRun.id.desc()).limit(1)).one_or_none()
    return None if found is None else _row(*found)


def months_of(run: ClearingRun) -> list[date]:
    """The months a run clears."""
    return months_between(run.month, run.last_month)


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


def totals_by_month(
    session: Session, number: str, materials: Mapping[str, MaterialRow]
) -> list[MonthTotal]:
    """The months of a run, for what the target counts."""
    counted = {code for code, row in materials.items() if row.in_target}
    totals = month_totals(line for line in _lines(session, number) if line.material in counted)
    return [MonthTotal(month, *sums) for month, sums in sorted(totals.items())]


def reason_totals(session: Session, number: str) -> list[ReasonTotal]:
    """Why offered tonnes were left open: each kilogram under one reason of each question."""
    market, plan = _Heap(), _Heap()
    for line in _lines(session, number):
        if line.side is Side.OFFER:
            market.add(line, line.reason, line.kg - line.placed)
            plan.add(line, line.plan_reason, line.kg - line.plan_placed)
    rows = [
        ReasonTotal(
            reason,
            market.kg[reason].total(),
            len(market.orders[reason]),
            plan.kg[reason].total(),
            len(plan.orders[reason]),
            tuple(market.kg[reason].most_common()),
        )
        for reason in market.kg.keys() | plan.kg.keys()
    ]
    return sorted(rows, key=lambda row: (-row.kg, -row.plan_kg, row.reason))


def index_of(session: Session, number: str | None = None) -> list[IndexRow]:
    """The price index of one run, or of all of them: by material, the newest run first."""
    query = (
        select(PriceIndex, ClearingRun)
        .join(ClearingRun, ClearingRun.id == PriceIndex.run_id)
        .order_by(PriceIndex.material, ClearingRun.id.desc())
    )
    if number is not None:
        query = query.where(ClearingRun.number == number)
    return [
        IndexRow(
            value.material,
            run.number,
            run.round_number,
            run.month,
            run.last_month,
            run.recorded_at or run.started_at,
            value.kg,
            value.price,
            value.firms,
        )
        for value, run in session.execute(query)
    ]


class _Heap:
    """What one question left open: kilograms by material, and listings, by reason."""

    def __init__(self) -> None:
        self.kg: defaultdict[Unplaced, Counter[str]] = defaultdict(Counter)
        self.orders: defaultdict[Unplaced, set[str]] = defaultdict(set)

    def add(self, line: Line, reason: Unplaced | None, kg: int) -> None:
        if kg and reason is not None:
            self.kg[reason][line.material] += kg
            self.orders[reason].add(line.number)


def order_facts(session: Session, numbers: Iterable[str]) -> dict[str, OrderFacts]:
    """Facts of these listings, by number."""
    wanted = sorted(set(numbers))
    found: dict[str, OrderFacts] = {}
    for start in range(0, len(wanted), BATCH):
        found |= _some_facts(session, wanted[start : start + BATCH])
    return found


def groups_at(session: Session, run: ClearingRun) -> Groups:
    """The firms under one control on the day of a run: whatever is told of it counts them so."""
    return groups_of(session, china_day(run.started_at))


def owners_behind(
    session: Session, run: ClearingRun, order_ids: Iterable[str]
) -> dict[str, GroupKey]:
    """Who is behind each of these orders of a run's problem, by their ids."""
    listings = {order_id: listing_of(order_id) for order_id in order_ids}
    facts, groups = order_facts(session, listings.values()), groups_at(session, run)
    return {
        order_id: group_of(facts[number].company_id, groups)
        for order_id, number in listings.items()
    }


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
        product=listing.product,
    )


def _with_sums() -> Select[ClearingRun, JobState, int, int, int, int, int]:
    """Runs with the state of their job and the sums over their orders, in one statement."""
    is_offer = RunOrder.side == Side.OFFER
    return (
        select(
            ClearingRun,
            Job.state,
            func.count(RunOrder.listing_number.distinct()).filter(is_offer),
            func.count(RunOrder.listing_number.distinct()).filter(~is_offer),
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
        last_month=run.last_month,
        round_number=run.round_number,
        state=STATES[job_state],
        job_id=run.job_id,
        started_at=run.started_at,
        frozen_at=run.frozen_at,
        recorded_at=run.recorded_at,
        root=run.root,
        price_rule=run.price_rule,
        match_count=run.match_count,
        plan_match_count=run.plan_match_count,
        surplus_fen=run.surplus_fen,
        gap_kg=run.gap_kg,
        surplus_gap_fen=run.surplus_gap_fen,
        plan_gap_kg=run.plan_gap_kg,
        idle=tuple(idle_days(run)),
        offers=offers,
        requirements=requirements,
        offered_kg=int(offered_kg),
        placed_kg=int(placed_kg),
        plan_placed_kg=int(plan_placed_kg),
    )


def idle_days(run: ClearingRun) -> Iterator[IdleRow]:
    """The days that works stood still in a run's months, as they were frozen with it."""
    for month, products in sorted(run.settings.get("idle", {}).items()):
        for product, (idle, days) in sorted(products.items()):
            yield IdleRow(parse_month(month), Product(product), idle, days)


def _lines(session: Session, number: str) -> list[Line]:
    """The lines of a run that sums may be made of."""
    run = run_of(session, number)
    groups = groups_at(session, run)
    query = select(RunOrder).where(RunOrder.run_id == run.id)
    found = [
        Line(
            number=order.listing_number,
            owner=group_of(order.company_id, groups),
            month=order.month,
            side=order.side,
            material=order.materials,
            kg=order.kg,
            placed=order.placed_kg,
            plan_placed=order.plan_placed_kg,
            reason=order.reason,
            plan_reason=order.plan_reason,
        )
        for order in session.scalars(query)
    ]
    return found if run.round_number is None else published(found)
