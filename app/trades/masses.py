"""How much of a trade has gone which way: what was posted under its number, in kilograms.

Every movement is posted alike on both listings; the offer's lots are read here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.ledger.models import Entry, Lot, Posting
from app.ledger.rules import Verb
from app.trades.models import Trade


@dataclass(frozen=True, slots=True)
class Masses:
    """Kilograms of one trade. `contracted` waits for a truck; `rejected` counts what went back too.

    dispatched = in_transit + received + rejected + difference, always.
    """

    contracted: int = 0
    dispatched: int = 0
    in_transit: int = 0
    received: int = 0
    rejected: int = 0
    difference: int = 0
    returned: int = 0

    @property
    def on_its_way_back(self) -> int:
        """What was rejected and has not been weighed at the producer's gate again."""
        return self.rejected - self.returned

    @property
    def has_moved(self) -> bool:
        return self.dispatched > 0

    @property
    def is_still_moving(self) -> bool:
        return self.in_transit + self.on_its_way_back > 0

    def is_enough(self, kg: int, short_milli: int) -> bool:
        """Whether a trade of `kg` may be closed: at rest, and all but so many thousandths came."""
        return not self.is_still_moving and self.received * 1000 >= kg * (1000 - short_milli)


def masses_of(session: Session, numbers: Iterable[str]) -> dict[str, Masses]:
    """The masses of several trades by number; every number is there."""
    wanted = list(numbers)
    query = (
        select(Entry.reference, Entry.verb, func.sum(Posting.kg))
        .join(Posting, and_(Posting.entry_id == Entry.id, Posting.kg > 0))
        .join(Lot, Lot.id == Posting.lot_id)
        .join(
            Trade, and_(Trade.number == Entry.reference, Trade.offer_number == Lot.listing_number)
        )
        .where(Entry.reference.in_(wanted))
        .group_by(Entry.reference, Entry.verb)
    )
    moved: dict[str, dict[Verb, int]] = defaultdict(lambda: defaultdict(int))
    for number, verb, kg in session.execute(query):
        moved[number][verb] = int(kg)
    return {number: _masses(moved[number]) for number in wanted}


def _masses(moved: dict[Verb, int]) -> Masses:
    dispatched, received = moved[Verb.DISPATCH], moved[Verb.RECEIVE]
    rejected, difference = moved[Verb.REJECT], moved[Verb.DIFFER]
    return Masses(
        contracted=moved[Verb.CONTRACT] - moved[Verb.RELEASE] - dispatched,
        dispatched=dispatched,
        in_transit=dispatched - received - rejected - difference,
        received=received,
        rejected=rejected,
        difference=difference,
        returned=moved[Verb.RETURN],
    )
