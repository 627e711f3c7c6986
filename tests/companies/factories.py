"""Companies for tests, made by the product's own operations."""

from __future__ import annotations

from itertools import count

from sqlalchemy.orm import Session
from stdnum.cn import uscc

from app.companies import operations
from app.companies.models import Company, Site
from app.companies.operations import Application, Contact, Particulars, SiteDraft
from app.core.actor import SYSTEM
from tests.conftest import NOW

CHIPING = (116.1538, 36.5776)
DONGCHANGFU = (115.9707, 36.4887)
LINQING = (115.8135, 36.7950)
_numbers = count(1)


def credit_code(number: int) -> str:
    """A valid credit code; different numbers give different codes."""
    stem = f"91371500T{number:08d}"
    return stem + uscc.calc_check_digit(stem)


def site_draft(lon: float = CHIPING[0], lat: float = CHIPING[1], **changes: object) -> SiteDraft:
    values: dict[str, object] = {"name": "一厂", "lon": lon, "lat": lat, "address": "示例路 1 号"}
    return SiteDraft(**(values | changes))  # type: ignore[arg-type]


def particulars(**changes: object) -> Particulars:
    """Particulars of one more company, both producer and consumer unless told otherwise."""
    number = next(_numbers)
    values: dict[str, object] = {
        "credit_code": credit_code(number),
        "name": f"试验企业 {number:02d}",
        "name_en": f"Test company {number:02d}",
        "is_producer": True,
        "is_consumer": True,
        "contact": Contact("联系人", "0635-1234567"),
    }
    return Particulars(**(values | changes))  # type: ignore[arg-type]


def application(
    site: SiteDraft | None = None, is_synthetic: bool = False, **changes: object
) -> Application:
    return Application(particulars(**changes), site or site_draft(), is_synthetic)


def waiting_company(session: Session, site: SiteDraft | None = None, **changes: object) -> Company:
    """A company that waits for the operator; `changes` as in `application`."""
    wanted = application(site, **changes)  # type: ignore[arg-type]
    company = operations.apply(session, SYSTEM, wanted, NOW)
    session.flush()
    return company


def approved_company(session: Session, site: SiteDraft | None = None, **changes: object) -> Company:
    """A company that may trade, with one site."""
    company = waiting_company(session, site, **changes)
    return operations.approve(session, SYSTEM, company.id, NOW)


def site_of(
    session: Session, company: Company, lon: float | None = None, lat: float | None = None
) -> Site:
    """The company's first site; or, with a position, one more."""
    if lon is None or lat is None:
        return company.sites[0]
    return operations.add_site(session, SYSTEM, company.id, site_draft(lon, lat), NOW)
