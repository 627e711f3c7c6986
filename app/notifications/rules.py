"""What people are told of, how a person wishes to be told, and how a message is kept harmless."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

KEPT = timedelta(days=180)
"""How long a message stays after it was read."""

MOST_MAILS, MAIL_WINDOW = 10, timedelta(hours=1)
"""How often one page is mailed to one person: what another firm can repeat must flood nobody."""

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=2), timedelta(hours=1)
"""How long after a letter was taken up it is tried again, doubling each time. No conversation with
a mail server about one letter takes as long as the first of these."""

MAIL_LIFE = timedelta(days=2)
"""After this time a letter nobody would take is given up; the message stays on the site."""

LONGEST_VALUE = 120
LONGEST_PATH = 200
LONGEST_KEY = 96
CONTROL = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Unicode categories of signs that break lines or reverse the writing."""


class Kind(StrEnum):
    """What happened. Each has a sentence in both languages in `words.SENTENCES`."""

    NEW_MATCH = "new_match"
    COUNTERPART_CONFIRMED = "counterpart_confirmed"
    APPROVAL_WANTED = "approval_wanted"
    DEADLINE_NEAR = "deadline_near"
    TRADE_ENDED = "trade_ended"
    CANCEL_ASKED = "cancel_asked"
    ESCALATED = "escalated"
    NEW_OFFER = "new_offer"
    ROUND_OPENED = "round_opened"
    ROUND_CLEARED = "round_cleared"
    SHIPMENT_DUE = "shipment_due"
    SHIPMENT_ARRIVED = "shipment_arrived"
    DISCREPANCY = "discrepancy"
    REJECTION = "rejection"
    SILO_FULL = "silo_full"
    DATA_LOOKED_UP = "data_looked_up"
    IMPORT_DONE = "import_done"
    HAZARD_FOUND = "hazard_found"
    GRADE_MOVES = "grade_moves"
    DECLARATION_DUE = "declaration_due"
    DECLARATION_LATE = "declaration_late"
    FLAG_ASKED = "flag_asked"
    MONTH_CORRECTED = "month_corrected"


OFFICIAL_KINDS = frozenset({Kind.MONTH_CORRECTED})
"""What officials are told of, and nobody else."""


VALUES: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        Kind.NEW_MATCH: frozenset({"number", "material", "tonnes", "deadline"}),
        Kind.COUNTERPART_CONFIRMED: frozenset({"number", "material", "tonnes"}),
        Kind.APPROVAL_WANTED: frozenset({"number", "person", "deed"}),
        Kind.DEADLINE_NEAR: frozenset({"number", "step", "deadline"}),
        Kind.TRADE_ENDED: frozenset({"number", "ending", "reason"}),
        Kind.CANCEL_ASKED: frozenset({"number", "reason"}),
        Kind.ESCALATED: frozenset({"number", "step"}),
        Kind.NEW_OFFER: frozenset({"number", "material"}),
        Kind.ROUND_OPENED: frozenset({"number", "deadline"}),
        Kind.ROUND_CLEARED: frozenset({"number"}),
        Kind.SHIPMENT_DUE: frozenset({"number", "at"}),
        Kind.SHIPMENT_ARRIVED: frozenset({"number", "plate"}),
        Kind.DISCREPANCY: frozenset({"number", "dispatched", "received"}),
        Kind.REJECTION: frozenset({"number", "tonnes", "reason"}),
        Kind.SILO_FULL: frozenset({"site", "material", "days"}),
        Kind.DATA_LOOKED_UP: frozenset({"number", "reason"}),
        Kind.IMPORT_DONE: frozenset({"name", "count"}),
        Kind.HAZARD_FOUND: frozenset({"number", "material"}),
        Kind.GRADE_MOVES: frozenset({"number", "material", "day", "moves"}),
        Kind.DECLARATION_DUE: frozenset({"site", "month", "count", "day"}),
        Kind.DECLARATION_LATE: frozenset({"site", "month", "count", "day"}),
        Kind.FLAG_ASKED: frozenset({"number", "what", "deadline"}),
        Kind.MONTH_CORRECTED: frozenset({"month", "count"}),
    }
)
"""The values each sentence needs; `material` is a code of the catalogue, masses are tonnes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wishes to hear of one kind; who has changed nothing hears it both ways."""

    on_site: bool = True
    by_mail: bool = True


def missing(kind: Kind, given: Iterable[str]) -> frozenset[str]:
    """The values a kind's sentence needs and does not have."""
    return VALUES[kind] - frozenset(given)


def next_try(tries: int, now: datetime) -> datetime:
    """When a letter that was tried so often, and is tried now, would be tried again."""
    return now + min(FIRST_RETRY * (1 << min(tries, 8)), LONGEST_RETRY)


def is_flooding(at: datetime, tenth: datetime | None) -> bool:
    """Whether a message of `at` is one too many to mail.

    `tenth` is when the person was told of that page, `MOST_MAILS` messages ago.
    """
    return tenth is not None and tenth > at - MAIL_WINDOW


def is_own_path(path: str) -> bool:
    """Whether a text is the path of a page on this site and nothing else: no host, no blank."""
    starts = path.startswith("/") and not path.startswith(("//", "/\\"))
    return starts and len(path) <= LONGEST_PATH and path.isprintable() and " " not in path


def plain_line(text: str) -> str:
    """A text on one line without control signs, cut to what a message has room for."""
    signs = (" " if unicodedata.category(sign) in CONTROL else sign for sign in text)
    line = " ".join("".join(signs).split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"


def unlinked(text: str) -> str:
    """The same line with no web address that a mail reader would turn into a link."""
    return text.replace("://", ":∕∕").replace("www.", "www․")
