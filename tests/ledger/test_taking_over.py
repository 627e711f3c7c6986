"""Movements taken over at once leave the very books that the deeds one by one would have left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.transactions import database
from app.ledger import operations
from app.ledger.chain import head, seal
from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.operations import Oversold
from app.ledger.queries import LotName, check
from app.ledger.rules import Link, Verb
from app.ledger.taking_over import Movement, take_over
from app.ledger.verification import verify
from tests.conftest import NOW
from tests.ledger.factories import DECEMBER, issued, reserved

OFFER: LotName = ("S-2611-0001", DECEMBER)
NEED: LotName = ("D-2611-0001", DECEMBER)


def movement(verb: Verb, kg: int, reference: str = "T-1", document: str = "") -> Movement:
    return Movement(verb, reference, {OFFER: kg, NEED: kg}, NOW, SYSTEM.label, document)


def issue(name: LotName, kg: int = 1_000) -> Movement:
    return Movement(Verb.ISSUE, name[0], {name: kg}, NOW, SYSTEM.label)


CASE = (
    issue(OFFER),
    issue(NEED),
    movement(Verb.RESERVE, 900),
    movement(Verb.CONTRACT, 900),
    movement(Verb.DISPATCH, 500, document="W-1"),
    movement(Verb.RECEIVE, 480, document="W-1"),
    movement(Verb.DIFFER, 20, document="W-1"),
    movement(Verb.DISPATCH, 400, document="W-2"),
    movement(Verb.REJECT, 400, document="W-2"),
    movement(Verb.RETURN, 400, document="W-2"),
)
HOLDS = {Verb.RESERVE: operations.reserve, Verb.CONTRACT: operations.contract}


def do_one_by_one(session: Session, movements: Sequence[Movement]) -> None:
    for one in movements:
        if one.verb is Verb.ISSUE:
            ((number, month), kg) = next(iter(one.masses.items()))
            operations.issue(session, SYSTEM, number, month, kg, one.at)
        elif one.verb in HOLDS:
            HOLDS[one.verb](session, SYSTEM, one.masses, one.reference, one.at)
        else:
            paper = {"reference": one.reference, "document": one.document}
            operations.move(session, SYSTEM, one.verb, one.masses, now=one.at, **paper)


def books(session: Session) -> list[list[str]]:
    """Everything the ledger holds, without the ids of rows."""
    lot = (Lot.listing_number, Lot.month)
    questions = (
        select(Entry.key, Entry.verb, Entry.reference, Entry.document, Entry.at, Entry.actor),
        select(*lot, Balance.account, Balance.kg).join(Balance, Balance.lot_id == Lot.id),
        select(Entry.key, *lot, Posting.account, Posting.kg)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Lot, Lot.id == Posting.lot_id),
    )
    return [sorted(map(repr, session.execute(question))) for question in questions]


def left_by_the_deeds() -> tuple[list[list[str]], Link]:
    """The books and the head that the deeds would leave; nothing of it stays."""
    with database().writing() as session:
        do_one_by_one(session, CASE)
        seal(session)
        found = books(session), head(session)
        session.rollback()
    return found


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 5, 8])
def test_in_one_or_two_parts_it_leaves_the_books_and_the_chain_of_the_deeds(
    any_app: Flask, cut: int
) -> None:
    expected = left_by_the_deeds()
    with database().writing() as session:
        take_over(session, CASE[:cut])
        take_over(session, CASE[cut:])
    with database().reading() as session:
        assert (books(session), head(session)) == expected
        assert verify(session) == []


@pytest.fixture
def open_books(any_app: Flask) -> Iterator[Session]:
    with database().writing() as session:
        yield session
        session.rollback()


def test_what_was_entered_before_is_sealed_before(open_books: Session) -> None:
    issued(open_books, "S-2611-0009")
    later = NOW + timedelta(hours=1)
    take_over(
        open_books,
        [Movement(Verb.RESERVE, "T-9", {("S-2611-0009", DECEMBER): 300}, later, SYSTEM.label)],
    )
    assert head(open_books).position == 2
    assert verify(open_books) == []


@pytest.mark.parametrize(
    "moves",
    [
        [issue(OFFER), issue(NEED), movement(Verb.RESERVE, 1_001)],
        [movement(Verb.RESERVE, 1)],
        [*CASE[:3], movement(Verb.CONTRACT, 901)],
        [*CASE[:3], movement(Verb.CONTRACT, 1, reference="T-2")],
        [*CASE[:5], movement(Verb.RECEIVE, 1, document="W-2")],
    ],
    ids=["beyond the lot", "no lot", "beyond the hold", "another's hold", "another's paper"],
)
def test_nothing_is_taken_that_is_not_there(open_books: Session, moves: list[Movement]) -> None:
    with pytest.raises(Oversold):
        take_over(open_books, moves)
    assert open_books.scalar(select(func.count(Entry.id))) == 0


def test_what_another_trade_holds_of_an_old_lot_is_not_taken(open_books: Session) -> None:
    for number, _month in (OFFER, NEED):
        issued(open_books, number)
        reserved(open_books, number, 600, f"T-{number}")
    with pytest.raises(Oversold):
        take_over(open_books, [movement(Verb.RESERVE, 401)])
    take_over(open_books, [movement(Verb.RESERVE, 400)])
    assert check(open_books) == []


def test_a_deed_that_counts_its_entries_is_left_to_the_ledger(open_books: Session) -> None:
    with pytest.raises(ValueError, match="withdraw"):
        take_over(open_books, [movement(Verb.WITHDRAW, 1)])
