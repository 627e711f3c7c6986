"""What tickets show to have gone from where to where, cut for the officials of either end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.regions import city_of
from app.maps.areas import Area, Ground, all_areas, ground
from app.maps.counties import chosen_of
from app.maps.lines import Line, Table
from app.maps.questions import Question
from app.statistics import leaves, movements
from app.statistics.leaves import ContractLine
from app.statistics.movements import Movement
from app.statistics.official import Period
from app.statistics.policy import sees_in_full
from app.statistics.withholding import WHOLE

Ends = tuple[Area, Area]
"""Where something came from and where it was received."""
Ask = Callable[[Period], list[Movement]]


@dataclass(frozen=True, slots=True)
class FlowLine:
    """What went from one area to another, in kg; `materials` the most first.

    `before_kg` is what did in the period it is held against.
    """

    origin: Area
    destination: Area
    materials: Mapping[str, int]
    received_kg: int
    tickets: int
    before_kg: int
    url: str

    @property
    def kinds(self) -> int:
        """Of how many materials: each is drawn by itself."""
        return len(self.materials)


@dataclass(frozen=True)
class FlowTable:
    """Flows with their sums, the largest first."""

    lines: Sequence[FlowLine]

    @cached_property
    def received_kg(self) -> int:
        return sum(line.received_kg for line in self.lines)

    @cached_property
    def before_kg(self) -> int:
        return sum(line.before_kg for line in self.lines)

    @cached_property
    def tickets(self) -> int:
        return sum(line.tickets for line in self.lines)


@dataclass(frozen=True, slots=True)
class RegionFlows:
    """The flows of the areas that a reader oversees; `own` are their codes.

    `out` left one of them or was used where it came from: the entrusted use of their figures that
    tickets show. `into` came from elsewhere and is no part of that.
    """

    own: frozenset[str]
    out: FlowTable
    into: FlowTable

    @property
    def lines(self) -> list[FlowLine]:
        return [*self.out.lines, *self.into.lines]

    @property
    def materials(self) -> frozenset[str]:
        return frozenset(code for line in self.lines for code in line.materials)

    def own_total(self, table: Table) -> Line:
        """What the figures say of the areas that `out` left."""
        return Table([line for line in table.lines if line.key in self.own], None).total


def region_flows(session: Session, actor: Actor, question: Question, shown: Ground) -> RegionFlows:
    """Between the areas of a region, and between them and other cities."""
    own = [area for area in shown.areas if sees_in_full(actor, area.adcodes)]
    adcodes = frozenset[str]().union(*(area.adcodes for area in own))

    def ask(period: Period) -> list[Movement]:
        chosen = chosen_of(session, question, period)
        return movements.touching(session, period, chosen, adcodes)

    areas = _by_county([*ground(session, None).areas, *shown.areas])
    lines = _lines(question, areas, ask)
    codes = frozenset(area.code for area in own)
    return RegionFlows(
        codes,
        out=FlowTable([line for line in lines if line.origin.code in codes]),
        into=FlowTable([line for line in lines if line.origin.code not in codes]),
    )


def ends_of(session: Session, actor: Actor, origin: str, destination: str) -> Ends:
    """The two ends of a flow; raises `NotFound` unless the reader oversees all of one of them."""
    known = {area.code: area for area in all_areas(session)}
    ends = known.get(origin), known.get(destination)
    if None in ends or not any(end and sees_in_full(actor, end.adcodes) for end in ends):
        raise NotFound
    return known[origin], known[destination]


def wider(session: Session, actor: Actor, question: Question, ends: Ends) -> Ends | None:
    """On the map of all cities the flow between two cities that one of two counties is a part of.

    Nothing where the reader may not open it.
    """
    cities = [city_of(end.code) for end in ends]
    if question.city != WHOLE or cities == [end.code for end in ends]:
        return None
    try:
        return ends_of(session, actor, *cities)
    except NotFound:
        return None


def county_flows(session: Session, question: Question, ends: Ends) -> FlowTable:
    """What a flow from or to a city is made of: its counties."""
    origins, destinations = (end.adcodes for end in ends)

    def ask(period: Period) -> list[Movement]:
        chosen = chosen_of(session, question, period)
        return movements.between(session, period, chosen, origins, destinations)

    areas = _by_county(area for area in all_areas(session) if not area.is_city)
    return FlowTable(_lines(question, areas, ask))


def flow_contracts(session: Session, question: Question, ends: Ends) -> list[ContractLine]:
    """What a flow between two counties is made of: trades."""
    period, chosen = question.period, chosen_of(session, question, question.period)
    return leaves.contracts_between(session, period, chosen, ends[0].code, ends[1].code)


def _by_county(areas: Iterable[Area]) -> dict[str, Area]:
    """The area that stands for each county: of several the last."""
    return {adcode: area for area in areas for adcode in area.adcodes}


def _lines(question: Question, areas: Mapping[str, Area], ask: Ask) -> list[FlowLine]:
    now = _by_ends(ask(question.period), areas)
    before = _by_ends(ask(question.other), areas) if question.other else {}
    lines = [
        _line(question, ends, now.get(ends, []), before.get(ends, []))
        for ends in now.keys() | before.keys()
    ]
    return sorted(lines, key=_order)


def _order(line: FlowLine) -> tuple[int, int, str, str]:
    return -line.received_kg, -line.before_kg, line.origin.code, line.destination.code


def _by_ends(moved: Iterable[Movement], areas: Mapping[str, Area]) -> dict[Ends, list[Movement]]:
    found: dict[Ends, list[Movement]] = defaultdict(list)
    for one in moved:
        found[areas[one.origin], areas[one.destination]].append(one)
    return found


def _line(
    question: Question, ends: Ends, moved: list[Movement], before: list[Movement]
) -> FlowLine:
    origin, destination = ends
    materials: Counter[str] = Counter()
    for one in moved:
        materials[one.material] += one.received_kg
    return FlowLine(
        origin=origin,
        destination=destination,
        materials=dict(sorted(materials.items(), key=lambda found: (-found[1], found[0]))),
        received_kg=materials.total(),
        tickets=sum(one.tickets for one in moved),
        before_kg=sum(one.received_kg for one in before),
        url=question.address("maps.drill.flow", origin=origin.code, destination=destination.code),
    )
