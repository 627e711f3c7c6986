"""Telling those who publish that firms have declared anew for a published month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import i18n
from app.core.actor import Actor, ActorKind
from app.notifications.operations import tell_officials
from app.notifications.rules import Kind
from app.statistics.closing import publishes
from app.statistics.corrections import corrected_since

PATH = "/map/closes"


def tell_of_corrections(session: Session, month: date, now: datetime) -> None:
    """Tell them once for each version of a month, however much comes in after it."""
    for found in corrected_since(session, now, month):
        tell_officials(
            session,
            list(_publishing(session)),
            Kind.MONTH_CORRECTED,
            f"{month:%Y-%m}:v{found.version}",
            f"{PATH}/{month:%Y-%m}",
            now,
            month=LazyString(i18n.month, month),
            count=str(found.declarations),
        )


def _publishing(session: Session) -> Iterator[str]:
    """The regions whose officials oversee every county that is published."""
    regions = select(User.region).where(User.kind == ActorKind.REGULATOR).distinct()
    for region in session.scalars(regions):
        if region and publishes(session, Actor(kind=ActorKind.REGULATOR, region=region)):
            yield region
