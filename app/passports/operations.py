"""What a firm does with the quality of its own offers: entering, carrying over, voiding, telling.

Whoever may speak for the offer is asked here; what an assay is, `assays` knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.assays import operations as assays
from app.assays import queries
from app.assays.models import Assay, AssayReport
from app.assays.operations import AssayRefused
from app.assays.rules import AssayDraft, Batch
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Refused
from app.core.faults import Fault
from app.eligibility.queries import parameter_map
from app.eligibility.rules import Finding
from app.eligibility.words import finding_text
from app.listings import operations as listings
from app.listings.models import Listing
from app.listings.rules import ListingStatus
from app.notifications.operations import tell_company, tell_operators
from app.notifications.rules import Kind
from app.passports import entries

MOST_WAITING = 20
"""Files of one offer that may wait to be confirmed."""
MARK = "~"
"""Begins the number of an assay that is not entered yet: it sorts behind all others of its day."""


class SheetRefused(Refused):
    """Drafts of one sheet that break rules: the place of each draft and its fault."""

    def __init__(self, faults: list[tuple[int, Fault]]) -> None:
        super().__init__(_l("检测没有保存：请按提示改正后再保存。"), field=faults[0][1].field)
        self.faults = faults


class HazardFound(Refused):
    """The readings make the material hazardous waste, and nobody has said to know what follows.

    `findings` are the broken limits, `numbers` the offers that will leave the market.
    """

    def __init__(self, findings: list[Finding], numbers: list[str]) -> None:
        super().__init__(_l("检测值超出危险废物鉴别限值，还没有保存。"), field="knows_hazard")
        self.findings, self.numbers = findings, numbers


@dataclass(frozen=True, slots=True)
class Entered:
    """The assays as they were entered, and the offers that left the market over them."""

    assays: list[Assay]
    withdrawn: list[str]


def enter(
    session: Session,
    actor: Actor,
    number: str,
    drafts: Sequence[AssayDraft],
    offers: Iterable[str],
    now: datetime,
    *,
    knows_hazard: bool = False,
) -> Entered:
    """Enter the assays of one sheet for an offer and for others of the same material.

    Raises `SheetRefused`, `HazardFound` unless the actor knows, `Refused` or `NotFound`. Where the
    readings make the material hazardous waste, the assays stay and the offers leave the market.
    """
    targets = _targets(session, actor, number, offers)
    added = _read(session, drafts, now)
    on = china_day(now)
    hazardous = {
        target: findings
        for target in targets
        if target.status is ListingStatus.ACTIVE
        and (findings := entries.hazards_with(session, target, added, on))
    }
    if hazardous and not knows_hazard:
        raise HazardFound(next(iter(hazardous.values())), [target.number for target in hazardous])
    company_id, numbers = targets[0].company_id, [target.number for target in targets]
    done = [assays.record(session, actor, company_id, numbers, draft, now) for draft in drafts]
    for target in hazardous:
        _take_off_the_market(session, actor, target, now)
    return Entered(done, [target.number for target in hazardous])


def carry_over(session: Session, actor: Actor, number: str, source: str, now: datetime) -> int:
    """Let the assays of an earlier offer of the same material speak of this one, too.

    Returns how many. Raises `NotFound`, or `Refused` where they show hazardous waste.
    """
    listing = entries.offer_to_enter(session, actor, number)
    listings.hold(session, actor, [number])
    entries.earlier_of(session, listing, source)
    batches = queries.batches(session, [source]).get(source, [])
    findings = entries.hazards_with(session, listing, batches, china_day(now))
    if findings:
        reason = reason_of(session, findings)
        raise Refused(
            _l(
                "%(number)s 的检测超出危险废物鉴别限值，不能沿用：%(reason)s。",
                number=source,
                reason=reason,
            ),
            field="source",
            next_step=_l("危险废物不能在这里交易，请交给有危险废物经营许可证的单位。"),
        )
    return assays.carry_over(session, actor, listing.company_id, source, number, now)


def void(
    session: Session, actor: Actor, number: str, assay_number: str, reason: str, now: datetime
) -> Assay:
    """Let an assay count no more; one that shows hazardous waste only the operator may void.

    Raises `NotFound`, `Refused` or `Conflict`.
    """
    listing = entries.offer_to_void_of(session, actor, number)
    assay = entries.assay_of(session, listing, assay_number)
    if not actor.is_operator and entries.hazards_shown(session, assay, china_day(now)):
        raise Refused(
            _l("%(number)s 超出危险废物鉴别限值，只有运营方可以作废。", number=assay_number),
            field="reason",
            next_step=_l("数值有误时，请把原报告和更正说明交给运营方。"),
        )
    return assays.void(session, actor, assay_number, reason, now)


def keep_report(
    session: Session, actor: Actor, number: str, file: AssayReport, now: datetime
) -> AssayReport:
    """Keep a checked file of an offer; the same file leads to the one that waits already.

    Raises `NotFound`, or `Refused` where it was confirmed before or too many wait.
    """
    listing = entries.offer_to_enter(session, actor, number)
    listings.hold(session, actor, [number])
    same = entries.same_report(session, listing, file.sha256)
    if same is not None:
        _refuse_if_entered(session, same)
        return same
    if len(queries.waiting_reports(session, number)) >= MOST_WAITING:
        raise Refused(
            _l("已有 %(most)s 份文件等着核对：请先核对或删除几份。", most=MOST_WAITING),
            field="file",
        )
    return assays.keep_report(session, actor, listing.company_id, number, file, now)


def throw_report(
    session: Session, actor: Actor, number: str, report_id: int, now: datetime
) -> None:
    """Drop a file of an offer; raises `NotFound`, or `Conflict` if an assay rests on it."""
    entries.offer_to_enter(session, actor, number)
    entries.kept_report(session, number, report_id)
    assays.throw_report(session, actor, report_id, now)


def tell_facts(
    session: Session, actor: Actor, number: str, told: Mapping[str, str], now: datetime
) -> int:
    """Say where the material of an offer's site comes from; returns how many facts are new.

    Only what some limit of the kind depends on is kept. Raises `NotFound` or `Refused`.
    """
    listing = entries.offer_to_enter(session, actor, number)
    asked = entries.facts_asked(session, listing.kind, china_day(now))
    known = queries.facts(session, [listing.site_id]).get(listing.site_id, {})
    new = {
        fact: value
        for fact, value in told.items()
        if fact in asked and value != known.get(fact, "")
    }
    assays.tell_facts(session, actor, listing.site_id, new, now)
    return len(new)


def reason_of(session: Session, findings: Iterable[Finding]) -> LazyString:
    """Which limits are broken, in the language of whoever reads it."""
    parameters, found = parameter_map(session), list(findings)

    def written() -> str:
        return "；".join(finding_text(finding, parameters) for finding in found)

    return LazyString(written)


def _targets(session: Session, actor: Actor, number: str, offers: Iterable[str]) -> list[Listing]:
    """The offer and those that were ticked beside it, held until the transaction ends."""
    offer = entries.offer_to_enter(session, actor, number)
    wanted = set(offers) - {number}
    listings.hold(session, actor, [number, *wanted])
    session.refresh(offer)
    others = [other for other in entries.siblings(session, offer) if other.number in wanted]
    if len(others) < len(wanted):
        raise Refused(_l("只能选本厂区同种物料、还在挂牌的供应，请重新选择。"), field="offers")
    return [offer, *others]


def _read(session: Session, drafts: Sequence[AssayDraft], now: datetime) -> list[Batch]:
    """What the drafts say; raises `SheetRefused` with everything that is wrong in any of them."""
    batches: list[Batch] = []
    faults = [] if drafts else [(0, Fault("values", "no_values"))]
    for place, draft in enumerate(drafts):
        try:
            batches.append(_batch(session, place, draft, now))
        except AssayRefused as refusal:
            faults += [(place, fault) for fault in refusal.faults]
    if faults:
        raise SheetRefused(faults)
    return batches


def _batch(session: Session, place: int, draft: AssayDraft, now: datetime) -> Batch:
    """A draft as the batch it will be."""
    reading = assays.check(session, draft, now)
    return Batch(
        number=f"{MARK}{place:04d}",
        sampled_on=draft.sampled_on,
        recorded_on=china_day(now),
        laboratory=draft.laboratory,
        certificate=draft.certificate,
        has_report=draft.report_id is not None,
        batch_kg=draft.batch_kg,
        moisture=reading.moisture,
        readings=reading.values,
    )


def _take_off_the_market(session: Session, actor: Actor, listing: Listing, now: datetime) -> None:
    """What is open of hazardous waste is offered no longer; its firm and the operator are told."""
    listings.withdraw(session, actor, listing.number, now)
    path, key = f"/passports/{listing.number}", f"{listing.number}:{now:%y%m%d%H%M%S}"
    kind, number, material = Kind.HAZARD_FOUND, listing.number, listing.materials[0]
    firm = listing.company_id
    tell_company(session, firm, kind, key, path, now, number=number, material=material)
    tell_operators(session, kind, key, path, now, number=number, material=material)


def _refuse_if_entered(session: Session, report: AssayReport) -> None:
    entered = entries.assays_of_report(session, report.id)
    if entered:
        raise Refused(
            _l("这份文件已经核对过，检测记在 %(numbers)s。", numbers="、".join(entered)),
            field="file",
            next_step=_l("内容有更正时，请先作废原来的检测，再上传。"),
        )
