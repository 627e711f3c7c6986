"""What the official figures are made of, read once more from the rows people entered.

Shares no query with the product: declarations, tickets, trades and groups are read one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import ChainLink
from app.companies.models import GroupMember, Site
from app.declarations.models import Declaration
from app.listings.models import Listing
from app.shipments.models import Shipment
from app.trades.models import Trade
from tests.statistics.pasts import Shape

CHINA = timedelta(hours=8)
Waste = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Load:
    """A load that was taken, in the month it was weighed."""

    number: str
    month: date
    material: str
    from_adcode: str
    to_adcode: str
    kg: int
    is_related: bool
    is_chained: bool


@dataclass(frozen=True, slots=True)
class Raw:
    """The declarations in force of a world, and its loads."""

    declared: list[Declaration]
    loads: list[Load]

    def within(self, months: Collection[date], materials: Collection[str]) -> Raw:
        return Raw(
            [row for row in self.declared if row.month in months and row.material in materials],
            [row for row in self.loads if row.month in months and row.material in materials],
        )

    @property
    def last(self) -> Collection[Declaration]:
        """The latest declaration of each waste."""
        found = {(row.site_id, row.material): row for row in sorted(self.declared, key=_month)}
        return found.values()

    @property
    def used(self) -> dict[Waste, int]:
        """By site and material."""
        found: defaultdict[Waste, int] = defaultdict(int)
        for row in self.declared:
            found[row.site_id, row.material] += row.self_used_kg + row.entrusted_used_kg
        return dict(found)

    @property
    def generated_kg(self) -> int:
        return sum(row.generated_kg for row in self.declared)

    def closing_kg(self, month: date) -> int:
        """What lay there at the end of a month, of wastes declared for it."""
        return sum(row.closing_kg for row in self.declared if row.month == month)

    @property
    def old_used_kg(self) -> int:
        """Use of what lay there when the first month began, by what was drawn from the stock."""
        return sum(_old_used(rows) for rows in self._wastes())

    def _wastes(self) -> Collection[list[Declaration]]:
        """The declarations of each waste, the earliest first."""
        found: defaultdict[Waste, list[Declaration]] = defaultdict(list)
        for row in sorted(self.declared, key=lambda row: row.month):
            found[row.site_id, row.material].append(row)
        return found.values()

    @property
    def taken(self) -> dict[str, int]:
        """By the number of the load."""
        return {row.number: row.kg for row in self.loads}

    @property
    def used_here(self) -> dict[str, int]:
        """By county: what its producers used themselves, and what its consumers took."""
        found: defaultdict[str, int] = defaultdict(int)
        for row in self.declared:
            found[row.adcode] += row.self_used_kg
        for load in self.loads:
            found[load.to_adcode] += load.kg
        return {adcode: kg for adcode, kg in found.items() if kg}

    @property
    def moved(self) -> dict[tuple[str, str], dict[str, int]]:
        """By the counties where a load came from and was taken, the kilograms by material."""
        found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for load in self.loads:
            found[load.from_adcode, load.to_adcode][load.material] += load.kg
        return {ends: dict(kinds) for ends, kinds in found.items()}


def _old_used(rows: list[Declaration]) -> int:
    """The part of a draw beyond the opening stock is of what the period itself stored."""
    used = sum(row.old_used_kg for row in rows)
    drawn = used + sum(row.old_disposed_kg for row in rows)
    return used * min(drawn, rows[0].opening_kg) // drawn if drawn else 0


def raw_rows(session: Session, shape: Shape) -> Raw:
    """All of a world, each month as of the instant it is looked at."""
    newest: dict[tuple[Waste, date], Declaration] = {}
    for row in session.scalars(select(Declaration).order_by(Declaration.version)):
        if row.declared_at <= shape.as_of(row.month):
            newest[(row.site_id, row.material), row.month] = row
    return Raw(list(newest.values()), list(_loads(session, shape)))


def _month(row: Declaration) -> date:
    return row.month


def _loads(session: Session, shape: Shape) -> Iterator[Load]:
    trades = {trade.id: trade for trade in session.scalars(select(Trade))}
    for load in session.scalars(select(Shipment)):
        for ticket in load.tickets:
            month = (ticket.weighed_at + CHINA).date().replace(day=1)
            if ticket.end == "unloading" and ticket.recorded_at <= shape.as_of(month):
                yield _load(session, trades[load.trade_id], load, month)


def _load(session: Session, trade: Trade, load: Shipment, month: date) -> Load:
    return Load(
        number=load.number,
        month=month,
        material=trade.material,
        from_adcode=session.get_one(Site, trade.producer_site_id).adcode,
        to_adcode=session.get_one(Site, trade.consumer_site_id).adcode,
        kg=load.received_kg,
        is_related=_is_related(session, trade),
        is_chained=_is_chained(session, trade),
    )


def _is_related(session: Session, trade: Trade) -> bool:
    """Nobody leaves or joins a group in a generated world."""
    ends = (trade.producer_company_id, trade.consumer_company_id)
    members = session.scalars(select(GroupMember).where(GroupMember.company_id.in_(ends)))
    groups = [one.group_id for one in members]
    return ends[0] == ends[1] or (len(groups) == 2 and groups[0] == groups[1])


def _is_chained(session: Session, trade: Trade) -> bool:
    (need,) = session.scalars(select(Listing).where(Listing.number == trade.requirement_number))
    links = session.scalars(select(ChainLink).where(ChainLink.material == trade.material))
    return need.product in {link.product for link in links}
