"""Whatever row of the books somebody changes, the verification names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.transactions import database
from app.ledger import operations
from app.ledger.chain import head, seal
from app.ledger.models import Entry, Posting, Seal
from app.ledger.rules import START, Account, Link, Verb
from app.ledger.verification import verify
from tests.conftest import NOW
from tests.ledger.factories import DECEMBER, JANUARY, contracted, issued, reserved
from tests.ledger.tampering import tamper

OFFER = ("S-2611-0001", DECEMBER)
OTHER = ("S-2611-0002", DECEMBER)
Dispatch = Callable[[], None]


@pytest.fixture
def books(any_app: Flask) -> Iterator[Session]:
    """Six sealed entries: two lots, of which a trade has bound and sent a part."""
    with database().writing() as session:
        contracted(session, OFFER, 400, "T-1")
        issued(session, OTHER[0])
    with database().writing() as session:
        masses = {OFFER: 300}
        operations.move(
            session, SYSTEM, Verb.DISPATCH, masses, reference="T-1", document="W-1", now=NOW
        )
    with database().writing() as session:
        reserved(session, OTHER[0], 100, "T-2")
    with database().writing() as session:
        yield session
        session.rollback()


def entry_of(session: Session, verb: Verb) -> Entry:
    return session.scalars(select(Entry).where(Entry.verb == verb).order_by(Entry.id)).all()[0]


def posting_of(session: Session, verb: Verb, account: Account) -> Posting:
    entry = entry_of(session, verb)
    return next(leg for leg in entry.postings if leg.account is account)


def test_every_commit_seals_its_entries_one_on_the_other(books: Session) -> None:
    assert verify(books) == []
    positions = list(books.scalars(select(Seal.position).order_by(Seal.position)))
    assert positions == [1, 2, 3, 4, 5, 6]
    assert head(books).position == 6


def test_an_empty_ledger_stands_at_the_start(any_session: Session) -> None:
    assert head(any_session) == START
    assert verify(any_session) == []


def test_what_a_savepoint_took_back_is_not_sealed(any_session: Session) -> None:
    number = issued(any_session)
    savepoint = any_session.begin_nested()
    reserved(any_session, number, 10, "T-1")
    savepoint.rollback()
    with any_session.begin_nested():
        reserved(any_session, number, 20, "T-2")
    seal(any_session)
    assert head(any_session).position == 2
    assert verify(any_session) == []


def test_what_is_rolled_back_leaves_no_trace_in_the_chain(books: Session) -> None:
    reserved(books, OTHER[0], 10, "T-3")
    seal(books)
    books.rollback()
    assert head(books).position == 6
    reserved(books, OTHER[0], 20, "T-4")
    seal(books)
    assert verify(books) == []


@pytest.mark.parametrize(
    "change", ["kg = kg - 1", "account = 'utilised'", "lot_id = (SELECT max(id) FROM lot)"]
)
def test_a_changed_posting_is_named(books: Session, change: str) -> None:
    entry = entry_of(books, Verb.DISPATCH)
    leg = posting_of(books, Verb.DISPATCH, Account.IN_TRANSIT)
    tamper(books, "posting", f"UPDATE posting SET {change} WHERE id = {leg.id}")
    assert verify(books)[0] == (
        f"posting {leg.id} of entry {entry.id} (dispatch:T-1:W-1): not what was sealed"
    )


def test_an_added_posting_is_named(books: Session) -> None:
    entry, lot_id = entry_of(books, Verb.RESERVE), entry_of(books, Verb.ISSUE).postings[0].lot_id
    books.execute(
        text(
            "INSERT INTO posting (id, entry_id, lot_id, account, kg) "
            f"VALUES (999, {entry.id}, {lot_id}, 'utilised', 5)"
        )
    )
    assert verify(books)[0] == (
        f"posting 999 of entry {entry.id} ({entry.key}): not what was sealed"
    )


def test_an_entry_that_lost_a_posting_is_named(books: Session) -> None:
    entry = entry_of(books, Verb.CONTRACT)
    leg = posting_of(books, Verb.CONTRACT, Account.CONTRACTED)
    tamper(books, "posting", f"DELETE FROM posting WHERE id = {leg.id}")
    assert verify(books)[0] == (
        f"entry {entry.id} ({entry.key}): a posting that was sealed is missing"
    )


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'company:7'",
        "reference = 'T-2'",
        "document = 'W-2'",
        "verb = 'release'",
        "at = '2026-01-01 00:00:00.000000'",
    ],
)
def test_a_changed_entry_is_named(books: Session, change: str) -> None:
    entry = entry_of(books, Verb.DISPATCH)
    name = f"entry {entry.id} (dispatch:T-1:W-1): not what was sealed at 5"
    tamper(books, "entry", f"UPDATE entry SET {change} WHERE id = {entry.id}")
    assert verify(books)[0] == name


def test_both_legs_changed_alike_name_the_entry(books: Session) -> None:
    entry = entry_of(books, Verb.DISPATCH)
    name = f"entry {entry.id} (dispatch:T-1:W-1): not what was sealed at 5"
    tamper(books, "posting", f"UPDATE posting SET kg = kg * 2 WHERE entry_id = {entry.id}")
    assert verify(books)[0] == name


def test_a_lot_under_another_name_breaks_the_chain(books: Session) -> None:
    tamper(books, "lot", "UPDATE lot SET month = '2027-02-01' WHERE listing_number = 'S-2611-0002'")
    assert verify(books)[0].endswith("(issue:S-2611-0002:2026-12): not what was sealed at 4")


@pytest.mark.parametrize("position", [2, 6])
def test_a_changed_seal_is_named(books: Session, position: int) -> None:
    tamper(
        books,
        "ledger_seal",
        f"UPDATE ledger_seal SET digest = '{'0' * 64}' WHERE position = {position}",
    )
    assert verify(books) == [f"seal {position}: its digest was changed"]


@pytest.mark.parametrize("position", [1, 3])
def test_a_missing_seal_is_named_with_the_entry_that_lost_it(books: Session, position: int) -> None:
    tamper(books, "ledger_seal", f"DELETE FROM ledger_seal WHERE position = {position}")
    missing, unsealed = verify(books)
    assert missing == f"seal {position}: missing"
    assert unsealed.endswith("not sealed")


def test_a_missing_last_seal_shows_at_the_head(books: Session) -> None:
    end = head(books)
    tamper(books, "ledger_seal", "DELETE FROM ledger_seal WHERE position = 6")
    fault, _unsealed = verify(books)
    assert fault.startswith(f"head: stands at {end}, the last seal is 5:")


def test_a_missing_entry_is_named_by_its_seal(books: Session) -> None:
    entry_id = entry_of(books, Verb.CONTRACT).id
    tamper(books, "entry", f"DELETE FROM entry WHERE id = {entry_id}")
    assert verify(books)[0] == f"seal 3: its entry {entry_id} is missing"


def test_an_entry_from_elsewhere_is_named(books: Session) -> None:
    lot_id = entry_of(books, Verb.ISSUE).postings[0].lot_id
    legs = [
        Posting(lot_id=lot_id, account=Account.OPEN, kg=-5),
        Posting(lot_id=lot_id, account=Account.WITHDRAWN, kg=5),
    ]
    stamp = {"verb": Verb.WITHDRAW, "at": NOW, "actor": "system", "reference": "S-2611-0001"}
    forged = Entry(key="forged", postings=legs, **stamp)
    books.add(forged)
    books.flush()
    assert verify(books)[0] == f"entry {forged.id} (forged): not sealed"


def test_a_changed_balance_is_named(books: Session) -> None:
    lot_id = entry_of(books, Verb.ISSUE).postings[0].lot_id
    place = f"lot_id = {lot_id} AND account = 'open'"
    books.execute(text(f"UPDATE balance SET kg = 601 WHERE {place}"))
    assert verify(books) == [f"lot {lot_id} open: 601 kg stand, the postings sum to 600 kg"]


def test_a_chain_that_was_cut_off_whole_is_found_by_a_head_noted_elsewhere(books: Session) -> None:
    noted = head(books)
    assert verify(books, noted) == []
    last = books.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert last is not None
    lot_id, entry_id = last.postings[0].lot_id, last.id
    digest = books.scalar(select(Seal.digest).where(Seal.position == 5))
    tamper(books, "ledger_seal", "DELETE FROM ledger_seal WHERE position = 6")
    tamper(books, "posting", f"DELETE FROM posting WHERE entry_id = {entry_id}")
    tamper(books, "entry", f"DELETE FROM entry WHERE id = {entry_id}")
    books.execute(text(f"DELETE FROM balance WHERE lot_id = {lot_id} AND account = 'reserved'"))
    books.execute(text(f"UPDATE balance SET kg = 1000 WHERE lot_id = {lot_id}"))
    push_head_back(books, Link(5, digest or ""))
    assert verify(books) == []
    assert verify(books, noted) == [f"expected {noted}: the chain ends at 5:{digest}"]


def test_a_chain_that_was_written_anew_is_found_by_a_head_noted_elsewhere(books: Session) -> None:
    noted = Link(4, "f" * 64)
    found = books.scalar(select(Seal.digest).where(Seal.position == 4))
    assert verify(books, noted) == [f"expected {noted}: the chain has {found} there"]


def test_a_head_noted_earlier_still_holds_when_the_chain_has_grown(books: Session) -> None:
    noted = head(books)
    reserved(books, OTHER[0], 10, "T-3")
    issued(books, OFFER[0], JANUARY)
    seal(books)
    assert head(books).position == 8
    assert verify(books, noted) == []
    assert verify(books, START) == []


def push_head_back(session: Session, link: Link) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER ledger_head_forward"))
    session.execute(
        text(f"UPDATE ledger_head SET position = {link.position}, digest = '{link.digest}'")
    )
