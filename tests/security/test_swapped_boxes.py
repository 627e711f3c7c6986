"""Who can write the database moves a sealed box to a row of its own: it does not open there."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bidding import boxes
from app.bidding.models import Bid
from app.clearing.freezing import frozen_problem
from app.clearing.leaves import proofs_of
from app.clearing.models import ClearingRun, RunLeaf
from app.clearing.recording import recorded_outcomes
from app.core.vault import SealBroken, own_vault
from app.listings.limits import reveal
from app.listings.models import Listing
from tests.security.factories import Market


def test_no_box_opens_in_another_row(app: Flask, market: Market, session: Session) -> None:
    mine, theirs = session.scalars(select(Bid).order_by(Bid.id)).all()
    mine.box = theirs.box
    offer, need = session.scalars(
        select(Listing).where(Listing.limit_price_box.is_not(None)).order_by(Listing.number.desc())
    ).all()
    offer.limit_price_box = need.limit_price_box
    for opened in (lambda: boxes.reveal(own_vault(), mine), lambda: reveal(own_vault(), offer)):
        with pytest.raises(SealBroken):
            opened()
    assert boxes.reveal(own_vault(), theirs)
    assert reveal(own_vault(), need)


def test_no_box_of_a_run_opens_as_another_part_of_it(
    app: Flask, market: Market, session: Session, frozen: datetime
) -> None:
    run = session.scalars(select(ClearingRun)).one()
    problem = frozen_problem(own_vault(), run)
    leaves = session.scalars(select(RunLeaf).order_by(RunLeaf.position)).all()
    own = next(leaf for leaf in leaves if leaf.order_id == market.offer)
    own.salt_box = next(leaf for leaf in leaves if leaf.order_id != market.offer).salt_box
    run.outcome_box, run.problem_box = run.plan_outcome_box, run.outcome_box
    for opened in (
        lambda: recorded_outcomes(own_vault(), run),
        lambda: frozen_problem(own_vault(), run),
        lambda: proofs_of(session, own_vault(), run, problem, market.offer),
    ):
        with pytest.raises(SealBroken):
            opened()
