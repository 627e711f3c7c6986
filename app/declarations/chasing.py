"""Asking for declarations: before the day they are due, after it, and when a regulator asks again.

A firm is told once for each site and month, however often the clock comes by. What stays out is
the regulator's to follow up: officials are told nothing, they find it first in their list.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core import audit, i18n
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.clock import add_months, china_day, china_instant
from app.core.errors import NotFound, Refused
from app.core.permissions import require
from app.declarations.duties import Duty, duties, duties_of, terms
from app.declarations.monthly import is_open_for, last_month
from app.declarations.policy import chases_declarations
from app.notifications.operations import tell_company
from app.notifications.rules import Kind

PATH = "/declarations/monthly"
MONTHS_CHASED = 3
"""How many months back the clock looks: it comes by every day, so no notice is older."""
URGED = "declaration.urged"


def chase(session: Session, company_id: int, now: datetime) -> None:
    """Tell a firm of what is soon due and of what is late, once for each site and month."""
    today = china_day(now)
    for back in range(MONTHS_CHASED):
        month = add_months(last_month(today), -back)
        if kind := _kind(session, month, today):
            missing = [row for row in duties_of(session, company_id, month, today) if row.is_open]
            for _site_id, rows in groupby(missing, key=lambda row: row.site_id):
                _tell(session, list(rows), kind, "", now)


def urge(session: Session, actor: Actor, site_id: int, month: date, now: datetime) -> int:
    """Ask a firm again, for a regulator, at most once a day; returns how many wastes are missing.

    Raises `NotFound` for a site outside the region and `Refused` if nothing is missing or the
    firm was asked today.
    """
    require(chases_declarations, actor)
    today, site = china_day(now), session.get(Site, site_id)
    if site is None or not actor.oversees(site.adcode) or not is_open_for(month, today):
        raise NotFound
    missing = [row for row in duties(session, Site.id == site.id, month, today) if row.is_open]
    if not missing:
        raise Refused(_l("这个厂区这个月已经全部申报，不用再催。"))
    subject = ("site", f"{site.id}:{month:%Y-%m}")
    if _urged_since(session, subject, china_instant(today)):
        raise Refused(_l("今天已经催报过；每天最多一次。"), next_step=_l("请明天再看。"))
    late = missing[0].deadline.days_late > 0
    _tell(
        session, missing, Kind.DECLARATION_LATE if late else Kind.DECLARATION_DUE, f"{today}", now
    )
    audit.record(session, actor, URGED, subject, now, count=len(missing))
    return len(missing)


def _kind(session: Session, month: date, today: date) -> Kind | None:
    """What there is to say of a month today."""
    found = terms(session, month)
    if found.is_late(month, today):
        return Kind.DECLARATION_LATE
    return Kind.DECLARATION_DUE if found.is_near(month, today) else None


def _tell(session: Session, missing: list[Duty], kind: Kind, again: str, now: datetime) -> None:
    """Tell the firm what is missing of a site's month; `again` marks each further time."""
    first = missing[0]
    site = session.get_one(Site, first.site_id)
    tell_company(
        session,
        first.place.company_id,
        kind,
        ":".join(part for part in (str(site.id), f"{first.month:%Y-%m}", again) if part),
        f"{PATH}?month={first.month:%Y-%m}",
        now,
        site=site.name,
        site_en=site.name_en,
        month=LazyString(i18n.month, first.month),
        count=str(len(missing)),
        day=LazyString(i18n.day, first.deadline.due_on),
    )


def _urged_since(session: Session, subject: tuple[str, str], since: datetime) -> bool:
    kind, identity = subject
    query = select(AuditEvent.id).where(
        AuditEvent.object_kind == kind,
        AuditEvent.object_id == identity,
        AuditEvent.verb == URGED,
        AuditEvent.at >= since,
    )
    return session.scalar(query.limit(1)) is not None
