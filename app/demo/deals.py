"""Trades of the demo market: how each came about, and the steps its two sides took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bidding.deals import DealDraft, take
from app.bidding.rules import DealTerms
from app.clearing.queries import run_of
from app.core.actor import Actor
from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage, form_key
from app.trades import elsewhere
from app.trades.cases import sign
from app.trades.models import Trade
from app.trades.operations import confirm, decline
from app.trades.rules import DeclineReason, Party


def acts(stage: Stage) -> Iterator[Act]:
    for row in files.rows(stage.folder, "deals.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_make, stage, row))
    for row in files.rows(stage.folder, "steps.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_step, stage, row))


def _make(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    stage.trades[row["key"]] = WAYS[row["way"]](stage, row, session, now).number


def _take(stage: Stage, row: Row, session: Session, now: datetime) -> Trade:
    """By whoever does not own the listing, at its list price."""
    actor = stage.firm(session, row["by"])
    sites = {Party.PRODUCER: row["producer_site"], Party.CONSUMER: row["consumer_site"]}
    draft = DealDraft(
        site_id=stage.market.sites[sites[_side(actor)]],
        terms=DealTerms(
            material=row["material"],
            month=stage.calendar.month(row["month"], now),
            kg=files.tonnes(row["tonnes"]),
        ),
    )
    number = stage.market.listings[row["listing"]]
    return take(session, actor, number, draft, now, key=form_key("take", row["key"]))


def _record_elsewhere(stage: Stage, row: Row, session: Session, now: datetime) -> Trade:
    """A deal two firms made by telephone, entered by its producer."""
    draft = elsewhere.DealDraft(
        my_side=Party.PRODUCER,
        my_site_id=stage.market.sites[row["producer_site"]],
        other_site_id=stage.market.sites[row["consumer_site"]],
        material=row["material"],
        month=stage.calendar.month(row["month"], now),
        kg=files.tonnes(row["tonnes"]),
        price_producer=files.price(row["price"]) or 0,
    )
    actor = stage.firm(session, row["by"])
    return elsewhere.record_deal(session, actor, draft, form_key("deal", row["key"]), now)


def _find_in_round(stage: Stage, row: Row, session: Session, _now: datetime) -> Trade:
    """A match that the clearing of the round has proposed; raises if there is none."""
    run = run_of(session, stage.run)
    wanted = (
        Trade.origin == run.origin,
        Trade.producer_site_id == stage.market.sites[row["producer_site"]],
        Trade.consumer_site_id == stage.market.sites[row["consumer_site"]],
    )
    return session.scalars(select(Trade).where(*wanted)).one()


WAYS: Mapping[str, Callable[[Stage, Row, Session, datetime], Trade]] = {
    "take": _take,
    "elsewhere": _record_elsewhere,
    "round": _find_in_round,
}


def _step(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    number, actor = stage.trades[row["deal"]], stage.firm(session, row["by"])
    match row["step"]:
        case "confirm":
            confirm(session, actor, number, now)
        case "sign":
            sign(session, actor, number, "", now)
        case "decline":
            decline(session, actor, number, DeclineReason(row["reason"]), now)
        case other:
            raise ValueError(f"{other!r} is no step of a trade")


def _side(actor: Actor) -> Party:
    """What a firm is to a deal; one that is both takes."""
    return Party.CONSUMER if actor.is_consumer else Party.PRODUCER
