"""Entering assays, carrying them to another offer, voiding them; files and facts of origin.

Whether the actor may speak for an offer or a site is for the caller to ask, as with the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assays import rules
from app.assays.models import Assay, AssayOffer, AssayReport, AssayValue, SiteFact
from app.assays.rules import AssayDraft
from app.catalogue.quality import ParameterRow
from app.catalogue.rules import Basis
from app.core import audit
from app.core.actor import Actor
from app.core.clock import china_day, month_of
from app.core.errors import Conflict, NotFound, Refused
from app.core.faults import Fault
from app.core.series import next_number
from app.eligibility.queries import parameter_map
from app.eligibility.ranges import Range
from app.eligibility.readings import sheet, unknown_facts
from app.eligibility.rules import has_too_much

MOISTURE = "moisture"


class AssayRefused(Refused):
    """A draft that breaks rules; `faults` tells each field, a value's as `values.<parameter>`."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(_l("检测没有保存：请按提示改正后再保存。"), field=faults[0].field)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Reading:
    """An assay's values as ranges in the units and on the basis of their parameters."""

    values: Mapping[str, Range]
    moisture: Decimal | None


def check(session: Session, draft: AssayDraft, now: datetime) -> Reading:
    """What a draft says once it is read; raises `AssayRefused` with everything that is wrong."""
    parameters = parameter_map(session)
    known = [value for value in draft.values if value.parameter in parameters]
    on_dry = {each.parameter for each in known if parameters[each.parameter].basis is Basis.DRY}
    moisture, water_faults = _moisture(draft, parameters)
    read = sheet(
        {value.parameter: value.text for value in known},
        parameters,
        {value.parameter: value.unit for value in known if value.unit},
    )
    _refuse(
        *_name_faults(draft, parameters),
        *rules.faults(draft, china_day(now), on_dry),
        *water_faults,
        *(replace(fault, field=f"values.{fault.field}".rstrip(".")) for fault in read.faults),
    )
    if draft.basis is Basis.DRY or moisture is None:
        return Reading(read.readings, moisture)
    return Reading(_dried(read.readings, on_dry, moisture), moisture)


def record(
    session: Session,
    actor: Actor,
    company_id: int,
    offers: Iterable[str],
    draft: AssayDraft,
    now: datetime,
) -> Assay:
    """Enter an assay of the material of a firm's offers; raises `AssayRefused` or `NotFound`."""
    reading = check(session, draft, now)
    if draft.report_id is not None:
        _kept_report(session, company_id, draft.report_id)
    month = month_of(china_day(now))
    assay = Assay(
        number=next_number(session, f"A-{month:%y%m}"),
        company_id=company_id,
        sampled_on=draft.sampled_on,
        laboratory=draft.laboratory,
        certificate=draft.certificate,
        report_number=draft.report_number,
        basis=draft.basis,
        batch_kg=draft.batch_kg,
        moisture=None if reading.moisture is None else str(reading.moisture),
        note=draft.note,
        report_id=draft.report_id,
        recorded_at=now,
        recorded_by=actor.user_id,
    )
    session.add(assay)
    session.flush()
    _add_values(session, assay, draft, reading)
    for number in dict.fromkeys(offers):
        session.add(AssayOffer(assay_id=assay.id, listing_number=number, carried_at=now))
    session.flush()
    _audit(session, actor, "record", assay.number, now, offers=sorted(set(offers)))
    return assay


def carry_over(
    session: Session, actor: Actor, company_id: int, source: str, target: str, now: datetime
) -> int:
    """Let the assays of one offer of a firm speak of another one, too; returns how many are new."""
    there = select(AssayOffer.assay_id).where(AssayOffer.listing_number == target)
    query = (
        select(Assay)
        .join(AssayOffer, AssayOffer.assay_id == Assay.id)
        .where(
            AssayOffer.listing_number == source,
            Assay.company_id == company_id,
            Assay.voided_at.is_(None),
            Assay.id.not_in(there),
        )
    )
    found = list(session.scalars(query))
    for assay in found:
        session.add(AssayOffer(assay_id=assay.id, listing_number=target, carried_at=now))
    session.flush()
    if found:
        numbers = [assay.number for assay in found]
        audit.record(session, actor, "assay.carry", ("offer", target), now, assays=numbers)
    return len(found)


def void(session: Session, actor: Actor, number: str, reason: str, now: datetime) -> Assay:
    """Let an assay count no more; raises `NotFound`, `Refused` without a reason, or `Conflict`."""
    assay = session.scalar(select(Assay).where(Assay.number == number).with_for_update())
    if assay is None or (actor.is_company and actor.company_id != assay.company_id):
        raise NotFound
    if assay.voided_at is not None:
        raise Conflict(_l("%(number)s 已经作废。", number=number))
    if not reason.strip():
        raise Refused(_l("请写明作废的原因。"), field="reason")
    assay.voided_at, assay.void_reason = now, reason.strip()
    _audit(session, actor, "void", number, now, reason=assay.void_reason)
    return assay


def keep_report(
    session: Session,
    actor: Actor,
    company_id: int,
    listing_number: str,
    file: AssayReport,
    now: datetime,
) -> AssayReport:
    """Keep a file until its owner has confirmed what it says. It must have been checked before."""
    file.company_id, file.listing_number, file.sent_at = company_id, listing_number, now
    session.add(file)
    session.flush()
    subject = ("offer", listing_number)
    audit.record(session, actor, "assay.report", subject, now, sha256=file.sha256)
    return file


def throw_report(session: Session, actor: Actor, report_id: int, now: datetime) -> None:
    """Drop a file of the actor's firm; raises `NotFound`, or `Conflict` if an assay rests on it."""
    file = _kept_report(session, actor.company_id, report_id)
    if session.scalar(select(Assay.id).where(Assay.report_id == report_id).limit(1)) is not None:
        raise Conflict(_l("这份报告已有检测引用，不能删除。"))
    file.thrown_at, file.content = now, None
    subject = ("offer", file.listing_number)
    audit.record(session, actor, "assay.throw_report", subject, now, sha256=file.sha256)


def tell_facts(
    session: Session, actor: Actor, site_id: int, told: Mapping[str, str], now: datetime
) -> None:
    """Say what the origin of a site's material is; a blank value takes a word back.

    Raises `Refused` for what cannot be.
    """
    for fault in unknown_facts({name: value for name, value in told.items() if value}):
        raise Refused(_l("请从列表中选择。"), field=fault.field)
    for name, value in told.items():
        session.add(
            SiteFact(site_id=site_id, fact=name, value=value, told_at=now, told_by=actor.user_id)
        )
    session.flush()
    if told:
        audit.record(session, actor, "site.facts", ("site", str(site_id)), now, **dict(told))


def _name_faults(draft: AssayDraft, parameters: Mapping[str, ParameterRow]) -> Iterator[Fault]:
    count = Counter(value.parameter for value in draft.values)
    for name, times in count.items():
        if name not in parameters:
            yield Fault(f"values.{name}", "no_such_parameter")
        elif times > 1:
            yield Fault(f"values.{name}", "twice")


def _dried(
    readings: Mapping[str, Range], on_dry: Container[str], moisture: Decimal
) -> dict[str, Range]:
    """The readings with shares of the mass as received brought to the dry mass."""
    values = {
        name: rules.on_dry(found, moisture) if name in on_dry else found
        for name, found in readings.items()
    }
    if has_too_much(values):
        _refuse(Fault("values", "too_much"))
    return values


def _refuse(*faults: Fault) -> None:
    if faults:
        raise AssayRefused(list(faults))


def _moisture(
    draft: AssayDraft, parameters: Mapping[str, ParameterRow]
) -> tuple[Decimal | None, list[Fault]]:
    """The water of the sample as one number of per cent, if it was stated."""
    if not draft.moisture:
        return None, []
    read = sheet({MOISTURE: draft.moisture}, parameters, {})
    if read.faults:
        return None, [replace(fault, field=MOISTURE) for fault in read.faults]
    found = read.readings[MOISTURE]
    if not found.is_exact or found.low is None or not 0 <= found.low < rules.ALL:
        return None, [Fault(MOISTURE, "moisture_not_a_number")]
    return found.low, []


def _add_values(session: Session, assay: Assay, draft: AssayDraft, reading: Reading) -> None:
    for position, value in enumerate(draft.values):
        found = reading.values[value.parameter]
        session.add(
            AssayValue(
                assay_id=assay.id,
                parameter=value.parameter,
                position=position,
                text=value.text.strip(),
                unit=value.unit,
                method=value.method,
                cell=value.cell,
                low=None if found.low is None else str(found.low),
                high=None if found.high is None else str(found.high),
                low_open=found.low_open,
                high_open=found.high_open,
            )
        )


def _kept_report(session: Session, company_id: int | None, report_id: int) -> AssayReport:
    """A file of the firm that was not thrown away, held; raises `NotFound`."""
    wanted = (AssayReport.id == report_id, AssayReport.company_id == company_id)
    kept = AssayReport.thrown_at.is_(None)
    file = session.scalar(select(AssayReport).where(*wanted, kept).with_for_update())
    if file is None:
        raise NotFound
    return file


def _audit(
    session: Session, actor: Actor, verb: str, number: str, now: datetime, **detail: object
) -> None:
    audit.record(session, actor, f"assay.{verb}", ("assay", number), now, **detail)
