"""What tickets show to have gone from county to county, from the prepared facts.

A kilogram leaves the county that its producer's figures count it in, so that what leaves a county
is, to the kilogram, the entrusted use of that county's figures that tickets show.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.statistics.models import OF_ITS_WASTE, MonthlyFact, MonthlyFlow
from app.statistics.official import Choice, Period, flows_within


@dataclass(frozen=True, slots=True)
class Movement:
    """What of one material was received in one county from producers of another, or of its own."""

    origin: str
    destination: str
    material: str
    received_kg: int
    tickets: int


def touching(
    session: Session, period: Period, chosen: Choice, adcodes: Collection[str]
) -> list[Movement]:
    """Whatever left one of these counties, or was received in one."""
    either = or_(MonthlyFact.adcode.in_(adcodes), MonthlyFlow.to_adcode.in_(adcodes))
    return _movements(session, period, chosen, either)


def between(
    session: Session,
    period: Period,
    chosen: Choice,
    origins: Collection[str],
    destinations: Collection[str],
) -> list[Movement]:
    """Whatever went from some counties to others."""
    ends = (MonthlyFact.adcode.in_(origins), MonthlyFlow.to_adcode.in_(destinations))
    return _movements(session, period, chosen, *ends)


def _movements(
    session: Session, period: Period, chosen: Choice, *ends: ColumnElement[bool]
) -> list[Movement]:
    named = (MonthlyFact.adcode, MonthlyFlow.to_adcode, MonthlyFlow.material)
    query = (
        select(*named, func.sum(MonthlyFlow.received_kg), func.sum(MonthlyFlow.tickets))
        .join(MonthlyFact, OF_ITS_WASTE)
        .where(*flows_within(period, chosen), *ends)
        .group_by(*named)
    )
    return [
        Movement(origin, destination, material, int(kg), int(tickets))
        for origin, destination, material, kg, tickets in session.execute(query)
    ]
