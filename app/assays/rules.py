"""Assays on plain values: what may be entered, which readings hold, how far to rely on them.

Readings are ranges in the unit and on the basis of their parameter. Masses are kg as received.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal
from enum import IntEnum

from app.catalogue.rules import Basis
from app.core.faults import Fault
from app.eligibility.ranges import Range

CERTIFICATE = re.compile(r"CMA \d{12}|CNAS L\d{3,6}")
"""An approval of a laboratory (CMA, twelve digits) or an accreditation (CNAS, L and a serial)."""
OLDEST_DAYS = 3_650
LARGEST_BATCH_KG = 1_000_000_000
MOST_VALUES = 120
LONGEST = {"text": 24, "unit": 12, "method": 60, "cell": 8}
"""Of what stands beside a value, in characters."""
ALL = Decimal(100)
DIGITS = Context(prec=9)
"""As many as a reading keeps when it is brought to the dry basis."""


class Evidence(IntEnum):
    """How far what is said of a lot may be relied on; a higher one says more."""

    NONE = 0
    TYPED = 1
    DATED = 2
    REPORTED = 3
    ACCREDITED = 4


@dataclass(frozen=True, slots=True)
class AssayTerms:
    """The market's terms: days an assay is valid, and what makes the highest level."""

    assay_days: int
    assay_batches: int
    assay_span_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDraft:
    """A value as it was typed or read: its unit blank for that of the parameter."""

    parameter: str
    text: str
    unit: str = ""
    method: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayDraft:
    """One sample's values. `moisture` is per cent by mass as received, as typed; blank if unknown.

    `basis` is that of the shares by mass in `values`.
    """

    values: tuple[ValueDraft, ...]
    sampled_on: date | None = None
    laboratory: str = ""
    certificate: str = ""
    report_number: str = ""
    basis: Basis = Basis.DRY
    batch_kg: int | None = None
    moisture: str = ""
    note: str = ""
    report_id: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """An assay that counts or counted: its readings and what stands behind them."""

    number: str
    sampled_on: date | None
    recorded_on: date
    laboratory: str
    certificate: str
    has_report: bool
    batch_kg: int | None
    moisture: Decimal | None
    readings: Mapping[str, Range] = field(repr=False)

    @property
    def day(self) -> date:
        """The day it speaks of: that of sampling, else that on which it was entered."""
        return self.sampled_on or self.recorded_on

    @property
    def evidence(self) -> Evidence:
        """How far this batch alone may be relied on."""
        if self.sampled_on is None:
            return Evidence.TYPED
        return Evidence.REPORTED if self.has_report and self.laboratory else Evidence.DATED

    @property
    def is_accredited(self) -> bool:
        return self.evidence is Evidence.REPORTED and bool(self.certificate)

    def ends_on(self, terms: AssayTerms) -> date:
        """The last day on which it counts."""
        return self.day + timedelta(days=terms.assay_days)

    def counts(self, on: date, terms: AssayTerms) -> bool:
        return self.day <= on <= self.ends_on(terms)

    @property
    def dry_kg(self) -> int | None:
        """The mass of the batch without its water."""
        if self.batch_kg is None or self.moisture is None:
            return None
        return int((self.batch_kg * (ALL - self.moisture) / ALL).to_integral_value())


@dataclass(frozen=True, slots=True)
class Standing:
    """The reading of a parameter that decides, and the batch it comes from."""

    reading: Range
    batch: Batch


def faults(draft: AssayDraft, today: date, on_dry_basis: Iterable[str]) -> Iterator[Fault]:
    """What is wrong with an assay beside its values.

    `on_dry_basis` are the parameters whose limits are meant of the dry mass.
    """
    yield from _date_faults(draft.sampled_on, today)
    if not draft.values:
        yield Fault("values", "no_values")
    elif len(draft.values) > MOST_VALUES:
        yield Fault("values", "too_many_values", {"limit": MOST_VALUES})
    yield from _length_faults(draft.values)
    if draft.certificate and CERTIFICATE.fullmatch(draft.certificate) is None:
        yield Fault("certificate", "no_certificate", {"value": draft.certificate})
    elif draft.certificate and not draft.laboratory:
        yield Fault("laboratory", "laboratory_missing")
    yield from _mass_faults(draft.batch_kg)
    needs_water = draft.batch_kg is not None or (
        draft.basis is Basis.AS_RECEIVED
        and any(value.parameter in set(on_dry_basis) for value in draft.values)
    )
    if needs_water and not draft.moisture:
        yield Fault("moisture", "moisture_missing")


def on_dry(found: Range, moisture: Decimal) -> Range:
    """A share of the mass as received, as a share of its dry mass: x · 100 / (100 − moisture).

    Raises `ValueError` where nothing but water is left.
    """
    if not 0 <= moisture < ALL:
        raise ValueError(f"{moisture} % of moisture leave no dry mass")
    low, high = (
        None if end is None else DIGITS.divide(end * ALL, ALL - moisture).normalize(DIGITS)
        for end in (found.low, found.high)
    )
    return Range(low, high, found.low_open, found.high_open)


def evidence(batches: Iterable[Batch], on: date, terms: AssayTerms) -> Evidence:
    """The level of a lot: that of its best valid batch; a series of accredited ones is highest."""
    valid = [batch for batch in batches if batch.counts(on, terms)]
    days = sorted(batch.day for batch in valid if batch.is_accredited)
    if len(days) >= terms.assay_batches:
        span = (days[-1] - days[0]).days
        if span >= terms.assay_span_days:
            return Evidence.ACCREDITED
    return max((batch.evidence for batch in valid), default=Evidence.NONE)


def standing(batches: Sequence[Batch], on: date, terms: AssayTerms) -> dict[str, Standing]:
    """Of each parameter the reading of the newest valid batch; of one day the one entered last."""
    found: dict[str, Standing] = {}
    for batch in sorted(batches, key=lambda each: (each.day, each.number)):
        if batch.counts(on, terms):
            found |= {name: Standing(reading, batch) for name, reading in batch.readings.items()}
    return found


def readings(batches: Sequence[Batch], on: date, terms: AssayTerms) -> dict[str, Range]:
    """What decides about a lot on a day, by parameter."""
    return {name: each.reading for name, each in standing(batches, on, terms).items()}


def _date_faults(sampled_on: date | None, today: date) -> Iterator[Fault]:
    if sampled_on is None:
        return
    if sampled_on > today:
        yield Fault("sampled_on", "sampled_in_future", {"day": sampled_on})
    elif (today - sampled_on).days > OLDEST_DAYS:
        yield Fault("sampled_on", "sampled_long_ago", {"day": sampled_on})


def _length_faults(values: Iterable[ValueDraft]) -> Iterator[Fault]:
    for value in values:
        for name, most in LONGEST.items():
            if len(getattr(value, name)) > most:
                yield Fault(f"values.{value.parameter}", "too_long", {"limit": most})
                break


def _mass_faults(kg: int | None) -> Iterator[Fault]:
    if kg is not None and not 0 < kg <= LARGEST_BATCH_KG:
        yield Fault("batch", "batch_out_of_range", {"mass_limit": LARGEST_BATCH_KG})
