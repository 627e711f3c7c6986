"""The life of a flag: who is to do what next, and by when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.catalogue.rules import Threshold
from app.core.clock import add_months
from app.watch.signs.facts import Kind

NUMBER = re.compile(r"J-[0-9]{4}-[0-9]{5,7}")


class FlagStatus(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    ASKED = "asked"
    ANSWERED = "answered"
    CLOSED = "closed"


class Deed(StrEnum):
    """What can happen to a flag."""

    RAISE = "raise"
    TAKE = "take"
    ASK = "ask"
    ANSWER = "answer"
    CLOSE = "close"


class Outcome(StrEnum):
    """What a closed flag turned out to be: an offence, a sound reason, or a mistake of the rules.

    `CORRECTED` where the firm has declared anew.
    """

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"


class Owner(StrEnum):
    """Whose turn it is."""

    OFFICE = "office"
    PERSON = "person"
    FIRM = "firm"
    NOBODY = "nobody"


TRANSITIONS: Mapping[tuple[FlagStatus, Deed], FlagStatus] = MappingProxyType(
    {
        (FlagStatus.OPEN, Deed.TAKE): FlagStatus.TAKEN,
        (FlagStatus.TAKEN, Deed.ASK): FlagStatus.ASKED,
        (FlagStatus.TAKEN, Deed.CLOSE): FlagStatus.CLOSED,
        (FlagStatus.ASKED, Deed.ANSWER): FlagStatus.ANSWERED,
        (FlagStatus.ASKED, Deed.CLOSE): FlagStatus.CLOSED,
        (FlagStatus.ANSWERED, Deed.ASK): FlagStatus.ASKED,
        (FlagStatus.ANSWERED, Deed.CLOSE): FlagStatus.CLOSED,
    }
)
"""Every way a flag may go; a deed that is not here is refused."""

OWNERS: Mapping[FlagStatus, Owner] = MappingProxyType(
    {
        FlagStatus.OPEN: Owner.OFFICE,
        FlagStatus.TAKEN: Owner.PERSON,
        FlagStatus.ASKED: Owner.FIRM,
        FlagStatus.ANSWERED: Owner.PERSON,
        FlagStatus.CLOSED: Owner.NOBODY,
    }
)

DAYS: Mapping[FlagStatus, Threshold] = MappingProxyType(
    {
        FlagStatus.OPEN: Threshold.TAKE_DAYS,
        FlagStatus.TAKEN: Threshold.DECIDE_DAYS,
        FlagStatus.ASKED: Threshold.ANSWER_DAYS,
        FlagStatus.ANSWERED: Threshold.DECIDE_DAYS,
    }
)
"""How long each state may last."""

NEXT: Mapping[FlagStatus, Deed] = MappingProxyType(
    {
        FlagStatus.OPEN: Deed.TAKE,
        FlagStatus.TAKEN: Deed.ASK,
        FlagStatus.ASKED: Deed.ANSWER,
        FlagStatus.ANSWERED: Deed.CLOSE,
    }
)
"""The one next deed of each state."""


REST_MONTHS: Mapping[Kind, int] = MappingProxyType({Kind.STOCK_TOO_OLD: 12})
"""What lasts for months with no day on which it began: for how long one flag speaks for it."""


def next_status(status: FlagStatus, deed: Deed) -> FlagStatus | None:
    """Where the deed leads, or `None` if it may not happen in that state."""
    return TRANSITIONS.get((status, deed))


def speaks_for(kind: Kind, flagged: date, status: FlagStatus, month: date) -> bool:
    """Whether a flag of one month stands for what is found in another, so that nobody is asked
    twice: as long as its case is open, and until its time is over.
    """
    return status is not FlagStatus.CLOSED or month < add_months(flagged, REST_MONTHS[kind])


def due_on(today: date, days: int) -> date:
    """The last day of a time that begins today."""
    return today + timedelta(days=days)


def is_flag_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None
