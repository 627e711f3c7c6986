"""What a new edition makes of a verdict, on plain values: up, down or the same, and why."""

from __future__ import annotations

from enum import StrEnum

from app.eligibility.rules import Finding, Outcome, Rung, Verdict

WORST_FIRST = (Outcome.FAILS, Outcome.NOT_SHOWN, Outcome.QUALIFIES)


class Direction(StrEnum):
    """Whether a verdict becomes better or worse."""

    UP = "up"
    DOWN = "down"


def direction(before: Verdict | None, after: Verdict | None) -> Direction | None:
    """Which way a verdict goes, `None` if it stays; a use that nobody knows is as good as barred.

    Of two grades that were both shown, the one that stands higher on its ladder is the better.
    """
    step = _outcome(after) - _outcome(before)
    if step == 0 and before and after and after.grade != before.grade:
        step = _place(before) - _place(after) if before.grade and after.grade else 0
    if step == 0:
        return None
    return Direction.UP if step > 0 else Direction.DOWN


def because(before: Verdict | None, after: Verdict | None) -> tuple[Finding, ...]:
    """What makes the difference: the findings that keep the worse verdict from being the other.

    None where the use begins or ends, or where the verdict stays.
    """
    way = direction(before, after)
    if way is None or before is None or after is None:
        return ()
    worse, better = (before, after) if way is Direction.UP else (after, before)
    rung = _rung_to_reach(worse, better)
    return rung.failing or rung.missing


def _outcome(found: Verdict | None) -> int:
    return 0 if found is None else WORST_FIRST.index(found.outcome)


def _place(found: Verdict) -> int:
    """How many grades of its ladder are better than the one shown."""
    return [rung.grade for rung in found.ladder].index(found.grade)


def _rung_to_reach(worse: Verdict, better: Verdict) -> Rung:
    """Of the worse verdict's ladder, the grade that the better one has; else what decided."""
    same = [rung for rung in worse.ladder if better.grade and rung.grade == better.grade]
    return same[0] if same else worse.rung
