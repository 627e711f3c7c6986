"""What a producer enters: its wastes, its facilities and what happened to the kilograms.

Order of locking, the same everywhere: the event that is reversed, the facility, the number series.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalogue import queries as catalogue
from app.catalogue.models import Material
from app.catalogue.rules import hazardous_code, is_hazardous_code, is_item_code
from app.catalogue.words import HazardNotice
from app.companies.models import Site
from app.core import audit, once
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound, Refused
from app.core.faults import Fault
from app.core.series import next_number
from app.declarations import rules
from app.declarations.models import Facility, WasteSource, YardEvent
from app.declarations.policy import may_act_for
from app.declarations.queries import movements_from, stock_before, stock_now
from app.declarations.rules import FacilityKind, Happening, Place, WasteClass, WasteForm
from app.declarations.words import refusal

SERIES = "E-{:%y%m}"
DIGITS = 5


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A line of form 1; `yearly_kg` is what a year of normal work brings."""

    waste_name: str
    waste_code: str
    waste_class: WasteClass
    process: str
    form: WasteForm
    yearly_kg: int
    composition: str = ""
    pollution: str = ""


@dataclass(frozen=True, slots=True)
class FacilityDraft:
    """A facility; without `material` it takes any, `capacity_kg` is asked of a store only."""

    kind: FacilityKind
    code: str
    name: str
    material: str | None = None
    capacity_kg: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event that was entered; `over_kg` is what its store now holds beyond its capacity."""

    event: YardEvent
    over_kg: int


def add_source(
    session: Session, actor: Actor, site_id: int, material: str, draft: SourceDraft, now: datetime
) -> WasteSource:
    """Register a waste of a site, once per material; raises `Refused` or `NotFound`."""
    site = _own_site(session, actor, site_id)
    if session.get(Material, material) is None:
        raise refusal(Fault("material", "unknown_material"))
    source = WasteSource(site_id=site.id, material=material, registered_at=now)
    _describe(session, source, draft, now)
    _add_once(session, source, Fault("material", "source_taken"))
    _audit_source(session, actor, "source.added", source, now)
    return source


def change_source(
    session: Session, actor: Actor, source_id: int, draft: SourceDraft, now: datetime
) -> WasteSource:
    """Describe a waste anew, as a change of process asks; raises `Refused` or `NotFound`."""
    source = session.get(WasteSource, source_id, with_for_update=True)
    if source is None or not may_act_for(actor, source.site.company_id):
        raise NotFound
    _describe(session, source, draft, now)
    _audit_source(session, actor, "source.changed", source, now)
    return source


def add_facility(
    session: Session, actor: Actor, site_id: int, draft: FacilityDraft, now: datetime
) -> Facility:
    """Register a facility of a site; raises `Refused` or `NotFound`."""
    site = _own_site(session, actor, site_id)
    _refuse_first(rules.facility_faults(draft.kind, draft.code, draft.capacity_kg))
    if draft.material is not None and session.get(Material, draft.material) is None:
        raise refusal(Fault("material", "unknown_material"))
    facility = Facility(
        site_id=site.id,
        kind=draft.kind,
        code=draft.code,
        name=draft.name,
        material=draft.material,
        capacity_kg=draft.capacity_kg,
    )
    _add_once(session, facility, Fault("code", "facility_taken", {"value": draft.code}))
    _audit_facility(session, actor, "facility.added", facility, now)
    return facility


def change_facility(
    session: Session,
    actor: Actor,
    facility_id: int,
    name: str,
    capacity_kg: int | None,
    now: datetime,
) -> Facility:
    """Rename a facility or state another capacity; its kind and code stand in the records."""
    facility = _locked_facility(session, actor, facility_id)
    _refuse_first(rules.facility_faults(facility.kind, facility.code, capacity_kg))
    facility.name, facility.capacity_kg = name, capacity_kg
    _audit_facility(session, actor, "facility.changed", facility, now)
    return facility


def record(
    session: Session,
    actor: Actor,
    source_id: int,
    facility_id: int | None,
    happening: Happening,
    now: datetime,
    *,
    key: str = "",
) -> Recorded:
    """Enter one happening of a registered waste; with a form's key once, however often it is sent.

    Raises `NotFound` for what is another firm's, and `Refused` if the event breaks a rule or a
    store would ever have held less than nothing. A store that overflows is reported, not refused.
    """
    sent = once.sending(session, actor, "yard_event", key, now) if key else None
    if sent and sent.answer:
        known = select(YardEvent).where(YardEvent.number == sent.answer)
        return Recorded(session.scalars(known).one(), 0)
    source = session.get(WasteSource, source_id)
    if source is None or not may_act_for(actor, source.site.company_id):
        raise NotFound
    facility = _locked_facility(session, actor, facility_id) if facility_id else None
    _refuse_first(rules.happening_faults(happening, now))
    _refuse_first(_place_faults(source, facility, happening))
    recorded = _enter(session, actor, _event(source, facility, happening), now)
    if sent:
        sent.answer = recorded.event.number
    return recorded


def reverse(session: Session, actor: Actor, number: str, now: datetime) -> Recorded:
    """Undo an event by one with the same figures negative, at the same time; once.

    Raises `NotFound`, `Conflict` if it was undone before or is itself a reversal, and `Refused` if
    what was taken out since would then be missing.
    """
    event = session.scalar(select(YardEvent).where(YardEvent.number == number).with_for_update())
    if event is None or not may_act_for(actor, event.site.company_id):
        raise NotFound
    _require_standing(session, event)
    if event.facility_id is not None:
        _locked_facility(session, actor, event.facility_id)
    return _enter(session, actor, _reversal(event), now)


def _enter(session: Session, actor: Actor, event: YardEvent, now: datetime) -> Recorded:
    _require_stock(session, event)
    event.number = next_number(session, SERIES.format(china_day(now)), DIGITS)
    event.recorded_at, event.recorded_by = now, actor.label
    session.add(event)
    session.flush()
    verb = "yard.reversed" if event.reverses_id else "yard.recorded"
    subject = ("yard_event", event.number)
    audit.record(session, actor, verb, subject, now, kind=event.kind, kg=event.kg)
    return Recorded(event, _over(session, event))


def _require_stock(session: Session, event: YardEvent) -> None:
    """Raise `Refused` if with this event its store held less than nothing at any time since.

    The facility is locked, so that nobody enters another movement meanwhile.
    """
    effect = rules.STOCK_EFFECT.get(event.kind)
    if effect is None or event.facility_id is None:
        return
    store = (event.facility_id, event.material)
    opening = stock_before(session, *store, event.happened_at)
    later = movements_from(session, *store, event.happened_at)
    short = rules.shortage(opening, [*later, (event.happened_at, effect * event.kg)])
    if short is not None:
        code = session.get_one(Facility, event.facility_id).code
        values = {"facility": code, "at": short.at, "kg": short.kg}
        raise refusal(Fault("tonnes", "stock_short", values))


def _over(session: Session, event: YardEvent) -> int:
    if event.facility_id is None or event.kind not in rules.STOCK_EFFECT:
        return 0
    facility = session.get_one(Facility, event.facility_id)
    return rules.over_capacity(stock_now(session, facility.id), facility.capacity_kg)


def _event(source: WasteSource, facility: Facility | None, happening: Happening) -> YardEvent:
    return YardEvent(
        site_id=source.site_id,
        material=source.material,
        kind=happening.kind,
        facility_id=facility.id if facility else None,
        kg=happening.kg,
        moisture_milli=happening.moisture_milli,
        happened_at=happening.happened_at,
        handler=happening.handler,
        destination=happening.destination,
        product=happening.product,
    )


def _reversal(event: YardEvent) -> YardEvent:
    return YardEvent(
        site_id=event.site_id,
        material=event.material,
        kind=event.kind,
        facility_id=event.facility_id,
        kg=-event.kg,
        moisture_milli=event.moisture_milli,
        happened_at=event.happened_at,
        handler=event.handler,
        destination=event.destination,
        product=event.product,
        reverses_id=event.id,
    )


def _require_standing(session: Session, event: YardEvent) -> None:
    if event.reverses_id is not None:
        raise Conflict(
            _l("%(number)s 本身就是冲销，不能再冲销。", number=event.number),
            _l("要恢复，请重新记一笔。"),
        )
    undone = select(YardEvent.number).where(YardEvent.reverses_id == event.id)
    number = session.scalar(undone)
    if number is not None:
        message = _l("%(old)s 已由 %(new)s 冲销，没有再冲一次。", old=event.number, new=number)
        raise Conflict(message, _l("请刷新台账，按现在的记录再决定。"))


def _place_faults(
    source: WasteSource, facility: Facility | None, happening: Happening
) -> list[Fault]:
    if facility is not None and facility.site_id != source.site_id:
        return [Fault("facility_id", "facility_elsewhere")]
    place = Place(facility.kind, facility.material) if facility else None
    return rules.place_faults(happening.kind, place, source.material)


def _own_site(session: Session, actor: Actor, site_id: int) -> Site:
    """A site of the actor's firm; another firm's answers as if it were not there."""
    site = session.get(Site, site_id)
    if site is None or not may_act_for(actor, site.company_id):
        raise NotFound
    return site


def _locked_facility(session: Session, actor: Actor, facility_id: int) -> Facility:
    """A facility of the actor's firm, held until the transaction ends."""
    wanted = select(Facility).where(Facility.id == facility_id).with_for_update()
    facility = session.scalar(wanted.execution_options(populate_existing=True))
    if facility is None or not may_act_for(actor, facility.site.company_id):
        raise NotFound
    return facility


def _describe(session: Session, source: WasteSource, draft: SourceDraft, now: datetime) -> None:
    _refuse_hazardous_words(session, draft, now)
    _refuse_first([*_waste_code_faults(draft.waste_code), *rules.source_faults(draft.yearly_kg)])
    source.waste_name, source.waste_code = draft.waste_name, draft.waste_code
    source.waste_class, source.form = draft.waste_class, draft.form
    source.process = draft.process
    source.composition, source.pollution = draft.composition, draft.pollution
    source.yearly_kg, source.changed_at = draft.yearly_kg, now


def _waste_code_faults(code: str) -> Iterable[Fault]:
    if is_hazardous_code(code):
        yield Fault("waste_code", "hazardous_code", {"value": code})
    elif not is_item_code(code):
        yield Fault("waste_code", "not_item_code", {"value": code})


def _refuse_hazardous_words(session: Session, draft: SourceDraft, now: datetime) -> None:
    """Hazardous waste, wherever in the description it is named."""
    texts = {
        "waste_name": [draft.waste_name],
        "waste_code": [draft.waste_code, hazardous_code(draft.waste_code)],
        "process": [draft.process],
        "composition": [draft.composition],
    }
    for name, hit in catalogue.blocked_among(session, texts, china_day(now)).items():
        raise Refused(HazardNotice(hit), field=name)


def _add_once(session: Session, row: WasteSource | Facility, taken: Fault) -> None:
    """Let the database decide whether the row is new, so that no race can slip past."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise refusal(taken) from None


def _refuse_first(faults: Iterable[Fault]) -> None:
    for fault in faults:
        raise refusal(fault)


def _audit_source(
    session: Session, actor: Actor, verb: str, source: WasteSource, now: datetime
) -> None:
    """Form 1 is written anew when the process changes: what it said before stays in the trail."""
    audit.record(
        session,
        actor,
        verb,
        ("waste_source", source.id),
        now,
        material=source.material,
        waste_code=source.waste_code,
        waste_name=source.waste_name,
        waste_class=source.waste_class,
        process=source.process,
        form=source.form,
        yearly_kg=source.yearly_kg,
    )


def _audit_facility(
    session: Session, actor: Actor, verb: str, facility: Facility, now: datetime
) -> None:
    subject = ("facility", facility.id)
    detail = {"code": facility.code, "name": facility.name, "capacity_kg": facility.capacity_kg}
    audit.record(session, actor, verb, subject, now, **detail)
