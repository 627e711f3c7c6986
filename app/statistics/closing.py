"""Closing a month, and stating it again: what is published, provable for ever after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalogue.queries import county_map
from app.core import audit
from app.core.actor import Actor
from app.core.clock import add_months, china_instant
from app.core.errors import Conflict, Forbidden, Refused
from app.core.jobs import operations as jobs
from app.core.permissions import require
from app.statistics import report
from app.statistics.facts import SETTLING, gather, write
from app.statistics.models import MonthClose
from app.statistics.policy import closes, sees_in_full
from app.statistics.rules import DEFINITIONS_VERSION

DECIDE = "statistics.decide_what_is_told"
"""Wanted once a month is published: what may be told of all months is decided again."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A close and the digest that its month, as of its instant, gives today."""

    close: MonthClose
    digest: str

    @property
    def agrees(self) -> bool:
        return self.digest == self.close.digest


def close(session: Session, actor: Actor, month: date, now: datetime) -> MonthClose:
    """Publish a month for the first time, by what was entered until a few minutes ago.

    Raises `Forbidden`, `Refused` for a month that has not ended, `Conflict` if it is closed.
    """
    _require_all(session, actor)
    if china_instant(add_months(month, 1)) > now - SETTLING:
        raise Refused(_l("这个月还没有结束，不能月结。"), field="month")
    if last_close(session, month) is not None:
        raise Conflict(_l("这个月已经月结。"), _l("数字有变，请用“更正”并写明原因。"))
    return _told(session, actor, publish(session, actor, month, 1, now), now)


def restate(session: Session, actor: Actor, month: date, reason: str, now: datetime) -> MonthClose:
    """Publish a closed month anew with what was entered since; the old version stays provable.

    Raises `Forbidden`, `Refused` without a reason, `Conflict` if the month was never closed or
    nothing in it has changed.
    """
    _require_all(session, actor)
    if not reason.strip():
        raise Refused(_l("请写明更正的原因，它随数字一起公布。"), field="reason")
    before = last_close(session, month)
    if before is None:
        raise Conflict(_l("这个月还没有月结，没有可更正的数字。"), _l("请先月结。"))
    versions = (gather(session, month, as_of) for as_of in (before.as_of, now - SETTLING))
    old, new = map(report.facts_of, versions)
    if old == new:
        raise Conflict(
            _l("上次公布以后，这个月没有新的申报或磅单，没有更正。"),
            _l("刚刚录入的请等几分钟再更正。"),
        )
    found = publish(session, actor, month, before.version + 1, now, reason.strip())
    return _told(session, actor, found, now)


def publish(
    session: Session, actor: Actor, month: date, version: int, now: datetime, reason: str = ""
) -> MonthClose:
    """Put down what was entered until a few minutes ago as a version of a month.

    Asks nobody and leaves no trail: `close` and `restate` do. Raises `Conflict` if there is one.
    """
    facts = gather(session, month, now - SETTLING)
    write(session, facts, version)
    found = MonthClose(
        month=month,
        version=version,
        as_of=facts.as_of,
        definitions=DEFINITIONS_VERSION,
        digest=report.digest(report.figures(facts, DEFINITIONS_VERSION)),
        reason=reason,
        closed_at=now,
        closed_by=actor.label,
    )
    _add_once(session, found)
    return found


def figures(session: Session, found: MonthClose) -> bytes:
    """The figures file of a close, computed again from what was entered until its instant."""
    facts = gather(session, found.month, found.as_of)
    return report.figures(facts, found.definitions)


def publishes(session: Session, actor: Actor) -> bool:
    """Whether an official oversees every county that is published together."""
    return closes(actor) and sees_in_full(actor, county_map(session))


def last_close(session: Session, month: date) -> MonthClose | None:
    query = select(MonthClose).where(MonthClose.month == month)
    return session.scalars(query.order_by(MonthClose.version.desc()).limit(1)).first()


def last_closed_month(session: Session) -> date | None:
    return session.scalar(select(func.max(MonthClose.month)))


def closes_of(session: Session, month: date) -> list[MonthClose]:
    """Every version of a month, the newest first."""
    query = select(MonthClose).where(MonthClose.month == month)
    return list(session.scalars(query.order_by(MonthClose.version.desc())))


def recompute(session: Session) -> Iterator[Recomputed]:
    """Every close there is, held against its own past."""
    for found in session.scalars(select(MonthClose).order_by(MonthClose.month, MonthClose.version)):
        yield Recomputed(found, report.digest(figures(session, found)))


def _require_all(session: Session, actor: Actor) -> None:
    require(closes, actor)
    if not publishes(session, actor):
        raise Forbidden


def _told(session: Session, actor: Actor, found: MonthClose, now: datetime) -> MonthClose:
    verb = "month.closed" if found.version == 1 else "month.restated"
    subject = ("month", f"{found.month:%Y-%m}")
    jobs.enqueue(session, DECIDE, f"{subject[1]} v{found.version}", {}, now)
    audit.record(session, actor, verb, subject, now, version=found.version, digest=found.digest)
    return found


def _add_once(session: Session, found: MonthClose) -> None:
    """Let the database decide who was first."""
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError:
        raise Conflict(_l("有人刚刚公布了这个月。"), _l("请刷新后再看。")) from None
