"""What one more test of a lot could show: which parameter alone keeps it from a buyer, and at what
value the test would just pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue.quality import QualityNoteRow
from app.catalogue.rules import LimitRole, NoteRole
from app.eligibility.fitting import Option
from app.eligibility.ranges import Range, exactly
from app.eligibility.rules import Finding, Lot, Ruling, Verdict

USUAL = (NoteRole.BENCHMARK, NoteRole.TYPICAL)
"""Where the catalogue says what is usual, the better word last."""
Hurdle = frozenset[Range]
"""Limits of one parameter that all have to be met."""
Usual = dict[tuple[str, str], Decimal]
"""The usual value by kind and parameter, in the parameter's unit."""


def lacking_alone(options: Iterable[Option], own: Sequence[Finding]) -> dict[str, set[Hurdle]]:
    """The parameters, by code, of which a value is all that a grade of some use still lacks.

    With each the hurdles, any of which would do. `options` are the uses a lot may be put to, `own`
    what it shows against a buyer's own limits. What is lacking together with anything else, and
    facts of origin, which no test shows, are left out.
    """
    found: defaultdict[str, set[Hurdle]] = defaultdict(set)
    for option in options:
        for rung in option.verdict.ladder:
            for name, hurdle in _alone((*rung.findings, *own)):
                found[name] |= {hurdle, hurdle | _sleeping(option.verdict, name)}
    return dict(found)


def with_values(lot: Lot, values: Mapping[str, Decimal]) -> Lot:
    """The lot after tests that found these values, by parameter."""
    found = {name: exactly(value) for name, value in values.items()}
    return replace(lot, readings={**lot.readings, **found})


def passes(value: Decimal, hurdle: Hurdle) -> bool:
    return all(exactly(value).is_within(limit) for limit in hurdle)


def just_passing(hurdle: Hurdle) -> set[Decimal]:
    """The ends of limits that pass; of an open end the next figure with as many digits."""
    return {end for limit in hurdle for end in _ends(limit) if passes(end, hurdle)}


def usual_values(session: Session, on: date) -> Usual:
    """What the catalogue calls usual on a day: the middle of a range, or the one end it has."""
    notes = [note for note in quality.quality_notes(session, on) if note.role in USUAL]
    notes.sort(key=lambda note: (USUAL.index(note.role), -note.position))
    found = {(note.kind, note.parameter): _middle(note) for note in notes}
    return {name: value for name, value in found.items() if value is not None}


def _alone(findings: Sequence[Finding]) -> Iterator[tuple[str, Hurdle]]:
    """The one parameter that is lacking, if that is all."""
    lacking = [finding.limit for finding in findings if finding.ruling is not Ruling.MET]
    is_open = all(finding.ruling is not Ruling.BROKEN for finding in findings)
    limits = frozenset(limit.allowed or Range() for limit in lacking)
    if is_open and len({limit.subject for limit in lacking}) == 1 and limits != {Range()}:
        yield lacking[0].subject, limits


def _sleeping(verdict: Verdict, parameter: str) -> Hurdle:
    """The limits of a parameter that ask nothing until it is measured."""
    limits = [*(finding.limit for finding in verdict.gates), *verdict.conditions]
    return frozenset(
        limit.allowed
        for limit in limits
        if limit.subject == parameter
        and limit.role is not LimitRole.PRODUCT
        and limit.allowed is not None
    )


def _ends(limit: Range) -> Iterator[Decimal]:
    if limit.low is not None:
        yield limit.low + _step(limit.low) if limit.low_open else limit.low
    if limit.high is not None:
        yield limit.high - _step(limit.high) if limit.high_open else limit.high


def _step(end: Decimal) -> Decimal:
    """One in the last place of a figure as printed: 0.1 of 12.5, 1 of 30."""
    exponent = end.as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(1).scaleb(min(exponent, 0))


def _middle(note: QualityNoteRow) -> Decimal | None:
    if note.minimum is None or note.maximum is None:
        return note.maximum if note.minimum is None else note.minimum
    return (note.minimum + note.maximum) / 2
