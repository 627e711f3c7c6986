"""What somebody says of a lot, at the command or on a page: read, and held against what can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.catalogue.quality import ParameterRow
from app.catalogue.rules import FACT_VALUES
from app.core.faults import Fault
from app.eligibility.ranges import NotAReading, Range
from app.eligibility.rules import has_too_much
from app.eligibility.units import NoSuchUnit, read_in


@dataclass(frozen=True, slots=True)
class Sheet:
    """The readings that could be read, by parameter in its unit, and what is wrong with the rest.

    A fault of the sheet as a whole has no field.
    """

    readings: dict[str, Range]
    faults: tuple[Fault, ...]


def sheet(
    texts: Mapping[str, str], parameters: Mapping[str, ParameterRow], printed: Mapping[str, str]
) -> Sheet:
    """Read values as typed, by parameter.

    Each is in the unit it names, else in the one its standard prints, else in its parameter's own.
    """
    readings: dict[str, Range] = {}
    faults: list[Fault] = []
    for code, text in texts.items():
        unit = printed.get(code, str(parameters[code].unit))
        found = reading_or_fault(text, parameters[code], unit)
        if isinstance(found, Range):
            readings[code] = found
        else:
            faults.append(Fault(code, found, {"unit": unit, "text": text}))
    if has_too_much(readings):
        faults.append(Fault("", "too_much"))
    return Sheet(readings, tuple(faults))


def reading_or_fault(text: str, parameter: ParameterRow, unit: str) -> Range | str:
    """The reading in the parameter's unit, or the code of what is wrong with the text."""
    try:
        reading = read_in(text, unit, str(parameter.unit))
    except NoSuchUnit:
        return "no_such_unit"
    except NotAReading:
        return "no_reading"
    cannot_be = reading.is_apart_from(Range(parameter.lowest, parameter.highest))
    return "impossible" if cannot_be else reading


def unknown_facts(told: Mapping[str, str]) -> Iterator[Fault]:
    """The facts of origin that nobody knows, or that cannot be what they are said to be."""
    known = {fact.value: values for fact, values in FACT_VALUES.items()}
    for name, value in told.items():
        if value not in known.get(name, ()):
            yield Fault(name, "no_such_fact", {"value": value})
