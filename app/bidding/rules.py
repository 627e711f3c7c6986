"""Decisions about call rounds, bids and negotiations on plain values."""

from __future__ import annotations

from enum import StrEnum

MOST_STEPS = 5


class RoundState(StrEnum):
    """How a round stands; it follows from its times, its run and whether it was cancelled."""

    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    CLEARED = "cleared"
    CANCELLED = "cancelled"


class NegotiationStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MoveKind(StrEnum):
    """One line of a thread. `OFFER` and `COUNTER` carry a mass and a price."""

    OFFER = "offer"
    COUNTER = "counter"
    MESSAGE = "message"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
