"""Which loads count in a month, and as received for use: one condition for all who ask.

A load counts in the month, in China, in which it was weighed at the consumer's gate.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement

from app.core.db import within_month
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End


def unloaded_in(month: date) -> tuple[ColumnElement[bool], ...]:
    """Of a query over tickets: the weighings at consumers' gates in a month."""
    return (Ticket.end == End.UNLOADING, within_month(Ticket.weighed_at, month))


def received_in(month: date) -> tuple[ColumnElement[bool], ...]:
    """Of a query over tickets and their shipments: those of which something was received."""
    return (*unloaded_in(month), Shipment.received_kg > 0)
