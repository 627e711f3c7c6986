"""The shapes of counties and cities as the browser draws them, in the language of the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from flask import current_app

from app.core.i18n import LOCALES
from app.core.regions import city_of, lies_in

EXTENSION = "gufei.boundaries"
COUNTIES, CITIES = "counties", "cities"
Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shapes:
    """GeoJSON and its fingerprint."""

    text: str
    etag: str

    @classmethod
    def of(cls, features: Iterable[Feature], language: str) -> Self:
        shown = {
            "type": "FeatureCollection",
            "features": [_named(feature, language) for feature in features],
        }
        text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        return cls(text, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Boundaries:
    """What can be drawn, by name and language: all `counties`, all `cities`, those of one city."""

    shapes: dict[tuple[str, str], Shapes] = field(default_factory=dict)

    @classmethod
    def read(cls, counties: Path, cities: Path, region: str) -> Self:
        """From the collections the settings name, what lies in the region; raises `OSError` or
        `ValueError`.
        """
        found = {COUNTIES: list(_within(counties, region)), CITIES: list(_within(cities, region))}
        for feature in found[COUNTIES]:
            found.setdefault(city_of(_adcode(feature)), []).append(feature)
        return cls(
            {
                (name, language): Shapes.of(features, language)
                for name, features in found.items()
                for language in LOCALES
            }
        )


def current_boundaries() -> Boundaries:
    found: Boundaries = current_app.extensions[EXTENSION]
    return found


def _within(path: Path, region: str) -> Iterator[Feature]:
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        if lies_in(_adcode(feature), region):
            yield feature


def _adcode(feature: Feature) -> str:
    return str(feature["properties"]["adcode"])


def _named(feature: Feature, language: str) -> Feature:
    """A place with one name; `label_point` says where the map writes it."""
    given = feature["properties"]
    english = given.get("name_en") if language == "en" else None
    kept = {"adcode": _adcode(feature), "name": english or given["name"]}
    if "label_point" in given:
        kept["label_point"] = given["label_point"]
    return {"type": "Feature", "properties": kept, "geometry": feature["geometry"]}
