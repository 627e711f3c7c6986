"""May a lot go to a buyer? Its uses, their standards and its own limits against what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.catalogue.quality import ParameterRow, UseRow
from app.catalogue.rules import Confidence, LimitRole
from app.eligibility.queries import Chapter, gates, rulebooks
from app.eligibility.ranges import Range
from app.eligibility.rules import Limit, Lot, Outcome, Purpose, Verdict, verdict

BEST_FIRST = (Outcome.QUALIFIES, Outcome.NOT_SHOWN, Outcome.FAILS)


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A bound that a buyer sets, both ends inclusive, in the unit of the parameter."""

    parameter: str
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer makes of the material, blank if untold, and what it asks of a lot."""

    product: str = ""
    own: tuple[Limit, ...] = ()
    accepts_not_shown: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """A use that a lot may be put to and the verdict on it; `use` as in `Suitability`."""

    use: UseRow | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Suitability:
    """The best of the uses a wish allows, the verdict on a lot for it, and whether they may trade.

    `use` is none where nobody knows a use of the kind for what the buyer makes.
    """

    use: UseRow | None
    verdict: Verdict
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class Grading:
    """The rules of a day for every kind of waste."""

    chapters: Mapping[str, Sequence[Chapter]]
    gates: tuple[Limit, ...]

    def suits(self, kind: str, lot: Lot, wish: Wish) -> Suitability:
        """Whether a lot of a kind, blank if untold, may go to a buyer."""
        options = self.options(kind, lot, wish.product, wish.own)
        return min((_answer(option, wish) for option in options), key=_rank)

    def options(
        self, kind: str, lot: Lot, product: str, own: tuple[Limit, ...] = ()
    ) -> list[Option]:
        """The uses for which a buyer who makes `product` may take a lot; at least one answer."""
        wanted = [
            Option(chapter.use, chapter.grade(lot, own))
            for chapter in self.chapters.get(kind, ())
            if product in ("", *chapter.use.products)
        ]
        return wanted or [Option(None, verdict((*self.gates, *own), lot, Purpose("")))]


def grading(session: Session, on: date) -> Grading:
    """The rules as they stand on a day."""
    return Grading(rulebooks(session, on), gates(session, on))


def limits_of(own: Iterable[OwnLimit], parameters: Mapping[str, ParameterRow]) -> tuple[Limit, ...]:
    """A buyer's own limits as grading wants them."""
    return tuple(_limit(row, str(parameters[row.parameter].unit)) for row in own)


def _limit(row: OwnLimit, unit: str) -> Limit:
    return Limit(
        role=LimitRole.ACCEPT,
        subject=row.parameter,
        allowed=Range(row.minimum, row.maximum),
        standard="",
        clause="",
        confidence=Confidence.SEEN,
        unit=unit,
        printed_unit=unit,
    )


def may_go(use: UseRow | None, outcome: Outcome, *, accepts_not_shown: bool) -> bool:
    """Whether a lot of this outcome may go to a use; where nobody knows one the buyer decides."""
    tolerated = accepts_not_shown and (use is None or use.tolerates_unknown)
    return outcome is Outcome.QUALIFIES or (outcome is Outcome.NOT_SHOWN and tolerated)


def _answer(option: Option, wish: Wish) -> Suitability:
    use, found = option.use, option.verdict
    allowed = may_go(use, found.outcome, accepts_not_shown=wish.accepts_not_shown)
    return Suitability(use, found, allowed)


def _rank(found: Suitability) -> tuple[bool, int]:
    return not found.is_allowed, BEST_FIRST.index(found.verdict.outcome)
