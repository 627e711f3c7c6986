"""What enters the rows of each kind of table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.clock import china_day
from app.imports.cells import Words
from app.imports.listing_rows import ListingRows
from app.imports.rules import ImportKind, Result
from app.imports.ticket_rows import TicketRows


class Rows(Protocol):
    """One pass over one table of one firm; `words` are what its columns of words understand."""

    words: Mapping[str, Words]

    def hold(self, session: Session, actor: Actor, rows: Sequence[Mapping[str, str]]) -> None:
        """Lock what rows of one transaction will touch, in the order in which all others do."""

    def enter(
        self, session: Session, actor: Actor, cells: Mapping[str, str], now: datetime
    ) -> Result:
        """Do what a row says; raises `RowRefused`, or a `GufeiError` of the operation."""

    def take_back(self) -> None:
        """The rows entered since the last call were rolled back."""

    def own_rows(self, session: Session, actor: Actor) -> Iterator[dict[str, str]]:
        """What the firm has, as the cells of rows that would change nothing."""


def rows_of(session: Session, actor: Actor, kind: ImportKind, now: datetime) -> Rows:
    """A new pass, by the catalogue of the day."""
    if kind is ImportKind.TICKETS:
        return TicketRows()
    return ListingRows(session, actor, kind, china_day(now))
