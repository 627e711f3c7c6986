"""Declarations of months that are over: what works made or burnt, and what became of their wastes.

Stock runs on from month to month, so a past is told from its first month to its last. Everything is
drawn from one seeded chance in a fixed order: the same past is told again from the same seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.bulk import add_rows
from app.core.clock import CHINA, add_months, china_day, month_of
from app.core.series import next_serials
from app.declarations.balance import MASSES, MassBalance
from app.declarations.declaring import DIGITS, SERIES
from app.declarations.models import Activity, Declaration
from app.declarations.rules import ActivityKind
from app.history.deals import Place
from app.history.rules import WHOLE, Habit, logged_balance, month_balance, noisy, part
from app.history.writing import FIRM
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End
from app.trades.models import Trade

MICRO = 1_000_000
WORK_SPREAD, WASTE_SPREAD = 25, 20
"""Thousandths by which a month's work, and the waste that follows from it, lie beside the mean."""
CORRECTED_MILLI = 12
"""How many of a thousand statements were wrong at first."""
CORRECTED_AFTER = (10, 20)
MISSTATED_MILLI = 40
CORRECTION = "按地磅数据复核后更正产生量"
EVAPORATED = "露天堆存水分蒸发，月末盘点比账面少 {:,} 千克"
EVAPORATED_MILLI = 5
DECLARED_DAYS = (2, 8)
Pair = tuple[int, str]
"""A site, by its id, and a material."""
MonthlyPair = tuple[int, str, date]
"""A site, a material and a month."""
Masses = Mapping[MonthlyPair, int]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waste:
    """A waste of works: kilograms for a million units of what they make or burn."""

    material: str
    kg_per_million: int
    habit: Habit
    opening_kg: int = 0


@dataclass(frozen=True, slots=True)
class Works:
    """A site with what it makes or burns in a mean month, by season, and the wastes of that."""

    place: Place
    adcode: str
    park: str | None
    kind: ActivityKind
    mean: int
    season: Mapping[int, int]
    wastes: tuple[Waste, ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """A month of a waste by the yard's own log; without `generated_kg` it covers a part."""

    generated_kg: int | None = None
    stored_kg: int = 0
    taken_out_kg: int = 0


@dataclass
class Books:
    """The running stock of every waste while its past is told.

    `logs` are the wastes whose yard keeps a log; of their months without an entry nothing lay
    there. `unclosed_milli` of the statements do not close and say why; of what arose in the months
    of `understated` so many thousandths are told.
    """

    random: Random
    works: Sequence[Works]
    first_month: date
    logs: Mapping[Pair, Mapping[date, Logged]] = field(default_factory=dict)
    unclosed_milli: int = 0
    understated: Masses = field(default_factory=dict)
    stock: dict[Pair, int] = field(default_factory=dict)

    def month(self, month: date, ticketed: Masses) -> tuple[list[Statement], list[Work]]:
        """What is declared of a month, of the works in their order."""
        statements: list[Statement] = []
        made: list[Work] = []
        for works in self.works:
            done = self._work(works, month)
            of_works = [
                self._statement(works, waste, month, done, ticketed) for waste in works.wastes
            ]
            statements += of_works
            made.append(Work(works, month, self._told(works, done, of_works)))
        return statements, made

    def _work(self, works: Works, month: date) -> int:
        return noisy(self.random, part(works.mean, works.season[month.month]), WORK_SPREAD)

    def _statement(
        self, works: Works, waste: Waste, month: date, done: int, ticketed: Masses
    ) -> Statement:
        pair = (works.place.site_id, waste.material)
        arisen = noisy(self.random, done * waste.kg_per_million // MICRO, WASTE_SPREAD)
        arisen = part(arisen, self.understated.get((*pair, month), WHOLE))
        opening = self.stock.get(pair, waste.opening_kg)
        kg = ticketed.get((*pair, month), 0)
        balance = self._balance(waste, pair, month, arisen, opening, kg)
        statement = _closed_or_not(self.random, self.unclosed_milli, works, waste, month, balance)
        self.stock[pair] = statement.balance.closing_kg
        return statement

    def _balance(
        self, waste: Waste, pair: Pair, month: date, arisen: int, opening: int, ticketed: int
    ) -> MassBalance:
        log = self.logs.get(pair)
        if log is not None:
            told = log.get(month, Logged())
            return logged_balance(
                generated_kg=told.generated_kg or arisen,
                ticketed_kg=ticketed,
                stored_kg=told.stored_kg,
                taken_out_kg=told.taken_out_kg,
                opening_kg=opening,
            )
        age = (month.year - self.first_month.year) * 12 + month.month - self.first_month.month
        return month_balance(
            waste.habit,
            generated_kg=arisen,
            ticketed_kg=ticketed,
            opening_kg=opening,
            month=month.month,
            age=age,
        )

    def _told(self, works: Works, done: int, statements: Sequence[Statement]) -> int:
        """What was made or burnt; where a log says what arose, it follows from that."""
        if not any((works.place.site_id, waste.material) in self.logs for waste in works.wastes):
            return done
        arisen = sum(statement.balance.generated_kg for statement in statements)
        return arisen * MICRO // sum(waste.kg_per_million for waste in works.wastes)


@dataclass(frozen=True, slots=True)
class Statement:
    """What was declared of one waste of a month; `first_balance` is what had to be corrected."""

    works: Works
    material: str
    month: date
    balance: MassBalance
    explanation: str = ""
    first_balance: MassBalance | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a site declared to have made or burnt."""

    works: Works
    month: date
    quantity: int


def declare_month(
    session: Session, books: Books, month: date, ticketed: Masses, now: datetime
) -> int:
    """Write what all works declare of a month; returns how many statements there are.

    Each was made in the first days of the next month, but never after `now`.
    """
    statements, made = books.month(month, ticketed)
    works = {id(one.works): _declared_at(books.random, month, now) for one in made}
    rows = [
        row for one in statements for row in _versions(books.random, one, works[id(one.works)], now)
    ]
    series = SERIES.format(month)
    serials = next_serials(session, series, len(rows))
    for serial, row in zip(serials, rows, strict=True):
        row["number"] = f"{series}-{serial:0{DIGITS}d}"
    add_rows(session, Declaration, rows)
    activities = [_activity(one, works[id(one.works)]) for one in made]
    add_rows(session, Activity, activities)
    return len(rows)


def ticketed_masses(session: Session) -> dict[MonthlyPair, int]:
    """What arrived under weighbridge tickets, by the producer's site, material and month."""
    query = (
        select(Trade.producer_site_id, Trade.material, Ticket.weighed_at, Shipment.received_kg)
        .join(Shipment, Shipment.trade_id == Trade.id)
        .join(Ticket, Ticket.shipment_id == Shipment.id)
        .where(Ticket.end == End.UNLOADING)
    )
    found: defaultdict[MonthlyPair, int] = defaultdict(int)
    for site_id, material, at, kg in session.execute(query):
        found[site_id, material, month_of(china_day(at))] += kg
    return dict(found)


def _closed_or_not(
    random: Random,
    unclosed_milli: int,
    works: Works,
    waste: Waste,
    month: date,
    balance: MassBalance,
) -> Statement:
    statement = Statement(works, waste.material, month, balance)
    lost = part(balance.closing_kg, EVAPORATED_MILLI)
    if lost and random.randrange(WHOLE) < unclosed_milli:
        left = replace(balance, closing_kg=balance.closing_kg - lost)
        return replace(statement, balance=left, explanation=EVAPORATED.format(lost))
    if random.randrange(WHOLE) < CORRECTED_MILLI:
        return replace(statement, first_balance=_misstated(balance))
    return statement


def _misstated(balance: MassBalance) -> MassBalance:
    """As somebody had declared it who had not weighed what was used at home."""
    missed = part(balance.self_used_kg - balance.old_used_kg, MISSTATED_MILLI)
    if missed <= 0:
        return balance
    return replace(
        balance,
        generated_kg=balance.generated_kg - missed,
        self_used_kg=balance.self_used_kg - missed,
    )


def _declared_at(random: Random, month: date, now: datetime) -> datetime:
    """In working hours of the first days of the next month; `now` if that has not come."""
    day = add_months(month, 1) + timedelta(days=random.randint(*DECLARED_DAYS) - 1)
    minutes = timedelta(minutes=random.randint(0, 8 * 60))
    planned = (datetime.combine(day, time(9), CHINA) + minutes).astimezone(UTC)
    return min(planned, now)


def _versions(random: Random, statement: Statement, at: datetime, now: datetime) -> Iterator[Row]:
    """The statement, and before it the one that was wrong, if there has been time to see that."""
    first, days = statement.first_balance, random.randint(*CORRECTED_AFTER)
    corrected_at = at + timedelta(days=days)
    if first is None or first == statement.balance or corrected_at > now:
        yield _row(statement, statement.balance, 1, at)
        return
    yield _row(statement, first, 1, at)
    yield _row(statement, statement.balance, 2, corrected_at) | {"reason": CORRECTION}


def _row(statement: Statement, balance: MassBalance, version: int, at: datetime) -> Row:
    works = statement.works
    return {
        **{name: getattr(balance, name) for name in MASSES},
        "month": statement.month,
        "site_id": works.place.site_id,
        "company_id": works.place.company_id,
        "adcode": works.adcode,
        "park": works.park,
        "material": statement.material,
        "version": version,
        "explanation": statement.explanation,
        "reason": "",
        "declared_at": at,
        "declared_by": FIRM,
    }


def _activity(work: Work, at: datetime) -> Row:
    return {
        "site_id": work.works.place.site_id,
        "month": work.month,
        "kind": work.works.kind,
        "version": 1,
        "quantity": work.quantity,
        "declared_at": at,
        "declared_by": FIRM,
    }
