"""Telling firms once, for each offer and edition day, that verdicts of theirs will move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.core.clock import china_day
from app.core.i18n import LOCALES, day
from app.eligibility.editions import coming_changes
from app.notifications.operations import tell_company
from app.notifications.rules import Kind
from app.passports.regrade_words import moves_text
from app.passports.regrading import Move, regrade

AHEAD = timedelta(days=30)
"""How long before an edition day firms are told."""


@dataclass(frozen=True, slots=True)
class Tiding:
    """What a firm is to be told of one of its offers: the moves in both languages."""

    company_id: int
    number: str
    material: str
    day: date
    days: dict[str, str]
    moves: dict[str, str]


def is_due(session: Session, now: datetime) -> bool:
    """Whether an edition day is near."""
    today = china_day(now)
    return bool(coming_changes(session, today, today + AHEAD))


def tidings(session: Session, now: datetime) -> list[Tiding]:
    """What there is to tell of the edition days that are near, told or not."""
    today = china_day(now)
    return [
        _tiding(coming.day, list(moves))
        for coming in coming_changes(session, today, today + AHEAD)
        for _number, moves in groupby(
            regrade(session, coming.day, today).moves, key=lambda move: move.listing.number
        )
    ]


def tell(session: Session, tiding: Tiding, now: datetime) -> None:
    """Tell the firm, unless it was told of this offer and day before."""
    zh, en = LOCALES
    tell_company(
        session,
        tiding.company_id,
        Kind.GRADE_MOVES,
        f"{tiding.day}:{tiding.number}",
        passport_path(tiding.number),
        now,
        number=tiding.number,
        material=tiding.material,
        day=tiding.days[zh],
        day_en=tiding.days[en],
        moves=tiding.moves[zh],
        moves_en=tiding.moves[en],
    )


def passport_path(number: str) -> str:
    """Where the passport of an offer stands."""
    return f"/passports/{number}"


def _tiding(on: date, moves: list[Move]) -> Tiding:
    listing = moves[0].listing
    return Tiding(
        company_id=listing.company_id,
        number=listing.number,
        material=listing.materials[0],
        day=on,
        days=_in_both(on),
        moves=_told(moves),
    )


def _in_both(on: date) -> dict[str, str]:
    found = {}
    for locale in LOCALES:
        with force_locale(locale):
            found[locale] = day(on)
    return found


def _told(moves: Iterable[Move]) -> dict[str, str]:
    found, rows = {}, list(moves)
    for locale in LOCALES:
        with force_locale(locale):
            found[locale] = moves_text(rows)
    return found
