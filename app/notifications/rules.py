"""What people are told of, and how a person wishes to be told."""

from __future__ import annotations

from enum import StrEnum


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
