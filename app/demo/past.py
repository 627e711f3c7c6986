"""Two years before the present month: standing contracts, their trucks, and what was declared.

What the market's first weeks overlap with is posted between the acts of the story, so that ledger
and audit trail run in the order of time. A month is declared once it is over: its declarations say
what the tickets, the story's own among them, and the yard's log have shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clock import add_months, china_day, month_of
from app.declarations.models import YardEvent
from app.declarations.rules import EventKind
from app.demo.deliveries import DAY, Partners, Plan
from app.demo.stage import Act, Stage
from app.history.deals import Deal
from app.history.declaring import Logged, Pair, declare_month, ticketed_masses
from app.history.writing import Journal, enter


def acts(stage: Stage, session: Session, others: Collection[Act]) -> list[Act]:
    """What was delivered since the market opened, cut where something else happened."""
    cuts = sorted({act.at for act in others} | {stage.calendar.round_cleared})
    partners = Partners(stage.folder, stage.market.companies, stage.market.sites)
    plan = Plan(session, partners, stage.calendar.now)
    return [
        act
        for window in plan.windows
        if not plan.is_before_opening(window)
        for act in _month_acts(plan.deals(window), cuts)
    ]


def declare(session: Session, stage: Stage, month: date) -> None:
    """Let all works declare another month that is over."""
    books = stage.market.books
    books.logs = _logs(session, stage.calendar.opened)
    declare_month(session, books, month, ticketed_masses(session), stage.calendar.now)


@dataclass
class _Month:
    """A month of deals on its way into the books."""

    deals: list[Deal]
    journal: Journal | None = None

    def post(self, session: Session, now: datetime) -> None:
        """Post what happened up to now; first write all that is known of the month afterwards."""
        if self.journal is None:
            self.journal = enter(session, self.deals)
        self.journal.post(session, now)


def _month_acts(deals: list[Deal], cuts: list[datetime]) -> Iterator[Act]:
    """One act for all that happened from one cut to the next, at the last instant of it."""
    instants = sorted({at for deal in deals for at in deal.instants})
    month = _Month(deals)
    for _cut, stretch in groupby(instants, key=partial(bisect_right, cuts)):
        yield Act(max(stretch), month.post)


# --- what the yard has logged -----------------------------------------------------------


def _logs(session: Session, opened: datetime) -> dict[Pair, dict[date, Logged]]:
    """What the yards wrote down, by waste and month; what arose only of months they saw whole."""
    first_whole = add_months(month_of(china_day(opened - DAY)), 1)
    masses: defaultdict[Pair, defaultdict[date, defaultdict[EventKind, int]]]
    masses = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    waste = (YardEvent.site_id, YardEvent.material)
    events = select(*waste, YardEvent.happened_at, YardEvent.kind, YardEvent.kg)
    for site_id, material, at, kind, kg in session.execute(events):
        masses[site_id, material][month_of(china_day(at))][kind] += kg
    return {
        pair: {month: _logged(kinds, is_whole=month >= first_whole) for month, kinds in of.items()}
        for pair, of in masses.items()
    }


def _logged(kinds: Mapping[EventKind, int], *, is_whole: bool) -> Logged:
    return Logged(
        generated_kg=kinds.get(EventKind.GENERATED) if is_whole else None,
        stored_kg=kinds.get(EventKind.STORED, 0),
        taken_out_kg=kinds.get(EventKind.TAKEN_OUT, 0),
    )
