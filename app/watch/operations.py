"""What happens to a flag: raised by the watch, taken, asked about, answered, closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core import audit
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.series import next_number
from app.notifications.operations import tell_company
from app.notifications.rules import Kind as Message
from app.watch.models import Flag, FlagEvent
from app.watch.policy import answers, may_decide, visible_to
from app.watch.rules import (
    DAYS,
    REST_MONTHS,
    Deed,
    FlagStatus,
    Outcome,
    due_on,
    next_status,
    speaks_for,
)
from app.watch.signs.facts import Finding
from app.watch.signs.facts import Kind as Sign
from app.watch.watching import book
from app.watch.words import KINDS, STATUSES

DIGITS = 5
Matter = tuple[Sign, int, str | None]
"""What was found, at which site, of which material."""


def raise_flags(
    session: Session, actor: Actor, findings: Iterable[Finding], now: datetime
) -> list[Flag]:
    """A flag for every finding of a month that has none yet; what was flagged stays as it is."""
    wanted = {finding.key: finding for finding in findings}
    known = set(session.scalars(select(Flag.key).where(Flag.key.in_(wanted))))
    known.update(_spoken_for(session, wanted.values()))
    fresh = [finding for key, finding in wanted.items() if key not in known]
    query = select(Site).where(Site.id.in_({finding.site for finding in fresh}))
    sites = {site.id: site for site in session.scalars(query)}
    return [_raise(session, actor, each, sites[each.site], now) for each in fresh]


def take(session: Session, actor: Actor, number: str, now: datetime) -> Flag:
    """Make a flag of the office one's own. Raises `NotFound`, `Forbidden` or `Conflict`."""
    flag = _decidable(session, actor, number)
    return _do(session, actor, flag, Deed.TAKE, now, values={"owner_id": actor.user_id})


def ask(session: Session, actor: Actor, number: str, words: str, now: datetime) -> Flag:
    """Put a question to the firm, which from now on sees the flag and is told of it."""
    flag = _decidable(session, actor, number)
    _require("question", words, _l("请写明要企业说明什么，企业会看到这段话。"))
    first = {"asked_at": flag.asked_at or now}
    _do(session, actor, flag, Deed.ASK, now, words=words, values=first)
    _tell_firm(session, flag, now)
    return flag


def answer(session: Session, actor: Actor, number: str, words: str, now: datetime) -> Flag:
    """What the firm says to it."""
    flag = _held(session, actor, number)
    if not answers(actor) or actor.company_id != flag.company_id:
        raise Forbidden
    _require("account", words, _l("请写明情况，监管部门会看到这段话。"))
    return _do(session, actor, flag, Deed.ANSWER, now, words=words)


def close(
    session: Session, actor: Actor, number: str, outcome: Outcome, words: str, now: datetime
) -> Flag:
    """Say what a flag turned out to be, and on what that rests."""
    flag = _decidable(session, actor, number)
    _require("grounds", words, _l("请写明结论的依据。"))
    values = {"outcome": outcome, "closed_at": now}
    return _do(session, actor, flag, Deed.CLOSE, now, words=words, values=values)


def _spoken_for(session: Session, findings: Iterable[Finding]) -> Iterator[str]:
    """The keys of findings that a flag of another month speaks for."""
    lasting = [each for each in findings if each.kind in REST_MONTHS]
    sites = {each.site for each in lasting}
    query = select(Flag).where(Flag.kind.in_(REST_MONTHS), Flag.site_id.in_(sites))
    flags: defaultdict[Matter, list[Flag]] = defaultdict(list)
    for flag in session.scalars(query):
        flags[flag.kind, flag.site_id, flag.material].append(flag)
    for each in lasting:
        earlier = flags[each.kind, each.site, each.material or None]
        if any(speaks_for(one.kind, one.month, one.status, each.month) for one in earlier):
            yield each.key


def _raise(session: Session, actor: Actor, finding: Finding, site: Site, now: datetime) -> Flag:
    due = _due(session, FlagStatus.OPEN, now)
    flag = Flag(
        number=next_number(session, f"J-{china_day(now):%y%m}", DIGITS),
        key=finding.key,
        kind=finding.kind,
        severity=finding.severity,
        month=finding.month,
        site_id=site.id,
        company_id=site.company_id,
        adcode=site.adcode,
        material=finding.material or None,
        plate=finding.plate,
        evidence=[list(each) for each in finding.evidence],
        loads=list(finding.loads),
        explanation=finding.explanation,
        status=FlagStatus.OPEN,
        due=due,
        raised_at=now,
    )
    session.add(flag)
    session.flush()
    _record(session, actor, flag, Deed.RAISE, now, "")
    return flag


def _held(session: Session, actor: Actor, number: str) -> Flag:
    """A flag the actor may see, held until the transaction ends; raises `NotFound`."""
    query = select(Flag).where(Flag.number == number, visible_to(actor))
    flag = session.scalar(query.with_for_update())
    if flag is None:
        raise NotFound
    return flag


def _decidable(session: Session, actor: Actor, number: str) -> Flag:
    flag = _held(session, actor, number)
    if not may_decide(actor, flag.adcode):
        raise Forbidden
    return flag


def _do(
    session: Session,
    actor: Actor,
    flag: Flag,
    deed: Deed,
    now: datetime,
    words: str = "",
    values: Mapping[str, object] | None = None,
) -> Flag:
    """Move a held flag on; raises `Conflict` if the deed may not happen in its state."""
    status = next_status(flag.status, deed)
    if status is None:
        raise Conflict(_l("这条线索现在是“%(state)s”。", state=STATUSES[flag.status].text))
    flag.status, flag.due = status, _due(session, status, now)
    for name, value in (values or {}).items():
        setattr(flag, name, value)
    _record(session, actor, flag, deed, now, words.strip())
    session.flush()
    return flag


def _record(
    session: Session, actor: Actor, flag: Flag, deed: Deed, now: datetime, words: str
) -> None:
    event = FlagEvent(
        deed=deed,
        at=now,
        actor=actor.label,
        person=actor.person_name,
        words=words,
        due=flag.due,
    )
    flag.events.append(event)
    audit.record(session, actor, f"flag.{deed}", ("flag", flag.number), now, words=words)


def _due(session: Session, status: FlagStatus, now: datetime) -> date | None:
    term = DAYS.get(status)
    if term is None:
        return None
    today = china_day(now)
    return due_on(today, book(session).on(today).of(term))


def _tell_firm(session: Session, flag: Flag, now: datetime) -> None:
    tell_company(
        session,
        flag.company_id,
        Message.FLAG_ASKED,
        f"{flag.number}:{flag.due}",
        f"/oversight/asked/{flag.number}",
        now,
        number=flag.number,
        what=KINDS[flag.kind].title,
        deadline=str(flag.due),
    )


def _require(field: str, words: str, message: object) -> None:
    if not words.strip():
        raise Refused(message, field=field)
