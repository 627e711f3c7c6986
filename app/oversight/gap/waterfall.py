"""From today to the target in steps: what is used, signed, wanted, possible and nowhere to go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.oversight.policy import may_see_site
from app.statistics.book import MonthBook, month_book
from app.statistics.indicators import Sums
from app.statistics.official import Period, by_material, choice
from app.statistics.rules import Masses, Region

FULL_MILLI = 100_000


class Step(StrEnum):
    """A step of the waterfall, the surest first."""

    ACTUAL = "actual"
    CONTRACTED = "contracted"
    MARKET = "market"
    PHYSICAL = "physical"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose tonnes: a month, a material or all that the target counts, a county or all seen."""

    month: date
    material: str = ""
    adcode: str = ""


@dataclass(frozen=True, slots=True)
class Actual:
    """What a month came to, kg; without a declaration what was generated and used is not known.

    `generated_kg` is G + U0, what the rate is a share of; `missing` counts the wastes of which no
    declaration is there.
    """

    received_kg: int
    used_kg: int | None = None
    generated_kg: int | None = None
    missing: int = 0

    @property
    def is_declared(self) -> bool:
        return self.generated_kg is not None


@dataclass(frozen=True, slots=True)
class Part:
    """What a material came to, and what stands on its offers."""

    actual: Actual
    masses: Masses

    @property
    def whole_kg(self) -> int:
        """What was declared as G + U0, or without a declaration what was on offer."""
        declared = self.actual.generated_kg
        return self.masses.offered if declared is None else declared


@dataclass(frozen=True, slots=True)
class Row:
    """A step, kg: from where to where its bar goes."""

    step: Step
    start_kg: int
    kg: int

    @property
    def end_kg(self) -> int:
        return self.start_kg + self.kg


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps of a scope; they add up to the whole, and those of materials to those of all.

    `whole_kg` is what was declared as G + U0, and for materials of which nothing is declared what
    was on offer (`on_offer_kg` of it); `is_declared` where anything is.
    """

    scope: Scope
    rows: tuple[Row, ...]
    whole_kg: int
    target_kg: int
    is_declared: bool
    on_offer_kg: int
    missing: int
    run: str

    def kg(self, step: Step) -> int:
        return next(row.kg for row in self.rows if row.step is step)


def waterfall(session: Session, actor: Actor, scope: Scope, target_milli: int) -> Waterfall:
    """The waterfall of a scope, of the counties that an official sees."""
    return waterfall_in(session, month_book(session, scope.month), actor, scope, target_milli)


def waterfall_in(
    session: Session, book: MonthBook, actor: Actor, scope: Scope, target_milli: int
) -> Waterfall:
    """The same, of a month whose book is open already."""
    parts = list(_parts(session, book, actor, scope))
    return waterfall_of(scope, parts, target_milli, book.run[0] if book.run else "")


def waterfall_of(
    scope: Scope, parts: Collection[Part], target_milli: int, run: str = ""
) -> Waterfall:
    """The steps of all parts together: each part is stacked by itself, then step by step added."""
    rows = tuple(_added(stacked(part) for part in parts))
    whole = rows[-1].end_kg
    return Waterfall(
        scope=scope,
        rows=rows,
        whole_kg=whole,
        target_kg=whole * target_milli // FULL_MILLI,
        is_declared=any(part.actual.is_declared for part in parts),
        on_offer_kg=sum(part.whole_kg for part in parts if not part.actual.is_declared),
        missing=sum(part.actual.missing for part in parts),
        run=run,
    )


def actual_of(sums: Sums, masses: Masses) -> Actual:
    """What was really used: as declared, or before that what receivers weighed in."""
    if not sums.declared:
        return Actual(masses.received, missing=sums.missing)
    return Actual(masses.received, sums.used_kg, sums.usable_kg, sums.missing)


def stacked(part: Part) -> Iterator[Row]:
    """The steps one upon the other, the surer first, each at most what the ones before left.

    What nothing else takes has nowhere to go.
    """
    actual, masses = part.actual, part.masses
    steps = {
        Step.ACTUAL: actual.received_kg if actual.used_kg is None else actual.used_kg,
        Step.CONTRACTED: masses.contracted - masses.received,
        Step.MARKET: masses.reserved,
        Step.PHYSICAL: max(0, masses.reachable - masses.contracted - masses.reserved),
    }
    start = 0
    for step, kg in steps.items():
        taken = min(kg, part.whole_kg - start)
        yield Row(step, start, taken)
        start += taken
    yield Row(Step.NOWHERE, start, part.whole_kg - start)


def _added(stacks: Iterable[Iterable[Row]]) -> Iterator[Row]:
    """Stacks added step by step."""
    masses = dict.fromkeys(Step, 0)
    for row in chain.from_iterable(stacks):
        masses[row.step] += row.kg
    start = 0
    for step, kg in masses.items():
        yield Row(step, start, kg)
        start += kg


def _parts(session: Session, book: MonthBook, actor: Actor, scope: Scope) -> Iterator[Part]:
    """A scope by materials: the one it names, or those that the target counts."""
    period = Period.month(scope.month)
    chosen = choice(session, period, scope.material or None)
    declared = by_material(session, period, chosen, _counties(book, actor, scope))
    for material in sorted(chosen.materials):
        masses = book.sum_of(_region(book, actor, scope, material))
        yield Part(actual_of(declared.get(material, Sums()), masses), masses)


def _counties(book: MonthBook, actor: Actor, scope: Scope) -> list[str]:
    """The counties of a scope that an official sees."""
    wanted = [scope.adcode] if scope.adcode else list(book.counties)
    return [adcode for adcode in wanted if may_see_site(actor, adcode)]


def _region(book: MonthBook, actor: Actor, scope: Scope, material: str) -> Region:
    """The places of a material in a scope that an official sees."""
    places = book.region(scope.adcode or None, material)
    return frozenset(place for place in places if may_see_site(actor, place[0]))
