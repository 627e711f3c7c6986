"""What people of the demo market do besides trading: read their messages, look things up, apply."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.clearing.operations import name_auditor
from app.companies.operations import apply
from app.core.actor import SYSTEM
from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage
from app.notifications.operations import read_all, wish
from app.notifications.rules import Kind, Wish
from app.trades.lookups import look_up

TOLD = ("producer", "consumer", "carrier", "operator")
"""The demo accounts that are sent messages."""
READ, NAMED, LOOKED_UP = "-4d 08:30", "round+24h", "-1d 11:00"
LOOKED_UP_DEAL, REASON = "round-cement", "核对综合利用量与磅单"
AFTER_OPENING = timedelta(minutes=5)


def acts_before(stage: Stage) -> Iterator[Act]:
    """While its past is told nobody is sent mail: a mail cannot be of another day."""
    at = stage.calendar.opened + AFTER_OPENING
    yield Act(at, partial(_wish, stage, Wish(by_mail=False)))


def acts_after(stage: Stage) -> Iterator[Act]:
    at = stage.calendar.at
    yield Act(at(READ), partial(_read, stage))
    yield Act(at(NAMED), partial(_name_auditor, stage))
    yield Act(at(LOOKED_UP), partial(_look_up, stage))
    for row in files.rows(stage.folder, "companies.csv"):
        if row["applied"]:
            yield Act(at(row["applied"]), partial(_apply, stage, row))
    yield Act(stage.calendar.now, partial(_wish, stage, Wish(by_mail=True)))


def _wish(stage: Stage, wanted: Wish, session: Session, now: datetime) -> None:
    for who in TOLD:
        wish(session, stage.person(session, who), dict.fromkeys(Kind, wanted), now)


def _read(stage: Stage, session: Session, now: datetime) -> None:
    for who in TOLD:
        read_all(session, stage.person(session, who), now)


def _name_auditor(stage: Stage, session: Session, now: datetime) -> None:
    operator, auditor = (stage.person(session, who) for who in ("operator", "auditor"))
    name_auditor(session, operator, stage.run, auditor.user_id, now)


def _look_up(stage: Stage, session: Session, now: datetime) -> None:
    county = stage.person(session, "county")
    look_up(session, county, stage.trades[LOOKED_UP_DEAL], REASON, now)


def _apply(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    first, *_rest = files.sites_by_company(stage.folder)[row["key"]]
    apply(session, SYSTEM, files.application(row, first), now)
