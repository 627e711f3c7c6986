"""Generated worlds of any shape with a past, for what must hold of the figures of every one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.companies.models import FirmGroup, GroupMember
from app.core.clock import add_months, china_instant
from app.core.transactions import database
from app.declarations.balance import MASSES
from app.declarations.models import Declaration
from app.history.rules import past_months
from app.maps.questions import Question
from app.simulation.worlds.operations import Wanted, generate
from app.statistics.facts import prepare
from app.trades.models import Trade
from tests.conftest import NOW

AFTER_NEW_YEAR = datetime(2027, 3, 20, 4, 0, tzinfo=UTC)
"""The months before it lie in two years."""
HOUR = timedelta(hours=1)
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a world is made from.

    `claims` are kilograms that declarations state to be used by others without a ticket, each by
    the place of a declaration among all; the last month is looked at `days` after its end, when
    perhaps not everybody has declared. What is asked is the month or its year up to it.
    """

    wanted: Wanted
    now: datetime = NOW
    claims: tuple[tuple[int, int], ...] = ((0, 40_000), (7, 1))
    days: int = 20
    whole_year: bool = False
    with_red_mud: bool = False

    @property
    def months(self) -> list[date]:
        return past_months(self.now, self.wanted.months)

    @property
    def last(self) -> date:
        return self.months[-1]

    @property
    def question(self) -> Question:
        return Question(self.last, whole_year=self.whole_year, with_red_mud=self.with_red_mud)

    def as_of(self, month: date) -> datetime:
        """Up to when what was entered counts for a month."""
        return china_instant(add_months(month, 1)) + timedelta(
            days=self.days if month == self.last else 20
        )


FIXED = Shape(
    Wanted(sites=20, months=4, tickets=120, seed=20, unclosed_milli=60), with_red_mud=True
)
EARLY = Shape(
    Wanted(sites=20, months=3, tickets=90, seed=5), now=AFTER_NEW_YEAR, days=4, whole_year=True
)


def shapes() -> st.SearchStrategy[Shape]:
    wanted = st.builds(
        Wanted,
        sites=st.integers(20, 40),
        months=st.integers(2, 5),
        tickets=st.integers(40, 200),
        seed=st.integers(0, 10**6),
        unclosed_milli=st.sampled_from((0, 100)),
    )
    claim = st.tuples(st.integers(0, 200), st.integers(1, 90_000))
    return st.builds(
        Shape,
        wanted,
        now=st.sampled_from((NOW, AFTER_NEW_YEAR)),
        claims=st.lists(claim, max_size=6).map(tuple),
        days=st.sampled_from((3, 5, 20)),
        whole_year=st.booleans(),
        with_red_mud=st.booleans(),
    )


@contextmanager
def lived(shape: Shape) -> Iterator[Session]:
    """A world of that shape, its months prepared; nothing of it stays in the database."""
    with database().writing() as session:
        generate(session, shape.wanted, shape.now)
        found = in_force(session)
        for place, kg in {place % len(found): kg for place, kg in shape.claims}.items():
            claim(session, found[place], kg)
        _befriend(session)
        for month in shape.months:
            prepare(session, month, shape.as_of(month))
        yield session
        session.rollback()


def in_force(session: Session) -> list[Declaration]:
    """The last version of every declaration."""
    order = (Declaration.month, Declaration.site_id, Declaration.material, Declaration.version)
    found = session.scalars(select(Declaration).order_by(*order))
    return list({(one.month, one.site_id, one.material): one for one in found}.values())


def claim(session: Session, old: Declaration, kg: int, at: datetime | None = None) -> Declaration:
    """State anew that more was generated, and used by others, by so much."""
    masses = {name: getattr(old, name) for name in MASSES}
    row = Declaration(
        number=f"D-CLAIM-{next(_numbers):05d}",
        month=old.month,
        site_id=old.site_id,
        company_id=old.company_id,
        adcode=old.adcode,
        park=old.park,
        material=old.material,
        version=old.version + 1,
        explanation=old.explanation,
        reason="补记委托利用量",
        declared_at=at or old.declared_at + HOUR,
        declared_by="company:1",
        **masses
        | {
            "generated_kg": old.generated_kg + kg,
            "entrusted_used_kg": old.entrusted_used_kg + kg,
        },
    )
    session.add(row)
    session.flush()
    return row


def _befriend(session: Session) -> None:
    """Put the two firms of a trade under one control."""
    trade = session.scalars(select(Trade).order_by(Trade.id)).first()
    if trade is None:
        return
    ends = (trade.producer_company_id, trade.consumer_company_id)
    session.execute(delete(GroupMember).where(GroupMember.company_id.in_(ends)))
    group = FirmGroup(name="示例集团")
    session.add(group)
    session.flush()
    session.add_all(
        GroupMember(company_id=firm, valid_from=trade.month, group_id=group.id) for firm in ends
    )
    session.flush()
