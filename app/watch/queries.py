"""Flags as their readers see them: read-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from app.catalogue.queries import MaterialRow, county_map, material_map
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import NotFound
from app.declarations.models import Declaration
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End
from app.trades.models import Trade
from app.watch.models import Flag, FlagEvent
from app.watch.policy import answers, visible_to, watches
from app.watch.rules import NEXT, OWNERS, Deed, FlagStatus, Outcome, Owner
from app.watch.signs.facts import Kind, Severity

PAGE_SIZE = 25
MOST_LOADS = 60
"""How many loads a page lists; a flag rests on all of them."""


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """What a reader narrows the list down to; without a state, everything that is not closed."""

    kind: Kind | None = None
    adcode: str = ""
    status: FlagStatus | None = None
    page: int = 1
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag with its names; `person` is whoever took it."""

    number: str
    kind: Kind
    severity: Severity
    month: date
    site: str
    company: str
    county: str
    material: MaterialRow | None
    plate: str
    evidence: list[list[Any]]
    explanation: str
    status: FlagStatus
    outcome: Outcome | None
    due: date | None
    is_late: bool
    person: str
    raised_at: datetime

    @property
    def owner(self) -> Owner:
        return OWNERS[self.status]

    @property
    def next(self) -> Deed | None:
        return NEXT.get(self.status)


@dataclass(frozen=True, slots=True)
class FlagList:
    """One page of flags; how many the reader may see by state, kind and county."""

    rows: list[FlagRow]
    total: int
    page: int
    states: dict[FlagStatus, int]
    kinds: dict[Kind, int]
    counties: dict[str, str]

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A load that a flag rests on: its note, its trade and both tickets."""

    number: str
    trade: str
    plate: str
    loaded_at: datetime
    loaded: tuple[int, int]
    unloaded_at: datetime
    unloaded: tuple[int, int]


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """A declaration that a flag rests on."""

    number: str
    version: int
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class FlagView:
    """A flag on its own page."""

    flag: FlagRow
    declarations: list[DeclaredRow]
    loads: list[LoadRow]
    load_count: int
    events: list[FlagEvent]


def flags(session: Session, actor: Actor, wanted: FlagFilter, now: datetime) -> FlagList:
    """A page of the flags a reader may see, what is due first on top."""
    mine = visible_to(actor)
    condition = mine & _matches(wanted)
    total = session.scalar(select(func.count(Flag.id)).where(condition)) or 0
    page = max(1, min(wanted.page, -(-total // wanted.size)))
    query = _with_names(condition).order_by(*_most_pressing())
    found = session.scalars(query.offset((page - 1) * wanted.size).limit(wanted.size))
    return FlagList(
        rows=_rows(session, actor, list(found), now),
        total=total,
        page=page,
        states=_counts(session, Flag.status, mine),
        kinds=_counts(session, Flag.kind, mine),
        counties=_counties(session, mine),
    )


def to_answer(session: Session, actor: Actor) -> int:
    """How many questions wait for this person's answer."""
    if not answers(actor):
        return 0
    waiting = (Flag.company_id == actor.company_id, Flag.status == FlagStatus.ASKED)
    return session.scalar(select(func.count(Flag.id)).where(*waiting)) or 0


def flag(
    session: Session, actor: Actor, number: str, now: datetime, most_loads: int = MOST_LOADS
) -> FlagView:
    """One flag with what it rests on; raises `NotFound` where the reader may not know of it."""
    found = session.scalar(_with_names(visible_to(actor) & (Flag.number == number)))
    if found is None:
        raise NotFound
    return FlagView(
        flag=_rows(session, actor, [found], now)[0],
        declarations=_declarations(session, found),
        loads=_loads(session, found.loads[:most_loads]),
        load_count=len(found.loads),
        events=list(found.events),
    )


def _matches(wanted: FlagFilter) -> ColumnElement[bool]:
    state = Flag.status == wanted.status if wanted.status else Flag.status != FlagStatus.CLOSED
    if wanted.kind:
        state &= Flag.kind == wanted.kind
    if wanted.adcode:
        state &= Flag.adcode == wanted.adcode
    return state


def _with_names(condition: ColumnElement[bool]) -> Select[Flag]:
    names = (joinedload(Flag.site), joinedload(Flag.company), joinedload(Flag.owner))
    return select(Flag).where(condition).options(*names)


def _most_pressing() -> tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]:
    grave = case((Flag.severity == Severity.SERIOUS, 0), else_=1)
    return Flag.due.is_(None), Flag.due, grave, Flag.id


def _counts(session: Session, column: Any, mine: ColumnElement[bool]) -> dict[Any, int]:
    query = select(column, func.count(Flag.id)).where(mine).group_by(column)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {value: found[value] for value in column.type.enum_class if value in found}


def _counties(session: Session, mine: ColumnElement[bool]) -> dict[str, str]:
    names = county_map(session)
    codes = session.scalars(select(Flag.adcode).where(mine).distinct().order_by(Flag.adcode))
    return {code: names[code].name for code in codes}


def _rows(session: Session, actor: Actor, found: list[Flag], now: datetime) -> list[FlagRow]:
    today = china_day(now)
    materials, counties = material_map(session, today), county_map(session)
    return [
        FlagRow(
            number=one.number,
            kind=one.kind,
            severity=one.severity,
            month=one.month,
            site=one.site.display_name,
            company=one.company.display_name,
            county=counties[one.adcode].name,
            material=materials.get(one.material or ""),
            plate=one.plate,
            evidence=one.evidence,
            explanation=one.explanation,
            status=one.status,
            outcome=one.outcome,
            due=one.due,
            is_late=one.due is not None and one.due < today,
            person=one.owner.name if one.owner and watches(actor) else "",
            raised_at=one.raised_at,
        )
        for one in found
    ]


def _declarations(session: Session, found: Flag) -> list[DeclaredRow]:
    """The declarations of the waste for the month, those that stood before included."""
    query = (
        select(Declaration.number, Declaration.version, Declaration.declared_at)
        .where(Declaration.site_id == found.site_id, Declaration.month == found.month)
        .where(Declaration.material == found.material)
        .order_by(Declaration.version.desc())
    )
    return [DeclaredRow(*row) for row in session.execute(query)]


def _loads(session: Session, numbers: list[str]) -> list[LoadRow]:
    loading, unloading = aliased(Ticket), aliased(Ticket)
    query = (
        select(Shipment.number, Trade.number, Shipment.plate, loading, unloading)
        .join(Trade, Trade.id == Shipment.trade_id)
        .join(loading, (loading.shipment_id == Shipment.id) & (loading.end == End.LOADING))
        .join(unloading, (unloading.shipment_id == Shipment.id) & (unloading.end == End.UNLOADING))
        .where(Shipment.number.in_(numbers))
        .order_by(loading.weighed_at)
    )
    return [
        LoadRow(
            number=number,
            trade=trade,
            plate=plate,
            loaded_at=first.weighed_at,
            loaded=(first.gross_kg, first.tare_kg),
            unloaded_at=second.weighed_at,
            unloaded=(second.gross_kg, second.tare_kg),
        )
        for number, trade, plate, first, second in session.execute(query)
    ]
