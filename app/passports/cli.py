"""`flask quality changes` and `flask passports grade`: what an edition moves, and past verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import china_day, china_instant, now
from app.core.transactions import database
from app.eligibility.cli import group as quality_group
from app.eligibility.editions import ONE_DAY, Coming, coming_changes
from app.eligibility.queries import Chapter, rulebook
from app.eligibility.report import Report, finding_report, report
from app.eligibility.rules import Verdict
from app.listings.models import Offer
from app.passports.queries import known_lot
from app.passports.regrading import Move, Regrading, regrade
from app.passports.rules import Direction

group = AppGroup("passports", help="What is known of the material of an offer.")
GROUPS = (group,)
A_DAY = click.DateTime(["%Y-%m-%d"])


@quality_group.command("changes")
@click.option("--on", type=A_DAY, help="Tell what comes after this day; today unless told.")
def changes_command(on: datetime | None) -> None:
    """Print what each coming change of the standards moves, as one JSON object per line.

    A line for every day, then a line for every verdict that moves on it.
    """
    day = on.date() if on else china_day(now())
    with database().reading() as session:
        for coming in coming_changes(session, day):
            for line in _lines(coming, regrade(session, coming.day, day)):
                click.echo(json.dumps(line, ensure_ascii=False))


@group.command("grade")
@click.argument("number")
@click.option("--use", required=True, help="What it is to be used for, such as concrete.")
@click.option("--on", type=A_DAY, help="By the standards of this day; today unless told.")
@click.option("--known-at", type=A_DAY, help="By what was known when this day ended; as --on.")
def grade_command(number: str, use: str, on: datetime | None, known_at: datetime | None) -> None:
    """Print the verdict on an offer, as it was on a day of the past or will be.

    Exit 2 with a sentence for an offer or a use that was not there.
    """
    day = on.date() if on else china_day(now())
    known = known_at.date() if known_at else day
    with database().reading() as session:
        offer = _offer(session, number, _end_of(known))
        lot = known_lot(session, offer, day, _end_of(known))
        found = _chapter(rulebook(session, lot.kind, day), use, number).grade(lot.lot)
    head = {
        "offer": number,
        "material": lot.kind,
        "use": use,
        "on": day.isoformat(),
        "known_at": known.isoformat(),
    }
    click.echo(json.dumps(head | report(found), ensure_ascii=False))


def _end_of(day: date) -> datetime:
    """The last instant of a day in China."""
    return china_instant(day + ONE_DAY) - timedelta(microseconds=1)


def _offer(session: Session, number: str, known_at: datetime) -> Offer:
    found = session.scalar(select(Offer).where(Offer.number == number))
    if found is None or found.published_at > known_at:
        raise click.UsageError(_("那时没有 %(number)s 这条供应。", number=number))
    return found


def _chapter(chapters: list[Chapter], code: str, number: str) -> Chapter:
    by_code = {chapter.use.code: chapter for chapter in chapters}
    if code not in by_code:
        raise click.UsageError(
            _(
                "%(number)s 没有“%(use)s”这种用途，可以是：%(choices)s。",
                number=number,
                use=code,
                choices=", ".join(by_code) or _("（没有说明是哪种固废）"),
            )
        )
    return by_code[code]


def _lines(coming: Coming, found: Regrading) -> Iterator[dict[str, Any]]:
    yield {
        "day": coming.day.isoformat(),
        "standards": {each.row.code: each.change.value for each in coming.standards},
        "uses": {f"{each.kind}/{each.code}": each.change.value for each in coming.uses},
        "limits_starting": dict(coming.starting),
        "limits_ending": dict(coming.ending),
        "offers": len(found.graded),
        "up": found.count(Direction.UP),
        "down": found.count(Direction.DOWN),
        "same": found.same,
        "requirements": [
            {"number": each.listing.number, "lost": each.lost, "gained": each.gained}
            for each in found.supplies
        ],
    }
    yield from (_move(coming.day, move) for move in found.moves)


def _move(day: date, move: Move) -> Report:
    return {
        "day": day.isoformat(),
        "offer": move.listing.number,
        "material": move.use.kind,
        "use": move.use.code,
        "direction": move.direction.value,
        "before": _verdict(move.before),
        "after": _verdict(move.after),
        "because": [finding_report(found) for found in move.because],
    }


def _verdict(found: Verdict | None) -> Report | None:
    return {"verdict": found.outcome.value, "grade": found.grade or None} if found else None
