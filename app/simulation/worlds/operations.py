"""Making a world: plan it, settle it, and let its past happen month by month, in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from random import Random
from time import monotonic

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.catalogue.queries import CountyRow, counties
from app.core.clock import add_months, china_day, china_instant
from app.core.errors import Conflict
from app.core.places import current_places
from app.history.deals import Deal, Route, Window, month_deals
from app.history.declaring import Books, Masses, declare_month
from app.history.rules import BUILDING, past_months, shared_out
from app.history.writing import enter
from app.simulation.market import require_no_real_firm
from app.simulation.worlds.planning import Locate, Position, TooFewSites, plan
from app.simulation.worlds.settling import Named, Settled, settle

TICKETS_OF_A_LOAD = 2
LOADS_OF_A_TRUCK = 24
"""In a month; it could make about twice as many trips."""
BUSIEST_MILLI = 1_250
"""How much more than the mean month the busiest one may have."""
MARGIN = timedelta(days=2)
"""Before a month's end the last truck leaves; nothing of it arrives in the next."""
FARTHEST_DEGREES = 0.15
TRIES = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """`sites` are those that make waste; half as many take it. `tickets` are both ends of loads.

    `unclosed_milli` of a thousand statements do not close and say why; the figures of
    `named_milli` of a thousand firms that make waste are public, but of none of `unnamed`, the
    codes of industries.
    """

    sites: int
    months: int
    tickets: int
    seed: int
    unclosed_milli: int = 0
    named_milli: int = 800
    unnamed: frozenset[str] = frozenset()


@dataclass
class Made:
    """What was made, and in how many seconds."""

    firms: int
    sites: int
    declarations: int = 0
    trades: int = 0
    shipments: int = 0
    tickets: int = 0
    seconds: float = 0.0

    @property
    def figures(self) -> dict[str, object]:
        return asdict(self) | {"seconds": round(self.seconds, 1)}


def generate(session: Session, wanted: Wanted, now: datetime) -> Made:
    """Add a world whose past ends with last month.

    Raises `Conflict` if the database holds a real firm, or if the sites have too little waste for
    so many tickets.
    """
    started = monotonic()
    require_no_real_firm(session)
    random = Random(wanted.seed)
    months = past_months(now, wanted.months)
    loads = wanted.tickets // TICKETS_OF_A_LOAD
    settled = _settled(session, random, wanted, loads, months, now)
    made = Made(firms=settled.firms, sites=len(settled.works))
    books = Books(random, settled.works, months[0], unclosed_milli=wanted.unclosed_milli)
    for month, count in _spread(loads, months).items():
        _live(session, random, settled, books, month, count, made, now)
    made.tickets = made.shipments * TICKETS_OF_A_LOAD
    made.seconds = monotonic() - started
    return made


def _settled(
    session: Session,
    random: Random,
    wanted: Wanted,
    loads: int,
    months: Sequence[date],
    now: datetime,
) -> Settled:
    busiest = -(-loads * BUSIEST_MILLI // 1000 // len(months))
    try:
        world = plan(random, wanted.sites, busiest, dealt_counties(session))
    except TooFewSites as fault:
        raise Conflict(
            _l("这么多磅单，%(sites)s 个产废厂区的固废不够运。", sites=wanted.sites),
            _l("请增加厂区或减少磅单。"),
        ) from fault
    trucks = busiest // LOADS_OF_A_TRUCK + 1
    joined, today = china_instant(months[0]), china_day(now)
    named = Named(wanted.named_milli, wanted.unnamed)
    return settle(session, random, world, trucks, named, joined, today)


def _spread(loads: int, months: Sequence[date]) -> dict[date, int]:
    """The loads over the months, as the building year goes."""
    shares = shared_out(loads, {place: BUILDING[m.month] for place, m in enumerate(months)})
    return {month: shares[place] for place, month in enumerate(months)}


def _live(
    session: Session,
    random: Random,
    settled: Settled,
    books: Books,
    month: date,
    loads: int,
    made: Made,
    now: datetime,
) -> None:
    """One month: its deals with their trucks, the ledger's part, and what is declared of it."""
    window = Window(month, add_months(month, 1) - MARGIN)
    deals = month_deals(random, window, _wanted(settled.routes, loads), settled.trucks)
    enter(session, deals).post(session)
    made.declarations += declare_month(session, books, month, _received(deals), now)
    made.trades += len(deals)
    made.shipments += sum(len(deal.loads) for deal in deals)


def _wanted(routes: Sequence[tuple[Route, int]], loads: int) -> list[tuple[Route, int]]:
    if not loads:
        return []
    shares = shared_out(loads, {place: weight for place, (_, weight) in enumerate(routes)})
    return [(route, shares[place]) for place, (route, _weight) in enumerate(routes)]


def _received(deals: Sequence[Deal]) -> Masses:
    found: dict[tuple[int, str, date], int] = {}
    for deal in deals:
        key = (deal.route.producer.site_id, deal.route.material, deal.month)
        found[key] = found.get(key, 0) + deal.received_kg
    return found


def dealt_counties(session: Session) -> Locate:
    """A place around the seat of a county that the installation knows, of each in its turn."""
    known, places = counties(session), current_places()
    waiting: list[CountyRow] = []

    def somewhere(random: Random) -> tuple[str, Position]:
        if not waiting:
            waiting.extend(random.sample(known, len(known)))
        county = waiting.pop()
        for _try in range(TRIES):
            here = _near(random, county)
            if places.county_at(*here) == county.adcode:
                return county.adcode, here
        return county.adcode, (county.lon, county.lat)

    return somewhere


def _near(random: Random, county: CountyRow) -> Position:
    lon, lat = county.lon, county.lat
    apart = (random.uniform(-FARTHEST_DEGREES, FARTHEST_DEGREES) for _axis in range(2))
    east, north = apart
    return round(lon + east, 4), round(lat + north, 4)
