"""What a producer declares of its own waste: pure decisions on plain values."""

from __future__ import annotations

from enum import StrEnum


class FacilityKind(StrEnum):
    STORAGE = "storage"
    USE = "use"
    DISPOSAL = "disposal"


class EventKind(StrEnum):
    """A line of the guide's forms 4 to 7 (announcement 2021 no. 82): kilograms of one material."""

    GENERATED = "generated"
    STORED = "stored"
    TAKEN_OUT = "taken_out"
    SELF_USED = "self_used"
    SELF_DISPOSED = "self_disposed"
    ENTRUSTED_DISPOSED = "entrusted_disposed"


class WasteForm(StrEnum):
    SOLID = "solid"
    SEMI_SOLID = "semi_solid"
    POWDER = "powder"
    SLURRY = "slurry"
