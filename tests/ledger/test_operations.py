from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.append_only import AppendOnly
from app.ledger import operations
from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.operations import KeyReused, Oversold
from app.ledger.queries import BalanceRow, balance, balances, check
from app.ledger.rules import Account, Verb
from tests.conftest import NOW
from tests.ledger.factories import DECEMBER, JANUARY, issued, reserved
from tests.ledger.tampering import unguarded


def test_issued_kilograms_are_open(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    assert balance(any_session, number, DECEMBER) == BalanceRow(open=1_000)
    assert check(any_session) == []


def test_a_reservation_holds_and_a_return_opens_again(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    assert balance(any_session, number, DECEMBER) == BalanceRow(open=600, reserved=400)
    operations.give_back(any_session, SYSTEM, {(number, DECEMBER): 400}, "T-1", NOW)
    assert balance(any_session, number, DECEMBER) == BalanceRow(open=1_000)
    assert check(any_session) == []


def test_a_contract_binds_what_was_reserved(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    operations.contract(any_session, SYSTEM, {(number, DECEMBER): 400}, "T-1", NOW)
    found = balance(any_session, number, DECEMBER)
    assert found == BalanceRow(open=600, contracted=400)
    assert found.offered == 1_000


def test_more_than_is_open_cannot_be_taken_and_the_answer_says_how_much_is_left(
    any_session: Session,
) -> None:
    number = issued(any_session, kg=1_500)
    with pytest.raises(Oversold) as refused:
        reserved(any_session, number, 2_000, "T-1")
    assert str(refused.value.message) == (
        "S-2611-0001 在 2026-12 只剩 1.5 吨，不够 2 吨；没有改动任何数量。"
    )
    assert (refused.value.wanted_kg, refused.value.left_kg) == (2_000, 1_500)
    assert refused.value.status == 409
    assert balance(any_session, number, DECEMBER) == BalanceRow(open=1_500)


def test_the_last_kilogram_can_be_taken(any_session: Session) -> None:
    number = issued(any_session, kg=5)
    reserved(any_session, number, 5, "T-1")
    with pytest.raises(Oversold):
        reserved(any_session, number, 1, "T-2")


def test_a_lot_that_does_not_exist_has_nothing_left(any_session: Session) -> None:
    with pytest.raises(Oversold) as refused:
        reserved(any_session, "S-9999-0001", 1, "T-1")
    assert refused.value.left_kg == 0


def test_a_reference_cannot_end_the_reservation_of_another(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    reserved(any_session, number, 300, "T-2")
    with pytest.raises(Oversold):
        operations.contract(any_session, SYSTEM, {(number, DECEMBER): 400}, "T-2", NOW)
    operations.contract(any_session, SYSTEM, {(number, DECEMBER): 300}, "T-2", NOW)
    with pytest.raises(Oversold):
        operations.give_back(any_session, SYSTEM, {(number, DECEMBER): 300}, "T-2", NOW)
    assert check(any_session) == []


def test_the_same_deed_twice_is_done_once(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    reserved(any_session, number, 400, "T-1")
    assert balance(any_session, number, DECEMBER) == BalanceRow(open=600, reserved=400)
    assert any_session.scalar(select(func.count()).select_from(Entry)) == 2


def test_the_same_key_with_other_facts_is_refused(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    with pytest.raises(KeyReused):
        reserved(any_session, number, 401, "T-1")
    with pytest.raises(KeyReused):
        issued(any_session, kg=999)
    assert balance(any_session, number, DECEMBER) == BalanceRow(open=600, reserved=400)


@pytest.mark.parametrize("kg", [0, -5])
def test_a_mass_that_is_not_positive_is_a_fault(any_session: Session, kg: int) -> None:
    number = issued(any_session, kg=1_000)
    with pytest.raises(ValueError, match="positive"):
        reserved(any_session, number, kg, "T-1")
    assert check(any_session) == []


def test_setting_the_quantity_moves_the_difference(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    for kg, open_kg in ((1_500, 1_100), (900, 500), (1_500, 1_100), (400, 0), (400, 0)):
        operations.set_quantity(any_session, SYSTEM, number, DECEMBER, kg, NOW)
        assert balance(any_session, number, DECEMBER) == BalanceRow(open=open_kg, reserved=400)
    assert check(any_session) == []


def test_the_quantity_cannot_be_set_below_what_is_taken(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    with pytest.raises(Oversold) as refused:
        operations.set_quantity(any_session, SYSTEM, number, DECEMBER, 399, NOW)
    assert (refused.value.wanted_kg, refused.value.left_kg) == (601, 600)


def test_setting_the_quantity_of_a_new_month_makes_its_lot(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    operations.set_quantity(any_session, SYSTEM, number, JANUARY, 700, NOW)
    assert balance(any_session, number, JANUARY) == BalanceRow(open=700)


def test_a_withdrawal_takes_what_is_open_in_every_month_and_nothing_else(
    any_session: Session,
) -> None:
    number = issued(any_session, kg=1_000)
    issued(any_session, month=JANUARY, kg=500)
    other = issued(any_session, "S-2611-0002", kg=50)
    reserved(any_session, number, 400, "T-1")
    assert operations.withdraw_open(any_session, SYSTEM, number, NOW) == 1_100
    assert operations.withdraw_open(any_session, SYSTEM, number, NOW) == 0
    assert balances(any_session) == {
        (number, DECEMBER): BalanceRow(reserved=400, withdrawn=600),
        (number, JANUARY): BalanceRow(withdrawn=500),
        (other, DECEMBER): BalanceRow(open=50),
    }
    assert balance(any_session, number, DECEMBER).offered == 400


def test_what_comes_back_after_a_withdrawal_can_be_withdrawn_again(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    operations.withdraw_open(any_session, SYSTEM, number, NOW)
    operations.give_back(any_session, SYSTEM, {(number, DECEMBER): 400}, "T-1", NOW)
    assert operations.withdraw_open(any_session, SYSTEM, number, NOW) == 400
    assert check(any_session) == []


def test_balances_are_found_by_listing_and_month(any_session: Session) -> None:
    issued(any_session, "S-2611-0001", kg=1)
    issued(any_session, "S-2611-0001", JANUARY, kg=2)
    issued(any_session, "D-2611-0001", kg=3)
    assert balances(any_session, month=JANUARY) == {("S-2611-0001", JANUARY): BalanceRow(open=2)}
    assert balances(any_session, ["D-2611-0001"]) == {("D-2611-0001", DECEMBER): BalanceRow(open=3)}
    assert balances(any_session, []) == {}


def test_an_entry_says_who_did_what_for_what(any_session: Session) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    entry = any_session.scalars(select(Entry).where(Entry.reference == "T-1")).one()
    assert (entry.verb, entry.actor, entry.at) == (Verb.RESERVE, "system", NOW)
    assert {leg.account: leg.kg for leg in entry.postings} == {
        Account.OPEN: -400,
        Account.RESERVED: 400,
    }


def test_entries_cannot_be_changed(any_session: Session) -> None:
    issued(any_session)
    any_session.scalars(select(Entry)).one().reference = "T-9"
    with pytest.raises(AppendOnly):
        any_session.flush()
    any_session.rollback()


def test_postings_cannot_be_deleted(any_session: Session) -> None:
    issued(any_session)
    any_session.delete(any_session.scalars(select(Posting)).first())
    with pytest.raises(AppendOnly):
        any_session.flush()
    any_session.rollback()


def test_the_database_itself_refuses_a_negative_balance(any_session: Session) -> None:
    issued(any_session)
    with pytest.raises(IntegrityError):
        any_session.execute(update(Balance).values(kg=-1))
    any_session.rollback()


def test_locking_passes_over_unknown_lots(any_session: Session) -> None:
    number = issued(any_session)
    operations.lock(any_session, [("S-9999-0001", DECEMBER), (number, DECEMBER)])
    operations.lock(any_session, [])


def test_the_check_finds_a_balance_that_was_tampered_with(any_session: Session) -> None:
    issued(any_session, kg=1_000)
    any_session.execute(update(Balance).values(kg=999))
    lot_id = any_session.scalar(select(Lot.id))
    assert check(any_session) == [f"lot {lot_id} open: 999 kg stand, the postings sum to 1000 kg"]
    any_session.rollback()


def test_the_check_finds_a_posting_that_was_tampered_with(any_session: Session) -> None:
    issued(any_session, kg=1_000)
    unguarded(any_session, "posting")
    any_session.execute(update(Posting).where(Posting.account == Account.OPEN).values(kg=-1_000))
    lot_id = any_session.scalar(select(Lot.id))
    assert check(any_session) == [
        f"entry issue:S-2611-0001:2026-12: postings in lot {lot_id} sum to -2000 kg",
        f"lot {lot_id} open: 1000 kg stand, the postings sum to -1000 kg",
        f"lot {lot_id} open: -1000 kg is negative",
    ]
    any_session.rollback()


def test_the_check_finds_an_entry_without_postings_and_a_reservation_taken_twice(
    any_session: Session,
) -> None:
    number = issued(any_session, kg=1_000)
    reserved(any_session, number, 400, "T-1")
    lot_id = any_session.scalar(select(Lot.id))
    legs = [
        Posting(lot_id=lot_id, account=Account.RESERVED, kg=-300),
        Posting(lot_id=lot_id, account=Account.OPEN, kg=300),
    ]
    stamp = {"verb": Verb.GIVE_BACK, "at": NOW, "actor": "system"}
    any_session.add(Entry(key="forged", reference="T-2", postings=legs, **stamp))
    any_session.add(Entry(key="hollow", reference="T-3", **stamp))
    any_session.execute(update(Balance).where(Balance.account == Account.OPEN).values(kg=900))
    any_session.execute(update(Balance).where(Balance.account == Account.RESERVED).values(kg=100))
    assert check(any_session) == [
        "entry hollow: no postings",
        f"T-2: 300 kg of lot {lot_id} taken from reserved beyond its own",
    ]
    any_session.rollback()


def test_months_of_one_listing_are_lots_of_their_own(any_session: Session) -> None:
    number = issued(any_session, kg=10)
    issued(any_session, month=JANUARY, kg=20)
    with pytest.raises(Oversold):
        reserved(any_session, number, 11, "T-1", DECEMBER)
    reserved(any_session, number, 11, "T-1", JANUARY)
    found = {month: row.open for (_number, month), row in balances(any_session).items()}
    assert found == {DECEMBER: 10, date(2027, 1, 1): 9}
