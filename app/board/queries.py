"""What the first pages show: the market to everybody, to a firm's people what waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.board import rules
from app.board.official import Official, official
from app.board.rules import Standing, Step
from app.catalogue import rules as plans
from app.catalogue.queries import (
    FigureRow,
    MaterialRow,
    TargetRow,
    material_map,
    plan_target,
    published_figures,
)
from app.clearing.orders import OrderRow, orders_seen_by
from app.clearing.queries import RunRow, last_recorded, material_totals, runs, sum_of
from app.companies.queries import CompanyRow, company
from app.core.actor import Actor
from app.core.clock import add_months, china_day, month_of
from app.ledger.models import Balance, Lot
from app.ledger.rules import Account
from app.listings.models import Listing, ListingMaterial
from app.listings.queries import OwnRow, is_on_show, own_listings
from app.listings.rules import DealMode, ListingState, Product, Side
from app.maps.figures import in_order
from app.maps.rules import Measure
from app.statistics.queries import (
    CountyFigure,
    Figure,
    MaterialFigure,
    county_figures,
    material_figures,
)
from app.trades.queries import TradeFilter, TradeRow, own_trades, waiting_for

RUNS_SHOWN = 5
RUNNING = (
    ListingState.ON_MARKET,
    ListingState.LAST_MONTH,
    ListingState.PAUSED,
    ListingState.TAKEN,
)


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """A material on the board: its figures, how many offers, what its takers make of it."""

    figure: MaterialFigure
    offers: int
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run with a result. Masses are of what the target counts; the rest stands apart."""

    run: RunRow
    cleared_kg: int
    placed_kg: int
    placed_apart_kg: int


@dataclass(frozen=True, slots=True)
class Front:
    """The public front page: first what is official, then the market of `month`.

    `official` is none before a month is published; counties stand in the order of the map.
    """

    official: Official | None
    month: date
    counties: list[CountyFigure]
    total: Figure
    as_of: datetime | None
    materials: list[MaterialLine]
    last: LastRun | None
    runs: list[RunRow]
    target: TargetRow
    published: FigureRow | None

    @property
    def counted(self) -> list[MaterialLine]:
        """The materials the target counts."""
        return [line for line in self.materials if line.figure.in_target]

    @property
    def apart(self) -> list[MaterialLine]:
        """The materials it does not: red mud."""
        return [line for line in self.materials if not line.figure.in_target]

    @property
    def offers(self) -> int:
        return sum(line.offers for line in self.counted)

    @property
    def told_counties(self) -> list[CountyFigure]:
        """The counties with something on offer of which all may be told."""
        return [county for county in self.counties if _is_told(county)]

    @property
    def told_materials(self) -> list[MaterialLine]:
        return [line for line in self.materials if _is_told(line.figure)]

    @property
    def is_total_told(self) -> bool:
        return _is_told(self.total)

    @property
    def withheld_counties(self) -> list[CountyFigure]:
        return [county for county in self.counties if _is_withheld(county)]

    @property
    def withheld_materials(self) -> list[MaterialFigure]:
        return [line.figure for line in self.materials if _is_withheld(line.figure)]


@dataclass(frozen=True, slots=True)
class DeskListing:
    """An own listing that still runs, and whether it is time to renew it."""

    row: OwnRow
    ends_soon: bool


@dataclass(frozen=True, slots=True)
class SideResult:
    """What a run made of all of a firm's orders on one side, kg."""

    side: Side
    kg: int
    placed_kg: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """A run as one firm met it; `unplaced` are its orders with something left, largest first."""

    run: RunRow
    sides: tuple[SideResult, ...]
    unplaced: tuple[OrderRow, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one person of a firm."""

    firm: CompanyRow
    waiting: list[TradeRow]
    waiting_count: int
    listings: list[DeskListing]
    last: RunResult | None
    step: Step

    @property
    def first_deadline(self) -> datetime:
        """When the most pressing proposal ends; only asked where one waits."""
        return self.waiting[0].deadline


def _is_told(figure: Figure) -> bool:
    return bool(figure.offered_kg) and not _is_withheld(figure)


def _is_withheld(figure: Figure) -> bool:
    """Whether any of its figures is: a row of blanks tells nothing."""
    return figure.withheld or bool(figure.untold)


def front(session: Session, actor: Actor, today: date) -> Front:
    """The front page as its reader may see it, in a fixed number of statements."""
    month = add_months(month_of(today), 1)
    figures = county_figures(session, actor, month, with_red_mud=False)
    return Front(
        official=official(session, actor, today),
        month=month,
        counties=in_order(figures.rows, Measure.RATE),
        total=figures.total,
        as_of=figures.as_of,
        materials=material_lines(session, actor, month),
        last=last_run(session, material_map(session, today)),
        runs=[run for run in runs(session) if run.recorded_at][:RUNS_SHOWN],
        target=plan_target(session, today),
        published=published_rate(session),
    )


def material_lines(session: Session, actor: Actor, month: date) -> list[MaterialLine]:
    """Every material in the order of the catalogue, with its offers and uses of a month."""
    offers, products = offers_listed(session, month), products_wanted(session, month)
    return [
        MaterialLine(figure, offers.get(figure.code, 0), products.get(figure.code, ()))
        for figure in material_figures(session, actor, month)
    ]


def offers_listed(session: Session, month: date) -> dict[str, int]:
    """By material, how many offers stand for a month, open or promised: a public listing each."""
    material = ListingMaterial.material_code
    query = (
        select(material, func.count(Listing.id.distinct()))
        .join(Listing, Listing.id == ListingMaterial.listing_id)
        .join(Lot, Lot.listing_number == Listing.number)
        .join(Balance, Balance.lot_id == Lot.id)
        .where(Listing.side == Side.OFFER, Lot.month == month)
        .where(Listing.deal_mode != DealMode.PRIVATE)
        .where(Balance.account != Account.WITHDRAWN, Balance.kg > 0)
        .group_by(material)
    )
    return dict(session.execute(query).all())


def products_wanted(session: Session, month: date) -> dict[str, tuple[Product, ...]]:
    """By material, what those who ask for it in a month make of it, the most asked for first."""
    material = ListingMaterial.material_code
    wanted = func.sum(Listing.kg_per_month)
    query = (
        select(material, Listing.product)
        .join(Listing, Listing.id == ListingMaterial.listing_id)
        .join(Listing.company)
        .where(Listing.side == Side.REQUIREMENT, is_on_show())
        .where(Listing.first_month <= month, Listing.last_month >= month)
        .group_by(material, Listing.product)
        .order_by(wanted.desc(), Listing.product)
    )
    found: dict[str, tuple[Product, ...]] = {}
    for code, product in session.execute(query):
        if product is not None:
            found[code] = (*found.get(code, ()), product)
    return found


def last_run(session: Session, known: Mapping[str, MaterialRow]) -> LastRun | None:
    """The newest run with a result, what the target counts and what it does not apart."""
    run = last_recorded(session)
    if run is None:
        return None
    totals = material_totals(session, run.number, known)
    apart = sum(total.placed_kg for total in totals if not total.counted)
    counted = sum_of(totals)
    return LastRun(run, counted.kg, counted.placed_kg, apart)


def published_rate(session: Session) -> FigureRow | None:
    """The city's use rate as somebody published it, the newest in the catalogue's order."""
    found = (
        figure
        for figure in published_figures(session)
        if figure.scope is plans.Scope.LIAOCHENG
        and figure.measure is plans.Measure.UTILISATION_RATE
    )
    return next(found, None)


def desk(session: Session, actor: Actor, now: datetime) -> Desk:
    """Everything on the desk of a firm's person, in a fixed number of statements."""
    firm = company(session, actor.company_id or 0)
    waiting = trades_to_handle(session, actor, now)
    standing = Standing(
        firm.status, actor.company_role, firm.is_producer, len(waiting), actor.only_drives
    )
    return Desk(
        firm=firm,
        waiting=waiting,
        waiting_count=max(len(waiting), waiting_for(session, actor)),
        listings=running_listings(session, actor, china_day(now)),
        last=last_result(session, actor),
        step=rules.next_step(standing),
    )


def trades_to_handle(session: Session, actor: Actor, now: datetime) -> list[TradeRow]:
    """The trades that wait for this person, the first to end first: at most one page."""
    waiting = own_trades(session, actor, TradeFilter(only_waiting=True), now)
    return [row for row in waiting.rows if row.awaits_me]


def running_listings(session: Session, actor: Actor, today: date) -> list[DeskListing]:
    """The firm's listings that have not ended, those about to end first."""
    rows = [
        DeskListing(row, rules.ends_soon(row.listing.last_month, today))
        for row in own_listings(session, actor, today)
        if row.listing.state in RUNNING
    ]
    return sorted(rows, key=lambda found: not found.ends_soon)


def last_result(session: Session, actor: Actor) -> RunResult | None:
    """The newest run with a result, as this firm met it; `None` before the first run."""
    run = last_recorded(session)
    if run is None:
        return None
    orders = orders_seen_by(session, actor, run.number)
    unplaced = tuple(order for order in orders if order.open_kg)
    return RunResult(run, tuple(_side_results(orders)), unplaced)


def _side_results(orders: list[OrderRow]) -> list[SideResult]:
    results = []
    for side in Side:
        own = [order for order in orders if order.side is side]
        if own:
            placed = sum(order.placed_kg for order in own)
            results.append(SideResult(side, sum(order.kg for order in own), placed))
    return results
