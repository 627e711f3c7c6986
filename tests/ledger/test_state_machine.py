"""Any order of deeds leaves the books equal to a model that is nothing but sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.transactions import Database, database
from app.ledger import operations
from app.ledger.chain import seal
from app.ledger.operations import KeyReused, Oversold
from app.ledger.queries import BalanceRow, Held, LotName, balances, held_many
from app.ledger.rules import Account, Verb
from app.ledger.verification import verify
from tests.conftest import NOW
from tests.ledger.factories import DECEMBER, JANUARY

Deed = Callable[..., object]
numbers = st.sampled_from(["S-2611-0001", "D-2611-0001"])
months = st.sampled_from([DECEMBER, JANUARY])
places = st.tuples(numbers, months)
masses = st.integers(1, 60)
OFFER, TAKER = ("S-2611-0001", DECEMBER), ("D-2611-0001", DECEMBER)
REFERENCES, DOCUMENTS = ("T-1", "T-2"), ("W-1", "W-2")
references, documents = st.sampled_from(REFERENCES), st.sampled_from(DOCUMENTS)
MOVES = {
    Verb.RELEASE: ("contracted", "open"),
    Verb.DISPATCH: ("contracted", "in_transit"),
    Verb.RECEIVE: ("in_transit", "utilised"),
    Verb.REJECT: ("in_transit", "rejected"),
    Verb.DIFFER: ("in_transit", "difference"),
    Verb.RETURN: ("rejected", "open"),
}
"""Said again here, so that the model does not believe what the product's table says."""


class LedgerMachine(RuleBasedStateMachine):
    """Drives the operations inside one transaction that is never committed.

    `mass` is what stands on each account of a lot, `own` what a reference has on an account of a
    lot, `trucks` what one paper of it has; `done` are the moves that were made, with their masses.
    """

    books: Database
    session: Session

    @initialize()
    def open_books(self) -> None:
        self.session = Session(self.books.engine)
        self.mass: dict[LotName, Counter[str]] = defaultdict(Counter)
        self.own: Counter[tuple[LotName, str, str]] = Counter()
        self.trucks: Counter[tuple[LotName, str, str, str]] = Counter()
        self.done: dict[tuple[Verb, str, str], dict[LotName, int]] = {}
        self.ended: set[tuple[LotName, str]] = set()
        for place in (OFFER, TAKER):
            self.issue(place, 100)
            self.reserve(place, 60, "T-1")
            self.end_claim(operations.contract, "contracted", place, "T-1", again=False)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    @rule(place=places, kg=masses)
    def issue(self, place: LotName, kg: int) -> None:
        if place not in self.mass:
            operations.issue(self.session, SYSTEM, *place, kg, NOW)
            self.mass[place]["open"] = kg

    @rule(place=places, kg=st.integers(0, 120))
    def set_quantity(self, place: LotName, kg: int) -> None:
        mass = self.mass[place]
        taken = mass.total() - mass["open"] - mass["withdrawn"]
        if not self.refused(kg < taken, operations.set_quantity, *place, kg):
            mass["open"] = kg - taken

    @rule(place=places, kg=masses, reference=references)
    def reserve(self, place: LotName, kg: int, reference: str) -> None:
        if self.own[place, reference, "reserved"] or (place, reference) in self.ended:
            return
        short = self.mass[place]["open"] < kg
        if not self.refused(short, operations.reserve, {place: kg}, reference):
            self.shift(place, "open", "reserved", kg)
            self.own[place, reference, "reserved"] = kg

    @rule(place=places, reference=references, again=st.booleans())
    def give_back(self, place: LotName, reference: str, again: bool) -> None:
        self.end_claim(operations.give_back, "open", place, reference, again)

    @rule(place=places, reference=references, again=st.booleans())
    def contract(self, place: LotName, reference: str, again: bool) -> None:
        self.end_claim(operations.contract, "contracted", place, reference, again)

    @rule(data=st.data(), share=st.integers(1, 3), beyond=st.booleans())
    @precondition(lambda self: self.possible())
    def move_on(self, data: st.DataObject, share: int, beyond: bool) -> None:
        """Move a share of what a trade holds at some of its places, or a kilogram too much."""
        verb, reference, document = data.draw(st.sampled_from(self.possible()))
        there = self.movable(MOVES[verb][0], reference, document)
        chosen = data.draw(st.sets(st.sampled_from(sorted(there)), min_size=1))
        wanted = {
            place: there[place] + 1 if beyond else -(-there[place] // share) for place in chosen
        }
        self.move(verb, wanted, reference, document)

    @rule(
        verb=st.sampled_from(list(MOVES)),
        wanted=st.dictionaries(places, masses, min_size=1, max_size=2),
        reference=references,
        document=documents,
    )
    def move(self, verb: Verb, wanted: dict[LotName, int], reference: str, document: str) -> None:
        """Move what may not be there, or under a paper that has moved before."""
        key, facts = (verb, reference, document), {"reference": reference, "document": document}
        before = self.done.get(key)
        if before is not None and before != wanted:
            self.reuses(verb, wanted, **facts)
            return
        source, target = MOVES[verb]
        there = self.movable(source, reference, document)
        short = before is None and any(kg > there[place] for place, kg in wanted.items())
        if self.refused(short, operations.move, verb, wanted, **facts) or before is not None:
            return
        self.done[key] = wanted
        for place, kg in wanted.items():
            self.shift(place, source, target, kg)
            self.carry(place, reference, document, (source, target), kg)

    @rule(data=st.data())
    @precondition(lambda self: self.done)
    def move_again(self, data: st.DataObject) -> None:
        """The same paper a second time moves nothing."""
        verb, reference, document = data.draw(st.sampled_from(sorted(self.done)))
        self.move(verb, self.done[verb, reference, document], reference, document)

    @rule(number=numbers)
    def withdraw_open(self, number: str) -> None:
        withdrawn = [place for place in self.mass if place[0] == number]
        expected = sum(self.mass[place]["open"] for place in withdrawn)
        with self.session.begin_nested():
            assert operations.withdraw_open(self.session, SYSTEM, number, NOW) == expected
        for place in withdrawn:
            self.shift(place, "open", "withdrawn", self.mass[place]["open"])

    @invariant()
    def the_books_are_the_model_and_their_chain_is_whole(self) -> None:
        if not hasattr(self, "session"):
            return
        found = {place: row for place, row in balances(self.session).items() if any_mass(row)}
        assert found == {
            place: BalanceRow(**mass) for place, mass in self.mass.items() if mass.total()
        }
        assert all(kg >= 0 for mass in self.mass.values() for kg in mass.values())
        seal(self.session)
        assert verify(self.session) == []

    @invariant()
    def every_reference_finds_its_own(self) -> None:
        if not hasattr(self, "session"):
            return
        expected: dict[str, Held] = {}
        for (place, reference, account), kg in self.own.items():
            if kg:
                expected.setdefault(reference, {}).setdefault(place, {})[Account(account)] = kg
        assert held_many(self.session, REFERENCES) == expected

    def possible(self) -> list[tuple[Verb, str, str]]:
        """The moves that were not made yet and would find something."""
        return [
            (verb, reference, document)
            for verb, (source, _target) in MOVES.items()
            for reference, document in product(REFERENCES, DOCUMENTS)
            if (verb, reference, document) not in self.done
            and self.movable(source, reference, document).total()
        ]

    def movable(self, source: str, reference: str, document: str) -> Counter[LotName]:
        """What a paper of a reference may take from an account, by place."""
        if source == "contracted":
            held = {place: self.own[place, reference, source] for place in self.mass}
        else:
            held = {place: self.trucks[place, reference, document, source] for place in self.mass}
        return +Counter(held)

    def carry(
        self, place: LotName, reference: str, document: str, way: tuple[str, str], kg: int
    ) -> None:
        for account, sign in zip(way, (-1, 1), strict=True):
            if account != "open":
                self.own[place, reference, account] += sign * kg
                self.trucks[place, reference, document, account] += sign * kg

    def refused(self, expected: bool, deed: Deed, *facts: object, **more: object) -> bool:
        """Do the deed inside a savepoint; whether the ledger refused it, as the model expects."""
        try:
            with self.session.begin_nested():
                self.do(deed, *facts, **more)
        except Oversold:
            assert expected
            return True
        assert not expected
        return False

    def reuses(self, *facts: object, **more: object) -> None:
        """A paper that moved something else before moves nothing; where no lot is, it says so."""
        with pytest.raises((KeyReused, Oversold)), self.session.begin_nested():
            self.do(operations.move, *facts, **more)

    def do(self, deed: Deed, *facts: object, **more: object) -> None:
        if more:
            deed(self.session, SYSTEM, *facts, now=NOW, **more)
        else:
            deed(self.session, SYSTEM, *facts, NOW)

    def end_claim(
        self, deed: Deed, target: str, place: LotName, reference: str, again: bool
    ) -> None:
        """End a reservation, at times twice; one that is not there must be refused."""
        if (place, reference) in self.ended:
            return
        kg = self.own[place, reference, "reserved"]
        if self.refused(not kg, deed, {place: kg or 1}, reference):
            return
        if again:
            assert not self.refused(False, deed, {place: kg}, reference)
        self.shift(place, "reserved", target, kg)
        self.own[place, reference, "reserved"] = 0
        if target == "contracted":
            self.own[place, reference, target] = kg
        self.ended.add((place, reference))

    def shift(self, place: LotName, source: str, target: str, kg: int) -> None:
        self.mass[place][source] -= kg
        self.mass[place][target] += kg


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
