"""The counties as closed lines on a sheet of paper."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from app.maps.boundaries import COUNTIES, current_boundaries

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """One county: its outer lines, and where its name is written."""

    adcode: str
    rings: tuple[tuple[Place, ...], ...]
    label: Place


@dataclass(frozen=True, slots=True)
class Sheet:
    """All counties, across and down from the upper left corner, in degrees of latitude."""

    width: float
    height: float
    outlines: tuple[Outline, ...]


def sheet() -> Sheet:
    """The counties of this installation; a degree is as long across as down in their middle."""
    features = json.loads(current_boundaries().shapes[COUNTIES, "zh"].text)["features"]
    points = [point for feature in features for ring in _rings(feature) for point in ring]
    west, east = min(lon for lon, _lat in points), max(lon for lon, _lat in points)
    south, north = min(lat for _lon, lat in points), max(lat for _lon, lat in points)
    shrink = cos(radians((south + north) / 2))

    def laid(place: Place) -> Place:
        return (place[0] - west) * shrink, north - place[1]

    outlines = tuple(_outline(feature, laid) for feature in features)
    return Sheet((east - west) * shrink, north - south, outlines)


def _outline(feature: dict[str, Any], laid: Callable[[Place], Place]) -> Outline:
    given = feature["properties"]
    rings = tuple(tuple(laid(point) for point in ring) for ring in _rings(feature))
    lon, lat = given.get("label_point") or rings[0][0]
    return Outline(given["adcode"], rings, laid((lon, lat)))


def _rings(feature: dict[str, Any]) -> Iterator[list[Place]]:
    """The outer lines; a hole in a county is another county, which is drawn over it."""
    shape = feature["geometry"]
    parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    for part in parts:
        yield [(lon, lat) for lon, lat, *_height in part[0]]
