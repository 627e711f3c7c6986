"""What standards that come into force change: for everybody the days, for firms their offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from app.catalogue import quality
from app.core.actor import Actor
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.permissions import anyone, permits
from app.core.transactions import current_session
from app.eligibility import words
from app.eligibility.editions import Coming, coming_changes
from app.eligibility.queries import parameter_map
from app.eligibility.rules import address_of
from app.listings.queries import ListingRow, rows_of
from app.passports import regrade_words
from app.passports.regrading import Move, Regrading, regrade
from app.passports.rules import Direction
from app.passports.telling import AHEAD, passport_path

PAGE_SIZE = 50
blueprint = Blueprint("regrading", __name__)


@dataclass(frozen=True, slots=True)
class Moves:
    """One page of what an edition day does to the listings of a reader; pages count from 1."""

    found: Regrading
    rows: list[Move]
    listings: dict[int, ListingRow]
    page: int

    @property
    def total(self) -> int:
        return len(self.found.moves)

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return min(self.page * PAGE_SIZE, self.total)


@blueprint.get("/standards/changes")
@permits(anyone)
def changes() -> str:
    """The days that come; whoever has or oversees listings sees which of them move."""
    session, actor, today = current_session(), current_actor(), china_day(now())
    coming = coming_changes(session, today)
    chosen = _chosen(coming, request.args.get("day", ""))
    sees_moves = actor.is_company or actor.is_operator or actor.is_regulator
    return render_template(
        "passports/changes.html",
        coming=coming,
        chosen=chosen,
        today=today,
        moves=_moves(session, actor, chosen.day, today) if chosen and sees_moves else None,
        kinds={row.code: row for row in quality.kinds(session)},
        parameters=parameter_map(session),
        ahead=AHEAD // timedelta(days=1),
    )


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "said": regrade_words,
        "address_of": address_of,
        "passport_path": passport_path,
        "Direction": Direction,
    }


def _chosen(coming: list[Coming], day: str) -> Coming | None:
    """The day the address asks for, else the nearest."""
    asked = (each for each in coming if each.day.isoformat() == day)
    return next(asked, coming[0] if coming else None)


def _moves(session: Session, actor: Actor, day: date, today: date) -> Moves:
    found = regrade(session, day, today).as_seen_by(actor)
    last_page = max(1, -(-len(found.moves) // PAGE_SIZE))
    page = max(1, min(request.args.get("page", 1, type=int), last_page))
    rows = found.moves[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    listings = [*(row.listing for row in rows), *(row.listing for row in found.supplies)]
    shown = rows_of(session, actor, today, [listing.id for listing in listings])
    return Moves(found, rows, shown, page)
