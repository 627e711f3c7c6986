"""What a person does next, when a listing is about to end, how a source is cited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.companies.rules import CompanyStatus
from app.core.actor import CompanyRole
from app.core.clock import add_months

DAYS_BEFORE_THE_END = 31
ADDRESS = re.compile(r"https?://\S+")


class Step(StrEnum):
    """The one thing the desk asks of its reader."""

    AMEND = "amend"
    FOLLOW = "follow"
    ASK_WHY = "ask_why"
    ANSWER = "answer"
    OFFER = "offer"
    REQUIRE = "require"
    LOOK = "look"
    DRIVE = "drive"


NOT_APPROVED: dict[CompanyStatus, Step] = {
    CompanyStatus.APPLIED: Step.FOLLOW,
    CompanyStatus.REFUSED: Step.ASK_WHY,
    CompanyStatus.SUSPENDED: Step.ASK_WHY,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person and their firm stand; `waiting` counts proposals to answer.

    `only_drives` for a carrier, which has nothing to list.
    """

    status: CompanyStatus
    role: CompanyRole | None
    is_producer: bool
    waiting: int
    only_drives: bool = False


def next_step(standing: Standing) -> Step:
    """First the firm's approval, then what others wait for, then the firm's own business."""
    if standing.status is CompanyStatus.REFUSED and standing.role is CompanyRole.MANAGER:
        return Step.AMEND
    if standing.status in NOT_APPROVED:
        return NOT_APPROVED[standing.status]
    if standing.only_drives:
        return Step.DRIVE
    if standing.role not in (CompanyRole.MANAGER, CompanyRole.TRADER):
        return Step.LOOK
    if standing.waiting:
        return Step.ANSWER
    return Step.OFFER if standing.is_producer else Step.REQUIRE


def ends_soon(last_month: date, today: date) -> bool:
    """Whether the last day of the window is at most a month away and has not passed."""
    days_left = (add_months(last_month, 1) - today).days
    return 0 < days_left <= DAYS_BEFORE_THE_END


def citation(source: str) -> str:
    """A source as a reader names it: without web addresses and what parted them from the rest."""
    return ADDRESS.sub("", source).strip(" ;,，；")
