"""What trades move from where to where, by the ledger, cut for its reader."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload, lazyload

from app.catalogue.queries import CountyRow
from app.companies.groups import group_of
from app.core.actor import Actor
from app.ledger.models import Entry, Lot, Posting
from app.ledger.rules import Account
from app.statistics.book import RECEIVED, SIGNED, MonthBook, month_book
from app.statistics.disclosure import Shares, is_sensitive
from app.statistics.policy import sees_either_end
from app.statistics.rules import PARTS, Masses, Measure, Region, may_show_flow
from app.trades.models import Trade
from app.trades.rules import TradeStatus

WITHOUT_TONNES = (TradeStatus.DECLINED, TradeStatus.EXPIRED)
"""Endings after which nothing stands under a trade's number; any other may have brought some."""


@dataclass(frozen=True, slots=True)
class End:
    """Where an arc starts or ends: a county, or where its reader may know it, a firm's site."""

    adcode: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Flow:
    """One material from one end to another, in kg; `is_exact` from site to site.

    `contracted_kg` is what both sides stand by, on its way and received included; `received_kg` is
    a part of it.
    """

    material: str
    giver: End
    taker: End
    proposed_kg: int
    contracted_kg: int
    received_kg: int
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


@dataclass(frozen=True, slots=True)
class _Load:
    """A trade and what stands under its number."""

    trade: Trade
    masses: Masses


def flows(session: Session, actor: Actor, month: date, *, with_red_mud: bool) -> Flows:
    """What trades of a month still hold or have brought, material by material.

    Site to site where an end lies in the reader's region; else county to county, and only the
    arcs that tell nobody's own figures.
    """
    book = month_book(session, month)
    moved = [
        load
        for load in _loads(session, month)
        if with_red_mud or book.materials[load.trade.material].in_target
    ]
    near = [load for load in moved if sees_either_end(actor, _counties(load))]
    far = [load for load in moved if not sees_either_end(actor, _counties(load))]
    arcs = _arcs(far, _by_county)
    shown = [_county_flow(book, arc) for arc in _showable(book, arcs)]
    rows = [*(_site_flow(arc) for arc in _arcs(near, _by_site)), *shown]
    rows.sort(key=lambda flow: (-flow.kg, flow.giver.name, flow.taker.name, flow.material))
    return Flows(rows, withheld=len(arcs) - len(shown))


def _loads(session: Session, month: date) -> list[_Load]:
    """The trades delivered in a month that hold something, with what the ledger says of them."""
    masses = _masses(session, month)
    ends = (Trade.producer, Trade.consumer, Trade.producer_site, Trade.consumer_site)
    trades = session.scalars(
        select(Trade)
        .where(Trade.month == month, Trade.status.not_in(WITHOUT_TONNES))
        .options(*(joinedload(end, innerjoin=True) for end in ends), lazyload(Trade.draws))
        .order_by(Trade.id)
    )
    return [_Load(trade, masses[trade.id]) for trade in trades if trade.id in masses]


def _masses(session: Session, month: date) -> dict[int, Masses]:
    """By trade, what stands under its number on the lots of its offer; only where that is not 0."""
    reserved, signed, received = map(_stands_on, ((Account.RESERVED,), SIGNED, RECEIVED))
    query = (
        select(Trade.id, reserved, signed, received)
        .join(Entry, Entry.reference == Trade.number)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Lot, and_(Lot.id == Posting.lot_id, Lot.listing_number == Trade.offer_number))
        .where(Trade.month == month)
        .group_by(Trade.id)
    )
    return {
        trade_id: Masses(reserved=int(held), contracted=int(bound), received=int(brought))
        for trade_id, held, bound, brought in session.execute(query)
        if held or bound
    }


def _stands_on(accounts: Collection[Account]) -> ColumnElement[int]:
    return func.coalesce(func.sum(Posting.kg).filter(Posting.account.in_(accounts)), 0)


def _counties(load: _Load) -> tuple[str, str]:
    return load.trade.producer_site.adcode, load.trade.consumer_site.adcode


def _by_site(load: _Load) -> Hashable:
    trade = load.trade
    return trade.material, trade.producer_site_id, trade.consumer_site_id


def _by_county(load: _Load) -> Hashable:
    return load.trade.material, _counties(load)


def _arcs(loads: Iterable[_Load], key: Callable[[_Load], Hashable]) -> list[list[_Load]]:
    """The loads that run alike, together."""
    arcs: dict[Hashable, list[_Load]] = defaultdict(list)
    for load in loads:
        arcs[key(load)].append(load)
    return list(arcs.values())


def _showable(book: MonthBook, arcs: list[list[_Load]]) -> list[list[_Load]]:
    """The arcs anybody may know: from each county none that gives away what others carry.

    What an origin has sold is public, so the arcs withheld are known together; where that tells
    too much, the smallest arc is withheld with them.
    """
    of_origin: dict[Region, list[list[_Load]]] = defaultdict(list)
    for arc in arcs:
        of_origin[_origin(book, arc)].append(arc)
    return [arc for found in of_origin.values() for arc in _told(book, found)]


def _told(book: MonthBook, arcs: list[list[_Load]]) -> list[list[_Load]]:
    shown = sorted((arc for arc in arcs if _may_show(book, arc)), key=_kg, reverse=True)
    while shown:
        rest = [load for arc in arcs if arc not in shown for load in arc]
        if not _tells_too_much(book, rest):
            break
        shown.pop()
    return shown


def _may_show(book: MonthBook, arc: list[_Load]) -> bool:
    origin = _origin(book, arc)
    is_public = all(book.tells(origin, part) for part in (Measure.CONTRACTED, Measure.RESERVED))
    return may_show_flow(len(arc), _tells_too_much(book, arc), is_public)


def _origin(book: MonthBook, arc: list[_Load]) -> Region:
    first = arc[0].trade
    return book.region(first.producer_site.adcode, first.material)


def _kg(arc: list[_Load]) -> int:
    return sum(load.masses.offered for load in arc)


def _tells_too_much(book: MonthBook, loads: Sequence[_Load]) -> bool:
    """Whether what trades hold in any account speaks of too few givers or too few takers."""
    return any(
        is_sensitive(_shares(book, loads, measure, side), book.thresholds)
        for measure in (Measure.CONTRACTED, Measure.RESERVED, Measure.RECEIVED)
        for side in ("producer_company_id", "consumer_company_id")
    )


def _shares(book: MonthBook, loads: Sequence[_Load], measure: Measure, side: str) -> Shares:
    """By group of one side, what trades hold in a measure."""
    shares: Counter[Hashable] = Counter()
    for load in loads:
        parts = load.masses.parts
        group = group_of(getattr(load.trade, side), book.groups)
        shares[group] += sum(parts[part] for part in PARTS[measure])
    return +shares


def _site_flow(arc: list[_Load]) -> Flow:
    trade = arc[0].trade
    ends = ((trade.producer, trade.producer_site), (trade.consumer, trade.consumer_site))
    giver, taker = (End(site.adcode, firm.display_name, site.lon, site.lat) for firm, site in ends)
    return _flow(arc, giver, taker, is_exact=True)


def _county_flow(book: MonthBook, arc: list[_Load]) -> Flow:
    giver, taker = (_county_end(book.counties[adcode]) for adcode in _counties(arc[0]))
    return _flow(arc, giver, taker, is_exact=False)


def _county_end(row: CountyRow) -> End:
    return End(row.adcode, row.name, row.lon, row.lat)


def _flow(arc: list[_Load], giver: End, taker: End, is_exact: bool) -> Flow:
    masses = reduce(add, (load.masses for load in arc))
    return Flow(
        material=arc[0].trade.material,
        giver=giver,
        taker=taker,
        proposed_kg=masses.reserved,
        contracted_kg=masses.contracted,
        received_kg=masses.received,
        matches=len(arc),
        is_exact=is_exact,
    )
