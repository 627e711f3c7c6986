"""The files and services behind `places`: polygons of counties, the gazetteer, a geocoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import shapely
import structlog
from geopy.exc import GeopyError
from geopy.geocoders import Nominatim
from geopy.location import Location
from shapely.geometry import shape

from app.core.gazetteer import Gazetteer
from app.core.places import Found
from app.core.regions import lies_in
from app.settings import ROOT, Settings

GAZETTEER = ROOT / "data" / "gazetteer"
MOST_FOUND = 8
SEARCH_CACHE_SIZE = 512
SEARCH_TIMEOUT_SECONDS = 3

Feature = dict[str, Any]
"""Of GeoJSON."""

log = structlog.get_logger()


def features_in(path: Path, region: str) -> dict[str, Feature]:
    """By adcode, the places of a GeoJSON collection that lie in a region; raises `OSError` or
    `ValueError`.
    """
    collection = json.loads(path.read_text(encoding="utf-8"))["features"]
    found = {str(feature["properties"]["adcode"]): feature for feature in collection}
    return {adcode: feature for adcode, feature in found.items() if lies_in(adcode, region)}


class Counties:
    """The counties of the exchange as polygons."""

    def __init__(self, adcodes: Sequence[str], polygons: Sequence[Any]) -> None:
        self.adcodes = tuple(adcodes)
        self._polygons = shapely.STRtree(polygons)

    @classmethod
    def read(cls, path: Path, region: str) -> Self:
        """Those of a region, from a GeoJSON collection."""
        found = features_in(path, region)
        return cls([*found], [shape(feature["geometry"]) for feature in found.values()])

    def at(self, lon: float, lat: float) -> str | None:
        """The county a WGS-84 position lies in; on a common border the smaller code."""
        hits = self._polygons.query(shapely.Point(lon, lat), predicate="intersects")
        return min((self.adcodes[index] for index in hits), default=None)

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees."""
        west, south, east, north = shapely.total_bounds(self._polygons.geometries)
        return float(west), float(south), float(east), float(north)


class Places:
    """County of a position and places by name, from the files and services of the settings."""

    def __init__(
        self, counties: Counties, gazetteer: Gazetteer, remote: Nominatim | None = None
    ) -> None:
        self.counties = counties
        self._gazetteer = gazetteer
        self._remote = remote
        self._search_remote = lru_cache(maxsize=SEARCH_CACHE_SIZE)(self._ask_remote)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        remote = _nominatim(settings.nominatim_url) if settings.nominatim_url else None
        counties = Counties.read(settings.boundaries_path, settings.region)
        return cls(counties, Gazetteer.read(sorted(GAZETTEER.glob("*.csv"))), remote)

    def county_at(self, lon: float, lat: float) -> str | None:
        """The adcode of the county a WGS-84 position lies in, if it is one of the exchange's."""
        return self.counties.at(lon, lat)

    def covers(self, region: str) -> bool:
        """Whether a county, a city or a province has counties of the exchange."""
        return any(lies_in(adcode, region) for adcode in self.counties.adcodes)

    def search(self, text: str) -> list[Found]:
        """The places a text may mean, best first, inside the exchange's counties only."""
        text = " ".join(text.split())
        found = [place for place in self._locations(text) if self.county_at(place.lon, place.lat)]
        return found[:MOST_FOUND]

    def _locations(self, text: str) -> Sequence[Found]:
        """From the service where one is set; from the gazetteer if it fails or knows nothing."""
        return self._try_remote(text) or _all(self._gazetteer.geocode(text, exactly_one=False))

    def _try_remote(self, text: str) -> Sequence[Found]:
        if self._remote is None or not text:
            return ()
        try:
            return self._search_remote(text)
        except GeopyError as error:
            log.warning("place_search_failed", error=type(error).__name__)
            return ()

    def _ask_remote(self, text: str) -> Sequence[Found]:
        """Ask the service; its errors are raised, so that the cache keeps none of them."""
        assert self._remote is not None
        west, south, east, north = self.counties.bounds()
        answer = self._remote.geocode(
            text,
            exactly_one=False,
            limit=MOST_FOUND,
            language="zh",
            country_codes="cn",
            viewbox=((south, west), (north, east)),
            bounded=True,
        )
        return _all(answer)


def _all(locations: list[Location] | None) -> Sequence[Found]:
    return tuple(Found.at(location) for location in locations or ())


def _nominatim(url: str) -> Nominatim:
    parts = urlsplit(url)
    return Nominatim(
        scheme=parts.scheme,
        domain=parts.netloc + parts.path,
        user_agent="gufei",
        timeout=SEARCH_TIMEOUT_SECONDS,
    )
