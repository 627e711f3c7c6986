"""Which firms stand under one control, so that they count as one where figures are published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.catalogue.queries import valid_on
from app.companies.models import GroupMember
from app.companies.rules import GroupKey

Groups = Mapping[int, int]
"""By firm, the group it belongs to; firms of no group are not there."""


def groups_of(session: Session, on: date) -> Groups:
    """The firms that are in a group on a day."""
    columns = (GroupMember.company_id, GroupMember.group_id)
    return dict(session.execute(valid_on(GroupMember, on).with_only_columns(*columns)).all())


def group_of(company_id: int, groups: Groups) -> GroupKey:
    """What counts as one: the group of a firm, or the firm that is in none."""
    if company_id in groups:
        return "group", groups[company_id]
    return "firm", company_id
