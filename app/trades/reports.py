"""Laboratory files behind the goods of a trade, for its two sides once their names are open."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.assays.models import Assay, AssayReport
from app.assays.queries import reported
from app.core.errors import NotFound
from app.trades.queries import TradeView


def reports_of(session: Session, view: TradeView) -> list[Assay]:
    """The assays of the offer with a file behind them, as far as the reader of a case may."""
    is_for_reader = view.is_open and bool(view.my_sides)
    return reported(session, view.offer_number) if is_for_reader else []


def report_file(session: Session, view: TradeView, report_id: int) -> AssayReport:
    """One of these files; raises `NotFound`."""
    for assay in reports_of(session, view):
        if assay.report is not None and assay.report.id == report_id:
            return assay.report
    raise NotFound
