"""When a month is to be declared, in what state it then is, and what else is asked of a site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.core.clock import add_months, month_of
from app.declarations.rules import KEPT, ActivityKind

MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")

ACTIVITIES: Mapping[str, ActivityKind] = MappingProxyType(
    {
        "fly_ash": ActivityKind.COAL_BURNT,
        "bottom_ash": ActivityKind.COAL_BURNT,
        "fgd_gypsum": ActivityKind.COAL_BURNT,
        "red_mud": ActivityKind.ALUMINA_MADE,
        "carbide_slag": ActivityKind.PVC_MADE,
    }
)
"""What a waste follows from, where the waste alone tells."""
SMELTED: Mapping[str, ActivityKind] = MappingProxyType(
    {"3211": ActivityKind.COPPER_MADE, "3140": ActivityKind.ALLOY_MADE}
)
"""What slag follows from: that depends on the industry (GB/T 4754-2017)."""
BOARD_INDUSTRY = "3024"


class State(StrEnum):
    """Of one waste of a site in one month. `UNBALANCED` and `CORRECTED` have been declared."""

    DUE = "due"
    LATE = "late"
    DECLARED = "declared"
    UNBALANCED = "unbalanced"
    CORRECTED = "corrected"


OPEN = frozenset({State.DUE, State.LATE})


@dataclass(frozen=True, slots=True)
class Terms:
    """The market's terms: the day of the next month, and days before and after it."""

    day: int
    remind_days: int
    escalate_days: int

    def due_on(self, month: date) -> date:
        """The last day on which a month is declared in time."""
        return add_months(month, 1).replace(day=self.day)

    def is_near(self, month: date, today: date) -> bool:
        """Whether the day is so near, and not over, that a firm is reminded."""
        due = self.due_on(month)
        return due - timedelta(days=self.remind_days) <= today <= due

    def is_late(self, month: date, today: date) -> bool:
        return today > self.due_on(month)

    def is_escalated(self, month: date, today: date) -> bool:
        """Whether it is so late that it is the regulator's to follow up."""
        return self.days_late(month, today) > self.escalate_days

    def days_late(self, month: date, today: date) -> int:
        return max(0, (today - self.due_on(month)).days)


def state_of(version: int, *, is_balanced: bool, is_late: bool) -> State:
    """The state by the version in force (0: nothing is declared)."""
    if version == 0:
        return State.LATE if is_late else State.DUE
    if not is_balanced:
        return State.UNBALANCED
    return State.CORRECTED if version > 1 else State.DECLARED


def is_open_for(month: date, today: date) -> bool:
    """Whether a month may be declared: it is over, and records of it are still kept."""
    return today - KEPT <= month < month_of(today)


def last_month(today: date) -> date:
    """The latest month that is over."""
    return add_months(month_of(today), -1)


def read_month(text: str) -> date | None:
    """The month an address names as `2026-10`."""
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def activities(material: str, industry: str | None) -> tuple[ActivityKind, ...]:
    """What a site is asked besides the balance of a waste."""
    kinds = [ACTIVITIES.get(material)]
    if material == "smelting_slag":
        kinds = [SMELTED.get(industry or "")]
    if industry == BOARD_INDUSTRY:
        kinds.append(ActivityKind.BOARD_MADE)
    return tuple(kind for kind in kinds if kind)
