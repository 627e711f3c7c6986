"""The rules of the day before and of an edition day side by side, held against one lot."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from app.catalogue.quality import UseRow
from app.catalogue.rules import LimitRole
from app.eligibility.fitting import BEST_FIRST, Grading, Wish
from app.eligibility.queries import Chapter
from app.eligibility.rules import (
    GATES,
    Limit,
    Lot,
    Outcome,
    Purpose,
    Ruling,
    Verdict,
    judge,
    verdict,
)

OUTCOMES = {
    Ruling.MET: Outcome.QUALIFIES,
    Ruling.UNKNOWN: Outcome.NOT_SHOWN,
    Ruling.BROKEN: Outcome.FAILS,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What the rules say of a use the day before and on the day; it may be known on one only."""

    before: Chapter | None
    after: Chapter | None
    differs: bool

    @property
    def use(self) -> UseRow:
        found = self.after or self.before
        assert found is not None
        return found.use

    def hold(self, lot: Lot) -> Held:
        """Grade a lot on both days, once where the rules are the same."""
        before = self.before.grade(lot) if self.before else None
        if not self.differs:
            return Held(self, before, before)
        return Held(self, before, self.after.grade(lot) if self.after else None)


@dataclass(frozen=True, slots=True)
class Held:
    """A lot held against a use on both days."""

    turn: Turn
    before: Verdict | None
    after: Verdict | None

    @property
    def opens_or_shuts(self) -> bool:
        """Whether other buyers may take the lot for it; a better grade alone opens nothing."""
        old, new = self.turn.before, self.turn.after
        if old is None or new is None or self.before is None or self.after is None:
            return True
        same_terms = _terms(old.use) == _terms(new.use)
        return not same_terms or self.before.outcome is not self.after.outcome


@dataclass(frozen=True, slots=True)
class Edition:
    """The rules of both days; `turns` has every use known on either, by kind."""

    before: Grading
    after: Grading
    turns: Mapping[str, list[Turn]]

    @property
    def turns_gates(self) -> bool:
        return self.before.gates != self.after.gates

    def turns_kind(self, kind: str) -> bool:
        """Whether the rules for a kind, blank if untold, differ."""
        return self.turns_gates or any(turn.differs for turn in self.turns.get(kind, ()))

    def narrowed(self, measured: Container[str]) -> Edition:
        """The same without limits that can decide on no lot of which only this was measured."""
        return edition(_narrowed(self.before, measured), _narrowed(self.after, measured))

    def hold(self, kind: str, lot: Lot, *, differing: bool) -> list[Held]:
        """A lot of a kind, blank if untold, held against the uses that differ, or the others."""
        turns = self.turns.get(kind, ())
        return [turn.hold(lot) for turn in turns if turn.differs is differing]


@dataclass(frozen=True, slots=True)
class Openings:
    """What the rules of a day say of a lot for each of its uses, and where nobody knows a use.

    A buyer's own limits stand beside those of a standard and in no grade, so that the outcome with
    them is the worse of the two.
    """

    uses: tuple[tuple[UseRow, Outcome], ...]
    without_use: Outcome

    def take(self, wish: Wish, own: Outcome) -> bool:
        """Whether a buyer may take the lot, whose own limits say `own`; as `Grading.suits`."""
        wanted = [row for row in self.uses if wish.product in ("", *row[0].products)]
        if not wanted:
            return _may_go(None, _worse(self.without_use, own), wish)
        return any(_may_go(use, _worse(outcome, own), wish) for use, outcome in wanted)


def edition(before: Grading, after: Grading) -> Edition:
    """Put the rules of two days side by side."""
    kinds = before.chapters.keys() | after.chapters.keys()
    return Edition(before, after, {kind: _turns(kind, before, after) for kind in kinds})


def openings(rules: Edition, lot: Lot, held: Sequence[Held]) -> tuple[Openings, Openings]:
    """What both days say of a lot that was held against every use of its kind."""
    before = ((each.turn.before, each.before) for each in held)
    after = ((each.turn.after, each.after) for each in held)
    return _openings(rules.before, lot, before), _openings(rules.after, lot, after)


def _openings(
    rules: Grading, lot: Lot, graded: Iterable[tuple[Chapter | None, Verdict | None]]
) -> Openings:
    known = ((chapter.use, found.outcome) for chapter, found in graded if chapter and found)
    return Openings(tuple(known), verdict(rules.gates, lot, Purpose("")).outcome)


def own_outcome(wish: Wish, lot: Lot) -> Outcome:
    """What a buyer's own limits alone say of a lot."""
    found = (OUTCOMES[judge(limit, lot).ruling] for limit in wish.own)
    return reduce(_worse, found, Outcome.QUALIFIES)


def _turns(kind: str, before: Grading, after: Grading) -> list[Turn]:
    old, new = (_by_use(each.chapters.get(kind, ())) for each in (before, after))
    pairs = ((old.get(code), new.get(code)) for code in dict.fromkeys([*new, *old]))
    return [Turn(was, now, was != now) for was, now in pairs]


def _narrowed(rules: Grading, measured: Container[str]) -> Grading:
    chapters = {
        kind: [Chapter(each.use, _deciding(each.limits, measured)) for each in book]
        for kind, book in rules.chapters.items()
    }
    return Grading(chapters, _deciding(rules.gates, measured))


def _deciding(limits: Iterable[Limit], measured: Container[str]) -> tuple[Limit, ...]:
    """Limits without those of the product, and without gates nobody measured: presumed met."""
    return tuple(
        limit
        for limit in limits
        if limit.role is not LimitRole.PRODUCT
        and (limit.role not in GATES or limit.words or limit.subject in measured)
    )


def _by_use(chapters: Iterable[Chapter]) -> dict[str, Chapter]:
    return {chapter.use.code: chapter for chapter in chapters}


def _terms(use: UseRow) -> tuple[object, ...]:
    """What of a use decides who takes a lot for it, besides its limits."""
    return use.products, use.tolerates_unknown


def _worse(first: Outcome, second: Outcome) -> Outcome:
    return max(first, second, key=BEST_FIRST.index)


def _may_go(use: UseRow | None, outcome: Outcome, wish: Wish) -> bool:
    tolerated = wish.accepts_not_shown and (use is None or use.tolerates_unknown)
    return outcome is Outcome.QUALIFIES or (outcome is Outcome.NOT_SHOWN and tolerated)
