"""What is imported and how: pure decisions on plain values."""

from __future__ import annotations

from enum import StrEnum


class ImportKind(StrEnum):
    OFFERS = "offers"
    REQUIREMENTS = "requirements"
    TICKETS = "tickets"


class ImportMode(StrEnum):
    """Whether one bad row keeps all the others out."""

    ALL_OR_NOTHING = "all_or_nothing"
    VALID_ROWS = "valid_rows"


class ImportState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
