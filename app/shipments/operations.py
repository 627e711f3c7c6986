"""The verbs of trucks in one place; each module beside this one holds those of one subject.

A verb takes the session, the actor, plain values and the present; none commits, all audit.
"""

from __future__ import annotations

from app.shipments.discrepancies import agree, propose, settle
from app.shipments.gates import GateDraft, book_slot, set_gate
from app.shipments.losses import declare_missing
from app.shipments.notes import (
    Haulage,
    PlanDraft,
    arrive,
    change_vehicle,
    close,
    confirm,
    plan,
    void,
)
from app.shipments.weighing import TicketDraft, weigh

__all__ = (
    "GateDraft",
    "Haulage",
    "PlanDraft",
    "TicketDraft",
    "agree",
    "arrive",
    "book_slot",
    "change_vehicle",
    "close",
    "confirm",
    "declare_missing",
    "plan",
    "propose",
    "set_gate",
    "settle",
    "void",
    "weigh",
)
