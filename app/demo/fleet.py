"""The gates of the demo sites and the trucks of the demo firms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage
from app.shipments.gates import GateDraft, set_gate
from app.shipments.rules import EmissionClass, GateHours
from app.shipments.vehicles import VehicleDraft, register

AFTER_OPENING = timedelta(minutes=10)


def acts(stage: Stage) -> Iterator[Act]:
    """On the market's first day."""
    at = stage.calendar.opened + AFTER_OPENING
    sites = {row["key"]: row for row in files.rows(stage.folder, "sites.csv")}
    for row in files.rows(stage.folder, "gates.csv"):
        owner = sites[row["site_key"]]["company_key"]
        yield Act(at, partial(_open_gate, stage, row, owner))
    for row in files.rows(stage.folder, "vehicles.csv"):
        yield Act(at, partial(_register, stage, row))


def _open_gate(stage: Stage, row: Row, owner: str, session: Session, now: datetime) -> None:
    hours = GateHours(
        opens_hour=int(row["opens_hour"]),
        closes_hour=int(row["closes_hour"]),
        slot_minutes=int(row["slot_minutes"]),
        trucks_per_slot=int(row["trucks_per_slot"]),
    )
    draft = GateDraft(hours, EmissionClass(row["least_emission"]))
    set_gate(session, stage.firm(session, owner), stage.market.sites[row["site_key"]], draft, now)


def _register(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    draft = VehicleDraft(
        plate=row["plate"],
        emission=EmissionClass(row["emission"]),
        load_kg=files.tonnes(row["load_t"]),
        trailer_plate=row["trailer_plate"],
    )
    register(session, stage.firm(session, row["company_key"]), draft, now)
