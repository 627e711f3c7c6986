"""What a truck's plate says, by GA 36-2018, and what makes a truck acceptable; pure.

A fault names what is wrong, so that whoever typed it sees where to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.core.faults import Fault
from app.shipments.rules import EmissionClass

LEAST_LOAD_KG, MOST_LOAD_KG = 500, 60_000
"""What a truck may plausibly carry; what this one may is on its licence."""


class PlateKind(StrEnum):
    TRUCK = "truck"
    TRAILER = "trailer"
    NEW_ENERGY = "new_energy"


PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
LETTER, SIGN = "[A-HJ-NP-Z]", "[A-HJ-NP-Z0-9]"
PLATES: Mapping[PlateKind, re.Pattern[str]] = MappingProxyType(
    {
        PlateKind.TRUCK: re.compile(f"[{PROVINCES}]{LETTER}{SIGN}{{5}}"),
        PlateKind.TRAILER: re.compile(f"[{PROVINCES}]{LETTER}{SIGN}{{4}}挂"),
        PlateKind.NEW_ENERGY: re.compile(
            rf"[{PROVINCES}]{LETTER}(?:[0-9]{{5}}[DF]|[A-HJK]{SIGN}[0-9]{{4}})"
        ),
    }
)
BETWEEN_SIGNS = re.compile(r"[\s·•・.\-]")
LENGTHS = (7, 8)


def normal_plate(text: str) -> str:
    """A plate as it is stored: half-width, upper case, without blanks, points and hyphens."""
    return BETWEEN_SIGNS.sub("", unicodedata.normalize("NFKC", text)).upper()


def plate_kind(plate: str) -> PlateKind | None:
    """What a normalised plate is of, or `None` if it is none."""
    found = (kind for kind, pattern in PLATES.items() if pattern.fullmatch(plate))
    return next(found, None)


def plate_faults(plate: str, field: str = "plate", *, trailer: bool = False) -> list[Fault]:
    """What is wrong with a normalised plate of a truck, or of a trailer; one fault at most."""
    kind = plate_kind(plate)
    if kind is not None and (kind is PlateKind.TRAILER) == trailer:
        return []
    code = _plate_fault(plate, kind, trailer)
    return [Fault(field, code, {"plate": plate, "count": len(plate), "sign": plate[:1]})]


def _plate_fault(plate: str, kind: PlateKind | None, trailer: bool) -> str:
    if not plate:
        return "plate_empty"
    if kind is not None:
        return "plate_no_trailer" if trailer else "plate_is_trailer"
    if plate[0] not in PROVINCES:
        return "plate_province"
    if set(plate[1:]) & set("IO"):
        return "plate_letters"
    if len(plate) not in LENGTHS:
        return "plate_length"
    return "plate_form"


def vehicle_faults(
    plate: str, trailer_plate: str, emission: EmissionClass, load_kg: int
) -> list[Fault]:
    """What is wrong with a vehicle whose plates are normalised; an empty trailer plate is none."""
    faults = plate_faults(plate)
    if trailer_plate:
        faults += plate_faults(trailer_plate, "trailer_plate", trailer=True)
    is_green = plate_kind(plate) is PlateKind.NEW_ENERGY
    if not faults and emission is EmissionClass.NEW_ENERGY and not is_green:
        faults.append(Fault("emission", "not_new_energy", {"plate": plate}))
    if not LEAST_LOAD_KG <= load_kg <= MOST_LOAD_KG:
        faults.append(Fault("load_kg", "load", {"least": LEAST_LOAD_KG, "most": MOST_LOAD_KG}))
    return faults
