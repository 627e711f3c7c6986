"""Pure decisions on reference data: what is refused by name, what is valid on a day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.catalogue.spelling import Reading, fold, read

ITEM_CODE = re.compile(r"\d{3}-0\d{2}-S(?!08)\d{2}")
HAZARDOUS_CODE = re.compile(r"(HW\d{2})?(?:(\d{3})(\d{3})(\d{2}))?")
LEAP_YEAR = 2000
ANY = "any"
"""Every kind of waste, or every use of a kind."""


class Confidence(StrEnum):
    """How sure a fact is: a page says so, firm background knowledge, or unconfirmed."""

    SEEN = "V"
    KNOWN = "K"
    UNSURE = "U"


class Answer(StrEnum):
    """Whether the sources count a class of waste in; they do not always agree."""

    YES = "yes"
    NO = "no"
    AMBIGUOUS = "ambiguous"


class Scope(StrEnum):
    LIAOCHENG = "liaocheng"
    SHANDONG = "shandong"
    NATIONAL = "national"


class Measure(StrEnum):
    """What a target or a published figure measures."""

    UTILISATION_RATE = "utilisation_rate"
    UTILISED_MASS = "utilised_mass"
    GENERATED = "generated"
    UTILISED = "utilised"
    DISPOSED = "disposed"
    REGISTERED_FIRMS = "registered_firms"


class Means(StrEnum):
    """What money can build or open so that more waste finds a place."""

    SILO = "silo"
    LINE = "line"
    MONTH = "month"
    ROUTE = "route"


class Per(StrEnum):
    """What a cost is paid for: a piece that lasts some months, or each tonne it brings."""

    PIECE = "piece"
    TONNE = "tonne"


class Unit(StrEnum):
    PERCENT = "percent"
    TONNES_PER_YEAR = "t_per_year"
    FIRMS = "firms"


class Term(StrEnum):
    """The figures of the market's own terms."""

    ANSWER_DAYS = "answer_days"
    ANSWER_HOUR = "answer_hour"
    CONTRACT_DAYS = "contract_days"
    DELIVERY_GRACE_DAYS = "delivery_grace_days"
    CLOSE_DAYS = "close_days"
    REMINDER_HOURS = "reminder_hours"
    ESCALATE_DAYS = "escalate_days"
    DISCREPANCY_DAYS = "discrepancy_days"
    WEIGHT_TOLERANCE_MILLI = "weight_tolerance_milli"
    SHORT_TOLERANCE_MILLI = "short_tolerance_milli"
    DEFAULT_LIMIT = "default_limit"
    DEFAULT_WINDOW_DAYS = "default_window_days"
    NEGOTIATION_DAYS = "negotiation_days"
    ROUND_OPEN_DAYS = "round_open_days"
    ROUND_WEEKDAY = "round_weekday"
    ROUND_CLOSE_HOUR = "round_close_hour"
    LOOKUP_HOURS = "lookup_hours"
    SILO_WARN_DAYS = "silo_warn_days"
    TRANSIT_HOURS = "transit_hours"
    RETURN_HOURS = "return_hours"
    LOST_DAYS = "lost_days"
    ASSAY_DAYS = "assay_days"
    ASSAY_BATCHES = "assay_batches"
    ASSAY_SPAN_DAYS = "assay_span_days"
    DECLARE_DAY = "declare_day"
    DECLARE_REMIND_DAYS = "declare_remind_days"
    DECLARE_ESCALATE_DAYS = "declare_escalate_days"
    DISCLOSURE_GROUPS = "disclosure_groups"
    DISCLOSURE_SHARE_MILLI = "disclosure_share_milli"
    DISCLOSURE_MARGIN_MILLI = "disclosure_margin_milli"


class Threshold(StrEnum):
    """The figures from which on the watch speaks up, and how long its flags may wait."""

    BALANCE_SLACK_MILLI = "balance_slack_milli"
    BALANCE_SLACK_KG = "balance_slack_kg"
    CAPACITY_SLACK_MILLI = "capacity_slack_milli"
    STOCK_AGE_MONTHS = "stock_age_months"
    ARISINGS_SLACK_MILLI = "arisings_slack_milli"
    ARISINGS_OWN_MILLI = "arisings_own_milli"
    HISTORY_MONTHS = "history_months"
    HISTORY_REACH_MONTHS = "history_reach_months"
    UNTICKETED_JUMP_MILLI = "unticketed_jump_milli"
    INTAKE_WINDOW_MONTHS = "intake_window_months"
    INTAKE_SLACK_MILLI = "intake_slack_milli"
    CHANCE_PER_MILLION = "chance_per_million"
    NEAR_KG = "near_kg"
    TARE_SPREAD_KG = "tare_spread_kg"
    TARE_SLACK_KG = "tare_slack_kg"
    TARE_WEIGHINGS = "tare_weighings"
    MIRROR_MILLI = "mirror_milli"
    ROUND_STEP_KG = "round_step_kg"
    LEGAL_GROSS_KG = "legal_gross_kg"
    LEGAL_SLACK_MILLI = "legal_slack_milli"
    SPEED_KMH = "speed_kmh"
    CLOCK_SLACK_MINUTES = "clock_slack_minutes"
    TRIP_HOURS = "trip_hours"
    GATE_SLACK_MINUTES = "gate_slack_minutes"
    GATE_TIMES = "gate_times"
    TAKE_DAYS = "take_days"
    ANSWER_DAYS = "answer_days"
    DECIDE_DAYS = "decide_days"


class FactorSide(StrEnum):
    """Whether a material arises from an activity or is taken up by it."""

    GENERATED = "generated"
    TAKEN = "taken"


class TermUnit(StrEnum):
    """What the value of a term counts."""

    DAYS = "days"
    HOURS = "hours"
    HOUR_OF_DAY = "hour_of_day"
    DAY_OF_MONTH = "day_of_month"
    WEEKDAY = "weekday"
    PER_MILLE = "per_mille"
    COUNT = "count"
    KILOGRAMS = "kg"
    MONTHS = "months"
    MINUTES = "minutes"
    KM_PER_HOUR = "km_per_hour"
    PER_MILLION = "per_million"


class Comparison(StrEnum):
    """How a source words its figure: exactly, more than, or about so much."""

    EXACTLY = "eq"
    OVER = "over"
    ABOUT = "about"


class QualityUnit(StrEnum):
    """What the figures of a quality parameter are stated in; `-` has no dimension."""

    PERCENT = "%"
    MG_PER_KG = "mg/kg"
    MG_PER_L = "mg/L"
    NG_PER_L = "ng/L"
    BQ_PER_KG = "Bq/kg"
    M2_PER_KG = "m2/kg"
    CM2_PER_G = "cm2/g"
    KG_PER_M3 = "kg/m3"
    G_PER_CM3 = "g/cm3"
    MM = "mm"
    MM_PER_YEAR = "mm/a"
    HOURS = "h"
    TONNES = "t"
    NONE = "-"


class Basis(StrEnum):
    """The state of the sample that a share is stated of."""

    DRY = "dry"
    AS_RECEIVED = "as_received"


class LimitRole(StrEnum):
    """What a limit decides, in the order in which a lot is asked."""

    HAZARD = "hazard"
    CLASS_1 = "class_1"
    ORIGIN = "origin"
    BARRED = "barred"
    ACCEPT = "accept"
    PRODUCT = "product"


class NoteRole(StrEnum):
    """Why a figure is worth knowing although it decides nothing."""

    TYPICAL = "typical"
    BENCHMARK = "benchmark"
    HISTORIC = "historic"
    INFO = "info"
    METHOD = "method"
    TAX = "tax"
    SITE = "site"


class Exclusive(StrEnum):
    """The bounds of a limit that themselves no longer hold."""

    MIN = "min"
    MAX = "max"
    BOTH = "both"


class Radioactivity(StrEnum):
    """The categories of building materials in GB 6566."""

    MAIN_STRUCTURE = "main_structure"
    HOLLOW = "hollow"
    DECORATION_A = "decoration_a"
    DECORATION_B = "decoration_b"
    DECORATION_C = "decoration_c"


class Direction(StrEnum):
    """Who pays for the goods of a use; `internal` when they stay within one works."""

    BUYER_PAYS = "buyer_pays"
    SELLER_PAYS = "seller_pays"
    EITHER = "either"
    INTERNAL = "internal"


class Fact(StrEnum):
    """What a limit may depend on besides a measurement. `FACT_VALUES` has what each can be."""

    BOILER_TYPE = "boiler_type"
    ASH_CLASS = "ash_class"
    DESULFURISATION = "desulfurisation"
    ORE = "ore"
    MAGNESIA = "magnesia"


FACT_VALUES: dict[Fact, tuple[str, ...]] = {
    Fact.BOILER_TYPE: ("pulverised", "fluidised_bed", "co_fired", "incinerator"),
    Fact.ASH_CLASS: ("F", "C"),
    Fact.DESULFURISATION: ("none", "wet", "semi_dry", "dry"),
    Fact.ORE: ("ordinary", "vanadium_titanium", "manganese"),
    Fact.MAGNESIA: ("up_to_5pct", "over_5pct"),
}


@dataclass(frozen=True, slots=True)
class BlockRule:
    """A row of the block list. A pattern counts wherever it stands, but not inside an exception."""

    code: str
    patterns: tuple[str, ...]
    exceptions: tuple[str, ...] = ()

    def found(self, reading: Reading) -> str:
        """What is refused of a text, as it was typed; blank if nothing is."""
        harmless = [span for name in self.exceptions for span in reading.spans(name)]
        hits = (span for name in self.patterns for span in reading.spans(name))
        for start, end in hits:
            if not any(first <= start and end <= last for first, last in harmless):
                return reading.quote(start, end)
        return ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that refuses a text, and the words it refuses."""

    rule: BlockRule
    found: str


def first_hit(texts: Iterable[str], rules: Iterable[BlockRule]) -> Hit | None:
    """The first rule, in the order of the list, that refuses any of the texts."""
    readings = [read(text) for text in texts if text]
    hits = (Hit(rule, found) for rule in rules for one in readings if (found := rule.found(one)))
    return next(hits, None)


def is_valid_on(day: date, first: date | None, last: date | None) -> bool:
    """Whether a dated row holds on a day; an open end holds for ever."""
    return (first is None or first <= day) and (last is None or day <= last)


def is_item_code(text: str) -> bool:
    """Whether a text has the form of a waste code: industry, serial, class (there is no S08)."""
    return ITEM_CODE.fullmatch(text) is not None


def hazardous_code(text: str) -> str:
    """A hazardous waste code in its usual form, such as HW18 772-002-18; blank if it is none."""
    found = HAZARDOUS_CODE.fullmatch(fold(text).upper())
    if found is None:
        return ""
    return " ".join(filter(None, [found[1], "-".join(filter(None, found.groups()[1:]))]))


def is_hazardous_code(text: str) -> bool:
    """Whether a text has the form of a hazardous waste code."""
    return bool(hazardous_code(text))


@dataclass(frozen=True, slots=True)
class Stop:
    """The days of every year on which works stand still, as `MM-DD`, both idle.

    A stop that ends before it begins passes New Year. It holds from `valid_from` to `valid_to`.
    """

    idle_from: str
    idle_to: str
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        if not is_valid_on(day, self.valid_from, self.valid_to):
            return False
        here = f"{day:%m-%d}"
        if self.idle_from <= self.idle_to:
            return self.idle_from <= here <= self.idle_to
        return here >= self.idle_from or here <= self.idle_to


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Of the days of a month, how many works are open."""

    open: int
    days: int

    @property
    def idle(self) -> int:
        return self.days - self.open


def working_days(month: date, stops: Iterable[Stop]) -> WorkingDays:
    """The days of a month that no stop covers; stops may overlap."""
    stops = list(stops)
    count = monthrange(month.year, month.month)[1]
    days = (month + timedelta(days=step) for step in range(count))
    return WorkingDays(sum(not any(s.covers(day) for s in stops) for day in days), count)


def is_day_of_year(text: str) -> bool:
    """Whether a text is a day of some year, as `MM-DD`."""
    try:
        return f"{date.fromisoformat(f'{LEAP_YEAR}-{text}'):%m-%d}" == text
    except ValueError:
        return False
