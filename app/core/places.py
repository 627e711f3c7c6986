"""Where things lie: counties by position, coordinates by datum, places by name.

Everything inside the product is WGS-84, longitude first. Other datums exist only in what people
type and are converted once, on entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Self

import prcoords
from flask import Flask, current_app

from app.settings import Settings

if TYPE_CHECKING:
    from geopy.location import Location

    from app.core.atlas import Places


class Datum(StrEnum):
    """The coordinate system a position was given in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


INVERSES = {Datum.GCJ02: prcoords.gcj_wgs_bored, Datum.BD09: prcoords.bd_wgs_bored}


def to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """Longitude and latitude in WGS-84, by the iterated inverse (error below 0.1 m).

    The offset exists only in China, so a position outside it comes back unchanged.
    """
    here = prcoords.Coords(lat=lat, lon=lon)
    if datum is Datum.WGS84 or not prcoords.sanity_in_china_p(here):
        return lon, lat
    found = INVERSES[datum](here)
    return found.lon, found.lat


@dataclass(frozen=True, slots=True)
class Found:
    """A place that a search found, in WGS-84.

    `precision` is `place`; `county_seat` where a township's own position is not known, and
    `inside` where that of the seat is not known either.
    """

    name: str
    name_en: str
    lon: float
    lat: float
    precision: str

    @classmethod
    def at(cls, location: Location) -> Self:
        return cls(
            name=location.address,
            name_en=location.raw.get("name_en", ""),
            lon=location.longitude,
            lat=location.latitude,
            precision=location.raw.get("precision", "place"),
        )


def init_app(app: Flask) -> None:
    """The places are read from their files when somebody first asks for one."""
    settings: Settings = app.extensions["gufei.settings"]
    app.extensions["gufei.places"] = cache(lambda: _read(settings))


def current_places() -> Places:
    """The application's places."""
    found: Places = current_app.extensions["gufei.places"]()
    return found


def _read(settings: Settings) -> Places:
    # Imported here: geometry and geocoding take their time to load, and few requests need them.
    from app.core.atlas import Places  # noqa: PLC0415

    return Places.from_settings(settings)
