"""Any order of deeds leaves the books equal to a model that is nothing but sums."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.transactions import Database, database
from app.ledger import operations
from app.ledger.operations import Oversold
from app.ledger.queries import BalanceRow, balances, check
from tests.conftest import NOW
from tests.ledger.factories import DECEMBER, JANUARY

numbers = st.sampled_from(["S-2611-0001", "D-2611-0001"])
months = st.sampled_from([DECEMBER, JANUARY])
masses = st.integers(1, 60)
references = st.sampled_from(["T-1", "T-2", "T-3"])
Place = tuple[str, date]


class LedgerMachine(RuleBasedStateMachine):
    """Drives the operations inside one transaction that is never committed."""

    books: Database
    session: Session

    @initialize()
    def open_books(self) -> None:
        self.session = Session(self.books.engine)
        self.model: dict[Place, Counter[str]] = {}
        self.held: dict[tuple[Place, str], int] = {}
        self.ended: set[tuple[Place, str]] = set()

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    @rule(number=numbers, month=months, kg=masses)
    def issue(self, number: str, month: date, kg: int) -> None:
        if (number, month) not in self.model:
            operations.issue(self.session, SYSTEM, number, month, kg, NOW)
            self.model[number, month] = Counter(open=kg)

    @rule(number=numbers, month=months, kg=st.integers(0, 120))
    def set_quantity(self, number: str, month: date, kg: int) -> None:
        place = self.model.get((number, month), Counter())
        taken = place["reserved"] + place["contracted"]
        if self.refused(kg < taken, operations.set_quantity, number, month, kg):
            return
        place["open"] = kg - taken
        self.model[number, month] = place

    @rule(number=numbers, month=months, kg=masses, reference=references)
    def reserve(self, number: str, month: date, kg: int, reference: str) -> None:
        claim = ((number, month), reference)
        if claim in self.held or claim in self.ended:
            return
        place = self.model.get((number, month), Counter())
        short = place["open"] < kg
        if not self.refused(short, operations.reserve, number, month, kg, reference):
            self.shift(place, "open", "reserved", kg)
            self.held[claim] = kg

    @rule(number=numbers, month=months, reference=references, again=st.booleans())
    def give_back(self, number: str, month: date, reference: str, again: bool) -> None:
        self.end_claim(operations.give_back, "open", ((number, month), reference), again)

    @rule(number=numbers, month=months, reference=references, again=st.booleans())
    def contract(self, number: str, month: date, reference: str, again: bool) -> None:
        self.end_claim(operations.contract, "contracted", ((number, month), reference), again)

    @rule(number=numbers)
    def withdraw_open(self, number: str) -> None:
        places = [place for (name, _month), place in self.model.items() if name == number]
        expected = sum(place["open"] for place in places)
        with self.session.begin_nested():
            assert operations.withdraw_open(self.session, SYSTEM, number, NOW) == expected
        for place in places:
            self.shift(place, "open", "withdrawn", place["open"])

    @invariant()
    def the_books_are_the_model(self) -> None:
        if not hasattr(self, "session"):
            return
        found = {place: row for place, row in balances(self.session).items() if any_mass(row)}
        assert found == {
            place: BalanceRow(**mass) for place, mass in self.model.items() if mass.total()
        }
        assert check(self.session) == []

    def refused(self, expected: bool, deed: object, *facts: object) -> bool:
        """Do the deed inside a savepoint; whether the ledger refused it, as the model expects."""
        try:
            with self.session.begin_nested():
                deed(self.session, SYSTEM, *facts, NOW)  # type: ignore[operator]
        except Oversold:
            assert expected
            return True
        assert not expected
        return False

    def end_claim(self, deed: object, target: str, claim: tuple[Place, str], again: bool) -> None:
        """End a reservation, at times twice; one that is not there must be refused."""
        (number, month), reference = claim
        if claim in self.ended:
            return
        held = self.held.get(claim, 0)
        if self.refused(not held, deed, number, month, held or 1, reference):
            return
        if again:
            assert not self.refused(False, deed, number, month, held, reference)
        self.shift(self.model[number, month], "reserved", target, held)
        del self.held[claim]
        self.ended.add(claim)

    @staticmethod
    def shift(place: Counter[str], source: str, target: str, kg: int) -> None:
        place[source] -= kg
        place[target] += kg


def any_mass(row: BalanceRow) -> int:
    return row.offered + row.withdrawn


@pytest.mark.usefixtures("any_app")
def test_any_order_of_deeds_conserves_every_kilogram() -> None:
    class Machine(LedgerMachine):
        books = database()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
