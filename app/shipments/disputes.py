"""The weights of trades that are being settled, told to trades by the name of this module."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import term
from app.catalogue.rules import Term
from app.core.clock import china_day
from app.shipments.models import Discrepancy, Shipment
from app.shipments.rules import DiscrepancyStatus
from app.trades.models import Trade
from app.trades.rules import Dispute, Owner


def disputes_of(session: Session, trade_numbers: Iterable[str]) -> dict[str, list[Dispute]]:
    """By trade, its discrepancies as its clock needs them; trades without any are left out."""
    query = (
        select(Trade.number, Discrepancy)
        .join(Shipment, Shipment.id == Discrepancy.shipment_id)
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(Trade.number.in_(list(trade_numbers)))
        .order_by(Discrepancy.opened_at, Shipment.id)
    )
    found: dict[str, list[Dispute]] = defaultdict(list)
    for number, case in session.execute(query):
        found[number].append(_dispute(session, case))
    return found


def _dispute(session: Session, case: Discrepancy) -> Dispute:
    """With the operator a case stays `escalate_days` more, then the second weighing stands."""
    until = case.deadline
    if case.status is DiscrepancyStatus.ESCALATED:
        until += timedelta(days=term(session, Term.ESCALATE_DAYS, china_day(case.deadline)))
    return Dispute(case.opened_at, case.settled_at, _turn(case), until)


def _turn(case: Discrepancy) -> Owner:
    """Who has to say something: whoever was put a weight, or both while none is on the table."""
    if case.status is DiscrepancyStatus.ESCALATED:
        return Owner.OPERATOR
    return Owner.BOTH if case.proposed_by is None else Owner(case.proposed_by.other)
