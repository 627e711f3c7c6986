"""What a briefing says of the way to the target: the steps of each material, and the work-list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.catalogue.quality import ParameterRow
from app.catalogue.queries import CountyRow, MaterialRow, TargetRow, county_map, material_map
from app.clearing.queries import last_covering, last_recorded
from app.core.actor import Actor
from app.eligibility.queries import parameter_map
from app.oversight.gap.waterfall import Scope, Waterfall, waterfall_in
from app.oversight.gap.worklist import Task, tasks
from app.statistics.book import month_book
from app.statistics.closing import last_closed_month


@dataclass(frozen=True, slots=True)
class MaterialSteps:
    """A material's way; those outside the target have none to reach."""

    material: MaterialRow
    fall: Waterfall


@dataclass(frozen=True, slots=True)
class Outlook:
    """The steps of a month that a run has looked at; `whole` is what the target counts."""

    month: date
    target: TargetRow
    whole: Waterfall
    materials: list[MaterialSteps]
    tasks: list[Task]
    counties: Mapping[str, CountyRow]
    parameters: Mapping[str, ParameterRow]

    def name_of(self, material: str) -> str:
        return next(one.material.name for one in self.materials if one.material.code == material)


def outlook(session: Session, actor: Actor, month: date, target: TargetRow) -> Outlook | None:
    """The way to the target as seen from a month, for the counties an official oversees."""
    told = month_told(session, month)
    if told is None:
        return None
    book, milli = month_book(session, told), target.milli
    materials = material_map(session, told)

    def steps(code: str = "") -> Waterfall:
        return waterfall_in(session, book, actor, Scope(told, code), milli)

    return Outlook(
        month=told,
        target=target,
        whole=steps(),
        materials=[MaterialSteps(row, steps(code)) for code, row in materials.items()],
        tasks=tasks(
            session, actor, Scope(told), {c for c, row in materials.items() if row.in_target}
        ),
        counties=county_map(session),
        parameters=parameter_map(session),
    )


def month_told(session: Session, month: date) -> date | None:
    """Of which month the steps are told: of itself, if a run took it in.

    Of the month published last they are those of the month the newest run begins with: what is to
    be done next. An older month that no run took in has none.
    """
    if last_covering(session, month):
        return month
    run = last_recorded(session)
    if run is None or month != last_closed_month(session):
        return None
    return run.month if run.month > month else None
