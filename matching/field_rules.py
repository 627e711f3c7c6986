"""What a single order, lane or group of settings must hold, field by field.

Each rule yields the faults it finds. The common case, nothing wrong, is made cheap on purpose: a
market of a hundred thousand rows is checked in about a second.
"""

import datetime as dt
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from matching.faults import FieldFault

#: Name of a field with its least and greatest value.
Bounds = tuple[str, int, int]


def wholes(each: object, bounds: Iterable[Bounds]) -> Iterator[FieldFault]:
    """Fields that hold whole numbers within bounds."""
    for name, low, high in bounds:
        value = getattr(each, name)
        if type(value) is not int or not low <= value <= high:
            yield _bad_whole(name, value, low, high)


def optional_wholes(each: object, bounds: Iterable[Bounds]) -> Iterator[FieldFault]:
    """The same for fields that may be ``None``."""
    return wholes(each, [bound for bound in bounds if getattr(each, bound[0]) is not None])


def flag(field: str, value: object) -> Iterator[FieldFault]:
    """A field that is either true or false."""
    if type(value) is not bool:
        yield FieldFault(field, "not_a_flag", {"value": repr(value)})


def label(field: str, value: object, *, blank_allowed: bool = False) -> Iterator[FieldFault]:
    """A text on one line without blanks around it."""
    if not isinstance(value, str):
        yield FieldFault(field, "not_text", {"value": repr(value)})
    elif not value and not blank_allowed:
        yield FieldFault(field, "blank")
    elif value != value.strip() or not (value.isprintable() or _is_one_line(value)):
        yield FieldFault(field, "untidy_text", {"value": repr(value)})


def material(field: str, value: object, *, blank_allowed: bool = False) -> Iterator[FieldFault]:
    """One material; the sign that separates several is not part of a name."""
    yield from label(field, value, blank_allowed=blank_allowed)
    if isinstance(value, str) and "|" in value:
        yield FieldFault(field, "several_materials", {"value": value})


def materials(field: str, values: Iterable[object]) -> Iterator[FieldFault]:
    """Any number of materials, none of them blank."""
    for value in values:
        yield from material(field, value)


def choice(field: str, value: str, allowed: Sequence[str]) -> Iterator[FieldFault]:
    """One of a closed list of words."""
    if value not in allowed:
        yield FieldFault(field, "bad_choice", {"value": str(value), "allowed": ", ".join(allowed)})


def choices(field: str, values: Sequence[str], allowed: Sequence[str]) -> Iterator[FieldFault]:
    """A list of words, at least one and each at most once."""
    if not values:
        yield FieldFault(field, "blank")
    elif len(set(values)) < len(values):
        yield FieldFault(field, "repeated_word", {"value": ", ".join(values)})
    for value in values:
        yield from choice(field, value, allowed)


def calendar_month(field: str, value: object) -> Iterator[FieldFault]:
    """A month written as 2026-01, in a year whose followers a calendar still has."""
    try:
        year = dt.date.fromisoformat(f"{value}-01").year
    except ValueError:
        year = 0
    if not 1900 <= year <= 2999:
        yield FieldFault(field, "not_a_month", {"value": str(value)})


def place(lon: float | None, lat: float | None) -> Iterator[FieldFault]:
    """A position in decimal degrees, or none at all."""
    if lon is None and lat is None:
        return
    for name, degrees, limit in (("lon", lon, 180), ("lat", lat, 90)):
        if degrees is None:
            yield FieldFault(name, "blank")
        elif type(degrees) is not float or not math.isfinite(degrees):
            yield FieldFault(name, "not_a_number", {"value": repr(degrees)})
        elif abs(degrees) > limit:
            yield _outside(name, degrees, limit, lon)


def silo(silo_kg: int, stock_kg: int, *, single: bool = False) -> Iterator[FieldFault]:
    """A silo holds its opening stock; what has to go in one piece in its month cannot be stored."""
    if type(silo_kg) is int and type(stock_kg) is int and 0 <= silo_kg < stock_kg:
        yield FieldFault("silo_kg", "silo_below_stock", {"value": silo_kg, "stock": stock_kg})
    if single and silo_kg:
        yield FieldFault("single", "single_with_silo")


def minimum(min_kg: int, capacity_kg: int | None) -> Iterator[FieldFault]:
    """What a lane must carry at least fits into what it may carry at most."""
    if type(min_kg) is int and type(capacity_kg) is int and 0 <= capacity_kg < min_kg:
        yield FieldFault("min_kg", "min_above_capacity", {"value": min_kg, "capacity": capacity_kg})


def _bad_whole(field: str, value: object, low: int, high: int) -> FieldFault:
    if type(value) is not int:
        return FieldFault(field, "not_whole", {"value": repr(value)})
    if value < low and low == 0:
        return FieldFault(field, "negative", {"value": value})
    return FieldFault(field, "out_of_range", {"value": value, "low": low, "high": high})


def _is_one_line(value: str) -> bool:
    """Whether the signs that cannot be printed are harmless ones, such as a joiner."""
    return not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value)


def _outside(field: str, degrees: float, limit: int, lon: float | None) -> FieldFault:
    """A latitude beyond 90 beside a longitude within it is most likely the pair swapped."""
    if field == "lat" and abs(degrees) <= 180 and isinstance(lon, float) and abs(lon) <= 90:
        return FieldFault("lat", "swapped", {"value": repr(degrees)})
    limits = {"value": repr(degrees), "low": str(-limit), "high": str(limit)}
    return FieldFault(field, "out_of_range", limits)
