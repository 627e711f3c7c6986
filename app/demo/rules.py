"""Decisions of the demo data on plain values: its password, who confirms, when things happened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.core.clock import CHINA, add_months, china_day, china_instant, month_of
from app.history.rules import past_months

PASSWORD = "gufei-demo-2026"  # noqa: S105  (printed at every start; never loaded in production)
HISTORY = timedelta(days=56)
"""How long the demo market has been open when it is loaded."""
MONTHS = 24
"""How many months before the present one have been declared."""
CLOSING_DAY, CLOSING_HOUR = 15, 10
"""When the city closes a month: after the day on which declarations are due."""
LOOKED_BEFORE = timedelta(days=3)
"""How long before the close of a month the watch looks at what was declared of it."""
SETTLING_IN = timedelta(hours=1)
"""How long after the opening the watch looks for the first time at the earliest."""
SETTLED = timedelta(days=4)
"""How long ago a round must have closed for its trades to be signed and on the road by now."""
SHORTLY = timedelta(minutes=1)
WEEK = timedelta(days=7)
UNITS = {"h": timedelta(hours=1), "m": timedelta(minutes=1)}
DAY_AND_TIME = re.compile(
    r"(?P<day>-\d+d|due|look(?P<look>[12])\+(?P<later>\d+)d) (?P<hour>\d\d):(?P<minute>\d\d)"
)
FROM_AN_INSTANT = re.compile(r"(?P<start>round)?(?P<count>[+-]\d+)(?P<unit>[hm])")


def confirms(position: int) -> bool:
    """Whether the synthetic firms confirm their trade at this place of the list: two of three."""
    return position % 3 != 2


def closing_of(month: date) -> datetime:
    return china_instant(add_months(month, 1).replace(day=CLOSING_DAY), CLOSING_HOUR)


def looked_at(month: date, now: datetime) -> datetime:
    """When the watch looked at what was declared of a month: at the latest when all is told."""
    return min(closing_of(month) - LOOKED_BEFORE, now)


def declared_before(now: datetime) -> list[date]:
    """The months of which all had been declared when the market opened."""
    return [month for month in past_months(now, MONTHS) if not _is_since(month, now)]


def declared_since(now: datetime) -> list[date]:
    """The other months that are over, the earliest first."""
    return [month for month in past_months(now, MONTHS) if _is_since(month, now)]


def looked_through(now: datetime, look: int) -> date:
    """The month that the watch looked at for the first, second … time since the market opened."""
    return declared_since(now)[look - 1]


def _is_since(month: date, now: datetime) -> bool:
    return looked_at(month, now) > now - HISTORY + SETTLING_IN


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the relative times of the tables in `data/demo` mean on the day the market is loaded.

    `round_closes` is when the round closed that has been cleared; `due` the day in China on which
    proposals were made whose answer is wanted next.
    """

    now: datetime
    round_closes: datetime
    due: date

    @property
    def opened(self) -> datetime:
        return self.now - HISTORY

    @property
    def round_cleared(self) -> datetime:
        """When the clearing of the round was started."""
        return self.round_closes + SHORTLY

    @property
    def this_month(self) -> date:
        return month_of(china_day(self.now))

    def at(self, text: str) -> datetime:
        """`-12d 09:30`, a time of a day in China; `due 10:00`; `look1+5d 10:00`, so many days after
        the first look of the watch, `look2` the second; `-90m` or `+2h` from the present;
        `round+3h` from the close of the round. Raises `ValueError` for anything else.
        """
        if found := DAY_AND_TIME.fullmatch(text):
            clock = time(int(found["hour"]), int(found["minute"]))
            return datetime.combine(self._day(found), clock, CHINA).astimezone(UTC)
        if found := FROM_AN_INSTANT.fullmatch(text):
            start = self.round_closes if found["start"] else self.now
            return start + int(found["count"]) * UNITS[found["unit"]]
        raise ValueError(f"{text!r} is no time of the demo's tables")

    def month(self, text: str, at: datetime) -> date:
        """`then` is the month of an instant, `now` that of the present."""
        return {"then": month_of(china_day(at)), "now": self.this_month}[text]

    def _day(self, found: re.Match[str]) -> date:
        if found["day"] == "due":
            return self.due
        if found["later"]:
            month = looked_through(self.now, int(found["look"]))
            return china_day(looked_at(month, self.now)) + timedelta(days=int(found["later"]))
        return china_day(self.now) + timedelta(days=int(found["day"].removesuffix("d")))


def probe(now: datetime, weeks: int) -> datetime:
    """An instant so many weeks before this month began: the round that closes next after it is the
    one whose trades are delivered this month.
    """
    return china_instant(month_of(china_day(now))) - weeks * WEEK


def other_month(now: datetime, taken: date) -> date:
    """The next month, or the one after it if the next is taken."""
    this_month = month_of(china_day(now))
    return next(
        month for month in (add_months(this_month, 1), add_months(this_month, 2)) if month != taken
    )


def spread(first: datetime, last: datetime, count: int) -> list[datetime]:
    """So many instants between two, at even distances from them and from each other."""
    step = (last - first) / (count + 1)
    return [first + place * step for place in range(1, count + 1)]
