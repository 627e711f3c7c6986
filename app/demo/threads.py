"""Direct offers of the demo market and what was answered to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from app.bidding.deals import DealDraft
from app.bidding.negotiating import Reply, accept, counter, open_negotiation, say
from app.bidding.rules import DealTerms, MoveKind
from app.bidding.threads import show
from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage, form_key


def acts(stage: Stage) -> Iterator[Act]:
    for row in files.rows(stage.folder, "threads.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_open, stage, row))
    for row in files.rows(stage.folder, "moves.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_move, stage, row))


def _open(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    site_id = stage.market.sites[row["site_key"]]
    terms = DealTerms(
        material=row["material"],
        month=stage.calendar.month(row["month"], now),
        kg=files.tonnes(row["tonnes"]),
        price=files.price(row["price"]),
    )
    found = open_negotiation(
        session,
        stage.owner(session, site_id),
        stage.market.listings[row["listing"]],
        DealDraft(site_id, terms, row["words"]),
        now,
        key=form_key("offer", row["key"]),
    )
    stage.threads[row["key"]] = found.number


def _move(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    """Answer what the thread's page shows; an accepted offer is a trade by the thread's key."""
    number, actor = stage.threads[row["thread"]], stage.firm(session, row["by"])
    view = show(session, actor, number, now)
    position = view.row.offer.position
    match MoveKind(row["move"]):
        case MoveKind.COUNTER:
            kg, price = files.tonnes(row["tonnes"]), files.price(row["price"]) or 0
            counter(session, actor, number, Reply(position, kg, price, row["words"]), now)
        case MoveKind.MESSAGE:
            say(session, actor, number, row["words"], now)
        case MoveKind.ACCEPT:
            trade = accept(session, actor, number, position, view.freight, now)
            stage.trades[row["thread"]] = trade.number
        case other:
            raise ValueError(f"the demo tells no {other}")
