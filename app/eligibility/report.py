"""A verdict as plain data: what `flask quality grade` prints, and what a page shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.eligibility.ranges import Range, exactly, written
from app.eligibility.rules import Finding, Limit, Ruling, Rung, Verdict
from app.eligibility.units import converted

GATE_WORDS = {Ruling.MET: "passed", Ruling.BROKEN: "failed", Ruling.UNKNOWN: "presumed"}

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Overrun:
    """How a reading lies beyond a limit, as texts in the unit of the standard: 11.2 > 10."""

    reading: str
    sign: str
    end: str


def report(verdict: Verdict) -> Report:
    """The verdict with its reasons, each with its standard and clause."""
    return {
        "verdict": verdict.outcome.value,
        "grade": verdict.grade or None,
        "unconfirmed": verdict.is_unconfirmed,
        "failing": [finding_report(found) for found in verdict.rung.failing],
        "missing": [finding_report(found) for found in verdict.rung.missing],
        "gates": [_gate(found) for found in verdict.gates],
        "conditions": [_limit(limit) for limit in verdict.conditions],
        "ladder": [_rung(rung) for rung in verdict.ladder],
    }


def overrun(found: Finding) -> Overrun | None:
    """How far a broken limit is overrun; `None` where it is no matter of a reading."""
    reading, allowed = found.reading, found.limit.allowed
    if found.ruling is not Ruling.BROKEN or reading is None or allowed is None:
        return None
    end, is_high = _broken_end(reading, allowed)
    is_open = allowed.high_open if is_high else allowed.low_open
    closed, opened = (">", "≥") if is_high else ("<", "≤")
    sign = opened if is_open else closed
    return Overrun(_text(reading, found.limit), sign, _text(exactly(end), found.limit))


def _rung(rung: Rung) -> Report:
    return {
        "grade": rung.grade or None,
        "verdict": rung.outcome.value,
        "failing": _subjects(rung.failing),
        "missing": _subjects(rung.missing),
    }


def _subjects(found: Iterable[Finding]) -> list[str]:
    return [finding.limit.subject for finding in found]


def _gate(found: Finding) -> Report:
    gate = {"gate": found.limit.role.value, "status": GATE_WORDS[found.ruling]}
    return gate | finding_report(found)


def finding_report(found: Finding) -> Report:
    """A limit and what the lot shows against it."""
    limit = _limit(found.limit)
    if found.ruling is Ruling.BROKEN and found.reading and found.limit.allowed:
        end, _is_high = _broken_end(found.reading, found.limit.allowed)
        limit["limit"] = _value(printed(exactly(end), found.limit))
    return {"parameter": limit.pop("parameter"), "value": _shown(found)} | limit


def _shown(found: Finding) -> float | int | str | None:
    if found.reading is None:
        return found.fact or None
    return _value(printed(found.reading, found.limit))


def _limit(limit: Limit) -> Report:
    allowed = printed(limit.allowed or Range(), limit)
    end = allowed.high if allowed.high is not None else allowed.low
    return {
        "parameter": limit.subject,
        "limit": _value(exactly(end)) if end is not None else sorted(limit.words) or None,
        "allowed": written(allowed) or "|".join(sorted(limit.words)) or None,
        "unit": limit.printed_unit or None,
        "grade": limit.grade or None,
        "standard": limit.standard,
        "clause": limit.clause,
        "confidence": limit.confidence.value,
        "if": {limit.fact: sorted(limit.fact_values)} if limit.fact else None,
    }


def _text(reading: Range, limit: Limit) -> str:
    return str(_value(printed(reading, limit)))


def printed(found: Range, limit: Limit) -> Range:
    """A range in the unit that the standard prints."""
    return converted(found, limit.unit, limit.printed_unit)


def _broken_end(reading: Range, allowed: Range) -> tuple[Decimal, bool]:
    """The end of a range that a reading lies beyond, and whether it is the upper one."""
    low, high = allowed.low, allowed.high
    is_above = high is not None and reading.low is not None and reading.low >= high
    end = high if is_above else low
    assert end is not None
    return end, is_above


def _value(reading: Range) -> float | int | str:
    """A number where the reading is one, else what the sheet says, such as `<0.01`."""
    amount = reading.low
    if not reading.is_exact or amount is None:
        return written(reading)
    return int(amount) if amount == amount.to_integral_value() else float(amount)
