"""What must hold of the official figures of every world: leaves are their parents, to the kilogram.

The pages' own questions are asked, on every node from the region down to a truck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from operator import add

import pytest
from flask import current_app
from hypothesis import HealthCheck, Phase, example, given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import months_between
from app.core.transactions import database
from app.maps import drill
from app.maps.areas import ground
from app.maps.counties import area_table, chosen_of
from app.maps.drill import Place, WastePage
from app.maps.lines import Line, Table
from app.maps.official_flows import ends_of, flow_contracts, region_flows
from app.maps.questions import Question
from app.maps.rules import Measure
from app.statistics import official
from app.statistics.closing import close, figures, recompute, restate
from app.statistics.facts import prepare, to_prepare
from app.statistics.indicators import Share, Sums, chain_rate
from app.statistics.models import MonthlyFact
from tests.conftest import TODAY
from tests.statistics.factories import CITY, OPERATOR
from tests.statistics.pasts import EARLY, FIXED, Shape, claim, in_force, lived, shapes
from tests.statistics.raw_rows import Raw, Waste, raw_rows

DAY = timedelta(days=1)
Property = Callable[[Shape], None]


def holds_of_any_world(prove: Property) -> None:
    """Prove it of two worlds that stay the same, and on SQLite of some that are drawn.

    A world that fails is told as it was drawn: each smaller one to try takes seconds.
    """
    draws = database().engine.dialect.name == "sqlite"
    drawn = settings(
        max_examples=2,
        derandomize=True,
        deadline=None,
        phases=(Phase.explicit, Phase.generate) if draws else (Phase.explicit,),
        suppress_health_check=list(HealthCheck),
    )
    with current_app.test_request_context():
        drawn(example(FIXED)(example(EARLY)(given(shapes())(prove))))()


@dataclass
class Walk:
    """Every node below a question, as the pages show it, with what was found at the leaves."""

    session: Session
    question: Question
    nodes: int = 0
    used: dict[Waste, int] = field(default_factory=dict)
    loads: dict[str, int] = field(default_factory=dict)
    without_ticket: int = 0

    def region(self) -> Table:
        """From the region down; each level is held against the line it was opened from."""
        table = area_table(self.session, CITY, self.question, ground(self.session, None), TODAY)
        self._held(table, None)
        assert {line.key for line in table.lines if not line.is_empty} <= {
            line.key for line in table.lines if line.url
        }
        for line in table.lines:
            self._county(line)
        return table

    def flows(self) -> dict[tuple[str, str], dict[str, int]]:
        """From the region's flows down to the trucks: kilograms by both counties and material."""
        found = region_flows(self.session, CITY, self.question, ground(self.session, None))
        assert found.into.lines == []
        for line in found.out.lines:
            self.nodes += 1
            ends = ends_of(self.session, CITY, line.origin.code, line.destination.code)
            contracts = flow_contracts(self.session, self.question, ends)
            assert sum(one.received_kg for one in contracts) == line.received_kg
            assert sum(one.tickets for one in contracts) == line.tickets
            for one in contracts:
                self._contract(one.number, one.received_kg, one.tickets)
        return {
            (line.origin.code, line.destination.code): dict(line.materials)
            for line in found.out.lines
        }

    def _county(self, line: Line) -> None:
        ask = (self.session, self.question, line.key, TODAY)
        self._held(drill.parks_table(*ask), line)
        firms = drill.firms_table(*ask)
        self._held(firms, line)
        for firm in firms.lines:
            self._firm(drill.firm_of(self.session, CITY, line.key, int(firm.key)), firm)

    def _firm(self, place: Place, line: Line) -> None:
        wastes = drill.wastes_table(self.session, self.question, place, TODAY)
        self._held(wastes, line)
        for waste in wastes.lines:
            site_id, code = waste.key.split()
            site = drill.site_of(self.session, CITY, int(site_id))
            self._waste(drill.waste_page(self.session, self.question, site, code), waste)

    def _waste(self, page: WastePage, line: Line) -> None:
        self.nodes += 1
        assert page.sheet.sums == line.sums
        assert page.sheet.total_kg == page.sheet.sums.used_kg
        assert page.place.site_id is not None
        self.used[page.place.site_id, page.material.code] = page.sheet.total_kg
        self.without_ticket += page.sheet.without_ticket_kg
        for contract in page.sheet.contracts:
            self._contract(contract.number, contract.received_kg, contract.tickets)

    def _contract(self, number: str, received_kg: int, tickets: int) -> None:
        self.nodes += 1
        page = drill.loads_page(self.session, CITY, self.question, number)
        assert (page.received_kg, len(page.trucks)) == (received_kg, tickets)
        for truck in page.trucks:
            assert truck.received_kg == truck.gross_kg - truck.tare_kg
            assert truck.shipment not in self.loads
            self.loads[truck.shipment] = truck.received_kg

    def _held(self, table: Table, parent: Line | None) -> None:
        """The total is the line this level was opened from, and its gap that of the lines."""
        self.nodes += 1
        total = table.total
        if table.target is not None:
            gaps = [table.gap_kg(line) or 0 for line in table.lines]
            assert table.gap_kg(total) == sum(gaps)
        if parent is not None:
            assert total.sums == parent.sums


@pytest.mark.usefixtures("any_app")
def test_every_node_of_any_world_is_its_leaves_and_those_are_what_people_entered() -> None:
    """Of every mass at once and of the gap; the leaves are held against the raw rows."""

    def prove(shape: Shape) -> None:
        with lived(shape) as session:
            walk = Walk(session, shape.question)
            whole = walk.region().total.sums or Sums()
            raw = asked(session, shape)
            assert walk.used | raw.used == walk.used
            assert sum(walk.used.values()) == whole.used_kg == sum(raw.used.values())
            assert whole.balance.generated_kg == raw.generated_kg
            assert whole.balance.closing_kg == raw.closing_kg(shape.question.period.last)
            assert whole.balance.old_used_kg == raw.old_used_kg
            assert walk.loads == raw.taken
            assert walk.without_ticket == whole.without_ticket_kg
            assert walk.nodes > shape.wanted.sites

    holds_of_any_world(prove)


@pytest.mark.usefixtures("any_app")
def test_the_flows_of_any_world_are_its_tickets_and_the_entrusted_use_that_these_show() -> None:
    """From one county to another, trade by trade, truck by truck."""

    def prove(shape: Shape) -> None:
        with lived(shape) as session:
            walk, raw = Walk(session, shape.question), asked(session, shape)
            assert walk.flows() == raw.moved
            assert walk.loads == raw.taken
            period = shape.question.period
            chosen = chosen_of(session, shape.question, period)
            counties = official.by_county(session, period, chosen)
            for adcode, sums in counties.items():
                left = [kinds for (origin, _to), kinds in raw.moved.items() if origin == adcode]
                assert sums.ticketed_kg == sum(sum(kinds.values()) for kinds in left)

    holds_of_any_world(prove)


@pytest.mark.usefixtures("any_app")
def test_related_use_and_use_by_place_of_any_world_are_parts_of_the_same_whole() -> None:
    def prove(shape: Shape) -> None:
        with lived(shape) as session:
            raw = asked(session, shape)
            question = shape.question.but(measure=Measure.USED_HERE)
            lines = area_table(session, CITY, question, ground(session, None), TODAY).lines
            whole = reduce(add, (line.sums or Sums() for line in lines), Sums())
            here = {line.key: line.used_here_kg for line in lines if line.used_here_kg}
            assert here == raw.used_here
            assert sum(here.values()) == whole.used_kg - whole.without_ticket_kg
            assert whole.related_kg == sum(row.kg for row in raw.loads if row.is_related)
            assert 0 <= whole.related_kg <= whole.ticketed_kg == sum(raw.taken.values())

    holds_of_any_world(prove)


@pytest.mark.usefixtures("app")
def test_a_tonne_that_turns_into_another_waste_counts_once_in_any_world() -> None:
    """It is in what was used of both wastes, and leaves the sum of the two where it came from."""

    def prove(shape: Shape) -> None:
        with lived(shape) as session:
            period = shape.question.period
            chosen = chosen_of(session, shape.question, period)
            whole = reduce(add, official.by_material(session, period, chosen).values(), Sums())
            raw = asked(session, shape)
            twice = sum(row.kg for row in raw.loads if row.is_chained)
            assert whole.chained_kg == twice
            used, usable = whole.used_kg - twice, whole.usable_kg - twice
            assert chain_rate(whole) == Share(used, usable)
            final = sum(row.kg for row in raw.loads if not row.is_chained)
            assert used == whole.balance.self_used_kg + whole.without_ticket_kg + final

    holds_of_any_world(prove)


@pytest.mark.usefixtures("app")
def test_the_statements_of_any_world_close_or_say_why_not() -> None:
    """A period closes as far as its months do; what lay with a waste that is missing at the end is
    missing too.
    """

    def prove(shape: Shape) -> None:
        with lived(shape) as session:
            for row in in_force(session):
                assert row.balance.flow_gap_kg == 0
                assert row.balance.stock_gap_kg == 0 or row.explanation
                assert row.balance.used_kg <= row.balance.usable_kg
            period = shape.question.period
            chosen = chosen_of(session, shape.question, period)
            wastes = official.by_material(session, period, chosen).values()
            raw = asked(session, shape)
            lost = sum(row.balance.stock_gap_kg for row in raw.declared)
            unseen = sum(row.closing_kg for row in raw.last if row.month != period.last)
            assert sum(sums.balance.flow_gap_kg for sums in wastes) == 0
            assert sum(sums.balance.stock_gap_kg for sums in wastes) == lost + unseen

    holds_of_any_world(prove)


@pytest.mark.usefixtures("any_app")
def test_published_files_of_any_world_stay_as_they_were_whatever_is_corrected_later() -> None:
    def prove(shape: Shape) -> None:
        with lived(shape) as session:
            *closed, still_open = shape.months
            bodies = {
                found: figures(session, found)
                for found in [close(session, CITY, month, shape.now) for month in closed]
            }
            before = {month: _facts(session, month) for month in shape.months}
            for place, month in enumerate((closed[0], still_open)):
                _correct(session, month, shape.now + (place + 1) * DAY)
            later = shape.now + 4 * DAY
            assert to_prepare(session) == [still_open]
            restate(session, OPERATOR, closed[0], "补记委托利用量", later)
            prepare(session, still_open, later)
            after = {month: _facts(session, month) for month in shape.months}
            changed = [month for month in shape.months if before[month] != after[month]]
            assert changed == [closed[0], still_open]
            assert {found: figures(session, found) for found in bodies} == bodies
            assert all(found.agrees for found in recompute(session))

    holds_of_any_world(prove)


def asked(session: Session, shape: Shape) -> Raw:
    """The rows of a world that are asked for."""
    period = shape.question.period
    chosen = chosen_of(session, shape.question, period).materials
    return raw_rows(session, shape).within(months_between(period.first, period.last), chosen)


def _correct(session: Session, month: date, at: datetime) -> None:
    found = [row for row in in_force(session) if row.month == month]
    claim(session, found[len(found) // 2], 12_345, at)


def _facts(session: Session, month: date) -> list[tuple[object, ...]]:
    """The rows pages read of a month."""
    found = session.execute(select(MonthlyFact.__table__).where(MonthlyFact.month == month))
    return sorted(tuple(row) for row in found)
