"""Any order of trades and trucks leaves the books equal to a model that is nothing but sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.errors import GufeiError
from app.core.transactions import Database, database
from app.ledger.chain import seal
from app.ledger.queries import balance, check, held
from app.ledger.rules import Account
from app.ledger.verification import verify
from app.listings.models import Offer, Requirement
from app.shipments import discrepancies, notes, timekeeping, weighing
from app.shipments.models import Shipment, Vehicle
from app.shipments.notes import Haulage, PlanDraft
from app.shipments.rules import (
    ON_THE_ROAD,
    PLANNED,
    SENT_BACK,
    End,
    RejectReason,
    ShipmentStatus,
    Verdict,
)
from app.trades import cases
from app.trades import operations as trades
from app.trades.models import Trade
from app.trades.rules import STANDING, UNDER_DELIVERY, DeclineReason, Party
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.shipments.factories import PHONE, TARE, vehicle
from tests.trades.factories import consumer_of, keep_time, producer_of, proposal

TOTAL = 150_000
TRUCKS = 5
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BOTH = frozenset(Party)
any_one = st.integers(0, 3)
masses = st.integers(10_000, 40_000)
trucks = st.integers(0, TRUCKS - 1)
little = st.integers(-3_000, 3_000)
verdicts = st.sampled_from(Verdict)
gaps = st.sampled_from([-2_000, -50, 0, 0, 30, 2_000])
parts = st.integers(1, 7_000)
MOVING = (Account.CONTRACTED, Account.IN_TRANSIT, Account.UTILISED, Account.REJECTED)


class MarketMachine(RuleBasedStateMachine):
    """Drives trades and trucks inside one transaction that is never committed.

    A deed may be refused by one of the product's errors, and then has changed nothing. The model
    knows only sums: what each deed that was not refused moved, by trade and account.
    """

    books: Database
    listing_numbers: tuple[str, str]

    @initialize()
    def open_books(self) -> None:
        self.session = Session(self.books.engine)
        self.now = NOW
        self.trades: list[str] = []
        self.loads: list[str] = []
        self.model: dict[str, Counter[Account]] = {}
        self.serial = 0
        for kg in (60_000, 50_000):
            self.deal(kg, agreed=True, signed=True)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    # --- trades -------------------------------------------------------------------------

    @rule(kg=masses, agreed=st.booleans(), signed=st.booleans())
    @precondition(lambda self: len(self.trades) < 4)
    def deal_again(self, kg: int, agreed: bool, signed: bool) -> None:
        self.deal(kg, agreed, signed)

    def deal(self, kg: int, agreed: bool, signed: bool) -> None:
        offer = self.session.scalars(select(Offer)).one()
        taker = self.session.scalars(select(Requirement)).one()
        draft = replace(proposal(offer, taker, kg=kg), origin=f"N-{len(self.trades)}")
        said_yes = BOTH if agreed else frozenset({Party.PRODUCER})
        fits = kg <= TOTAL - sum(held.total() for held in self.model.values())
        firms = {Party.PRODUCER: offer.company, Party.CONSUMER: taker.company}
        is_barred = any(firms[party].barred_at for party in said_yes)
        made = self.done(trades.propose_agreed, OPERATOR, draft, said_yes)
        assert made == (fits and not is_barred)
        if made:
            number = self.session.scalars(select(Trade.number).order_by(Trade.id.desc())).first()
            assert number is not None
            self.trades.append(number)
            place = Account.CONTRACTED if agreed else Account.RESERVED
            self.model[number] = Counter({place: kg})
            if agreed and signed:
                self.sign(len(self.trades) - 1)

    @rule(which=any_one)
    @precondition(lambda self: self.trades)
    def confirm(self, which: int) -> None:
        trade = self.trade(which)
        if self.done(trades.confirm, consumer_of(trade), trade.number):
            held = self.model[trade.number]
            held[Account.CONTRACTED] += held.pop(Account.RESERVED, 0)

    @rule(which=any_one)
    @precondition(lambda self: self.trades)
    def sign(self, which: int) -> None:
        trade = self.trade(which)
        for actor in (producer_of(trade), consumer_of(trade)):
            self.done(cases.sign, actor, trade.number, "HT-1")

    @rule(which=any_one, way=st.sampled_from(["complete", "agree", "cancel", "default"]))
    @precondition(lambda self: len(self.loads) > 2)
    def end(self, which: int, way: str) -> None:
        trade = self.trade(which)
        number, producer, consumer = trade.number, producer_of(trade), consumer_of(trade)
        if way == "complete":
            self.done(cases.complete, producer, number)
        elif way == "agree":
            self.done(cases.ask_to_cancel, producer, number, DeclineReason.TAKEN)
            self.done(cases.agree_to_cancel, consumer, number)
        elif way == "cancel":
            self.done(cases.operator_cancel, OPERATOR, number, "双方失联")
        else:
            self.done(cases.find_default, OPERATOR, number, Party.PRODUCER, "未发货")

    # --- trucks -------------------------------------------------------------------------

    @rule(which=any_one, truck=trucks, kg=st.integers(8_000, 33_000))
    def plan_only(self, which: int, truck: int, kg: int) -> None:
        self.plan(self.trade(which), truck, kg)

    @rule(which=any_one, kg=st.integers(8_000, 24_000), more=little)
    def haul(self, which: int, kg: int, more: int) -> None:
        """Plan a truck that is free for a trade under delivery and have it leave."""
        if self.plan(self.trade_under_delivery(which), len(self.loads) % TRUCKS, kg):
            self.depart(self.note(self.loads[-1]), kg + more, again=False)

    @rule(which=any_one, kg=st.integers(8_000, 24_000), verdict=verdicts, gap=gaps, part=parts)
    def deliver(self, which: int, kg: int, verdict: Verdict, gap: int, part: int) -> None:
        """The same, and it is weighed at the other end."""
        self.haul(which, kg, more=0)
        if self.any_in(ON_THE_ROAD):
            self.empty(self.a_load(which, ON_THE_ROAD), verdict, gap, part, again=False)

    def plan(self, trade: Trade, truck: int, kg: int) -> bool:
        plates = list(self.session.scalars(select(Vehicle.plate).order_by(Vehicle.id)))
        draft = PlanDraft(kg, Haulage(plates[truck], "司机甲", PHONE))
        planned = self.done(notes.plan, producer_of(trade), trade.number, draft)
        if planned:
            number = self.session.scalars(
                select(Shipment.number).order_by(Shipment.id.desc())
            ).first()
            assert number is not None
            self.loads.append(number)
            self.done(notes.confirm, consumer_of(trade), number)
        return planned

    @rule(which=st.integers(0, 9), more=little, again=st.booleans())
    @precondition(lambda self: self.loads)
    def load(self, which: int, more: int, again: bool) -> None:
        load = self.a_load(which, PLANNED)
        self.depart(load, load.planned_kg + more, again)

    def depart(self, load: Shipment, kg: int, again: bool) -> None:
        if self.weighed(load, End.LOADING, kg, again):
            self.move(load, Account.CONTRACTED, {Account.IN_TRANSIT: kg})

    @rule(which=st.integers(0, 9), verdict=verdicts, gap=gaps, part=parts, again=st.booleans())
    @precondition(lambda self: self.any_in(ON_THE_ROAD))
    def unload(self, which: int, verdict: Verdict, gap: int, part: int, again: bool) -> None:
        self.empty(self.a_load(which, ON_THE_ROAD), verdict, gap, part, again)

    def empty(self, load: Shipment, verdict: Verdict, gap: int, part: int, again: bool) -> None:
        sent = load.dispatched_kg
        found = min(sent, sent - gap)
        back = {Verdict.ACCEPT: 0, Verdict.PART: part, Verdict.REJECT: found}[verdict]
        facts = {"verdict": verdict, "rejected_kg": part, "reject_reason": RejectReason.MOISTURE}
        if self.weighed(load, End.UNLOADING, sent - gap, again, **facts):
            places = {
                Account.UTILISED: found - back,
                Account.REJECTED: back,
                Account.DIFFERENCE: sent - found,
            }
            self.move(load, Account.IN_TRANSIT, places)

    @rule(which=st.integers(0, 9), gap=st.sampled_from([-1_000, 0, 20, 1_500]))
    @precondition(lambda self: self.any_in(SENT_BACK))
    def take_back(self, which: int, gap: int) -> None:
        load = self.a_load(which, SENT_BACK)
        if self.weighed(load, End.RETURN, load.rejected_kg - gap, again=False):
            self.move(load, Account.REJECTED, {Account.OPEN: load.rejected_kg})
            del self.model[load.trade.number][Account.OPEN]

    @rule()
    @precondition(lambda self: any(self.note(number).is_disputed for number in self.loads))
    def settle(self) -> None:
        load = next(one for one in map(self.note, self.loads) if one.is_disputed)
        for case in [case for case in load.discrepancies if case.is_unsettled]:
            kg = case.weighed_kg
            consumer, producer = consumer_of(load.trade), producer_of(load.trade)
            self.done(discrepancies.propose, consumer, load.number, kg, "", end=case.end)
            assert self.done(discrepancies.agree, producer, load.number, kg, end=case.end)

    @rule(which=st.integers(0, 9), way=st.sampled_from(["void", "close"]))
    @precondition(lambda self: self.loads)
    def put_away(self, which: int, way: str) -> None:
        load = self.a_load(which)
        if way == "void":
            self.done(notes.void, consumer_of(load.trade), load.number, "")
        else:
            self.done(notes.close, consumer_of(load.trade), load.number)

    # --- time ---------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 4, 9, 30]))
    @precondition(lambda self: len(self.loads) > 3)
    def let_time_pass(self, days: int) -> None:
        self.now += days * DAY
        before = {load: (self.note(load).is_lost, self.note(load).is_back) for load in self.loads}
        with self.session.begin_nested():
            keep_time(self.session, self.now)
            for note in timekeeping.open_notes(self.session):
                timekeeping.keep(self.session, note, self.now)
        for number, (was_lost, was_back) in before.items():
            self.give_up(self.note(number), was_lost, was_back)

    def give_up(self, load: Shipment, was_lost: bool, was_back: bool) -> None:
        """Follow what the clock has given up: lost on the road, or counted as home."""
        if load.is_lost and not was_lost:
            self.move(load, Account.IN_TRANSIT, {Account.DIFFERENCE: load.dispatched_kg})
        if load.is_back and not was_back:
            self.move(load, Account.REJECTED, {Account.OPEN: load.rejected_kg})
            del self.model[load.trade.number][Account.OPEN]

    # --- what must never be false -------------------------------------------------------

    @invariant()
    def the_books_are_the_model(self) -> None:
        if not hasattr(self, "session"):
            return
        self.forget_what_ended()
        seal(self.session)
        assert check(self.session) == []
        assert verify(self.session) == []
        sums: Counter[Account] = sum(self.model.values(), Counter())
        for number in self.listing_numbers:
            row = balance(self.session, number, DECEMBER)
            assert {place: getattr(row, place.value) for place in Account if place in sums} == sums
            assert row.open == TOTAL - sums.total()

    @invariant()
    def the_loads_are_what_the_ledger_holds(self) -> None:
        if not hasattr(self, "session"):
            return
        for number, model in self.model.items():
            loads = [load for load in map(self.note, self.loads) if load.trade.number == number]
            kept = _sums(loads)
            stands = held(self.session, number)
            for accounts in stands.values():
                moved = {place: kg for place, kg in accounts.items() if place in kept}
                assert moved == {place: kg for place, kg in kept.items() if kg}
            assert sum(accounts.get(Account.CONTRACTED, 0) for accounts in stands.values()) == (
                2 * model[Account.CONTRACTED]
            )

    # --- how it is done -----------------------------------------------------------------

    def done(self, deed: Callable[..., object], *facts: object, **more: object) -> bool:
        """Do a deed inside a savepoint; whether the product did not refuse it."""
        self.now += MINUTE
        with suppress(GufeiError), self.session.begin_nested():
            deed(self.session, *facts, self.now, **more)
            event(f"{deed.__name__} done")
            return True
        event(f"{deed.__name__} refused")
        return False

    def weighed(self, load: Shipment, end: End, kg: int, again: bool, **facts: object) -> bool:
        """Weigh once or twice over; the second sending of a ticket must change nothing."""
        self.serial += 1
        draft = weighing.TicketDraft(
            end=end,
            number=f"{self.serial}",
            gross_kg=TARE + kg,
            tare_kg=TARE,
            weighed_at=self.now,
            client_key=f"key-{self.serial}",
            **facts,  # type: ignore[arg-type]
        )
        actor = consumer_of(load.trade) if end is End.UNLOADING else producer_of(load.trade)
        made = self.done(weighing.weigh, actor, load.number, draft)
        if again:
            assert self.done(weighing.weigh, actor, load.number, draft) == made
        return made

    def move(self, load: Shipment, source: Account, parts: dict[Account, int]) -> None:
        held_now = self.model[load.trade.number]
        held_now.update(parts)
        held_now[source] -= sum(parts.values())

    def forget_what_ended(self) -> None:
        """A trade that is over holds only what was used or lost on it."""
        for number in self.trades:
            trade = self.session.scalars(select(Trade).where(Trade.number == number)).one()
            if trade.status not in STANDING:
                for place in (Account.RESERVED, Account.CONTRACTED):
                    self.model[number].pop(place, None)
                assert not self.model[number][Account.IN_TRANSIT]
                assert not self.model[number][Account.REJECTED]
            self.model[number] = +self.model[number]

    def trade(self, which: int) -> Trade:
        number = self.trades[which % len(self.trades)]
        return self.session.scalars(select(Trade).where(Trade.number == number)).one()

    def trade_under_delivery(self, which: int) -> Trade:
        """One of the trades, rather one that trucks may be sent for."""
        found = [self.trade(place) for place in range(len(self.trades))]
        fit = [trade for trade in found if trade.status in UNDER_DELIVERY] or found
        return fit[which % len(fit)]

    def note(self, number: str) -> Shipment:
        return self.session.scalars(select(Shipment).where(Shipment.number == number)).one()

    def any_in(self, states: frozenset[ShipmentStatus]) -> bool:
        return any(self.note(number).status in states for number in self.loads)

    def a_load(
        self, which: int, states: frozenset[ShipmentStatus] = frozenset(ShipmentStatus)
    ) -> Shipment:
        """One of the loads, rather one in one of these states."""
        loads = [self.note(number) for number in self.loads]
        fit = [load for load in loads if load.status in states] or loads
        return fit[which % len(fit)]


def _sums(loads: list[Shipment]) -> Counter[Account]:
    """What the consignment notes of a trade say, by account."""
    sums: Counter[Account] = Counter(
        {
            Account.IN_TRANSIT: 0,
            Account.UTILISED: 0,
            Account.REJECTED: 0,
            Account.DIFFERENCE: 0,
        }
    )
    for load in loads:
        if load.received_at is None:
            place = Account.DIFFERENCE if load.is_lost else Account.IN_TRANSIT
            sums[place] += load.dispatched_kg
            continue
        sums[Account.UTILISED] += load.received_kg
        sums[Account.REJECTED] += 0 if load.is_back else load.rejected_kg
        sums[Account.DIFFERENCE] += load.dispatched_kg - load.received_kg - load.rejected_kg
    return sums


def machine() -> type[MarketMachine]:
    """The machine on a market of two listings and some trucks."""
    with database().writing() as session:
        offer = published_offer(session, kg_per_month=TOTAL)
        taker = published_requirement(session, kg_per_month=TOTAL)
        for _ in range(TRUCKS):
            vehicle(session, offer.company)
        numbers = (offer.number, taker.number)

    class Machine(MarketMachine):
        books = database()
        listing_numbers = numbers

    return Machine


@pytest.mark.usefixtures("app")
def test_a_firm_with_two_defaults_makes_no_third_deal_and_the_machine_expects_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"{__name__}.event", lambda _name: None)
    market = machine()()
    market.open_books()
    for truck in range(3):
        market.plan_only(0, truck, 8_000)
    for which in range(2):
        market.end(which, "default")
    market.deal_again(10_000, agreed=True, signed=True)
    assert len(market.trades) == 2
    market.teardown()


@pytest.mark.usefixtures("any_app")
def test_any_order_of_trades_and_trucks_conserves_every_kilogram() -> None:
    run_state_machine_as_test(
        machine(),
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
