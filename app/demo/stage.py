"""What the story of the demo market is told with: who and what there is, by the tables' keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.vault import Vault
from app.demo.operations import Market, email_of, manager_of
from app.demo.rules import Calendar
from app.listings.models import Listing
from app.trades.models import Trade
from app.trades.rules import Party


@dataclass
class Stage:
    """A market while its story is told; what has been made stands in the dictionaries.

    `trades`, `threads` and `loads` hold public numbers by the keys of `deals.csv`, `threads.csv`
    and `loads.csv`, `rounds` those of the rounds, `run` that of the clearing of one; `sources` and
    `facilities` hold ids by the site's key and the material or code.
    """

    folder: Path
    market: Market
    calendar: Calendar
    vault: Vault
    trades: dict[str, str] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    loads: dict[str, str] = field(default_factory=dict)
    rounds: dict[str, str] = field(default_factory=dict)
    sources: dict[tuple[str, str], int] = field(default_factory=dict)
    facilities: dict[tuple[str, str], int] = field(default_factory=dict)
    run: str = ""
    _actors: dict[int, Actor] = field(default_factory=dict)

    def person(self, session: Session, who: str) -> Actor:
        """Somebody with a demo account, such as the operator."""
        return actor_of(session.scalars(select(User).where(User.email == email_of(who))).one())

    def firm(self, session: Session, key: str) -> Actor:
        """Somebody who acts for a firm: the owner of its demo account, if it has one."""
        return self._of(session, self.market.companies[key])

    def owner(self, session: Session, site_id: int) -> Actor:
        """Somebody who acts for the firm of a site."""
        return self._of(session, session.get_one(Site, site_id).company_id)

    def owner_of_listing(self, session: Session, number: str) -> Actor:
        """Somebody who acts for the firm of a listing."""
        firm = select(Listing.company_id).where(Listing.number == number)
        return self._of(session, session.scalars(firm).one())

    def side(self, session: Session, deal: str, side: Party) -> Actor:
        """Somebody who acts for one side of a trade."""
        firm = f"{side}_company_id"
        wanted = select(getattr(Trade, firm)).where(Trade.number == self.trades[deal])
        return self._of(session, session.scalars(wanted).one())

    def _of(self, session: Session, company_id: int) -> Actor:
        if company_id not in self._actors:
            user = session.scalar(select(User).where(User.company_id == company_id))
            company = session.get_one(Company, company_id)
            self._actors[company_id] = actor_of(user) if user else manager_of(company)
        return self._actors[company_id]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did, and when."""

    at: datetime
    do: Callable[[Session, datetime], object]


def play(session: Session, acts: Iterable[Act]) -> None:
    """Let everything happen in the order of time."""
    for act in sorted(acts, key=lambda act: act.at):
        act.do(session, act.at)


def form_key(*parts: str) -> str:
    """The hidden key of a form, the same whenever the story is told."""
    return hashlib.sha256(":".join(parts).encode()).hexdigest()[:32]
