"""Trips that no truck can have made, and weighings behind a closed gate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from app.catalogue.rules import Threshold
from app.core.clock import CHINA
from app.watch.signs.facts import (
    Dossier,
    Evidence,
    Finding,
    GateHours,
    Kind,
    Load,
    Measure,
    Passage,
    numbers,
)
from app.watch.signs.thresholds import Thresholds

MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60
METRES_PER_MINUTE = 1000 / 60
"""Of one kilometre an hour."""


def too_fast(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A load was weighed at both ends sooner than any truck drives the road between them."""
    for load in dossier.loads:
        minutes = _minutes(load)
        if minutes + _clocks(terms) < _least_minutes(load.road_m, terms):
            kmh = round(load.road_m / METRES_PER_MINUTE / max(1, minutes))
            yield _on_road(
                Kind.TOO_FAST,
                dossier,
                load,
                Evidence("road", load.road_m, Measure.METRES),
                Evidence("minutes", minutes, Measure.MINUTES),
                Evidence("speed", kmh, Measure.KMH),
            )


def too_long(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A load was on the road so long that it may have been elsewhere."""
    most = terms.of(Threshold.TRIP_HOURS) * 60
    for load in dossier.loads:
        if _minutes(load) > most:
            yield _on_road(
                Kind.TOO_LONG,
                dossier,
                load,
                Evidence("road", load.road_m, Measure.METRES),
                Evidence("minutes", _minutes(load), Measure.MINUTES),
            )


def two_places(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A truck is loaded anew before it can be back from unloading, or even before it unloads."""
    for plate, loads in _by_plate(dossier).items():
        for before, after in pairwise(loads):
            minutes = int((after.loading.at - before.unloading.at) / MINUTE)
            metres = dossier.distance(before.unloading.site, after.loading.site) or 0
            if minutes + _clocks(terms) < _least_minutes(metres, terms):
                yield Finding(
                    Kind.TWO_PLACES,
                    after.loading.site,
                    dossier.month,
                    plate=plate,
                    evidence=(
                        Evidence("unloaded", _clock(before.unloading.at), Measure.TEXT),
                        Evidence("loaded_again", _clock(after.loading.at), Measure.TEXT),
                        Evidence("between", metres, Measure.METRES),
                    ),
                    loads=(before.number, after.number),
                    since=after.number,
                )


def gate_closed(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A gate weighed again and again outside its own hours."""
    slack = terms.of(Threshold.GATE_SLACK_MINUTES)
    closed: dict[int, list[Passage]] = {}
    for passage in dossier.passages():
        hours = dossier.gates.get(passage.weighing.site)
        if hours and not _is_open(hours, passage.weighing.at, slack):
            closed.setdefault(passage.weighing.site, []).append(passage)
    for site, passages in closed.items():
        if len(passages) >= terms.of(Threshold.GATE_TIMES):
            hours = dossier.gates[site]
            yield Finding(
                Kind.GATE_CLOSED,
                site,
                dossier.month,
                evidence=(
                    Evidence("times", len(passages), Measure.COUNT),
                    Evidence("opens", hours.opens, Measure.HOUR),
                    Evidence("closes", hours.closes, Measure.HOUR),
                ),
                loads=numbers(passages),
            )


def _least_minutes(metres: int, terms: Thresholds) -> float:
    return metres / (terms.of(Threshold.SPEED_KMH) * METRES_PER_MINUTE)


def _clocks(terms: Thresholds) -> int:
    return terms.of(Threshold.CLOCK_SLACK_MINUTES)


def _minutes(load: Load) -> int:
    return int((load.unloading.at - load.loading.at) / MINUTE)


def _by_plate(dossier: Dossier) -> dict[str, list[Load]]:
    found: dict[str, list[Load]] = {}
    for load in sorted(dossier.loads, key=lambda load: (load.loading.at, load.number)):
        found.setdefault(load.plate, []).append(load)
    return found


def _is_open(hours: GateHours, at: datetime, slack: int) -> bool:
    """Whether a gate may weigh at an instant; what it began before midnight it may end after."""
    local = at.astimezone(CHINA)
    minute = local.hour * 60 + local.minute
    first, last = hours.opens * 60 - slack, hours.closes * 60 + slack
    return any(first <= minute + turn <= last for turn in (-DAY_MINUTES, 0, DAY_MINUTES))


def _clock(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _on_road(kind: Kind, dossier: Dossier, load: Load, *facts: Evidence) -> Finding:
    return Finding(
        kind,
        load.unloading.site,
        dossier.month,
        material=load.material,
        plate=load.plate,
        evidence=facts,
        loads=(load.number,),
        since=load.number,
    )
