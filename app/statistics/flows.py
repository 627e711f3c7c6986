"""What standing trades move from where to where, cut for its reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, lazyload

from app.catalogue.queries import CountyRow
from app.core.actor import Actor
from app.statistics.book import MonthBook, month_book
from app.statistics.policy import sees_either_end
from app.statistics.rules import may_show_flow
from app.trades.models import Trade
from app.trades.rules import STANDING, TradeStatus


@dataclass(frozen=True, slots=True)
class End:
    """Where an arc starts or ends: a county, or where its reader may know it, a firm's site."""

    adcode: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Flow:
    """One material from one end to another, in kg; `is_exact` from site to site."""

    material: str
    giver: End
    taker: End
    proposed_kg: int
    contracted_kg: int
    matches: int
    is_exact: bool

    @property
    def kg(self) -> int:
        return self.proposed_kg + self.contracted_kg


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows a reader may see, largest first, and how many arcs are withheld."""

    rows: list[Flow]
    withheld: int


def flows(session: Session, actor: Actor, month: date, *, with_red_mud: bool) -> Flows:
    """What proposed and confirmed trades of a month move, material by material.

    Site to site where an end lies in the reader's region; else county to county, and only the
    arcs that `rules.may_show_flow` lets through.
    """
    book = month_book(session, month)
    moved = [
        trade
        for trade in session.scalars(_standing(month))
        if with_red_mud or book.materials[trade.material].in_target
    ]
    near = [trade for trade in moved if sees_either_end(actor, _counties(trade))]
    far = [trade for trade in moved if not sees_either_end(actor, _counties(trade))]
    arcs = _arcs(far, _by_county)
    shown = [_county_flow(book, arc) for arc in arcs if _may_show(book, arc)]
    rows = [*(_site_flow(arc) for arc in _arcs(near, _by_site)), *shown]
    rows.sort(key=lambda flow: (-flow.kg, flow.giver.name, flow.taker.name, flow.material))
    return Flows(rows, withheld=len(arcs) - len(shown))


def _standing(month: date) -> Select[Trade]:
    ends = (Trade.producer, Trade.consumer, Trade.producer_site, Trade.consumer_site)
    return (
        select(Trade)
        .where(Trade.month == month, Trade.status.in_(STANDING))
        .options(*(joinedload(end, innerjoin=True) for end in ends), lazyload(Trade.draws))
        .order_by(Trade.id)
    )


def _counties(trade: Trade) -> tuple[str, str]:
    return trade.producer_site.adcode, trade.consumer_site.adcode


def _by_site(trade: Trade) -> Hashable:
    return trade.material, trade.producer_site_id, trade.consumer_site_id


def _by_county(trade: Trade) -> Hashable:
    return trade.material, _counties(trade)


def _arcs(trades: Iterable[Trade], key: Callable[[Trade], Hashable]) -> list[list[Trade]]:
    """The trades that run alike, together."""
    arcs: dict[Hashable, list[Trade]] = defaultdict(list)
    for trade in trades:
        arcs[key(trade)].append(trade)
    return list(arcs.values())


def _may_show(book: MonthBook, arc: list[Trade]) -> bool:
    firms = {trade.producer_company_id for trade in arc}
    firms |= {trade.consumer_company_id for trade in arc}
    origin = book.group(arc[0].producer_site.adcode, arc[0].material)
    return may_show_flow(len(arc), len(firms), origin in book.published)


def _site_flow(arc: list[Trade]) -> Flow:
    trade = arc[0]
    ends = ((trade.producer, trade.producer_site), (trade.consumer, trade.consumer_site))
    giver, taker = (End(site.adcode, firm.display_name, site.lon, site.lat) for firm, site in ends)
    return _flow(arc, giver, taker, is_exact=True)


def _county_flow(book: MonthBook, arc: list[Trade]) -> Flow:
    giver, taker = (_county_end(book.counties[adcode]) for adcode in _counties(arc[0]))
    return _flow(arc, giver, taker, is_exact=False)


def _county_end(row: CountyRow) -> End:
    return End(row.adcode, row.name, row.lon, row.lat)


def _flow(arc: list[Trade], giver: End, taker: End, is_exact: bool) -> Flow:
    return Flow(
        material=arc[0].material,
        giver=giver,
        taker=taker,
        proposed_kg=_sum(arc, TradeStatus.PROPOSED),
        contracted_kg=_sum(arc, TradeStatus.CONFIRMED),
        matches=len(arc),
        is_exact=is_exact,
    )


def _sum(arc: list[Trade], status: TradeStatus) -> int:
    return sum(trade.kg for trade in arc if trade.status is status)
