"""The shapes of counties and cities as the browser draws them, in the language of the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from flask import current_app

from app.core.atlas import Feature, features_in
from app.core.i18n import LOCALES
from app.core.regions import city_of

EXTENSION = "gufei.boundaries"
COUNTIES, CITIES = "counties", "cities"


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
        inside = features_in(counties, region)
        found = {COUNTIES: [*inside.values()], CITIES: [*features_in(cities, region).values()]}
        for adcode, feature in inside.items():
            found.setdefault(city_of(adcode), []).append(feature)
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


def _named(feature: Feature, language: str) -> Feature:
    """A place with one name; `label_point` says where the map writes it."""
    given = feature["properties"]
    english = given.get("name_en") if language == "en" else None
    kept = {"adcode": str(given["adcode"]), "name": english or given["name"]}
    if "label_point" in given:
        kept["label_point"] = given["label_point"]
    return {"type": "Feature", "properties": kept, "geometry": feature["geometry"]}
