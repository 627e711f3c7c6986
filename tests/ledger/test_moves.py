"""The way of a trade's tonnes from the contract to the weighbridge."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.ledger import operations
from app.ledger.models import Entry
from app.ledger.operations import KeyReused, Oversold
from app.ledger.queries import BalanceRow, LotName, balance, check, held, held_many
from app.ledger.rules import Account, Verb
from tests.conftest import NOW
from tests.ledger.factories import DECEMBER, JANUARY, contracted, reserved

OFFER: LotName = ("S-2611-0001", DECEMBER)
TAKER: LotName = ("D-2611-0001", DECEMBER)


def moved(
    session: Session,
    verb: Verb,
    kg: int,
    reference: str = "T-1",
    document: str = "W-1",
    lots: tuple[LotName, ...] = (OFFER,),
) -> None:
    masses = dict.fromkeys(lots, kg)
    operations.move(session, SYSTEM, verb, masses, reference=reference, document=document, now=NOW)


def test_a_truck_takes_tonnes_from_the_contract_to_their_use(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    moved(any_session, Verb.DISPATCH, 300)
    assert balance(any_session, *OFFER) == BalanceRow(open=600, contracted=100, in_transit=300)
    moved(any_session, Verb.RECEIVE, 250)
    moved(any_session, Verb.REJECT, 30)
    moved(any_session, Verb.DIFFER, 20)
    found = balance(any_session, *OFFER)
    assert found == BalanceRow(open=600, contracted=100, utilised=250, rejected=30, difference=20)
    assert (found.taken, found.offered) == (400, 1_000)
    moved(any_session, Verb.RETURN, 30)
    moved(any_session, Verb.RELEASE, 100, document="cancelled")
    assert balance(any_session, *OFFER) == BalanceRow(open=730, utilised=250, difference=20)
    assert check(any_session) == []


def test_one_entry_moves_both_ends_of_a_trade(any_session: Session) -> None:
    for lot in (OFFER, TAKER):
        contracted(any_session, lot, 400, "T-1")
    before = entries(any_session)
    moved(any_session, Verb.DISPATCH, 300, lots=(TAKER, OFFER))
    assert entries(any_session) == before + 1
    for lot in (OFFER, TAKER):
        assert balance(any_session, *lot).in_transit == 300


def test_a_move_that_one_lot_cannot_bear_moves_nothing(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    contracted(any_session, TAKER, 200, "T-1")
    with pytest.raises(Oversold) as refused, any_session.begin_nested():
        moved(any_session, Verb.DISPATCH, 300, lots=(OFFER, TAKER))
    assert (refused.value.number, refused.value.left_kg) == (TAKER[0], 200)
    assert balance(any_session, *OFFER).contracted == 400
    assert check(any_session) == []


def test_the_same_paper_moves_its_tonnes_once(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    for _time in range(2):
        moved(any_session, Verb.DISPATCH, 300)
        moved(any_session, Verb.RECEIVE, 300)
    assert balance(any_session, *OFFER) == BalanceRow(open=600, contracted=100, utilised=300)
    with pytest.raises(KeyReused):
        moved(any_session, Verb.DISPATCH, 50)


def test_a_reference_moves_only_what_it_holds_itself(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    reserved(any_session, OFFER[0], 300, "T-2")
    operations.contract(any_session, SYSTEM, {OFFER: 300}, "T-2", NOW)
    for verb in (Verb.DISPATCH, Verb.RELEASE):
        with pytest.raises(Oversold) as refused:
            moved(any_session, verb, 301, reference="T-2")
        assert refused.value.left_kg == 300
    moved(any_session, Verb.DISPATCH, 300, reference="T-2", document="W-2")
    with pytest.raises(Oversold):
        moved(any_session, Verb.RECEIVE, 1, reference="T-1", document="W-2")


def test_a_truck_unloads_only_what_it_loaded(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    moved(any_session, Verb.DISPATCH, 100, document="W-1")
    moved(any_session, Verb.DISPATCH, 200, document="W-2")
    with pytest.raises(Oversold) as refused:
        moved(any_session, Verb.RECEIVE, 101, document="W-1")
    assert refused.value.left_kg == 100
    moved(any_session, Verb.REJECT, 200, document="W-2")
    with pytest.raises(Oversold):
        moved(any_session, Verb.RETURN, 1, document="W-1")
    assert check(any_session) == []


def test_tonnes_of_a_lot_that_does_not_exist_cannot_be_moved(any_session: Session) -> None:
    with pytest.raises(Oversold) as refused:
        moved(any_session, Verb.DISPATCH, 1)
    assert refused.value.left_kg == 0


def test_a_move_of_no_lot_is_a_fault(any_session: Session) -> None:
    with pytest.raises(ValueError, match="dispatch of nothing for T-1"):
        moved(any_session, Verb.DISPATCH, 1, lots=())


def test_what_a_trade_holds_is_found_by_lot_and_account(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    contracted(any_session, TAKER, 400, "T-1")
    contracted(any_session, (OFFER[0], JANUARY), 50, "T-2")
    moved(any_session, Verb.DISPATCH, 100, document="W-1", lots=(OFFER, TAKER))
    moved(any_session, Verb.DISPATCH, 300, document="W-2", lots=(OFFER, TAKER))
    moved(any_session, Verb.RECEIVE, 100, document="W-1", lots=(OFFER, TAKER))
    both = {Account.IN_TRANSIT: 300, Account.UTILISED: 100}
    assert held(any_session, "T-1") == {TAKER: both, OFFER: both}
    on_truck = {Account.IN_TRANSIT: 300}
    assert held(any_session, "T-1", "W-2") == {TAKER: on_truck, OFFER: on_truck}
    assert held(any_session, "T-9") == {}
    assert held_many(any_session, ["T-1", "T-2", "T-9"]) == {
        "T-1": {TAKER: both, OFFER: both},
        "T-2": {(OFFER[0], JANUARY): {Account.CONTRACTED: 50}},
    }


def test_the_entry_of_a_move_names_its_paper(any_session: Session) -> None:
    contracted(any_session, OFFER, 400, "T-1")
    moved(any_session, Verb.DISPATCH, 300)
    entry = any_session.scalars(select(Entry).where(Entry.document == "W-1")).one()
    assert (entry.key, entry.verb, entry.reference) == (
        "dispatch:T-1:W-1",
        Verb.DISPATCH,
        "T-1",
    )


def entries(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Entry)) or 0
