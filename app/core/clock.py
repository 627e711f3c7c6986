"""The one place that reads the time. Rules and operations are handed `now` instead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")


def read_clock() -> datetime:
    """The machine's time; journeys replace this one function to stand still or to jump."""
    return datetime.now(UTC)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return read_clock()


def china_day(moment: datetime) -> date:
    """The calendar day in China at an aware instant."""
    return moment.astimezone(CHINA).date()


def china_instant(day: date, hour: int = 0) -> datetime:
    """The instant of a full hour of a day in China, in UTC; midnight begins the day."""
    return datetime.combine(day, time(hour), CHINA).astimezone(UTC)


def month_of(day: date) -> date:
    """The first day of the month a day lies in: how a month is written everywhere."""
    return day.replace(day=1)


def month_instants(first: date, last: date | None = None) -> tuple[datetime, datetime]:
    """When a month, or the months to `last`, begin in China, and when the one after begins."""
    return china_instant(first), china_instant(add_months(last or first, 1))


def parse_month(text: str) -> date:
    """The month written as `2026-10`; raises `ValueError` if it is not so written."""
    found = date.fromisoformat(f"{text}-01")
    if f"{found:%Y-%m}" != text:
        raise ValueError(text)
    return found


def add_months(month: date, count: int) -> date:
    """The month `count` months after (or, negative, before) `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """Every month from `first` to `last`, both included; empty if `last` is earlier."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, step) for step in range(count)]
