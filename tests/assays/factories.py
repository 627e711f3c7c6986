"""Assays for tests, entered by the product's own operations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.assays import operations
from app.assays.models import Assay
from app.assays.rules import AssayDraft, ValueDraft
from app.core.actor import SYSTEM
from tests.conftest import NOW

NOVEMBER_5 = date(2026, 11, 5)
GRADE_I = {
    "loi": "4.2",
    "residue_45um": "10.5",
    "water_demand": "93",
    "moisture": "0.3",
    "so3": "1.1",
    "f_cao": "0.4",
    "sio2_al2o3_fe2o3": "86",
    "density": "2.3",
    "activity_28d": "76",
    "soundness_lechatelier": "1.5",
}
"""What shows that fly ash of a pulverised-coal boiler is of grade I, in the parameters' units."""


def assay_draft(values: dict[str, str] | None = None, **changes: object) -> AssayDraft:
    """A dated sample; of grade I fly ash unless told otherwise."""
    given: dict[str, object] = {
        "values": tuple(
            ValueDraft(parameter=name, text=text)
            for name, text in (GRADE_I if values is None else values).items()
        ),
        "sampled_on": NOVEMBER_5,
    }
    return AssayDraft(**(given | changes))  # type: ignore[arg-type]


def recorded(
    session: Session,
    company_id: int,
    *offers: str,
    values: dict[str, str] | None = None,
    now: datetime = NOW,
    **changes: object,
) -> Assay:
    """An assay of the material of a firm's offers."""
    draft = assay_draft(values, **changes)
    return operations.record(session, SYSTEM, company_id, offers, draft, now)
