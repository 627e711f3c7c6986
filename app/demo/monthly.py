"""What happened to the months that ended since the demo market opened, one after the other.

All works declare them, the watch looks at what they said, the city publishes them in time and
states them again where firms have corrected something.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.demo import past
from app.demo.closes import REASON, corrected
from app.demo.rules import closing_of, declared_since, looked_at
from app.demo.stage import Act, Stage
from app.statistics.closing import close, restate
from app.statistics.facts import SETTLING, keep_up, prepare
from app.watch.dossiers import dossier
from app.watch.operations import raise_flags
from app.watch.signs.rules import findings
from app.watch.watching import book

LOOKED_THROUGH = timedelta(days=16)
"""How long after a close the city looks for what was corrected since."""


def acts(stage: Stage) -> Iterator[Act]:
    now = stage.calendar.now
    for month in declared_since(now):
        yield Act(looked_at(month, now), partial(_look, stage, month))
        deeds = ((closing_of(month), _close), (closing_of(month) + LOOKED_THROUGH, _restate))
        yield from (Act(at, partial(do, stage, month)) for at, do in deeds if at <= now)
    yield Act(now, _keep_up)


def _look(stage: Stage, month: date, session: Session, now: datetime) -> None:
    past.declare(session, stage, month)
    prepare(session, month, now - SETTLING)
    found = findings(dossier(session, month), book(session).on(month))
    raise_flags(session, SYSTEM, found, now)


def _close(stage: Stage, month: date, session: Session, now: datetime) -> None:
    close(session, stage.person(session, "city"), month, now)


def _restate(stage: Stage, month: date, session: Session, now: datetime) -> None:
    if any(corrected(session, [month], now)):
        restate(session, stage.person(session, "city"), month, REASON, now)


def _keep_up(session: Session, now: datetime) -> None:
    keep_up(session, now - SETTLING)
