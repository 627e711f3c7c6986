"""From today to the target in steps: what is used, signed, wanted, possible and nowhere to go."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    """The steps of a scope; they add up to the whole.

    `whole_kg` is what was generated, or without declarations what was on offer (`is_declared`).
    """

    scope: Scope
    rows: tuple[Row, ...]
    whole_kg: int
    target_kg: int
    is_declared: bool
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
    masses = book.sum_of(_region(book, actor, scope))
    actual = actual_masses(session, masses, scope, _counties(book, actor, scope))
    rows = tuple(stacked(actual, masses))
    whole = rows[-1].end_kg
    return Waterfall(
        scope=scope,
        rows=rows,
        whole_kg=whole,
        target_kg=whole * target_milli // FULL_MILLI,
        is_declared=actual.generated_kg is not None,
        missing=actual.missing,
        run=book.run[0] if book.run else "",
    )


def actual_masses(
    session: Session, masses: Masses, scope: Scope, adcodes: Collection[str]
) -> Actual:
    """What was really used: as declared, or before that what receivers weighed in."""
    period = Period.month(scope.month)
    chosen = choice(session, period, scope.material or None)
    sums = sum(by_material(session, period, chosen, adcodes).values(), Sums())
    if not sums.declared:
        return Actual(masses.received)
    return Actual(masses.received, sums.used_kg, sums.usable_kg, sums.missing)


def stacked(actual: Actual, masses: Masses) -> Iterator[Row]:
    """The steps one upon the other; what nothing else takes has nowhere to go."""
    used = actual.received_kg if actual.used_kg is None else actual.used_kg
    whole = masses.offered if actual.generated_kg is None else actual.generated_kg
    possible = masses.reachable - masses.contracted - masses.reserved
    steps = {
        Step.ACTUAL: used,
        Step.CONTRACTED: masses.contracted - masses.received,
        Step.MARKET: masses.reserved,
        Step.PHYSICAL: max(0, possible),
    }
    start = 0
    for step, kg in steps.items():
        yield Row(step, start, kg)
        start += kg
    yield Row(Step.NOWHERE, start, max(0, whole - start))


def _counties(book: MonthBook, actor: Actor, scope: Scope) -> list[str]:
    """The counties of a scope that an official sees."""
    wanted = [scope.adcode] if scope.adcode else list(book.counties)
    return [adcode for adcode in wanted if may_see_site(actor, adcode)]


def _region(book: MonthBook, actor: Actor, scope: Scope) -> Region:
    """The places of a scope; without a material those that the target counts."""
    places = book.region(
        scope.adcode or None, scope.material or None, with_red_mud=bool(scope.material)
    )
    return frozenset(place for place in places if may_see_site(actor, place[0]))
