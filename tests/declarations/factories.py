"""A producer with wastes, facilities and a log, made by the product's own operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.declarations import operations
from app.declarations.balance import MASSES, MassBalance
from app.declarations.declaring import Statement, declare
from app.declarations.models import Declaration
from app.declarations.operations import FacilityDraft, Recorded, SourceDraft
from app.declarations.rules import EventKind, FacilityKind, Happening, WasteClass, WasteForm
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import trader

TONNE = 1000
NOVEMBER = date(2026, 11, 1)
DECEMBER_5 = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)
"""November is over and not late: it is due on 10 December."""


@dataclass(frozen=True, slots=True)
class Yard:
    """A site with one waste, a store of 1,000 t, a press and a landfill, by their ids."""

    company_id: int
    actor: Actor
    site_id: int
    source_id: int
    store_id: int
    press_id: int
    landfill_id: int


def source_draft(**changes: Any) -> SourceDraft:
    values: dict[str, Any] = {
        "waste_name": "二级粉煤灰",
        "waste_code": "441-001-S02",
        "waste_class": WasteClass.II,
        "process": "锅炉除尘",
        "form": WasteForm.POWDER,
        "yearly_kg": 100_000 * TONNE,
    }
    return SourceDraft(**(values | changes))


def store_draft(code: str = "TS001", **changes: Any) -> FacilityDraft:
    """A silo of 1,000 t for fly ash."""
    values: dict[str, Any] = {
        "kind": FacilityKind.STORAGE,
        "code": code,
        "name": "一号灰库",
        "material": "fly_ash",
        "capacity_kg": 1_000 * TONNE,
    }
    return FacilityDraft(**(values | changes))


def yard_of(session: Session, company: Company | None = None, registered: datetime = NOW) -> Yard:
    """The yard of a firm; without one a new approved firm in Chiping."""
    company = company or approved_company(session, site_draft(*CHIPING))
    actor, site_id = trader(company), company.sites[0].id
    source = operations.add_source(session, actor, site_id, "fly_ash", source_draft(), registered)
    drafts = (
        store_draft(),
        FacilityDraft(FacilityKind.USE, "TS002", "压砖线"),
        FacilityDraft(FacilityKind.DISPOSAL, "TS003", "填埋场"),
    )
    made = [operations.add_facility(session, actor, site_id, draft, NOW) for draft in drafts]
    session.flush()
    return Yard(company.id, actor, site_id, source.id, *(facility.id for facility in made))


def happening(kind: EventKind, tonnes: int, days_ago: float = 0, **changes: Any) -> Happening:
    """An event so many days before the frozen present, with the texts its kind asks for."""
    values: dict[str, Any] = {
        "happened_at": NOW - timedelta(days=days_ago),
        "handler": "经办人",
        "destination": "填埋",
        "product": "制砖",
    }
    return Happening(kind, tonnes * TONNE, **(values | changes))


def recorded(
    session: Session,
    yard: Yard,
    kind: EventKind,
    tonnes: int,
    days_ago: float = 0,
    now: datetime = NOW,
    **changes: Any,
) -> Recorded:
    """Enter an event at the facility its kind asks for."""
    places = {
        EventKind.STORED: yard.store_id,
        EventKind.TAKEN_OUT: yard.store_id,
        EventKind.SELF_USED: yard.press_id,
        EventKind.SELF_DISPOSED: yard.landfill_id,
    }
    what = happening(kind, tonnes, days_ago, **changes)
    place = places.get(kind)
    return operations.record(session, yard.actor, yard.source_id, place, what, now)


def statement(yard: Yard, **changes: Any) -> Statement:
    """November: 100 t of fly ash, 60 t of them used by the works, 40 t stored on nothing."""
    masses: dict[str, int] = {"generated_kg": 100, "self_used_kg": 60, "stored_kg": 40}
    masses |= {"closing_kg": 40}
    for name in MASSES:
        if name in changes:
            masses[name] = changes.pop(name)
    balance = MassBalance(**{name: tonnes * TONNE for name, tonnes in masses.items()})
    values: dict[str, Any] = {"site_id": yard.site_id, "material": "fly_ash", "month": NOVEMBER}
    return Statement(**(values | {"balance": balance} | changes))


def declared(
    session: Session, yard: Yard, now: datetime = DECEMBER_5, **changes: Any
) -> Declaration:
    """A declared month; arguments as of `statement`, masses in tonnes."""
    made = declare(session, yard.actor, statement(yard, **changes), now)
    session.flush()
    return made
