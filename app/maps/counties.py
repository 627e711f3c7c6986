"""The official figures of a region area by area, cut for their reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from operator import add

from sqlalchemy.orm import Session

from app.catalogue.queries import material_map, plan_target
from app.core.actor import Actor
from app.core.clock import china_day, months_between
from app.maps.areas import Area, Ground
from app.maps.lines import Line, Table, in_order
from app.maps.questions import Question
from app.maps.rules import Measure
from app.statistics import official
from app.statistics.closing import last_close, last_closed_month
from app.statistics.indicators import Sums
from app.statistics.official import Choice, Period
from app.statistics.policy import is_official, sees_in_full
from app.statistics.published import publishable_areas


@dataclass(frozen=True, slots=True)
class State:
    """How far the figures of a period are settled; `version` 0 while its last month is open."""

    version: int
    as_of: datetime | None
    locked_on: date | None


def month_opened(session: Session) -> date | None:
    """The month a page opens with: the last one closed, or the last there are facts of."""
    known = official.first_and_last(session)
    return last_closed_month(session) or (known[1] if known else None)


def months_offered(session: Session, actor: Actor) -> list[date]:
    """The months there are facts of; to all but officials only those that no longer change."""
    known = official.first_and_last(session)
    if known is None:
        return []
    hidden = frozenset() if is_official(actor) else official.open_months(session, Period(*known))
    return [month for month in months_between(*known) if month not in hidden]


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


def area_table(
    session: Session, actor: Actor, question: Question, shown: Ground, today: date
) -> Table:
    """Every area of a region; whoever does not oversee it reads what is published of it."""
    sums = _by_area(session, question, question.period, shown)
    before = _by_area(session, question, question.other, shown)
    known, is_open = _known(session, actor, question, shown, today)
    used_here = [
        _used_here(session, actor, question, period) for period in (question.period, question.other)
    ]
    lines = [
        _with_use(_line(area, sums, before, known, question, actor), area, actor, *used_here)
        for area in shown.areas
    ]
    hidden = [code for code in sums.keys() | before.keys() if code not in known]
    return Table(
        lines=in_order(lines, question.measure),
        target=target_of(session, question, today),
        is_open=is_open,
        unseen=_sum_of(sums, hidden),
        unseen_before=_sum_of(before, hidden),
    )


def _line(
    area: Area,
    sums: Mapping[str, Sums],
    before: Mapping[str, Sums],
    known: frozenset[str],
    question: Question,
    actor: Actor,
) -> Line:
    is_known = area.code in known
    return Line(
        key=area.code,
        name=area.name,
        sums=sums.get(area.code, Sums()) if is_known else None,
        before=before.get(area.code, Sums()) if is_known and question.against else None,
        url=below(area, question, actor),
    )


def _with_use(
    line: Line,
    area: Area,
    actor: Actor,
    used_here: Mapping[str, int],
    used_before: Mapping[str, int],
) -> Line:
    """With what was used in an area, for its own officials."""
    if not sees_in_full(actor, area.adcodes):
        return line
    return replace(
        line,
        used_here_kg=sum(used_here.get(adcode, 0) for adcode in area.adcodes),
        used_here_before_kg=sum(used_before.get(adcode, 0) for adcode in area.adcodes),
    )


def below(area: Area, question: Question, actor: Actor) -> str | None:
    """Where an area of the map opens: a city for everybody, a county for its officials."""
    if area.is_city:
        return question.address(city=area.code)
    if not sees_in_full(actor, area.adcodes):
        return None
    return question.address("maps.drill.county", adcode=area.code)


def _by_area(
    session: Session, question: Question, period: Period | None, shown: Ground
) -> dict[str, Sums]:
    if period is None:
        return {}
    counties = official.by_county(session, period, chosen_of(session, question, period))
    sums = {area.code: _sum_of(counties, area.adcodes) for area in shown.areas}
    return {code: found for code, found in sums.items() if found != Sums()}


def _known(
    session: Session, actor: Actor, question: Question, shown: Ground, today: date
) -> tuple[frozenset[str], bool]:
    """The areas whose sums this reader may know, and whether the sum of all is among them."""
    if sees_in_full(actor, shown.adcodes):
        return frozenset(area.code for area in shown.areas), True
    periods = [period for period in (question.period, question.other) if period]
    published = frozenset.intersection(
        *(
            publishable_areas(session, one, chosen_of(session, question, one), today)
            for one in periods
        )
    )
    own = frozenset(area.code for area in shown.areas if sees_in_full(actor, area.adcodes))
    return published | own, shown.code in published


def _used_here(
    session: Session, actor: Actor, question: Question, period: Period | None
) -> dict[str, int]:
    """What was used in each county; a buyer's tonnes are for its officials alone."""
    if period is None or question.measure is not Measure.USED_HERE or not is_official(actor):
        return {}
    return official.consumed_here(session, period, chosen_of(session, question, period))


def _sum_of(sums: Mapping[str, Sums], codes: Iterable[str]) -> Sums:
    return reduce(add, (sums[code] for code in codes if code in sums), Sums())
