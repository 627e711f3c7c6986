"""The two call rounds of the demo market: one that was cleared, one that takes bids now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.bidding.operations import (
    announce_round,
    place_bid,
    schedule_round,
    scheduled_terms,
    tell_of_rounds,
)
from app.bidding.rules import BidTerms, RoundTerms, Step
from app.clearing.operations import start_round
from app.demo import files
from app.demo.files import Row
from app.demo.rules import SETTLED, SHORTLY, other_month, probe, spread
from app.demo.stage import Act, Stage, form_key

CLEARED, OPEN = "cleared", "open"
AHEAD = timedelta(days=1)
"""How long before its opening a weekly round is announced."""
LONGEST_PROBE = 2
TOLD_WITHIN = timedelta(days=9)
"""Longer than any round of the story has been open."""
EXTRA_OPENS, EXTRA_CLOSES = "-1d 09:00", "+48h"
EXTRA_MATERIALS = ("fly_ash", "bottom_ash")


def settled_close(session: Session, now: datetime) -> datetime:
    """When the weekly round closed whose trades are delivered this month, and are signed by now."""
    closes = (
        scheduled_terms(session, probe(now, weeks)).closes_at
        for weeks in range(1, LONGEST_PROBE + 1)
    )
    return next(at for at in closes if at <= now - SETTLED)


def acts_before(stage: Stage, session: Session) -> Iterator[Act]:
    """The round that will be cleared, from its announcement to its last bid."""
    terms = scheduled_terms(session, stage.calendar.round_closes - SHORTLY)
    yield Act(terms.opens_at - AHEAD, partial(_schedule, stage, CLEARED))
    yield from _bidding(stage, CLEARED, terms.opens_at, terms.closes_at)


def close(stage: Stage, session: Session) -> str:
    """Start the clearing of the round that has just closed; returns the number of its job."""
    run = start_round(session, stage.calendar.round_cleared)
    assert run is not None  # the round is due and no other run is under way
    stage.run = run.number
    return run.job_id


def acts_after(stage: Stage, session: Session) -> Iterator[Act]:
    """The round that takes bids now: the weekly one or, on days between two, one by the operator.

    The weekly one is announced in any case.
    """
    now = stage.calendar.now
    weekly = scheduled_terms(session, now)
    yield Act(now, _tell)
    if weekly.opens_at <= now - SHORTLY:
        yield Act(weekly.opens_at - AHEAD, partial(_schedule, stage, OPEN))
        yield from _bidding(stage, OPEN, weekly.opens_at, now)
        return
    extra = _extra_terms(stage, weekly)
    yield Act(extra.opens_at - SHORTLY, partial(_announce, stage, extra))
    yield from _bidding(stage, OPEN, extra.opens_at, now)
    yield Act(min(weekly.opens_at - AHEAD, now), partial(_schedule, stage, "weekly"))


def _extra_terms(stage: Stage, weekly: RoundTerms) -> RoundTerms:
    """A round for some materials and a month of which the weekly one takes no bids."""
    return RoundTerms(
        month=other_month(stage.calendar.now, weekly.month),
        opens_at=stage.calendar.at(EXTRA_OPENS),
        closes_at=stage.calendar.at(EXTRA_CLOSES).replace(minute=0, second=0, microsecond=0),
        materials=EXTRA_MATERIALS,
    )


def _bidding(stage: Stage, name: str, opens_at: datetime, until: datetime) -> Iterator[Act]:
    """Everybody bids, at even distances of time."""
    rows = [row for row in files.rows(stage.folder, "bids.csv") if row["round"] == name]
    for at, row in zip(spread(opens_at, until, len(rows)), rows, strict=True):
        yield Act(at, partial(_bid, stage, row))


def _schedule(stage: Stage, name: str, session: Session, now: datetime) -> None:
    found = schedule_round(session, now)
    assert found is not None  # nothing stands in the way of the first announcement
    stage.rounds[name] = found.number


def _announce(stage: Stage, terms: RoundTerms, session: Session, now: datetime) -> None:
    operator = stage.person(session, "operator")
    found = announce_round(session, operator, terms, now, key=form_key("round", OPEN))
    stage.rounds[OPEN] = found.number


def _tell(session: Session, now: datetime) -> None:
    """Of the round that takes bids, whenever it opened."""
    tell_of_rounds(session, now, within=TOLD_WITHIN)


def _bid(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    terms = BidTerms(
        steps=_steps(row["steps"].split("|")),
        min_lot_kg=files.tonnes(row["min_lot_t"]) if row["min_lot_t"] else 0,
        is_single=row["is_single"] == "1",
    )
    number = stage.market.listings[row["listing"]]
    place_bid(
        session,
        stage.vault,
        stage.owner_of_listing(session, number),
        stage.rounds[row["round"]],
        number,
        terms,
        now,
        version=0,
    )


def _steps(cells: Sequence[str]) -> tuple[Step, ...]:
    """`500@1.00` is 500 tonnes at 1 yuan."""
    parts = (cell.split("@") for cell in cells)
    return tuple(Step(files.tonnes(tonnes), files.price(price) or 0) for tonnes, price in parts)
