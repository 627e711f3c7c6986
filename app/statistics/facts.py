"""Preparing the facts of a month: thrown away and made anew from what they rest on.

One month is one small piece of work and touches no other month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.companies.groups import group_of, groups_of
from app.core.clock import china_day, month_of
from app.declarations.balance import MassBalance
from app.declarations.declared import Waste
from app.statistics import sources
from app.statistics.models import FactMonth, MonthlyFact, MonthlyFlow
from app.statistics.sources import Declared, Place, Received

SETTLING = timedelta(minutes=5)
"""What was entered that long ago has been committed or given up: no transaction lives longer."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What one trade brought, and whether it stayed in the group or became another waste."""

    received: Received
    is_related: bool
    is_chained: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """One waste of one site in one month; `version` 0 where nothing is declared."""

    waste: Waste
    place: Place
    version: int
    balance: MassBalance
    ticketed_kg: int
    tickets: int
    related_kg: int
    chained_kg: int


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """All facts of a month as of an instant, by site and material, and the flows behind them."""

    month: date
    as_of: datetime
    facts: list[Fact]
    flows: list[Moved]


def gather(session: Session, month: date, as_of: datetime) -> MonthFacts:
    """The facts of a month as they were known at an instant; changes nothing."""
    found = {row.waste: row for row in sources.declared(session, month, as_of)}
    flows = _moved(session, month, as_of)
    arrived: dict[Waste, list[Moved]] = defaultdict(list)
    for flow in flows:
        arrived[flow.received.waste].append(flow)
    where = _places(session, month, as_of, found, arrived)
    facts = [
        _fact(waste, where[waste], found.get(waste), arrived.get(waste, []))
        for waste in sorted(where)
    ]
    return MonthFacts(month, as_of, facts, flows)


def prepare(session: Session, month: date, as_of: datetime) -> None:
    """Make the facts of an open month anew, by what was entered until an instant."""
    write(session, gather(session, month, as_of))


def write(session: Session, found: MonthFacts, version: int = 0) -> None:
    """Put facts in the place of those of their month; `version` is that of their close, if any."""
    for model in (MonthlyFlow, MonthlyFact):
        session.execute(delete(model).where(model.month == found.month))
    _insert(session, MonthlyFact, [_fact_row(found.month, fact) for fact in found.facts])
    _insert(session, MonthlyFlow, [_flow_row(found.month, flow) for flow in found.flows])
    session.merge(FactMonth(month=found.month, as_of=found.as_of, version=version))


def to_prepare(session: Session) -> list[date]:
    """The months that are not closed and have changed since all such months were prepared."""
    oldest = session.scalar(select(func.min(FactMonth.as_of)).where(FactMonth.version == 0))
    since = oldest - SETTLING if oldest else datetime.min.replace(tzinfo=UTC)
    closed = set(session.scalars(select(FactMonth.month).where(FactMonth.version > 0)))
    return sorted(set(sources.changed_months(session, since)) - closed)


def keep_up(session: Session, as_of: datetime) -> None:
    """Note that nothing that is open has changed until an instant; the month of now is open."""
    session.merge(FactMonth(month=month_of(china_day(as_of)), as_of=as_of, version=0))
    session.flush()
    session.execute(update(FactMonth).where(FactMonth.version == 0).values(as_of=as_of))


def _moved(session: Session, month: date, as_of: datetime) -> list[Moved]:
    groups, chained = groups_of(session, month), sources.chained_uses(session, month)
    return [
        Moved(
            received=row,
            is_related=group_of(row.company_id, groups) == group_of(row.taker_id, groups),
            is_chained=(row.waste[1], row.product) in chained,
        )
        for row in sources.received(session, month, as_of)
    ]


def _places(
    session: Session,
    month: date,
    as_of: datetime,
    found: Mapping[Waste, Declared],
    arrived: Iterable[Waste],
) -> dict[Waste, Place]:
    """Every waste of the month with its place: declared, moved, or declared the month before."""
    where = sources.expected(session, month, as_of)
    where |= {waste: row.place for waste, row in found.items()}
    others = [waste for waste in arrived if waste not in where]
    stand = sources.places(session, {site_id for site_id, _material in others})
    return where | {waste: stand[waste[0]] for waste in others}


def _fact(waste: Waste, place: Place, found: Declared | None, flows: list[Moved]) -> Fact:
    return Fact(
        waste=waste,
        place=place,
        version=found.version if found else 0,
        balance=found.balance if found else MassBalance(),
        ticketed_kg=sum(flow.received.kg for flow in flows),
        tickets=sum(flow.received.tickets for flow in flows),
        related_kg=sum(flow.received.kg for flow in flows if flow.is_related),
        chained_kg=sum(flow.received.kg for flow in flows if flow.is_chained),
    )


def _fact_row(month: date, fact: Fact) -> dict[str, object]:
    site_id, material = fact.waste
    return {
        "month": month,
        "site_id": site_id,
        "material": material,
        **asdict(fact.place),
        "version": fact.version,
        **fact.balance.by_name,
        "ticketed_kg": fact.ticketed_kg,
        "tickets": fact.tickets,
        "related_kg": fact.related_kg,
        "chained_kg": fact.chained_kg,
    }


def _flow_row(month: date, flow: Moved) -> dict[str, object]:
    site_id, material = flow.received.waste
    return {
        "month": month,
        "trade_id": flow.received.trade_id,
        "site_id": site_id,
        "material": material,
        "consumer_site_id": flow.received.consumer_site_id,
        "to_adcode": flow.received.to_adcode,
        "received_kg": flow.received.kg,
        "tickets": flow.received.tickets,
        "is_related": flow.is_related,
        "is_chained": flow.is_chained,
    }


def _insert(
    session: Session, model: type[MonthlyFact | MonthlyFlow], rows: list[dict[str, object]]
) -> None:
    if rows:
        session.execute(insert(model), rows)
