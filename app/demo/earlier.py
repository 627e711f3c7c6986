"""Listings that were put on the market since it opened, the ones of past months among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from app.core.clock import add_months, china_day, month_of
from app.demo import files
from app.demo.files import Row
from app.demo.stage import Act, Stage
from app.listings.operations import (
    AnyDraft,
    OfferDraft,
    RequirementDraft,
    publish_offer,
    publish_requirement,
)
from app.listings.rules import DealMode, Product, Side


def acts(stage: Stage) -> Iterator[Act]:
    for row in files.rows(stage.folder, "earlier_listings.csv"):
        yield Act(stage.calendar.at(row["published"]), partial(_publish, stage, row))


def _publish(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    draft = _draft(stage, row, now)
    owner = stage.owner(session, draft.site_id)
    if isinstance(draft, OfferDraft):
        listing = publish_offer(session, owner, draft, now).number
    else:
        listing = publish_requirement(session, owner, draft, now).number
    stage.market.listings[row["key"]] = listing


def _draft(stage: Stage, row: Row, now: datetime) -> AnyDraft:
    """A window from the month of publication on; the last month counts from the present one."""
    common = {
        "site_id": stage.market.sites[row["site_key"]],
        "kg_per_month": files.tonnes(row["tonnes_per_month"]),
        "first_month": month_of(china_day(now)),
        "last_month": add_months(stage.calendar.this_month, int(row["last_offset"])),
        "list_price": files.price(row["list_price"]),
        "limit_price": files.price(row["limit_price"]),
        "deal_mode": DealMode(row["deal_mode"]),
        "shows_name": True,
        "note": row["note"],
    }
    if row["side"] == Side.OFFER:
        return OfferDraft(material=row["materials"], **common)  # type: ignore[arg-type]
    materials, product = tuple(row["materials"].split("|")), Product(row["product"])
    return RequirementDraft(materials=materials, product=product, **common)  # type: ignore[arg-type]
