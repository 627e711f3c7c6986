"""Yearly rows as months: the kilns' winter stop, and a silo of half a month on each side.

What happens here is an assumption that a reader has to be told of: the same tonnes every month,
room for half a month, and the dated stops of ``calendars/kilns.csv``.
"""

import calendar
import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from typing import Any

from matching.problem import Demand, Problem, Supply


@dataclass(frozen=True, slots=True)
class Stop:
    """Days of the year, from month and day to month and day, on which works stand still.

    Attributes
    ----------
    product
        What the works make, in the very words of ``Demand.product``.
    idle_from, idle_to
        (month, day), both included; a stop may run over the end of the year.
    valid_from, valid_to
        The days on which the rule holds, both included.
    """

    product: str
    idle_from: tuple[int, int]
    idle_to: tuple[int, int]
    valid_from: dt.date
    valid_to: dt.date

    def idles(self, day: dt.date) -> bool:
        """Whether the works stand still on the day."""
        if not self.valid_from <= day <= self.valid_to:
            return False
        here = day.month, day.day
        if self.idle_from <= self.idle_to:
            return self.idle_from <= here <= self.idle_to
        return here >= self.idle_from or here <= self.idle_to


def split(problem: Problem) -> Problem:
    """The problem with each row in ``settings.months`` rows, one per month.

    Nothing changes where no months are asked for, or where the rows have months already.
    """
    months = problem.settings.months
    if months is None or problem.has_months:
        return problem
    starts = [_later(problem.settings.start, month) for month in range(months)]
    return replace(
        problem,
        supplies=tuple(row for each in problem.supplies for row in _supplies(each, months)),
        demands=tuple(row for each in problem.demands for row in _demands(each, starts)),
    )


def open_share(product: str, first: dt.date) -> tuple[int, int]:
    """Days of a month on which works that make the product run, and all its days."""
    days = calendar.monthrange(first.year, first.month)[1]
    stops = [stop for stop in stops_of_kilns() if stop.product == product]
    dates = (first.replace(day=day) for day in range(1, days + 1))
    return sum(not any(stop.idles(date) for stop in stops) for date in dates), days


@cache
def stops_of_kilns() -> tuple[Stop, ...]:
    """The dated table that comes with the package."""
    file = resources.files("matching") / "calendars" / "kilns.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(_stop(row) for row in csv.DictReader(lines))


def _supplies(row: Supply, months: int) -> Iterator[Supply]:
    lasting = _fields(row) | {"silo_kg": 0 if row.single else row.silo_kg or _half(row.kg, months)}
    for month, kg in enumerate(_parts(row.kg, months)):
        yield Supply(**{**lasting, "kg": kg, "month": month})


def _demands(row: Demand, starts: Sequence[dt.date]) -> Iterator[Demand]:
    lasting = _fields(row) | {"silo_kg": row.silo_kg or _half(row.kg, len(starts))}
    shares = _open_shares(row.product, tuple(starts))
    for month, kg in enumerate(_parts(row.kg, len(starts))):
        running, days = shares[month]
        yield Demand(**{**lasting, "kg": kg * running // days, "month": month})


def _half(kg: int, months: int) -> int:
    """The mass of half a month."""
    return kg // (2 * months)


def _fields(row: Supply | Demand) -> dict[str, Any]:
    """All values of a row by name; ``dataclasses.replace`` for each month takes twice as long."""
    return {field.name: getattr(row, field.name) for field in fields(row)}


@cache
def _open_shares(product: str, starts: tuple[dt.date, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(open_share(product, start) for start in starts)


def _parts(kg: int, months: int) -> Iterator[int]:
    """Equal whole parts; the first ones take what does not divide."""
    each, rest = divmod(kg, months)
    return (each + (month < rest) for month in range(months))


def _later(start: str, months: int) -> dt.date:
    """The first of the month so many months after a month written as 2026-01."""
    first = dt.date.fromisoformat(f"{start}-01")
    years, month = divmod(first.month - 1 + months, 12)
    return dt.date(first.year + years, month + 1, 1)


def _stop(row: dict[str, str]) -> Stop:
    return Stop(
        row["product"],
        _month_and_day(row["idle_from"]),
        _month_and_day(row["idle_to"]),
        dt.date.fromisoformat(row["valid_from"]),
        dt.date.fromisoformat(row["valid_to"]) if row["valid_to"] else dt.date.max,
    )


def _month_and_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
