"""Declarations that contradict themselves: balance, stock, its room and its age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from app.catalogue.rules import Threshold
from app.core.clock import months_between
from app.watch.signs.facts import Declared, Dossier, Evidence, Finding, Kind, Measure
from app.watch.signs.thresholds import MILLI, Thresholds

KG = Measure.KG
Layer = tuple[date, int]
"""A month and the kilograms that came in then."""


def balance_open(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """What was generated is not what was used, stored, disposed of and dumped."""
    for one in dossier.this_month():
        balance = one.balance
        gap = balance.flow_gap_kg
        gone = balance.generated_kg - gap
        if abs(gap) > terms.slack(max(balance.generated_kg, gone)):
            facts = _kg("generated", balance.generated_kg), _kg("accounted", gone)
            yield _found(Kind.BALANCE_OPEN, one, *facts, _kg("gap", gap))


def stock_open(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """The closing stock is not the opening one with what came in and went out."""
    for one in dossier.this_month():
        balance = one.balance
        gap = balance.stock_gap_kg
        due = balance.closing_kg + gap
        if abs(gap) > terms.slack(max(balance.closing_kg, due)):
            closing = _kg("closing", balance.closing_kg)
            yield _found(Kind.STOCK_OPEN, one, _kg("closing_due", due), closing, _kg("gap", gap))


def stock_broken(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A month does not begin with the stock the one before it ended with."""
    for one, past in dossier.histories():
        if not past or months_between(past[-1].month, one.month)[1:] != [one.month]:
            continue
        before, after = past[-1].balance.closing_kg, one.balance.opening_kg
        if abs(after - before) > terms.slack(max(before, after)):
            facts = _kg("closing_before", before), _kg("opening", after)
            yield _found(Kind.STOCK_BROKEN, one, *facts, _kg("gap", after - before))


def stock_overdrawn(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """More earlier stock was used and disposed of than there was."""
    for one in dossier.this_month():
        balance = one.balance
        drawn = balance.old_used_kg + balance.old_disposed_kg
        if drawn - balance.opening_kg > terms.slack(drawn):
            opening = _kg("opening", balance.opening_kg)
            yield _found(Kind.STOCK_OVERDRAWN, one, opening, _kg("drawn", drawn))


def stock_over_capacity(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """More lies there than the stores hold."""
    for one in dossier.this_month():
        capacity = dossier.capacities.get(one.waste)
        if capacity is None:
            continue
        slack = capacity * terms.of(Threshold.CAPACITY_SLACK_MILLI) // MILLI
        if one.balance.closing_kg > capacity + slack:
            closing = _kg("closing", one.balance.closing_kg)
            yield _found(Kind.STOCK_OVER_CAPACITY, one, _kg("capacity", capacity), closing)


def stock_too_old(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """Stock lies there longer than it may, if what came first leaves first.

    What lay there before the first declaration counts from that month on. Since when the oldest of
    it lies there moves on as it is drawn down, so that it cannot name the pile.
    """
    for one, past in dossier.histories():
        limit = terms.of(Threshold.STOCK_AGE_MONTHS, one.waste.material)
        layers = stock_layers([*past, one])
        old = [(month, kg) for month, kg in layers if _age(month, one.month) > limit]
        kg = sum(kg for _, kg in old)
        if old and kg > terms.slack(one.balance.closing_kg):
            oldest = old[0][0]
            months = Evidence("age", _age(oldest, one.month), Measure.MONTHS)
            allowed = Evidence("age_limit", limit, Measure.MONTHS)
            facts = _kg("old_stock", kg), months, allowed
            yield _found(Kind.STOCK_TOO_OLD, one, *facts)


def stock_layers(history: Sequence[Declared]) -> list[Layer]:
    """What still lies there by the month it came in, oldest first, if the first leaves first."""
    layers = [(history[0].month, history[0].balance.opening_kg)]
    for one in history:
        layers = _drawn(layers, one.balance.old_used_kg + one.balance.old_disposed_kg)
        layers.append((one.month, one.balance.stored_kg))
    return [(month, kg) for month, kg in layers if kg > 0]


def dumped(dossier: Dossier, _: Thresholds) -> Iterator[Finding]:
    """The firm itself declares to have dumped some of it outside any proper site."""
    for one in dossier.this_month():
        if one.balance.dumped_kg > 0:
            yield _found(Kind.DUMPED, one, _kg("dumped", one.balance.dumped_kg))


def _drawn(layers: list[Layer], kg: int) -> list[Layer]:
    left: list[Layer] = []
    for month, there in layers:
        taken = min(there, kg)
        kg -= taken
        left.append((month, there - taken))
    return left


def _age(since: date, month: date) -> int:
    return len(months_between(since, month)) - 1


def _kg(name: str, value: int) -> Evidence:
    return Evidence(name, value, KG)


def _found(kind: Kind, one: Declared, *facts: Evidence) -> Finding:
    return Finding(
        kind,
        one.waste.site,
        one.month,
        material=one.waste.material,
        evidence=facts,
        explanation=one.explanation,
    )
