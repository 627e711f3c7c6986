"""Who may read the sealed documents of a run, what happened around them, and their digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.clearing.models import ClearingRun, RunAuditor
from app.core.actor import Actor, ActorKind
from app.core.audit import AuditEvent

AUDIT_VERBS = (
    "clearing.auditor_named",
    "clearing.auditor_withdrawn",
    "clearing.documents_handed",
)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One deed around the documents of a run, and the auditor it concerns."""

    at: datetime
    verb: str
    auditor: str


@dataclass(frozen=True, slots=True)
class RunAudit:
    """The auditors of a run by user id, and the trail."""

    named: dict[int, str]
    log: list[AuditRow]


def standing_auditor(session: Session, number: str, user_id: int) -> RunAuditor | None:
    """The naming by which somebody may read the documents of a run, unless withdrawn."""
    return session.scalar(
        select(RunAuditor)
        .join(ClearingRun, ClearingRun.id == RunAuditor.run_id)
        .where(ClearingRun.number == number, RunAuditor.user_id == user_id)
        .where(RunAuditor.withdrawn_at.is_(None))
    )


def may_audit(session: Session, actor: Actor, number: str) -> bool:
    """Whether the reader is an auditor of this run."""
    if actor.user_id is None or not actor.is_auditor:
        return False
    return standing_auditor(session, number, actor.user_id) is not None


def auditors(session: Session) -> dict[int, str]:
    """Who can be named as an auditor, by id: name and address."""
    query = select(User).where(User.kind == ActorKind.AUDITOR, User.is_active).order_by(User.id)
    return {user.id: _person(user) for user in session.scalars(query)}


def _person(user: User) -> str:
    return f"{user.name} · {user.email}"


def audit_of(session: Session, number: str) -> RunAudit:
    """Who may read the documents of a run, and all that happened around them, newest first."""
    named = (
        select(RunAuditor)
        .join(ClearingRun, ClearingRun.id == RunAuditor.run_id)
        .where(ClearingRun.number == number, RunAuditor.withdrawn_at.is_(None))
        .order_by(RunAuditor.id)
    )
    events = (
        select(AuditEvent)
        .where(AuditEvent.object_kind == "run", AuditEvent.object_id == number)
        .where(AuditEvent.verb.in_(AUDIT_VERBS))
        .order_by(AuditEvent.id.desc())
    )
    names = auditors(session)
    return RunAudit(
        named={row.user_id: _person(row.user) for row in session.scalars(named)},
        log=[
            AuditRow(event.at, event.verb, names.get(event.detail["auditor"], event.actor))
            for event in session.scalars(events)
        ],
    )


def digests_of(run: ClearingRun) -> dict[str, str]:
    """The SHA-256 of the documents, for the auditor alone.

    They are not salted: whoever knows all of a small book but one limit could try limits out.
    """
    found = {
        "problem": run.problem_sha256,
        "market": run.outcome_sha256,
        "plan": run.plan_outcome_sha256,
    }
    return {name: digest for name, digest in found.items() if digest is not None}
