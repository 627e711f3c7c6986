"""What was done about the flags that the watch raised in the demo market, from `flags.csv`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.declarations.declared import latest
from app.declarations.declaring import Statement, declare
from app.demo import files
from app.demo.files import Row
from app.demo.rules import looked_through
from app.demo.stage import Act, Stage
from app.history.declaring import CORRECTION
from app.history.rules import WHOLE
from app.watch import operations
from app.watch.models import Flag
from app.watch.rules import Deed, Outcome
from app.watch.signs.facts import Kind


def acts(stage: Stage) -> Iterator[Act]:
    """What has been done by now: the last look may have been a moment ago."""
    deeds = [(row["at"], _do, row) for row in files.rows(stage.folder, "flags.csv")]
    odd = files.rows(stage.folder, "oddities.csv")
    deeds += [(row["corrected"], _correct, row) for row in odd if row["corrected"]]
    for text, do, row in deeds:
        at = stage.calendar.at(text)
        if at <= stage.calendar.now:
            yield Act(at, partial(do, stage, row))


def _do(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    number, words = _number(stage, row, session), row["words"]
    actor = _actor(stage, row["by"], session)
    match Deed(row["deed"]):
        case Deed.TAKE:
            operations.take(session, actor, number, now)
        case Deed.ASK:
            operations.ask(session, actor, number, words, now)
        case Deed.ANSWER:
            operations.answer(session, actor, number, words, now)
        case Deed.CLOSE:
            operations.close(session, actor, number, Outcome(row["outcome"]), words, now)
        case other:
            raise ValueError(f"nobody does {other} to a flag")


def _correct(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    """The firm declares the whole of what arose, all of what it had left out used at home."""
    month = looked_through(stage.calendar.now, int(row["look"]))
    site_id, material = stage.market.sites[row["site_key"]], row["material"]
    before = latest(session, site_id, material, month)
    if before is None:
        raise ValueError(f"nothing is declared of {material} in {month}")
    told = before.balance
    left_out = told.generated_kg * WHOLE // int(row["told_milli"]) - told.generated_kg
    balance = replace(
        told,
        generated_kg=told.generated_kg + left_out,
        self_used_kg=told.self_used_kg + left_out,
    )
    corrected = Statement(
        site_id, material, month, balance, based_on=before.version, reason=CORRECTION
    )
    declare(session, stage.owner(session, site_id), corrected, now)


def _number(stage: Stage, row: Row, session: Session) -> str:
    """The flag of a site that was raised at a look; raises if there is none."""
    wanted = select(Flag.number).where(
        Flag.kind == Kind(row["kind"]),
        Flag.site_id == stage.market.sites[row["site_key"]],
        Flag.month == looked_through(stage.calendar.now, int(row["look"])),
    )
    return session.scalars(wanted).one()


def _actor(stage: Stage, who: str, session: Session) -> Actor:
    """An official by the name of the demo account, or somebody of a firm."""
    is_firm = who in stage.market.companies
    return stage.firm(session, who) if is_firm else stage.person(session, who)
