"""A regulator opens the names of a trade's two firms: with a reason, on record, and they are told.

The audit trail is where a look-up stands; there is no other table. See `readers.opened_to` for
how long it lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalogue.queries import county_map
from app.core import audit
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.errors import NotFound, Refused
from app.core.permissions import require
from app.notifications.operations import tell_company
from app.notifications.rules import Kind
from app.trades.models import Trade
from app.trades.policy import may_look_up, visible_to
from app.trades.readers import FIGURES_OPENED, LOOKED_UP, figures_open_to

SHORTEST_REASON = 4
SHOWN = 200


@dataclass(frozen=True, slots=True)
class LookupRow:
    """A look-up as the firm reads it: which office, which trade, why. `office` is empty if gone.

    Without a trade it is the firm's official figures that were opened, down to its tickets.
    """

    at: datetime
    office: str
    trade: str
    reason: str


def look_up(session: Session, actor: Actor, number: str, reason: str, now: datetime) -> None:
    """Open both firms' names to this regulator for a while.

    Raises `NotFound` for a trade outside the region and `Refused` without a reason.
    """
    require(may_look_up, actor)
    trade = session.scalar(select(Trade).where(visible_to(actor), Trade.number == number))
    if trade is None:
        raise NotFound
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(_l("请写明查看的理由，企业会看到这句话。"), field="reason")
    for company_id in sorted({trade.producer_company_id, trade.consumer_company_id}):
        _open(session, actor, company_id, trade.number, reason.strip(), now)


def open_figures(session: Session, actor: Actor, company_id: int, now: datetime) -> None:
    """Open what a firm's official figures are made of to this regulator for a while.

    The firm and those that took its waste, whose names stand there, find it among the look-ups.
    What is open already is not noted again.
    """
    require(may_look_up, actor)
    if company_id in figures_open_to(session, actor, now):
        return
    takers = select(Trade.consumer_company_id).where(Trade.producer_company_id == company_id)
    for concerned in sorted({company_id, *session.scalars(takers.distinct())}):
        subject = ("company", concerned)
        audit.record(session, actor, FIGURES_OPENED, subject, now, producer=company_id)


def lookups_of(session: Session, company_id: int) -> list[LookupRow]:
    """Who has looked up a firm's name, newest first."""
    events = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.verb.in_((LOOKED_UP, FIGURES_OPENED)),
            AuditEvent.object_kind == "company",
            AuditEvent.object_id == str(company_id),
        )
        .order_by(AuditEvent.id.desc())
        .limit(SHOWN)
    ).all()
    names = offices(session, {event.actor for event in events})
    return [
        LookupRow(
            at=event.at,
            office=names.get(event.actor, ""),
            trade=event.detail.get("trade", ""),
            reason=event.detail.get("reason", ""),
        )
        for event in events
    ]


def _open(
    session: Session, actor: Actor, company_id: int, number: str, reason: str, now: datetime
) -> None:
    subject = ("company", company_id)
    audit.record(session, actor, LOOKED_UP, subject, now, trade=number, reason=reason)
    key = f"{number}:{actor.label}:{now:%Y%m%dT%H%M%S}"
    kind, path = Kind.DATA_LOOKED_UP, "/trades/lookups"
    tell_company(session, company_id, kind, key, path, now, number=number, reason=reason)


def offices(session: Session, labels: set[str]) -> dict[str, str]:
    """The county or city of each regulator by label; which person it was stays in the trail."""
    ids = [int(label.partition(":")[2]) for label in labels if ":" in label]
    counties = county_map(session)
    return {
        f"{user.kind}:{user.id}": counties[user.region].name if user.region in counties else ""
        for user in session.scalars(select(User).where(User.id.in_(ids)))
    }
