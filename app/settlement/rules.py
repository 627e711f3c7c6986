"""Money from received weight: whole kilograms, fen per tonne, amounts in whole fen.

A trade's amount is its received mass at its price, rounded half up once (`core.quantities`). Loads
are paid as they come, each with what the running sum grows by, so that however many loads and
months there are the parts add up to the amount of the whole, to the fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from app.core.clock import china_day, month_of
from app.core.quantities import amount_fen


@dataclass(frozen=True, slots=True)
class Load:
    """One received load of a trade. `kg` is what is paid: the settled weight, else the received.

    `payable_at` is when that was certain: at the receipt, or when its discrepancy was settled. It
    decides order and month, so that a late settlement changes no statement made before.
    """

    trade: str
    shipment: str
    received_at: datetime
    payable_at: datetime
    kg: int


@dataclass(frozen=True, slots=True)
class Prices:
    """Fen per tonne: at the producer's gate (negative: it pays) and at the consumer's."""

    producer: int
    consumer: int


@dataclass(frozen=True, slots=True)
class Line:
    """A load with its money. Consumer fen = producer fen + freight fen, exactly."""

    load: Load
    producer_fen: int
    consumer_fen: int

    @property
    def freight_fen(self) -> int:
        return self.consumer_fen - self.producer_fen


def lines(loads: Iterable[Load], prices: Prices) -> Iterator[Line]:
    """The loads of one trade in the order they became payable, each with its part of the money.

    Loads of one instant stand in the order of their numbers.
    """
    before = 0
    for load in sorted(loads, key=lambda load: (load.payable_at, load.shipment)):
        after = before + load.kg
        yield Line(
            load,
            amount_fen(after, prices.producer) - amount_fen(before, prices.producer),
            amount_fen(after, prices.consumer) - amount_fen(before, prices.consumer),
        )
        before = after


def of_month(found: Iterable[Line], month: date) -> list[Line]:
    """The lines that became payable in a calendar month of China."""
    return [line for line in found if month_of(china_day(line.load.payable_at)) == month]
