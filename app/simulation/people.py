"""The people of one match: each a script that acts when its time has come, through real verbs.

A script is a generator; every `yield` waits for the next tick of the clock. What the product
refuses (too late, not any more) ends that script as it would end a person's attempt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.errors import GufeiError
from app.core.transactions import database
from app.demo.clock import FrozenClock
from app.shipments import discrepancies, notes, weighing
from app.shipments.notes import Haulage, PlanDraft
from app.shipments.rules import End, RejectReason, Verdict
from app.shipments.weighing import TicketDraft
from app.simulation.rules import TRUCK_KG, Load, Side, Temper
from app.trades import cases, operations
from app.trades.rules import STANDING, UNDER_DELIVERY, DeclineReason, Party, TradeStatus

Script = Iterator[None]
OPERATOR = Actor(kind=ActorKind.OPERATOR)
TARE_KG = 14_000
ON_THE_ROAD = timedelta(hours=5)
WAY_BACK = timedelta(hours=6)
OPERATOR_THINKS = timedelta(days=1)
SHORT_KG, PART_KG = 900, 8_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A trade as everybody in the simulation sees it at a tick."""

    status: TradeStatus
    proposed_at: datetime
    confirmed_at: datetime | None
    contracted_at: datetime | None
    escalated_at: datetime | None
    cancel_asked_by: Party | None


@dataclass(frozen=True, slots=True)
class Match:
    """A proposed trade, its people and its truck."""

    number: str
    temper: Temper
    actors: dict[Party, Actor]
    plate: str


class People:
    """The scripts of all matches and what the product refused them."""

    def __init__(self, clock: FrozenClock) -> None:
        self._clock = clock
        self.seen: dict[str, Seen] = {}
        self.refusals: Counter[str] = Counter()

    def scripts(self, match: Match) -> list[Script]:
        """What the two sides, the trucks and the operator will do about one match."""
        return [
            self._deal(match, Party.PRODUCER, match.temper.producer),
            self._deal(match, Party.CONSUMER, match.temper.consumer),
            self._deliver(match),
            self._operate(match),
        ]

    def _deal(self, match: Match, party: Party, side: Side) -> Script:
        """Answer the proposal, sign the contract, or try to get out of it."""
        actor, seen = match.actors[party], self.seen[match.number]
        yield from self._until(seen.proposed_at + side.answers_after)
        if side.declines:
            self._do(operations.decline, actor, match.number, DeclineReason.QUANTITY)
            return
        if not self._do(operations.confirm, actor, match.number):
            return
        yield from self._while(match, TradeStatus.PROPOSED)
        confirmed_at = self.seen[match.number].confirmed_at
        if confirmed_at is None:
            return
        yield from self._until(confirmed_at + side.signs_after)
        if side.wants_out:
            self._do(cases.ask_to_cancel, actor, match.number, DeclineReason.TRANSPORT)
        elif self._do(cases.sign, actor, match.number, ""):
            yield from self._let_go(match, party)

    def _let_go(self, match: Match, party: Party) -> Script:
        """Agree when the other side asks to cancel."""
        while self.seen[match.number].status in STANDING:
            if self.seen[match.number].cancel_asked_by is party.other:
                self._do(cases.agree_to_cancel, match.actors[party], match.number)
                return
            yield

    def _deliver(self, match: Match) -> Script:
        """Send the trucks one after the other, and ask to close what is nearly all there."""
        yield from self._while(match, TradeStatus.PROPOSED, TradeStatus.CONFIRMED)
        contracted_at = self.seen[match.number].contracted_at
        if contracted_at is None:
            return
        yield from self._until(contracted_at + match.temper.sends_after)
        for load in match.temper.loads:
            if self.seen[match.number].status not in UNDER_DELIVERY:
                return
            yield from self._truck(match, load)
            yield from self._until(self._clock.at + match.temper.pace)
        self._do(cases.complete, match.actors[Party.CONSUMER], match.number)

    def _truck(self, match: Match, load: Load) -> Script:
        """One truck from the plan to the end of its note."""
        giver, taker = match.actors[Party.PRODUCER], match.actors[Party.CONSUMER]
        number = self._planned(match)
        if number is None or not self._do(notes.confirm, taker, number):
            return
        if not self._weighed(giver, number, End.LOADING, TRUCK_KG):
            return
        yield from self._until(self._clock.at + ON_THE_ROAD)
        self._unload(taker, number, load)
        if load is Load.SHORT:
            yield from self._settle(match, number)
        if load in (Load.REJECTED, Load.PART_REJECTED):
            yield from self._until(self._clock.at + WAY_BACK)
            back = TRUCK_KG if load is Load.REJECTED else PART_KG
            self._weighed(giver, number, End.RETURN, back)
        self._do(notes.close, taker, number)

    def _unload(self, taker: Actor, number: str, load: Load) -> None:
        if load is Load.SHORT:
            self._weighed(taker, number, End.UNLOADING, TRUCK_KG - SHORT_KG, Verdict.ACCEPT)
        elif load is Load.PART_REJECTED:
            self._weighed(taker, number, End.UNLOADING, TRUCK_KG, Verdict.PART, PART_KG)
        elif load is Load.REJECTED:
            self._weighed(taker, number, End.UNLOADING, TRUCK_KG, Verdict.REJECT)
        else:
            self._weighed(taker, number, End.UNLOADING, TRUCK_KG, Verdict.ACCEPT)

    def _settle(self, match: Match, number: str) -> Script:
        """Agree on a weight, or leave it to the operator."""
        giver, taker = match.temper.producer, match.temper.consumer
        opened, kg = self._clock.at, TRUCK_KG - SHORT_KG
        deadline = opened + OPERATOR_THINKS * 5
        yield from self._until(min(opened + taker.settles_after, deadline))
        if self._clock.at < deadline:
            self._do(discrepancies.propose, match.actors[Party.CONSUMER], number, kg, "")
        yield from self._until(min(opened + taker.settles_after + giver.settles_after, deadline))
        if self._clock.at < deadline:
            self._do(discrepancies.agree, match.actors[Party.PRODUCER], number, kg)
        else:
            self._do(discrepancies.settle, OPERATOR, number, kg, "以收货磅单为准")

    def _operate(self, match: Match) -> Script:
        """Look at what has come before the operator, or leave it to the clock."""
        while self.seen[match.number].status in STANDING:
            since = self.seen[match.number].escalated_at
            if since and match.temper.operator_acts and self._clock.at >= since + OPERATOR_THINKS:
                self._judge(match)
                return
            yield

    def _judge(self, match: Match) -> None:
        words = "双方逾期未履行"
        if self.seen[match.number].status not in UNDER_DELIVERY:
            self._do(cases.operator_cancel, OPERATOR, match.number, words)
            return
        blamed = Party.CONSUMER if match.temper.operator_blames_consumer else Party.PRODUCER
        self._do(cases.find_default, OPERATOR, match.number, blamed, words)

    def _planned(self, match: Match) -> str | None:
        """The number of a new note for one full truck; none if the product refuses it."""
        haulage = Haulage(plate=match.plate, driver="司机", driver_phone="0635-0000000")
        draft = PlanDraft(planned_kg=TRUCK_KG, haulage=haulage)
        made: list[str] = []

        def plan(session: Session, actor: Actor, number: str, now: datetime) -> None:
            made.append(notes.plan(session, actor, number, draft, now).number)

        done = self._do(plan, match.actors[Party.PRODUCER], match.number)
        return made[0] if done else None

    def _weighed(
        self,
        actor: Actor,
        number: str,
        end: End,
        net_kg: int,
        verdict: Verdict | None = None,
        rejected_kg: int = 0,
    ) -> bool:
        """Whether the product took the ticket."""
        is_refused = verdict in (Verdict.PART, Verdict.REJECT)
        draft = TicketDraft(
            end=end,
            number=f"{number}-{end}",
            gross_kg=TARE_KG + net_kg,
            tare_kg=TARE_KG,
            weighed_at=self._clock.at,
            verdict=verdict,
            rejected_kg=rejected_kg,
            reject_reason=RejectReason.MOISTURE if is_refused else None,
        )
        return self._do(weighing.weigh, actor, number, draft)

    def _do(self, verb: Callable[..., object], actor: Actor, *values: object) -> bool:
        """Whether the product did it; what it refuses is counted and leaves nothing behind."""
        try:
            with database().writing() as session:
                verb(session, actor, *values, self._clock.at)
        except GufeiError as refusal:
            self.refusals[f"{verb.__name__}:{type(refusal).__name__}"] += 1
            return False
        return True

    def _until(self, at: datetime) -> Script:
        while self._clock.at < at:
            yield

    def _while(self, match: Match, *states: TradeStatus) -> Script:
        while self.seen[match.number].status in states:
            yield
