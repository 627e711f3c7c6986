"""The operator says which firms stand under one control, and since when."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies import policy, rules
from app.companies.models import Company, FirmGroup, GroupMember
from app.core import audit
from app.core.actor import Actor
from app.core.errors import Forbidden, NotFound, Refused


def join_group(
    session: Session, actor: Actor, company_id: int, name: str, since: date, now: datetime
) -> GroupMember:
    """Enter a firm into the group of that name, a new one if need be, from a day on.

    Raises `Refused` while it is in another one on that day or later.
    """
    times = _times(session, actor, company_id)
    if any(rules.lasts_into(time.valid_to, since) for time in times):
        message = _l("这家企业从这一天起已经属于一个集团，请先填写它离开的日期。")
        raise Refused(message, field="since")
    member = GroupMember(company_id=company_id, group=_group(session, name), valid_from=since)
    session.add(member)
    session.flush()
    detail = {"group": member.group_id, "since": f"{since}"}
    audit.record(session, actor, "company.joined_group", ("company", company_id), now, **detail)
    return member


def leave_group(
    session: Session, actor: Actor, company_id: int, until: date, now: datetime
) -> GroupMember:
    """End a firm's time in its group with its last day; raises `Refused` before the first."""
    member = next((time for time in _times(session, actor, company_id) if not time.valid_to), None)
    if member is None:
        raise Refused(_l("这家企业现在不属于任何集团。"), field="until")
    if until < member.valid_from:
        raise Refused(_l("离开的日期早于加入的日期。"), field="until")
    member.valid_to = until
    detail = {"group": member.group_id, "until": f"{until}"}
    audit.record(session, actor, "company.left_group", ("company", company_id), now, **detail)
    return member


def _times(session: Session, actor: Actor, company_id: int) -> list[GroupMember]:
    """A firm's times in groups, while nobody else changes them; raises without the right."""
    if not policy.operates(actor):
        raise Forbidden
    if session.get(Company, company_id, with_for_update=True) is None:
        raise NotFound
    wanted = select(GroupMember).where(GroupMember.company_id == company_id)
    return list(session.scalars(wanted.order_by(GroupMember.valid_from)))


def _group(session: Session, name: str) -> FirmGroup:
    found = session.scalar(select(FirmGroup).where(FirmGroup.name == name))
    return found or FirmGroup(name=name)
