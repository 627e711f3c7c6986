"""Lots for tests, made by the ledger's own operations."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.ledger import operations
from app.ledger.queries import LotName
from tests.conftest import NOW

DECEMBER = date(2026, 12, 1)
JANUARY = date(2027, 1, 1)


def issued(
    session: Session, number: str = "S-2611-0001", month: date = DECEMBER, kg: int = 1_000
) -> str:
    """A listing's lot of one month; returns the listing's number."""
    operations.issue(session, SYSTEM, number, month, kg, NOW)
    return number


def reserved(
    session: Session, number: str, kg: int, reference: str, month: date = DECEMBER
) -> None:
    operations.reserve(session, SYSTEM, {(number, month): kg}, reference, NOW)


def contracted(session: Session, lot: LotName, kg: int, reference: str, of_kg: int = 1_000) -> None:
    """A lot of which a trade has bound some kilograms."""
    number, month = lot
    issued(session, number, month, of_kg)
    reserved(session, number, kg, reference, month)
    operations.contract(session, SYSTEM, {(number, month): kg}, reference, NOW)
