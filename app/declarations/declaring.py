"""Declaring a month: what a producer states of each waste, and what the site made or burnt.

Statements are never changed: a correction is the next version. Two people who declare the same
month meet at the unique key of site, material, month and version, and the later one is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core import audit, once
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound
from app.core.faults import Fault
from app.core.series import next_number
from app.declarations import checking
from app.declarations.balance import MassBalance
from app.declarations.checking import LARGEST_MONTH_KG, SHORTEST_EXPLANATION
from app.declarations.declared import activities, latest
from app.declarations.duties import duty
from app.declarations.evidence import evidence
from app.declarations.models import Activity, Declaration
from app.declarations.monthly import is_open_for
from app.declarations.policy import may_act_for
from app.declarations.rules import ActivityKind
from app.declarations.words import refusal

SERIES = "M-{:%y%m}"
DIGITS = 5


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of one waste of a month.

    `based_on` is the version its author had before the eyes (0: none), `explanation` why the
    balance stays open, `reason` why a version that was declared before will not do.
    """

    site_id: int
    material: str
    month: date
    balance: MassBalance
    based_on: int = 0
    explanation: str = ""
    reason: str = ""


def declare(
    session: Session, actor: Actor, statement: Statement, now: datetime, *, key: str = ""
) -> Declaration:
    """Declare a waste's month, or correct what was declared; with a form's key once.

    Raises `NotFound` for another firm's site or what is not to be declared, `Refused` for figures
    that cannot be or stay open without an explanation, and `Conflict` if somebody came first.
    """
    sent = once.sending(session, actor, "declaration", key, now) if key else None
    if sent and sent.answer:
        return session.scalars(select(Declaration).where(Declaration.number == sent.answer)).one()
    site = _own_site(session, actor, statement, now)
    before = latest(session, site.id, statement.material, statement.month)
    _require_the_next(statement, before)
    _refuse_first(_faults(session, site, statement, before))
    made = _added(session, actor, _row(site, statement), now)
    if sent:
        sent.answer = made.number
    return made


def declare_activity(
    session: Session,
    actor: Actor,
    site_id: int,
    month: date,
    kind: ActivityKind,
    quantity: int,
    now: datetime,
) -> int:
    """State what a site made or burnt in a month; returns the version that is then in force.

    Stating the same again adds nothing. Raises `NotFound`, `Refused` and `Conflict`.
    """
    site = session.get(Site, site_id)
    if site is None or not may_act_for(actor, site.company_id):
        raise NotFound
    if not is_open_for(month, china_day(now)):
        raise refusal(Fault("month", "month_not_open"))
    _refuse_first(_quantity_faults(kind, quantity))
    version = _version(session, site_id, month, kind)
    if activities(session, site_id, month).get(kind) == quantity:
        return version
    row = Activity(site_id=site_id, month=month, kind=kind, version=version + 1, quantity=quantity)
    row.declared_at, row.declared_by = now, actor.label
    _add(session, row)
    subject = ("site", site_id)
    detail = {"month": f"{month:%Y-%m}", "kind": kind, "quantity": quantity}
    audit.record(session, actor, "activity.declared", subject, now, **detail)
    return version + 1


def _own_site(session: Session, actor: Actor, statement: Statement, now: datetime) -> Site:
    """The site, if the waste is the actor's to declare of that month."""
    site = session.get(Site, statement.site_id)
    if site is None or not may_act_for(actor, site.company_id):
        raise NotFound
    today = china_day(now)
    if not is_open_for(statement.month, today):
        raise refusal(Fault("month", "month_not_open"))
    duty(session, actor, site.id, statement.material, statement.month, today)
    return site


def _require_the_next(statement: Statement, before: Declaration | None) -> None:
    """Raise `Conflict` unless the statement follows what is in force."""
    if statement.based_on == (before.version if before else 0):
        return
    number = before.number if before else ""
    raise Conflict(
        _l("这个月刚由别人申报为 %(number)s，您填的没有保存。", number=number),
        _l("请打开现在的申报核对；仍要修改时，从那里更正。"),
    )


def _faults(
    session: Session, site: Site, statement: Statement, before: Declaration | None
) -> Iterable[Fault]:
    yield from checking.faults(statement.balance)
    if before is not None:
        yield from _correction_faults(statement, before)
    known = evidence(session, site, statement.material, statement.month).known
    open_questions = checking.questions(statement.balance, known)
    if open_questions and not checking.is_explained(statement.explanation):
        values = {"count": len(open_questions), "least": SHORTEST_EXPLANATION}
        yield Fault("explanation", "explanation_missing", values)


def _correction_faults(statement: Statement, before: Declaration) -> Iterable[Fault]:
    same = statement.balance == before.balance
    if same and statement.explanation.strip() == before.explanation:
        yield Fault("", "nothing_corrected", {"value": before.number})
    if not checking.is_explained(statement.reason):
        yield Fault("reason", "reason_missing", {"least": SHORTEST_EXPLANATION})


def _quantity_faults(kind: ActivityKind, quantity: int) -> Iterable[Fault]:
    if quantity < 0:
        yield Fault(kind, "mass_below_zero", {"kg": quantity})
    elif quantity > LARGEST_MONTH_KG:
        yield Fault(kind, "mass_too_large", {"mass_limit": LARGEST_MONTH_KG})


def _row(site: Site, statement: Statement) -> Declaration:
    return Declaration(
        site_id=site.id,
        company_id=site.company_id,
        adcode=site.adcode,
        park=site.park,
        material=statement.material,
        month=statement.month,
        version=statement.based_on + 1,
        explanation=statement.explanation.strip(),
        reason=statement.reason.strip() if statement.based_on else "",
        **statement.balance.by_name,
    )


def _added(session: Session, actor: Actor, row: Declaration, now: datetime) -> Declaration:
    row.number = next_number(session, SERIES.format(row.month), DIGITS)
    row.declared_at, row.declared_by = now, actor.label
    _add(session, row)
    verb = "declaration.corrected" if row.version > 1 else "declaration.made"
    detail = {"site_id": row.site_id, "material": row.material, "version": row.version}
    audit.record(session, actor, verb, ("declaration", row.number), now, **detail)
    return row


def _add(session: Session, row: Declaration | Activity) -> None:
    """Let the database decide who comes first, so that no race can slip past."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(
            _l("别人正好也在申报这个月，您填的没有保存。"),
            _l("请打开现在的申报核对；仍要修改时，从那里更正。"),
        ) from None


def _version(session: Session, site_id: int, month: date, kind: ActivityKind) -> int:
    """The version in force; 0 before there is one."""
    found = select(Activity.version).where(Activity.site_id == site_id, Activity.month == month)
    last = found.where(Activity.kind == kind).order_by(Activity.version.desc())
    return session.scalar(last.limit(1)) or 0


def _refuse_first(faults: Iterable[Fault]) -> None:
    for fault in faults:
        raise refusal(fault)
