"""Dossiers of a single case, for rules to be asked about, and figures that are easy to reckon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.catalogue.rules import FactorSide, Threshold
from app.core.clock import CHINA, add_months
from app.declarations.balance import MassBalance
from app.declarations.rules import ActivityKind
from app.watch.signs.facts import Declared, Dossier, Finding, Kind, Load, Waste, Weighing
from app.watch.signs.rules import findings
from app.watch.signs.thresholds import Factor, Thresholds

TONNE = 1000
MONTH = date(2026, 10, 1)
ASH = Waste(1, "fly_ash")
MAKER, TAKER = 1, 2

FIGURES: dict[Threshold, int] = {
    Threshold.BALANCE_SLACK_MILLI: 10,
    Threshold.BALANCE_SLACK_KG: 5 * TONNE,
    Threshold.CAPACITY_SLACK_MILLI: 0,
    Threshold.STOCK_AGE_MONTHS: 3,
    Threshold.ARISINGS_SLACK_MILLI: 0,
    Threshold.ARISINGS_OWN_MILLI: 300,
    Threshold.HISTORY_MONTHS: 3,
    Threshold.HISTORY_REACH_MONTHS: 6,
    Threshold.UNTICKETED_JUMP_MILLI: 200,
    Threshold.INTAKE_WINDOW_MONTHS: 2,
    Threshold.INTAKE_SLACK_MILLI: 0,
    Threshold.CHANCE_PER_MILLION: 50,
    Threshold.NEAR_KG: 40,
    Threshold.TARE_SPREAD_KG: 60,
    Threshold.TARE_SLACK_KG: 800,
    Threshold.TARE_WEIGHINGS: 4,
    Threshold.MIRROR_MILLI: 180,
    Threshold.ROUND_STEP_KG: 500,
    Threshold.LEGAL_GROSS_KG: 49 * TONNE,
    Threshold.LEGAL_SLACK_MILLI: 10,
    Threshold.SPEED_KMH: 90,
    Threshold.CLOCK_SLACK_MINUTES: 5,
    Threshold.TRIP_HOURS: 36,
    Threshold.GATE_SLACK_MINUTES: 60,
    Threshold.GATE_TIMES: 3,
}
FACTORS = (
    Factor(
        FactorSide.GENERATED,
        ActivityKind.COAL_BURNT,
        "fly_ash",
        80,
        210,
        270,
        date(2020, 1, 1),
        None,
    ),
    Factor(
        FactorSide.TAKEN,
        ActivityKind.BOARD_MADE,
        "fgd_gypsum",
        7_000,
        9_000,
        11_000,
        date(2020, 1, 1),
        None,
    ),
)
TERMS = Thresholds({(code, ""): value for code, value in FIGURES.items()}, FACTORS)


def declared(months_ago: int = 0, *, ticketed: int = 0, said: str = "", **tonnes: int) -> Declared:
    """A declaration of ash, so many months before the one looked at; masses in tonnes."""
    return of_masses(tonnes, months_ago, ticketed, said)


def of_masses(
    tonnes: Mapping[str, int], months_ago: int = 0, ticketed: int = 0, said: str = ""
) -> Declared:
    """The same of masses by their names."""
    masses = {f"{name}_kg": mass * TONNE for name, mass in tonnes.items()}
    month = add_months(MONTH, -months_ago)
    return Declared(ASH, month, MassBalance(**masses), ticketed * TONNE, said)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(MONTH.year, MONTH.month, day, hour, minute, tzinfo=CHINA)


def load(
    number: str = "W-1",
    *,
    plate: str = "鲁P00001",
    loaded: datetime | None = None,
    minutes: int = 60,
    gross: int = 47_340,
    tare: int = 15_680,
    arrived: tuple[int, int] | None = None,
    road_m: int = 30_000,
) -> Load:
    """A load from the maker to the taker; on arrival a little lighter unless told otherwise."""
    begun = loaded or at(5, 9)
    end = begun + timedelta(minutes=minutes)
    full, empty = arrived or (gross - 60, tare - 20)
    return Load(
        number,
        plate,
        "fly_ash",
        Weighing(MAKER, begun, gross, tare),
        Weighing(TAKER, end, full, empty),
        road_m,
    )


def look(**known: Any) -> list[Finding]:
    """All that the rules find in a month of which this is known."""
    return findings(Dossier(MONTH, **known), TERMS)


def kinds(**known: Any) -> list[Kind]:
    return [one.kind for one in look(**known)]
