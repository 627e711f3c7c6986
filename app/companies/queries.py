"""Read-only questions about companies and sites."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.companies.models import Company, FirmGroup, GroupMember, Site
from app.companies.rules import CompanyStatus
from app.core.errors import NotFound
from app.core.i18n import pick
from app.core.places import Datum

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A company as the operator and its own people see it."""

    id: int
    credit_code: str
    name: str
    name_en: str
    is_producer: bool
    is_consumer: bool
    is_carrier: bool
    needs_two_approvals: bool
    status: CompanyStatus
    is_synthetic: bool
    industry_code: str | None
    contact_name: str
    contact_name_en: str
    contact_phone: str
    contact_email: str
    applied_at: datetime
    decided_at: datetime | None
    refusal_reason: str
    barred_at: datetime | None

    @property
    def display_name(self) -> str:
        return pick(self.name, self.name_en)

    @property
    def display_contact(self) -> str:
        return pick(self.contact_name, self.contact_name_en)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site; `lon` and `lat` in degrees WGS-84, `source_datum` what they were typed in."""

    id: int
    company_id: int
    name: str
    name_en: str
    adcode: str
    lon: float
    lat: float
    address: str
    address_en: str
    source_datum: Datum

    @property
    def display_name(self) -> str:
        return pick(self.name, self.name_en)

    @property
    def display_address(self) -> str:
        return pick(self.address, self.address_en)


@dataclass(frozen=True, slots=True)
class GroupTime:
    """A firm's time in a group, from its first day to its last; without `until` it lasts."""

    group_id: int
    name: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CompanyPage:
    """One page of a search; `number` counts from 1."""

    rows: list[CompanyRow]
    total: int
    number: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def has_next(self) -> bool:
        return self.last < self.total


def company(session: Session, company_id: int) -> CompanyRow:
    """One company; raises `NotFound`."""
    found = session.get(Company, company_id)
    if found is None:
        raise NotFound
    return _company_row(found)


def find_companies(
    session: Session, status: CompanyStatus | None = None, text: str = "", page: int = 1
) -> CompanyPage:
    """Companies of a status whose name or code contains the text: first those that wait, then by
    the latest application.
    """
    wanted = _matching(status, text.strip())
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    number = max(1, min(page, -(-total // PAGE_SIZE)))
    listed = wanted.order_by(
        Company.status != CompanyStatus.APPLIED, Company.applied_at.desc(), Company.id.desc()
    )
    rows = session.scalars(listed.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return CompanyPage([_company_row(row) for row in rows], total, number)


def count_by_status(session: Session) -> dict[CompanyStatus, int]:
    """How many companies stand in each status; every status is there."""
    counted = session.execute(select(Company.status, func.count()).group_by(Company.status))
    counts = dict.fromkeys(CompanyStatus, 0)
    for status, number in counted:
        counts[status] = number
    return counts


def barred_since(session: Session, company_id: int | None) -> datetime | None:
    """Since when a firm's defaults keep it from dealing; nothing for a firm that may deal."""
    return session.scalar(select(Company.barred_at).where(Company.id == company_id))


def waiting_for_approval(session: Session) -> int:
    """How many applications wait for the operator."""
    return count_by_status(session)[CompanyStatus.APPLIED]


def has_synthetic(session: Session) -> bool:
    """Whether any company is invented, so that pages must say so."""
    return bool(session.scalar(select(select(Company.id).where(Company.is_synthetic).exists())))


def sites_of(session: Session, company_id: int) -> list[SiteRow]:
    """A company's sites, oldest first."""
    found = session.scalars(select(Site).where(Site.company_id == company_id).order_by(Site.id))
    return [_site_row(site) for site in found]


def group_times(session: Session, company_id: int) -> list[GroupTime]:
    """The groups a firm has been in, the latest first."""
    found = session.scalars(
        select(GroupMember)
        .where(GroupMember.company_id == company_id)
        .order_by(GroupMember.valid_from.desc())
        .options(joinedload(GroupMember.group))
    )
    return [
        GroupTime(member.group_id, member.group.display_name, member.valid_from, member.valid_to)
        for member in found
    ]


def group_names(session: Session) -> list[str]:
    return list(session.scalars(select(FirmGroup.name).order_by(FirmGroup.name)))


def site(session: Session, site_id: int) -> SiteRow:
    """One site; raises `NotFound`."""
    found = session.get(Site, site_id)
    if found is None:
        raise NotFound
    return _site_row(found)


def _matching(status: CompanyStatus | None, text: str) -> Select[Company]:
    wanted = select(Company)
    if status is not None:
        wanted = wanted.where(Company.status == status)
    if text:
        columns = (Company.name, Company.name_en, Company.credit_code)
        wanted = wanted.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return wanted


def _company_row(found: Company) -> CompanyRow:
    return CompanyRow(
        id=found.id,
        credit_code=found.credit_code,
        name=found.name,
        name_en=found.name_en,
        is_producer=found.is_producer,
        is_consumer=found.is_consumer,
        is_carrier=found.is_carrier,
        needs_two_approvals=found.needs_two_approvals,
        status=found.status,
        is_synthetic=found.is_synthetic,
        industry_code=found.industry_code,
        contact_name=found.contact_name,
        contact_name_en=found.contact_name_en,
        contact_phone=found.contact_phone,
        contact_email=found.contact_email,
        applied_at=found.applied_at,
        decided_at=found.decided_at,
        refusal_reason=found.refusal_reason,
        barred_at=found.barred_at,
    )


def _site_row(found: Site) -> SiteRow:
    return SiteRow(
        id=found.id,
        company_id=found.company_id,
        name=found.name,
        name_en=found.name_en,
        adcode=found.adcode,
        lon=found.lon,
        lat=found.lat,
        address=found.address,
        address_en=found.address_en,
        source_datum=found.source_datum,
    )
