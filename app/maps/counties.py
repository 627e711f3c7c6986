"""The official figures county by county, cut for their reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from operator import add

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import county_map, material_map, plan_target
from app.core.actor import Actor
from app.core.clock import china_day
from app.maps.lines import Line, Table, in_order
from app.maps.questions import Question
from app.statistics import official
from app.statistics.closing import last_close, last_closed_month
from app.statistics.indicators import Sums
from app.statistics.models import FactMonth
from app.statistics.official import Choice, Period
from app.statistics.policy import sees_in_full
from app.statistics.published import publishable_counties


@dataclass(frozen=True, slots=True)
class State:
    """How far the figures of a period are settled; `version` 0 while its last month is open."""

    version: int
    as_of: datetime | None
    locked_on: date | None


def first_and_last(session: Session) -> tuple[date, date] | None:
    """Between which months there are facts."""
    first, last = session.execute(
        select(func.min(FactMonth.month), func.max(FactMonth.month))
    ).one()
    return (first, last) if first and last else None


def month_opened(session: Session) -> date | None:
    """The month a page opens with: the last one closed, or the last there are facts of."""
    known = first_and_last(session)
    return last_closed_month(session) or (known[1] if known else None)


def state(session: Session, period: Period) -> State:
    """Of several months, the state of the last."""
    basis = official.basis(session, period)
    close = last_close(session, period.last) if basis.version else None
    locked_on = china_day(close.closed_at) if close else None
    return State(basis.version, basis.as_of, locked_on)


def chosen_of(session: Session, question: Question, period: Period) -> Choice:
    return official.choice(session, period, question.material or None, question.with_red_mud)


def target_of(session: Session, question: Question, today: date) -> Fraction | None:
    """The target in per cent, if everything that is chosen counts towards it."""
    materials = material_map(session, question.period.last)
    chosen = chosen_of(session, question, question.period).materials
    if not all(materials[code].in_target for code in chosen):
        return None
    return Fraction(plan_target(session, today).value)


def county_table(session: Session, actor: Actor, question: Question, today: date) -> Table:
    """Every county; whoever does not oversee it reads what is published of it."""
    sums = _by_county(session, question, question.period)
    before = _by_county(session, question, question.other)
    shown, is_open = _shown(session, actor, question, today)
    used_here = _used_here(session, actor, question)
    lines = [
        _line(county.adcode, county.short_name, sums, before, shown, question, actor, used_here)
        for county in county_map(session).values()
    ]
    hidden = [adcode for adcode in sums.keys() | before.keys() if adcode not in shown]
    return Table(
        lines=in_order(lines, question.measure),
        target=target_of(session, question, today),
        is_open=is_open,
        unseen=_sum_of(sums, hidden),
        unseen_before=_sum_of(before, hidden),
    )


def _line(
    adcode: str,
    name: str,
    sums: dict[str, Sums],
    before: dict[str, Sums],
    shown: frozenset[str],
    question: Question,
    actor: Actor,
    used_here: dict[str, int],
) -> Line:
    is_shown = adcode in shown
    below = question.address("maps.drill.county", adcode=adcode)
    return Line(
        key=adcode,
        name=name,
        sums=sums.get(adcode, Sums()) if is_shown else None,
        before=before.get(adcode, Sums()) if is_shown and question.against else None,
        url=below if sees_in_full(actor, [adcode]) else None,
        used_here_kg=used_here.get(adcode, 0) if sees_in_full(actor, [adcode]) else None,
    )


def _by_county(session: Session, question: Question, period: Period | None) -> dict[str, Sums]:
    if period is None:
        return {}
    return official.by_county(session, period, chosen_of(session, question, period))


def _shown(
    session: Session, actor: Actor, question: Question, today: date
) -> tuple[frozenset[str], bool]:
    """The counties whose sums this reader may know, and whether the sum of all is among them."""
    counties = frozenset(county_map(session))
    if sees_in_full(actor, counties):
        return counties, True
    periods = [period for period in (question.period, question.other) if period]
    published = frozenset.intersection(
        *(
            publishable_counties(session, one, chosen_of(session, question, one), today)
            for one in periods
        )
    )
    own = frozenset(adcode for adcode in counties if sees_in_full(actor, [adcode]))
    return published | own, bool(published)


def _used_here(session: Session, actor: Actor, question: Question) -> dict[str, int]:
    """What was used in each county; a buyer's tonnes are for its officials alone."""
    if not (actor.is_operator or actor.is_regulator):
        return {}
    period = question.period
    return official.consumed_here(session, period, chosen_of(session, question, period))


def _sum_of(sums: dict[str, Sums], adcodes: Iterable[str]) -> Sums:
    return reduce(add, (sums[adcode] for adcode in adcodes if adcode in sums), Sums())
