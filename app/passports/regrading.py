"""Every listing graded anew for a day on which the rules change: whose verdict moves, and why.

Both verdicts rest on what is known of the lots now and valid on one day, so that only the rules
make a difference. A buyer's own limits bind on both days alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from app.catalogue.quality import UseRow
from app.core.actor import Actor
from app.core.clock import month_of
from app.eligibility.editions import ONE_DAY
from app.eligibility.fitting import Wish, grading
from app.eligibility.pairs import Applicant
from app.eligibility.rules import Finding, Lot, Verdict
from app.listings.models import Listing
from app.listings.policy import sees_balances
from app.listings.queries import full_listings, is_active, qualities_of
from app.listings.rules import DealMode, Side
from app.passports.rules import Direction, because, direction
from app.passports.turning import Edition, Held, edition

Row = TypeVar("Row", "Graded", "Move", "Supply")


@dataclass(frozen=True, slots=True)
class Graded:
    """An offer of a known kind of waste, and how many uses it was held against."""

    listing: Listing
    uses: int


@dataclass(frozen=True, slots=True)
class Move:
    """A verdict on an offer that an edition changes; without a verdict the use is not known.

    The verdicts tell of the ladder alone: gates that nobody measured and conditions are left out.
    """

    listing: Listing
    use: UseRow
    before: Verdict | None
    after: Verdict | None
    direction: Direction
    because: tuple[Finding, ...]

    @property
    def is_unconfirmed(self) -> bool:
        """Whether a row that nobody could confirm decides."""
        verdicts = [found for found in (self.before, self.after) if found]
        return any(found.is_unconfirmed for found in verdicts)


@dataclass(frozen=True, slots=True)
class Supply:
    """How many offers a requirement loses and gains, of its materials and in its months."""

    listing: Listing
    lost: int
    gained: int


@dataclass(frozen=True, slots=True)
class Regrading:
    """What becomes of the listings on a day on which the rules change."""

    day: date
    graded: list[Graded]
    moves: list[Move]
    supplies: list[Supply]

    @property
    def same(self) -> int:
        """How many verdicts stay."""
        return sum(each.uses for each in self.graded) - len(self.moves)

    def count(self, way: Direction) -> int:
        return sum(move.direction is way for move in self.moves)

    def as_seen_by(self, actor: Actor) -> Regrading:
        """The same of listings that are the actor's own or overseen by the actor."""
        return Regrading(
            self.day,
            _seen(actor, self.graded),
            _seen(actor, self.moves),
            _seen(actor, self.supplies),
        )


def regrade(session: Session, day: date, on: date) -> Regrading:
    """Grade every active listing by the rules of a day and of the day before it.

    Listings count that have a month on or after `day`; of their lots, what is known now and valid
    on the day `on`. The number of statements does not grow with the listings.
    """
    offers = _listings(session, Side.OFFER, day)
    rules = edition(*(grading(session, each) for each in (day - ONE_DAY, day)))
    batches = _alike(session, [each for each in offers if rules.turns_kind(each.kind or "")], on)
    rules = rules.narrowed({name for each in batches for name in each.lot.readings})
    for batch in batches:
        batch.held = rules.hold(batch.kind, batch.lot)
    moves = [move for batch in batches for move in _moves(batch)]
    return Regrading(
        day=day,
        graded=list(_graded(offers, rules)),
        moves=sorted(moves, key=lambda move: move.listing.number),
        supplies=_supplies(session, rules, batches, day),
    )


@dataclass(slots=True)
class _Alike:
    """Offers of a kind, blank if untold, of whose material the same is known.

    `held` has the uses on which the two days differ.
    """

    kind: str
    lot: Lot
    offers: list[Listing]
    held: list[Held]


def _graded(offers: Iterable[Listing], rules: Edition) -> Iterator[Graded]:
    for offer in offers:
        if uses := len(rules.turns.get(offer.kind or "", ())):
            yield Graded(offer, uses)


def _moves(batch: _Alike) -> Iterator[Move]:
    for held in batch.held:
        way = direction(held.before, held.after)
        if way is not None:
            why = because(held.before, held.after)
            for offer in batch.offers:
                yield Move(offer, held.turn.use, held.before, held.after, way, why)


def _listings(session: Session, side: Side, day: date) -> list[Listing]:
    """The active listings of a side that have a month on or after a day, by number."""
    query = full_listings().where(
        Listing.side == side, is_active(), Listing.last_month >= month_of(day)
    )
    return list(session.scalars(query.order_by(Listing.number)))


def _alike(session: Session, offers: list[Listing], on: date) -> list[_Alike]:
    """The offers by what is known of their lots on a day, so that equal lots are graded once."""
    qualities = qualities_of(session, offers, on)
    found: dict[object, _Alike] = {}
    for offer in offers:
        lot = qualities[offer.number].lot
        known = frozenset(lot.readings.items()), frozenset(lot.facts.items())
        alike = found.setdefault((offer.kind, known), _Alike(offer.kind or "", lot, [], []))
        alike.offers.append(offer)
    return list(found.values())


def _supplies(
    session: Session, rules: Edition, batches: Iterable[_Alike], day: date
) -> list[Supply]:
    """The requirements that lose or gain offers on the market, by number."""
    touched = [
        batch
        for batch in batches
        if rules.turns_gates or any(held.opens_or_shuts for held in batch.held)
    ]
    if not touched:
        return []
    requirements = _listings(session, Side.REQUIREMENT, day)
    lost, gained = _tallies(rules, touched, _by_wish(session, requirements, day), day)
    return [
        Supply(each, lost[each.number], gained[each.number])
        for each in requirements
        if each.number in lost or each.number in gained
    ]


def _tallies(
    rules: Edition,
    batches: Iterable[_Alike],
    buyers: Mapping[Wish, list[Listing]],
    day: date,
) -> tuple[Counter[str], Counter[str]]:
    """How many offers each requirement loses and gains, by its number."""
    lost: Counter[str] = Counter()
    gained: Counter[str] = Counter()
    for batch in batches:
        before, after = (
            Applicant(known, batch.kind, batch.lot) for known in (rules.before, rules.after)
        )
        for wish, requirements in buyers.items():
            took, takes = before.fit(wish).is_allowed, after.fit(wish).is_allowed
            if took is not takes:
                tally = gained if takes else lost
                tally.update(_meetings(batch.offers, requirements, day))
    return lost, gained


def _by_wish(session: Session, requirements: list[Listing], day: date) -> dict[Wish, list[Listing]]:
    qualities = qualities_of(session, requirements, day)
    found: defaultdict[Wish, list[Listing]] = defaultdict(list)
    for each in requirements:
        found[qualities[each.number].wish].append(each)
    return found


def _meetings(
    offers: Iterable[Listing], requirements: Iterable[Listing], day: date
) -> Iterator[str]:
    """The number of a requirement for every offer it could meet on the market, fit or not."""
    for offer in offers:
        for each in requirements:
            if _may_meet(offer, each, day):
                yield each.number


def _may_meet(offer: Listing, requirement: Listing, day: date) -> bool:
    first = max(offer.first_month, requirement.first_month, month_of(day))
    return (
        DealMode.PRIVATE not in (offer.deal_mode, requirement.deal_mode)
        and offer.company_id != requirement.company_id
        and offer.materials[0] in requirement.materials
        and first <= min(offer.last_month, requirement.last_month)
    )


def _seen(actor: Actor, rows: list[Row]) -> list[Row]:
    return [row for row in rows if sees_balances(actor, row.listing)]
