"""Serial numbers within a prefix, such as the 28 of S-2611-0028: no two are the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class NumberSeries(Base):
    """The last serial given under a prefix; the row's lock keeps serials apart."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    last: Mapped[int]


def next_serial(session: Session, prefix: str) -> int:
    """The next serial of the prefix, counted from 1; a rolled back one is given again."""
    return next_serials(session, prefix, 1)[0]


def next_serials(session: Session, prefix: str, count: int) -> range:
    """The next so many serials of the prefix, at least one."""
    insert = INSERT[session.get_bind().dialect.name]
    statement = (
        insert(NumberSeries)
        .values(prefix=prefix, last=count)
        .on_conflict_do_update(
            index_elements=[NumberSeries.prefix], set_={"last": NumberSeries.last + count}
        )
        .returning(NumberSeries.last)
    )
    last = int(session.execute(statement).scalar_one())
    return range(last - count + 1, last + 1)


def next_number(session: Session, prefix: str, digits: int = 4) -> str:
    """The next public number of the prefix: `T-2611` gives `T-2611-0001`."""
    return f"{prefix}-{next_serial(session, prefix):0{digits}d}"
