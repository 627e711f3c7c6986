"""Which tonnes have no place yet, and what single deed of whom would help: from the last run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clearing.models import ClearingRun, RunOrder, RunTrial
from app.clearing.queries import last_covering
from app.clearing.rules import Unplaced
from app.clearing.tried import NO_TEST
from app.companies.models import Company
from app.core.actor import Actor
from app.core.i18n import pick
from app.listings.rules import Side
from app.oversight.gap.waterfall import Scope
from app.oversight.policy import may_see_site


class Owner(StrEnum):
    """Who has to do it."""

    FIRM = "firm"
    COUNTY = "county"
    OPERATOR = "operator"


class Deed(StrEnum):
    """What is to be done."""

    TEST = "test"
    ANOTHER_USE = "another_use"
    PRICE = "price"
    TAKER = "taker"
    ROUTE = "route"
    CAPACITY = "capacity"
    STORE = "store"
    LOTS = "lots"
    CLEAR_AGAIN = "clear_again"


OWNERS: Mapping[Deed, Owner] = {
    Deed.TEST: Owner.FIRM,
    Deed.ANOTHER_USE: Owner.COUNTY,
    Deed.PRICE: Owner.FIRM,
    Deed.TAKER: Owner.COUNTY,
    Deed.ROUTE: Owner.OPERATOR,
    Deed.CAPACITY: Owner.COUNTY,
    Deed.STORE: Owner.FIRM,
    Deed.LOTS: Owner.FIRM,
    Deed.CLEAR_AGAIN: Owner.OPERATOR,
}
DEEDS: Mapping[Unplaced, Deed] = {
    Unplaced.QUALITY: Deed.ANOTHER_USE,
    Unplaced.PRICE: Deed.PRICE,
    Unplaced.NO_LANE_MATERIAL: Deed.TAKER,
    Unplaced.NO_LANE_DISTANCE: Deed.ROUTE,
    Unplaced.NO_LANE_LISTED: Deed.ROUTE,
    Unplaced.FULL: Deed.CAPACITY,
    Unplaced.TIE: Deed.CAPACITY,
    Unplaced.SILO: Deed.STORE,
    Unplaced.MONTH: Deed.STORE,
    Unplaced.IDLE: Deed.STORE,
    Unplaced.LOT_TOO_LARGE: Deed.LOTS,
    Unplaced.LOT_TOO_SMALL: Deed.LOTS,
    Unplaced.COSTS: Deed.LOTS,
    Unplaced.CHANGED: Deed.CLEAR_AGAIN,
}


@dataclass(frozen=True, slots=True)
class Task:
    """Tonnes of an offer that a run left open, kg, and what would help.

    `parameter` is the test that would open most firms; blank where the deed is another.
    """

    number: str
    firm: str
    adcode: str
    material: str
    kg: int
    reason: Unplaced
    deed: Deed
    parameter: str = ""

    @property
    def owner(self) -> Owner:
        return OWNERS[self.deed]


def tasks(session: Session, actor: Actor, scope: Scope, counted: set[str]) -> list[Task]:
    """Every open tonne of a scope under one deed, the most first.

    `counted` are the materials looked at where the scope names none.
    """
    row = last_covering(session, scope.month)
    if row is None:
        return []
    tests = _tests(session, row.number)
    wanted = {scope.material} if scope.material else counted
    found = [
        _task(order, company, tests.get(order.listing_number, ""))
        for order, company in _open_orders(session, row.number, scope)
        if order.materials in wanted and may_see_site(actor, order.adcode)
    ]
    return sorted(found, key=lambda task: (-task.kg, task.number))


def _open_orders(session: Session, run: str, scope: Scope) -> Iterator[tuple[RunOrder, Company]]:
    query = (
        select(RunOrder, Company)
        .join(ClearingRun, ClearingRun.id == RunOrder.run_id)
        .join(Company, Company.id == RunOrder.company_id)
        .where(ClearingRun.number == run, RunOrder.side == Side.OFFER)
        .where(RunOrder.month == scope.month, RunOrder.kg > RunOrder.placed_kg)
    )
    if scope.adcode:
        query = query.where(RunOrder.adcode == scope.adcode)
    yield from session.execute(query)


def _task(order: RunOrder, company: Company, parameter: str) -> Task:
    return Task(
        number=order.listing_number,
        firm=pick(company.name, company.name_en),
        adcode=order.adcode,
        material=order.materials,
        kg=order.kg - order.placed_kg,
        reason=order.reason,
        deed=Deed.TEST if parameter else DEEDS[order.reason],
        parameter=parameter,
    )


def _tests(session: Session, run: str) -> dict[str, str]:
    """By offer the test that would open most firms, the first by name of those alike.

    How many firms are opened follows from quality, place and months, which are public; whether
    they would deal follows from prices and is its owner's to read.
    """
    query = (
        select(RunTrial)
        .join(ClearingRun, ClearingRun.id == RunTrial.run_id)
        .where(ClearingRun.number == run, RunTrial.parameter != NO_TEST)
        .order_by(RunTrial.buyers_at_limit, RunTrial.parameter.desc())
    )
    return {trial.listing_number: trial.parameter for trial in session.scalars(query)}
