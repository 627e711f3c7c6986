"""What the standing contracts of the demo market delivered, month by month, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from app.catalogue.queries import days_worked
from app.core.clock import add_months, china_day, month_of
from app.demo import oddities, practice
from app.demo.rules import HISTORY, MONTHS
from app.history.deals import Deal, Window, month_deals
from app.history.rules import past_months
from app.history.writing import enter

SEED = 371500
DAY = timedelta(days=1)
LEAST_DAYS = 8
"""Fewer days before the opening are too few for a month's trucks: it begins after it."""


@dataclass(frozen=True, slots=True)
class Partners:
    """Where the tables are, and the ids of what they name by their keys."""

    folder: Path
    companies: Mapping[str, int]
    sites: Mapping[str, int]


class Plan:
    """The standing contracts, and between which days those of each month were delivered."""

    def __init__(self, session: Session, partners: Partners, now: datetime) -> None:
        self.opened = china_day(now - HISTORY)
        months = past_months(now, MONTHS)
        self.windows = [self._window(month) for month in months]
        self._worked = days_worked(session, months)
        self._trucks = practice.trucks(partners.folder, partners.companies)
        self._standing = practice.contracts(
            session, partners.folder, partners.sites, china_day(now)
        )
        self._odd = oddities.of(partners.folder, partners.sites, now)

    def is_before_opening(self, window: Window) -> bool:
        return window.last < self.opened

    def deals(self, window: Window) -> list[Deal]:
        """A month's deals; each month has a chance of its own, whatever day it is now."""
        wanted = [
            (contract.route, practice.trucks_in(contract, window.month, self._worked[window.month]))
            for contract in self._standing
            if self.is_before_opening(window) or not contract.is_until_opening
        ]
        honest = month_deals(Random(f"{SEED}:{window.month}"), window, wanted, self._trucks)
        return [self._odd.told(deal) for deal in honest]

    def _window(self, month: date) -> Window:
        last = add_months(month, 1) - 2 * DAY
        if month != month_of(self.opened):
            return Window(month, last)
        if self.opened.day > LEAST_DAYS:
            return Window(month, self.opened - DAY)
        return Window(self.opened + DAY, last)


def deliver(session: Session, partners: Partners, now: datetime) -> None:
    """Let the contracts of the months before the market opened be delivered."""
    plan = Plan(session, partners, now)
    for window in plan.windows:
        if plan.is_before_opening(window):
            enter(session, plan.deals(window)).post(session)
