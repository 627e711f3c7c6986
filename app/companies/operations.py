"""What is done to companies: apply, decide, stand somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.companies import letters, policy, rules
from app.companies.models import MICRO, Company, Site
from app.companies.rules import CompanyStatus
from app.companies.words import refuse_first
from app.core import audit
from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.faults import Fault
from app.core.places import Datum, current_places, to_wgs84

ALREADY_REGISTERED = _l(
    "这个统一社会信用代码已经登记。请联系本企业的管理员把您加为成员；没有管理员时请联系运营方。"
)

APPROVED_POSITION = _l(
    "厂区位置在审核通过后不能再改，因为运费和归属县都以它为准。搬迁时请新增一个厂区。"
)


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A site as it was typed: degrees in the datum it was read from."""

    name: str
    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    name_en: str = ""
    address: str = ""
    address_en: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the other side of a confirmed trade and the operator call."""

    name: str
    phone: str
    email: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the operator checks before a company may trade."""

    credit_code: str
    name: str
    is_producer: bool
    is_consumer: bool
    contact: Contact
    is_carrier: bool = False
    name_en: str = ""
    industry_code: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """A company that wants to take part, with its first site; `is_synthetic` if invented."""

    particulars: Particulars
    site: SiteDraft
    is_synthetic: bool = False


def apply(session: Session, actor: Actor, application: Application, now: datetime) -> Company:
    """Enter a company that waits for approval; raises `Refused`."""
    company = Company(
        status=CompanyStatus.APPLIED, applied_at=now, is_synthetic=application.is_synthetic
    )
    with _unique_code(session):
        _write_particulars(company, application.particulars)
        company.sites = [_new_site(application.site)]
        session.add(company)
    audit.record(session, actor, "company.applied", ("company", company.id), now)
    return company


def apply_again(
    session: Session, actor: Actor, company_id: int, particulars: Particulars, now: datetime
) -> Company:
    """Amend an application that waits or was refused, and put it before the operator again."""
    company = _own(session, actor, company_id)
    if not rules.may_be_amended(company.status):
        raise Conflict
    with _unique_code(session):
        _write_particulars(company, particulars)
        company.status, company.applied_at = CompanyStatus.APPLIED, now
        company.decided_at, company.refusal_reason = None, ""
    audit.record(session, actor, "company.applied_again", ("company", company.id), now)
    return company


def approve(session: Session, actor: Actor, company_id: int, now: datetime) -> Company:
    """Admit a company that applied."""
    return _decide(session, actor, company_id, CompanyStatus.APPROVED, now)


def refuse(session: Session, actor: Actor, company_id: int, reason: str, now: datetime) -> Company:
    """Turn an application down; the reason is for the company to read."""
    return _decide(session, actor, company_id, CompanyStatus.REFUSED, now, _reason(reason))


def suspend(session: Session, actor: Actor, company_id: int, reason: str, now: datetime) -> Company:
    """Stop a company from trading; the reason is for the company to read."""
    return _decide(session, actor, company_id, CompanyStatus.SUSPENDED, now, _reason(reason))


def change_contact(
    session: Session, actor: Actor, company_id: int, contact: Contact, now: datetime
) -> Company:
    company = _own(session, actor, company_id)
    refuse_first(rules.phone_faults(contact.phone) + rules.contact_email_faults(contact.email))
    _write_contact(company, contact)
    audit.record(session, actor, "company.contact_changed", ("company", company.id), now)
    return company


def ask_for_two_people(
    session: Session, actor: Actor, company_id: int, needed: bool, now: datetime
) -> Company:
    """Let what binds the company need a second person's yes, or no longer."""
    company = _own(session, actor, company_id)
    if company.needs_two_approvals != needed:
        company.needs_two_approvals = needed
        subject = ("company", company.id)
        audit.record(session, actor, "company.approvals_changed", subject, now, needed=needed)
    return company


def add_site(
    session: Session, actor: Actor, company_id: int, draft: SiteDraft, now: datetime
) -> Site:
    """Add a place to a company; raises `Refused` for a position outside the counties."""
    company = _own(session, actor, company_id)
    site = _new_site(draft)
    company.sites.append(site)
    session.flush()
    audit.record(session, actor, "site.added", ("site", site.id), now, adcode=site.adcode)
    return site


def change_site(
    session: Session, actor: Actor, site_id: int, draft: SiteDraft, now: datetime
) -> Site:
    """Change a site's name or address, and its position until the company is approved.

    Freight, county and oversight of what is traded rest on the position that was approved.
    """
    site = session.get(Site, site_id, with_for_update=True)
    if site is None or not policy.may_change(actor, site.company_id):
        raise NotFound
    if site.company.is_approved and _moves(site, draft):
        raise Refused(APPROVED_POSITION, field="lon")
    _write_site(site, draft)
    audit.record(session, actor, "site.changed", ("site", site.id), now, adcode=site.adcode)
    return site


def position_faults(lon: float, lat: float, datum: Datum) -> list[Fault]:
    """What is wrong with a position as it was typed: abroad, swapped, or outside the counties."""
    faults = rules.position_faults(lon, lat)
    if faults or current_places().county_at(*to_wgs84(lon, lat, datum)):
        return faults
    return [Fault("lon", "position_outside", {"lon": f"{lon:g}", "lat": f"{lat:g}"})]


def _decide(
    session: Session,
    actor: Actor,
    company_id: int,
    status: CompanyStatus,
    now: datetime,
    reason: str = "",
) -> Company:
    if not policy.operates(actor):
        raise Forbidden
    company = _locked(session, company_id)
    if not rules.may_become(company.status, status):
        raise Conflict
    company.status, company.decided_at, company.refusal_reason = status, now, reason
    audit.record(session, actor, f"company.{status}", ("company", company.id), now, reason=reason)
    letters.send_decision(session, company)
    return company


def _own(session: Session, actor: Actor, company_id: int) -> Company:
    if not policy.may_change(actor, company_id):
        raise NotFound
    return _locked(session, company_id)


def _locked(session: Session, company_id: int) -> Company:
    wanted = select(Company).where(Company.id == company_id).with_for_update()
    company = session.scalar(wanted.execution_options(populate_existing=True))
    if company is None:
        raise NotFound
    return company


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Refused(_l("请写明原因，企业会看到这段话。"), field="reason")
    return reason


@contextmanager
def _unique_code(session: Session) -> Iterator[None]:
    """Let the database decide whether the code is new, so that no race can slip past."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise Refused(ALREADY_REGISTERED, field="credit_code") from None


def _write_particulars(company: Company, particulars: Particulars) -> None:
    code = rules.normal_credit_code(particulars.credit_code)
    refuse_first(
        [
            *rules.credit_code_faults(code),
            *rules.kind_faults(
                particulars.is_producer, particulars.is_consumer, particulars.is_carrier
            ),
            *rules.phone_faults(particulars.contact.phone),
            *rules.contact_email_faults(particulars.contact.email),
        ]
    )
    company.credit_code = code
    company.name, company.name_en = particulars.name, particulars.name_en
    company.is_producer, company.is_consumer = particulars.is_producer, particulars.is_consumer
    company.is_carrier = particulars.is_carrier
    company.industry_code = particulars.industry_code
    _write_contact(company, particulars.contact)


def _write_contact(company: Company, contact: Contact) -> None:
    company.contact_name, company.contact_name_en = contact.name, contact.name_en
    company.contact_phone, company.contact_email = contact.phone, contact.email


def _new_site(draft: SiteDraft) -> Site:
    site = Site()
    _write_site(site, draft)
    return site


def _moves(site: Site, draft: SiteDraft) -> bool:
    return _locate(draft)[1:] != (site.lon_e6, site.lat_e6)


def _write_site(site: Site, draft: SiteDraft) -> None:
    site.name, site.name_en = draft.name, draft.name_en
    site.address, site.address_en = draft.address, draft.address_en
    adcode, lon_e6, lat_e6 = _locate(draft)
    if (lon_e6, lat_e6) != (site.lon_e6, site.lat_e6):
        site.adcode, site.lon_e6, site.lat_e6 = adcode, lon_e6, lat_e6
        site.source_datum = draft.datum


def _locate(draft: SiteDraft) -> tuple[str, int, int]:
    """County and whole micro-degrees WGS-84 of what was typed; raises `Refused`."""
    refuse_first(position_faults(draft.lon, draft.lat, draft.datum))
    lon, lat = to_wgs84(draft.lon, draft.lat, draft.datum)
    adcode = current_places().county_at(lon, lat)
    assert adcode is not None  # position_faults has looked
    return adcode, round(lon * MICRO), round(lat * MICRO)
