"""A market of lazy users from the first proposal to the last ending, in frozen time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.clock import now
from app.core.jobs import operations as jobs
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.series import next_serial
from app.core.transactions import database
from app.demo.clock import FrozenClock
from app.demo.operations import manager_of
from app.ledger.queries import check
from app.shipments.jobs import KIND as SHIPMENTS_CLOCK
from app.shipments.rules import EmissionClass
from app.shipments.vehicles import VehicleDraft, register
from app.simulation.market import Places, propose_match, require_demo
from app.simulation.people import Match, People, Script, Seen
from app.simulation.rules import TRUCK_KG, Ended, funnel, temper
from app.trades.jobs import KIND as TRADES_CLOCK
from app.trades.masses import masses_of
from app.trades.models import Trade
from app.trades.rules import STANDING, Party, owner

LENGTH = timedelta(days=150)
"""How far before the present a simulation starts: by then the last clock has run out."""
TICK = timedelta(hours=6)
WAVE = timedelta(days=7)
WAVES = 4


class DeadlineJobFailed(Exception):
    """A job that keeps the market's time did not end well: the simulation proves nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    """The funnel, and what is wrong with the result; nothing should be."""

    figures: dict[str, object]
    faults: tuple[str, ...]


def simulate(matches: int, seed: int) -> Report:
    """Propose so many matches in four weekly waves and let their people and the clock end them.

    Every step is a transaction of its own, by the product's own verbs and jobs. Raises `Conflict`
    if the database holds a firm that is not a demo firm, and `DeadlineJobFailed`.
    """
    with database().reading() as session:
        places = require_demo(session)
    clock = FrozenClock(now() - LENGTH)
    with clock.standing():
        return _Simulation(clock, places, matches, seed).run()


class _Simulation:
    def __init__(self, clock: FrozenClock, places: Places, matches: int, seed: int) -> None:
        self._clock, self._places = clock, places
        self._matches, self._random = matches, Random(seed)
        self._origin = f"Z-{seed}"
        self._people = People(clock)
        self._scripts: list[Script] = []
        self._numbers: list[str] = []

    def run(self) -> Report:
        start, waves = self._clock.at, self._waves()
        while self._clock.at < start + LENGTH and (waves or self._is_anything_open()):
            if waves and self._clock.at >= waves[0][0]:
                self._propose(waves.pop(0)[1])
            self._tick()
        return self._report()

    def _waves(self) -> list[tuple[datetime, int]]:
        """When how many matches are proposed."""
        share, rest = divmod(self._matches, WAVES)
        starts = [self._clock.at + count * WAVE for count in range(WAVES)]
        return [(at, share + (count < rest)) for count, at in enumerate(starts)]

    def _propose(self, count: int) -> None:
        made = [self._match() for _ in range(count)]
        self._look()
        for match in made:
            self._scripts += self._people.scripts(match)

    def _match(self) -> Match:
        """One match with a truck of its producer, proposed in a transaction of its own."""
        people = temper(self._random)
        with database().writing() as session:
            trade = propose_match(
                session, self._places, self._origin, people, self._random, self._clock.at
            )
            actors = {
                Party.PRODUCER: manager_of(session.get_one(Company, trade.producer_company_id)),
                Party.CONSUMER: manager_of(session.get_one(Company, trade.consumer_company_id)),
            }
            plate = f"鲁P{next_serial(session, 'simulated-plate'):05d}"
            truck = VehicleDraft(plate, EmissionClass.CHINA_6, TRUCK_KG)
            register(session, actors[Party.PRODUCER], truck, self._clock.at)
            self._numbers.append(trade.number)
            return Match(trade.number, people, actors, plate)

    def _tick(self) -> None:
        """Everybody acts on what is seen, then the clock moves and the deadline jobs run."""
        self._scripts = [script for script in self._scripts if _goes_on(script)]
        self._clock.forward(TICK)
        for kind in (TRADES_CLOCK, SHIPMENTS_CLOCK):
            self._run_job(kind)
        self._look()

    def _run_job(self, kind: str) -> None:
        at = self._clock.at
        with database().writing() as session:
            identity = jobs.enqueue(session, kind, f"{self._origin}:{at.isoformat()}", {}, at).id
        run_job(identity)
        with database().reading() as session:
            if session.get_one(Job, identity).state is not JobState.DONE:
                raise DeadlineJobFailed(identity)

    def _look(self) -> None:
        with database().reading() as session:
            self._people.seen = {trade.number: _seen(trade) for trade in self._trades(session)}

    def _trades(self, session: Session) -> list[Trade]:
        query = select(Trade).where(Trade.origin == self._origin, Trade.number.in_(self._numbers))
        return list(session.scalars(query.order_by(Trade.id)))

    def _is_anything_open(self) -> bool:
        return any(seen.status in STANDING for seen in self._people.seen.values())

    def _report(self) -> Report:
        with database().reading() as session:
            trades = self._trades(session)
            received = masses_of(session, [trade.number for trade in trades])
            cases = [_ended(trade, received[trade.number].received) for trade in trades]
            faults = check(session)
        refusals = dict(sorted(self._people.refusals.items()))
        figures = funnel(cases) | {"refusals": refusals, "ledger_faults": len(faults)}
        return Report(figures, (*faults, *_open_ends(figures)))


def _goes_on(script: Script) -> bool:
    return next(script, script) is None


def _seen(trade: Trade) -> Seen:
    return Seen(
        status=trade.status,
        proposed_at=trade.proposed_at,
        confirmed_at=trade.confirmed_at,
        contracted_at=trade.contracted_at,
        escalated_at=trade.escalated_at,
        cancel_asked_by=trade.cancel_asked_by,
    )


def _ended(trade: Trade, received_kg: int) -> Ended:
    given = trade.signed_by if trade.confirmed_at else trade.confirmed_by
    return Ended(
        status=trade.status,
        reason=trade.ended_reason or "",
        owner=owner(trade.status, given, trade.escalated_at is not None),
        was_confirmed=trade.confirmed_at is not None,
        was_contracted=trade.contracted_at is not None,
        kg=trade.kg,
        received_kg=received_kg,
    )


def _open_ends(figures: dict[str, object]) -> list[str]:
    return [
        f"{name}: {figures[name]}" for name in ("without_ending", "without_owner") if figures[name]
    ]
