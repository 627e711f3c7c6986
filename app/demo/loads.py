"""Trucks of the demo market, from the plan to the last weighing, and weights that were disputed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.clock import china_day
from app.demo import files
from app.demo.files import Row
from app.demo.operations import CARRIER
from app.demo.stage import Act, Stage
from app.shipments import discrepancies, gate_book, notes, weighing
from app.shipments.gates import DAYS_AHEAD, book_slot
from app.shipments.notes import Haulage, PlanDraft
from app.shipments.rules import End, Packaging, RejectReason, Verdict
from app.shipments.weighing import TicketDraft
from app.trades.rules import Party

PHONE = "0635-0000000"
TARE_KG = 15_000
ON_THE_ROAD = timedelta(hours=2)
"""How long after its loading slot a truck asks to be unloaded."""


def acts(stage: Stage) -> Iterator[Act]:
    for row in files.rows(stage.folder, "loads.csv"):
        load = _Load(stage, row)
        steps = {
            "planned": load.plan,
            "confirmed": load.confirm,
            "loaded": load.load,
            "arrived": load.arrive,
            "unloaded": load.unload,
            "returned": load.return_rest,
            "closed": load.close,
        }
        for column, step in steps.items():
            if row[column]:
                yield Act(stage.calendar.at(row[column]), step)
    for row in files.rows(stage.folder, "weights.csv"):
        yield Act(stage.calendar.at(row["at"]), partial(_weight, stage, row))


@dataclass(frozen=True, slots=True)
class _Load:
    """One truck of `loads.csv`."""

    stage: Stage
    row: Row

    def plan(self, session: Session, now: datetime) -> None:
        """By the producer, with an appointment at each gate if there are any."""
        haulage = Haulage(self.row["plate"], self.row["driver"], PHONE)
        draft = PlanDraft(int(self.row["kg"]), haulage, Packaging.TANKER)
        trade, actor = self.stage.trades[self.row["deal"]], self._actor(session, Party.PRODUCER)
        self.stage.loads[self.row["key"]] = notes.plan(session, actor, trade, draft, now).number
        if self.row["load_slot"]:
            wanted = self.stage.calendar.at(self.row["load_slot"])
            at = self._book(session, End.LOADING, wanted, now)
            self._book(session, End.UNLOADING, at + ON_THE_ROAD, now)

    def confirm(self, session: Session, now: datetime) -> None:
        actor = self.stage.firm(session, self.row["confirmed_by"])
        notes.confirm(session, actor, self.number, now)

    def load(self, session: Session, now: datetime) -> None:
        ticket = self._ticket(End.LOADING, int(self.row["kg"]), now)
        weighing.weigh(session, self._actor(session, Party.PRODUCER), self.number, ticket, now)

    def arrive(self, session: Session, now: datetime) -> None:
        """Reported by the driver."""
        notes.arrive(session, self.stage.firm(session, CARRIER), self.number, now)

    def unload(self, session: Session, now: datetime) -> None:
        ticket = self._ticket(End.UNLOADING, int(self.row["net_kg"]), now)
        weighing.weigh(session, self._actor(session, Party.CONSUMER), self.number, ticket, now)

    def return_rest(self, session: Session, now: datetime) -> None:
        ticket = self._ticket(End.RETURN, int(self.row["rejected_kg"]), now)
        weighing.weigh(session, self._actor(session, Party.PRODUCER), self.number, ticket, now)

    def close(self, session: Session, now: datetime) -> None:
        notes.close(session, self._actor(session, Party.CONSUMER), self.number, now)

    @property
    def number(self) -> str:
        return self.stage.loads[self.row["key"]]

    def _actor(self, session: Session, side: Party) -> Actor:
        return self.stage.side(session, self.row["deal"], side)

    def _book(self, session: Session, end: End, wanted: datetime, now: datetime) -> datetime:
        """The first free slot at or after the wanted time; that time itself without a gate."""
        actor = self._actor(session, Party.PRODUCER)
        days = (china_day(wanted) + timedelta(days=count) for count in range(DAYS_AHEAD))
        for day in days:
            for at, _room in gate_book.free_slots(session, actor, self.number, end, day, now):
                if at >= wanted:
                    book_slot(session, actor, self.number, end, at, now)
                    return at
        return wanted

    def _ticket(self, end: End, net_kg: int, now: datetime) -> TicketDraft:
        is_judged, is_taken = end is End.UNLOADING, self.row["verdict"] == Verdict.ACCEPT
        return TicketDraft(
            end=end,
            number=f"{china_day(now):%y%m%d}-{self.row['key']}{end[0].upper()}",
            gross_kg=TARE_KG + net_kg,
            tare_kg=TARE_KG,
            weighed_at=now,
            verdict=Verdict(self.row["verdict"]) if is_judged else None,
            rejected_kg=int(self.row["rejected_kg"] or 0) if is_judged else 0,
            reject_reason=RejectReason(self.row["reason"]) if is_judged and not is_taken else None,
        )


def _weight(stage: Stage, row: Row, session: Session, now: datetime) -> None:
    """Name a weight to settle on, or agree to the one the other side has named."""
    number, actor = stage.loads[row["load"]], stage.firm(session, row["by"])
    match row["step"]:
        case "propose":
            discrepancies.propose(session, actor, number, int(row["kg"]), row["words"], now)
        case "agree":
            discrepancies.agree(session, actor, number, int(row["kg"]), now)
        case other:
            raise ValueError(f"{other!r} is no step of a dispute about a weight")
