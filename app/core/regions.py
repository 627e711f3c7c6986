"""Regions by their GB/T 2260 codes: those of a province end in 0000, of a city in 00."""

from __future__ import annotations

import re

PAIRS_OF_ZEROS = re.compile(r"(00){1,2}$")


def stem(region: str) -> str:
    """What the codes of all counties of a region begin with."""
    return PAIRS_OF_ZEROS.sub("", region)


def lies_in(adcode: str, region: str) -> bool:
    """Whether a county belongs to a region; a county is one itself."""
    return adcode.startswith(stem(region))


def is_county(region: str) -> bool:
    return stem(region) == region


def is_province(region: str) -> bool:
    return region.endswith("0000")


def city_of(adcode: str) -> str:
    """The code of the city that a county belongs to."""
    return f"{adcode[:4]}00"
