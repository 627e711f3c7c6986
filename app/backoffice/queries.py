"""What waits for the operator today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.backoffice.rules import EXPIRY_NOTICE, STUCK_AFTER, JobTrouble, Task, trouble
from app.clearing.models import ClearingRun
from app.clearing.queries import RunRow, last_recorded, open_run
from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core.clock import add_months, china_day, month_of
from app.core.jobs.models import Job
from app.core.jobs.queries import QueueHealth, queue_health
from app.core.jobs.rules import JobState
from app.ledger.models import Balance, Lot
from app.ledger.rules import Account
from app.listings.book import takes_part
from app.listings.models import Listing
from app.listings.rules import Side
from app.shipments import losses
from app.shipments.models import Discrepancy, Shipment
from app.shipments.rules import DiscrepancyStatus
from app.trades.models import Trade
from app.trades.rules import STANDING, TradeStatus


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the work list.

    `at` is since when it waits or, for proposals and clearings, when it falls due; `kg` where
    tonnes hang on it.
    """

    task: Task
    count: int
    at: datetime | None = None
    kg: int | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """One case of a task: what its page is found by, what it is called, since when it waits."""

    task: Task
    key: str
    name: str
    since: datetime
    kg: int | None = None


@dataclass(frozen=True, slots=True)
class JobFault:
    """Jobs of one kind that need somebody for the same reason; `since` is when it began."""

    kind: str
    trouble: JobTrouble
    error: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """The operator's page. `running` is the number of the clearing under way, if there is one."""

    items: list[Item]
    matters: list[Matter]
    faults: list[JobFault]
    queue: QueueHealth
    month: date
    running: str | None
    last_run: RunRow | None


def work(session: Session, now: datetime) -> Work:
    """Everything the operator's page shows, in a fixed number of statements."""
    month = add_months(month_of(china_day(now)), 1)
    under_way = open_run(session)
    faults = job_faults(session, now)
    matters = [
        *escalated(session),
        *discrepancies(session),
        *missing(session, now),
        *barred(session),
    ]
    found = [
        _faults_item(faults),
        _matters_item(Task.ESCALATED, matters),
        _matters_item(Task.DISCREPANCIES, matters),
        _matters_item(Task.MISSING, matters),
        expiring(session, now),
        _matters_item(Task.BARRED, matters),
        applications(session),
        next_clearing(session, month, under_way),
    ]
    return Work(
        items=[item for item in found if item.count],
        matters=matters,
        faults=faults,
        queue=queue_health(session, now),
        month=month,
        running=under_way.number if under_way else None,
        last_run=last_recorded(session),
    )


def escalated(session: Session) -> list[Matter]:
    """Cases whose time has passed and that nobody has ended, the longest waiting first."""
    query = (
        select(Trade.number, Trade.escalated_at, Trade.kg)
        .where(Trade.status.in_(STANDING), Trade.escalated_at.is_not(None))
        .order_by(Trade.escalated_at, Trade.id)
    )
    return [
        Matter(Task.ESCALATED, number, number, since, kg)
        for number, since, kg in session.execute(query)
        if since is not None
    ]


def discrepancies(session: Session) -> list[Matter]:
    """Weighings the two sides did not settle in time, the longest waiting first."""
    query = (
        select(Shipment.number, Discrepancy.deadline)
        .join(Shipment, Shipment.id == Discrepancy.shipment_id)
        .where(Discrepancy.status == DiscrepancyStatus.ESCALATED)
        .order_by(Discrepancy.deadline, Shipment.id)
    )
    return [
        Matter(Task.DISCREPANCIES, number, number, since)
        for number, since in session.execute(query)
    ]


def missing(session: Session, now: datetime) -> list[Matter]:
    """Loads that left and that nobody has weighed again, the longest missing first."""
    return [
        Matter(Task.MISSING, row.number, row.number, row.since, row.kg)
        for row in losses.missing(session, now)
    ]


def barred(session: Session) -> list[Matter]:
    """Firms whose defaults keep them from trading anew, the longest barred first."""
    firms = select(Company).where(Company.barred_at.is_not(None)).order_by(Company.barred_at)
    return [
        Matter(Task.BARRED, str(firm.id), firm.display_name, firm.barred_at)
        for firm in session.scalars(firms)
        if firm.barred_at is not None
    ]


def applications(session: Session) -> Item:
    """Firms that wait for approval, since the oldest of them applied."""
    query = select(func.count(), func.min(Company.applied_at))
    count, since = session.execute(query.where(Company.status == CompanyStatus.APPLIED)).one()
    return Item(Task.FIRMS, count, since)


def expiring(session: Session, now: datetime) -> Item:
    """Proposals that end within a day unless both sides say yes, and the first to end."""
    query = select(func.count(), func.min(Trade.deadline), func.sum(Trade.kg)).where(
        Trade.status == TradeStatus.PROPOSED,
        Trade.deadline >= now,
        Trade.deadline < now + EXPIRY_NOTICE,
    )
    count, first, kg = session.execute(query).one()
    return Item(Task.EXPIRING, count, first, int(kg or 0))


def next_clearing(session: Session, month: date, under_way: ClearingRun | None) -> Item:
    """The month's clearing, while none has a result or is under way and something is on offer."""
    if under_way is not None or last_recorded(session, month) is not None:
        return Item(Task.CLEARING, 0)
    offers, kg = open_supply(session, month)
    return Item(Task.CLEARING, offers, kg=kg)


def open_supply(session: Session, month: date) -> tuple[int, int]:
    """How many offers a clearing of a month would find, and how many kilograms together."""
    query = (
        select(func.count(Listing.id), func.coalesce(func.sum(Balance.kg), 0))
        .join(Listing.company)
        .join(Lot, Lot.listing_number == Listing.number)
        .join(Balance, Balance.lot_id == Lot.id)
        .where(Listing.side == Side.OFFER, takes_part(month), Lot.month == month)
        .where(Balance.account == Account.OPEN, Balance.kg > 0)
    )
    count, kg = session.execute(query).one()
    return count, int(kg)


def job_faults(session: Session, now: datetime) -> list[JobFault]:
    """Jobs that failed, that nobody took or whose process is gone; the longest standing first."""
    since = func.min(_trouble_began())
    query = (
        select(Job.kind, Job.state, func.coalesce(Job.error, ""), func.count(), since)
        .where(or_(_failed_and_not_made_good(), _is_stuck(now)))
        .group_by(Job.kind, Job.state, Job.error)
        .order_by(since)
    )
    return [
        JobFault(kind, trouble(state), error, count, at)
        for kind, state, error, count, at in session.execute(query)
    ]


def _trouble_began() -> ColumnElement[datetime]:
    """When a failed job ended, a waiting one was due, a running one was last heard of."""
    by_state = {
        JobState.FAILED: Job.finished_at,
        JobState.WAITING: Job.not_before,
        JobState.RUNNING: Job.lease_until,
    }
    return case(*((Job.state == state, column) for state, column in by_state.items()))


def _failed_and_not_made_good() -> ColumnElement[bool]:
    """A failure stands until a later job of its kind has gone well."""
    later = aliased(Job)
    made_good = select(later.id).where(
        later.kind == Job.kind,
        later.state == JobState.DONE,
        later.finished_at > Job.finished_at,
    )
    return and_(Job.state == JobState.FAILED, ~made_good.exists())


def _is_stuck(now: datetime) -> ColumnElement[bool]:
    overdue = now - STUCK_AFTER
    return or_(
        and_(Job.state == JobState.WAITING, Job.not_before < overdue),
        and_(Job.state == JobState.RUNNING, Job.lease_until < overdue),
    )


def _matters_item(task: Task, matters: list[Matter]) -> Item:
    found = [matter for matter in matters if matter.task is task]
    masses = [matter.kg for matter in found if matter.kg is not None]
    since = min((matter.since for matter in found), default=None)
    return Item(task, len(found), since, sum(masses) if masses else None)


def _faults_item(faults: list[JobFault]) -> Item:
    count = sum(fault.count for fault in faults)
    return Item(Task.JOBS, count, min((fault.since for fault in faults), default=None))
