"""What the processes of the races do; imported by each of them anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask

from app.bidding import negotiating, operations, queries
from app.bidding.rules import BidTerms, Step
from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.transactions import database
from app.core.vault import own_vault
from tests.bidding.factories import CLOSES
from tests.conftest import NOW, TODAY
from tests.installations import build

Answer = TypeVar("Answer")
Told = dict[str, tuple[int, int]]
"""Kilograms and fen of what counts at the end, by listing."""


def inside(deed: Callable[..., Answer]) -> Callable[..., Answer]:
    """Run a deed in an application of its own on the installation of `folder` and `url`."""

    @wraps(deed)
    def run(folder: str, url: str, *facts: Any) -> Answer:
        with application(folder, url).app_context():
            return deed(*facts)

    return run


@cache
def application(folder: str, url: str) -> Flask:
    """One for all the deeds of a process; building it takes a second."""
    return build(Path(folder), DATABASE_URL=url)


@inside
def bid_until_closed(actor: Actor, number: str, listing: str, start: Any, most: int) -> Told:
    """Raise the own bid again and again, each in time by the clock; returns the last one taken."""
    last: Told = {}
    start.wait()
    for turn in range(most):
        step = Step(1_000 + turn, turn)
        try:
            with database().writing() as session:
                operations.place_bid(
                    session,
                    own_vault(),
                    actor,
                    number,
                    listing,
                    BidTerms((step,)),
                    NOW,
                    version=turn,
                )
        except Conflict:
            break
        last = {listing: (step.kg, step.fen)}
    return last


@inside
def close_and_freeze(number: str, start: Any, pause: Any) -> Told:
    """Take the round in one transaction and read its book in the next, as a clearing does."""
    start.wait()
    pause.wait(0.25)
    with database().writing() as session:
        operations.mark_cleared(session, number, "R-2612-01", CLOSES)
    with database().writing() as session:
        orders = queries.round_book(session, own_vault(), number, TODAY)
    return {order.number: (order.kg, order.limit_fen) for order in orders}


@inside
def bid_first(actor: Actor, rounds: list[str], listing: str, kg: int, start: Any) -> list[str]:
    """Place the first bid in each round at the instant a colleague does; returns where it won."""
    won = []
    for number in rounds:
        start.wait()
        try:
            with database().writing() as session:
                terms = BidTerms((Step(kg, 0),))
                operations.place_bid(
                    session, own_vault(), actor, number, listing, terms, NOW, version=0
                )
            won.append(number)
        except Conflict:
            continue
    return won


@inside
def settle(actor: Actor, deed: str, threads: list[str], freight: int, start: Any) -> list[str]:
    """Accept or withdraw each standing offer at once with the other side; returns where it won."""
    won = []
    for number in threads:
        start.wait()
        try:
            with database().writing() as session:
                if deed == "accept":
                    negotiating.accept(session, actor, number, 1, freight, NOW)
                else:
                    negotiating.withdraw(session, actor, number, 1, NOW)
            won.append(number)
        except Conflict:
            continue
    return won
