"""All rules of the watch, and what they say of a month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from app.watch.signs import flows, masses, scales, trips
from app.watch.signs.facts import Dossier, Finding, Kind
from app.watch.signs.thresholds import Thresholds

Rule = Callable[[Dossier, Thresholds], Iterator[Finding]]

RULES: dict[Kind, Rule] = {
    Kind.BALANCE_OPEN: masses.balance_open,
    Kind.STOCK_OPEN: masses.stock_open,
    Kind.STOCK_BROKEN: masses.stock_broken,
    Kind.STOCK_OVERDRAWN: masses.stock_overdrawn,
    Kind.STOCK_OVER_CAPACITY: masses.stock_over_capacity,
    Kind.STOCK_TOO_OLD: masses.stock_too_old,
    Kind.DUMPED: masses.dumped,
    Kind.ARISINGS_OFF: flows.arisings_off,
    Kind.ARISINGS_CHANGED: flows.arisings_changed,
    Kind.USE_WITHOUT_TICKETS: flows.use_without_tickets,
    Kind.TICKETS_BEYOND_USE: flows.tickets_beyond_use,
    Kind.INTAKE_OFF: flows.intake_off,
    Kind.OVER_PERMIT: flows.over_permit,
    Kind.REPEATED_WEIGHTS: scales.repeated_weights,
    Kind.SHARED_WEIGHTS: scales.shared_weights,
    Kind.MIRRORED_WEIGHTS: scales.mirrored_weights,
    Kind.CONSTANT_TARE: scales.constant_tare,
    Kind.TARE_OFF: scales.tare_off,
    Kind.ROUND_WEIGHTS: scales.round_weights,
    Kind.OVERWEIGHT: scales.overweight,
    Kind.TOO_FAST: trips.too_fast,
    Kind.TOO_LONG: trips.too_long,
    Kind.TWO_PLACES: trips.two_places,
    Kind.GATE_CLOSED: trips.gate_closed,
}


def findings(
    dossier: Dossier, terms: Thresholds, kinds: Iterable[Kind] = tuple(Kind)
) -> list[Finding]:
    """What rules find in the month of a dossier, each state of affairs once."""
    found: dict[str, Finding] = {}
    for kind in kinds:
        for one in RULES[kind](dossier, terms):
            found.setdefault(one.key, one)
    return list(found.values())
