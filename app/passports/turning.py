"""The rules of the day before and of an edition day side by side, held against one lot."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from app.catalogue.quality import UseRow
from app.catalogue.rules import LimitRole
from app.eligibility.fitting import Grading
from app.eligibility.queries import Chapter
from app.eligibility.rules import (
    GATES,
    Limit,
    Lot,
    Verdict,
)


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
        """Grade a lot on both days."""
        before, after = (each.grade(lot) if each else None for each in (self.before, self.after))
        return Held(self, before, after)


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

    def hold(self, kind: str, lot: Lot) -> list[Held]:
        """A lot of a kind, blank if untold, held against the uses that differ."""
        return [turn.hold(lot) for turn in self.turns.get(kind, ()) if turn.differs]


def edition(before: Grading, after: Grading) -> Edition:
    """Put the rules of two days side by side."""
    kinds = before.chapters.keys() | after.chapters.keys()
    return Edition(before, after, {kind: _turns(kind, before, after) for kind in kinds})


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
