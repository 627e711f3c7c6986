"""The published versions of a month, and what is missing before it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import county_map, material_map
from app.companies.models import Company, Site
from app.core.actor import Actor, ActorKind
from app.core.i18n import pick
from app.maps.areas import cities_of
from app.statistics.closing import closes_of
from app.statistics.models import MonthlyFact
from app.statistics.policy import sees_in_full
from app.trades.lookups import offices


@dataclass(frozen=True, slots=True)
class CloseRow:
    """One version of a month's figures; `office` published it."""

    version: int
    reason: str
    office: str
    closed_at: datetime
    as_of: datetime
    definitions: str
    digest: str


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A waste that was declared the month before, or taken this month, and is not declared."""

    county: str
    firm: str
    site: str
    code: str
    material: str


def versions(session: Session, month: date) -> list[CloseRow]:
    """Every version of a month, the newest first."""
    found = closes_of(session, month)
    names = offices(session, {close.closed_by for close in found})
    above = str(_("省级") if cities_of(session) else _("市级"))
    return [
        CloseRow(
            version=close.version,
            reason=close.reason,
            office=_office(close.closed_by, names, above),
            closed_at=close.closed_at,
            as_of=close.as_of,
            definitions=close.definitions,
            digest=close.digest,
        )
        for close in found
    ]


def missing(session: Session, actor: Actor, month: date) -> list[MissingRow]:
    """What is not declared in the counties the reader oversees, by county and firm."""
    counties, materials = county_map(session), material_map(session, month)
    seen = [adcode for adcode in counties if sees_in_full(actor, [adcode])]
    names = (Company.name, Company.name_en, Site.name, Site.name_en)
    query = (
        select(MonthlyFact.adcode, MonthlyFact.material, *names)
        .join(Site, Site.id == MonthlyFact.site_id)
        .join(Company, Company.id == MonthlyFact.company_id)
        .where(MonthlyFact.month == month, MonthlyFact.version == 0)
        .where(MonthlyFact.adcode.in_(seen))
        .order_by(MonthlyFact.adcode, MonthlyFact.company_id, Site.id, MonthlyFact.material)
    )
    return [
        MissingRow(
            county=counties[adcode].name,
            firm=pick(firm, firm_en),
            site=pick(site, site_en),
            code=code,
            material=materials[code].name,
        )
        for adcode, code, firm, firm_en, site, site_en in session.execute(query)
    ]


def _office(label: str, names: dict[str, str], above: str) -> str:
    """The office behind a label of the audit trail; a person's name is not told.

    Who is of no county oversees `above`, all that is published together.
    """
    if label.partition(":")[0] == ActorKind.OPERATOR:
        return str(_("运营方"))
    return names.get(label) or above
