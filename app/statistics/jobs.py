"""Facts are made anew where something changed, what may be told is decided, and those who publish
are told of months that firms have corrected since.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy.orm import Session

from app.core.clock import china_day, now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler, Occasion
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.statistics.closing import DECIDE
from app.statistics.corrections import corrected_since
from app.statistics.facts import SETTLING, keep_up, prepare, to_prepare
from app.statistics.official import Period, first_and_last
from app.statistics.prepared import current_shelf
from app.statistics.telling import tell_of_corrections
from app.statistics.unnamed import questions

PREPARE = "statistics.prepare_facts"
TELL = "statistics.tell_of_corrections"
TELL_DAILY = Periodic(TELL, every=timedelta(days=1))
SCHEDULE = (
    Periodic(PREPARE, every=timedelta(minutes=10)),
    Periodic(DECIDE, every=timedelta(days=1)),
    TELL_DAILY,
)


def _prepare(context: JobContext) -> None:
    """One month in each transaction: what was prepared before an interruption stays."""
    as_of = now() - SETTLING
    with database().reading() as session:
        months = to_prepare(session)
    for month in months:
        with context.step() as session:
            prepare(session, month, as_of)
    with context.finish() as session:
        keep_up(session, as_of)


def _decide(context: JobContext) -> None:
    """Decide what may be published of each month, so that no page has to wait for it."""
    with database().reading() as session:
        years = _years(session)
        today = china_day(now())
        asked = [each for year in years for each in questions(session, year, today)]
    secrets = list(chain.from_iterable(asked))
    for done, each in enumerate(secrets):
        context.progress(0, done, len(secrets))
        current_shelf().told(each)
    current_shelf().keep_only(secrets)


def _tell(context: JobContext) -> None:
    """One month in each transaction: a message that was sent is not sent again by a second try."""
    with database().reading() as session:
        months = [found.month for found in corrected_since(session, now())]
    for month in months:
        with context.step() as session:
            tell_of_corrections(session, month, now())
            context.point("before_corrections_commit")
        context.point("after_corrections_commit")


def _years(session: Session) -> list[Period]:
    """The years there are facts of; what is asked of a year holds what is asked of its months."""
    known = first_and_last(session)
    if known is None:
        return []
    first, last = known
    return [
        Period(max(first, year.first), year.last)
        for year in (Period.year(year, last) for year in range(first.year, last.year + 1))
    ]


def _has_changes(session: Session, _now: datetime) -> bool:
    return bool(to_prepare(session))


HANDLERS: dict[str, Handler] = {PREPARE: _prepare, DECIDE: _decide, TELL: _tell}
OCCASIONS: dict[str, Occasion] = {PREPARE: _has_changes}
