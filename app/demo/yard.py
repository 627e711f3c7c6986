"""What the demo producer declares of its own waste: sources, facilities and the weekly log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.declarations.messages import tell_of_full_silos
from app.declarations.operations import (
    FacilityDraft,
    SourceDraft,
    add_facility,
    add_source,
    record,
)
from app.declarations.rules import EventKind, FacilityKind, Happening, WasteClass, WasteForm
from app.declarations.silos import keepers
from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage

AFTER_OPENING = timedelta(minutes=20)
HANDLER = "灰渣班 01"
WATCH = "-1d 07:30"
"""When the stores were looked at last; the product does so once a day."""


def acts(stage: Stage) -> Iterator[Act]:
    at = stage.calendar.opened + AFTER_OPENING
    for row in files.rows(stage.folder, "sources.csv"):
        yield Act(at, partial(_add_source, stage, row))
    for row in files.rows(stage.folder, "facilities.csv"):
        yield Act(at, partial(_add_facility, stage, row))
    for row in files.rows(stage.folder, "yard.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_record, stage, row))
    yield Act(stage.calendar.at(WATCH), _watch)


def _add_source(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    site_id = stage.market.sites[row["site_key"]]
    draft = SourceDraft(
        waste_name=row["waste_name"],
        waste_code=row["waste_code"],
        waste_class=WasteClass(row["waste_class"]),
        process=row["process"],
        form=WasteForm(row["form"]),
        yearly_kg=files.tonnes(row["yearly_t"]),
        composition=row["composition"],
        pollution=row["pollution"],
    )
    owner, material = stage.owner(session, site_id), row["material"]
    source = add_source(session, owner, site_id, material, draft, now)
    stage.sources[row["site_key"], material] = source.id


def _add_facility(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    site_id = stage.market.sites[row["site_key"]]
    draft = FacilityDraft(
        kind=FacilityKind(row["kind"]),
        code=row["code"],
        name=row["name"],
        material=row["material"],
        capacity_kg=files.tonnes(row["capacity_t"]) if row["capacity_t"] else None,
    )
    facility = add_facility(session, stage.owner(session, site_id), site_id, draft, now)
    stage.facilities[row["site_key"], row["code"]] = facility.id


def _record(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    site_key = row["site_key"]
    happening = Happening(
        kind=EventKind(row["kind"]),
        kg=files.tonnes(row["tonnes"]),
        happened_at=now,
        handler=HANDLER,
        product=row["product"],
    )
    source = stage.sources[site_key, row["material"]]
    facility = stage.facilities[site_key, row["facility"]] if row["facility"] else None
    owner = stage.owner(session, stage.market.sites[site_key])
    record(session, owner, source, facility, happening, now)


def _watch(session: Session, now: datetime) -> None:
    for company_id in keepers(session):
        tell_of_full_silos(session, company_id, now)
