"""The shapes of the counties as the browser draws them, in the language of the page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from flask import current_app

from app.core.i18n import LOCALES

EXTENSION = "gufei.boundaries"


@dataclass(frozen=True, slots=True)
class Boundaries:
    """GeoJSON by language, each with its fingerprint."""

    texts: dict[str, str]
    etags: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """From the collection the settings name; raises `OSError` or `ValueError`."""
        collection = json.loads(path.read_text(encoding="utf-8"))
        texts = {language: _written(collection, language) for language in LOCALES}
        etags = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
        return cls(texts, etags)


def current_boundaries() -> Boundaries:
    found: Boundaries = current_app.extensions[EXTENSION]
    return found


def _written(collection: dict[str, Any], language: str) -> str:
    features = [_named(feature, language) for feature in collection["features"]]
    shown = {"type": "FeatureCollection", "features": features}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _named(feature: dict[str, Any], language: str) -> dict[str, Any]:
    """A county with one name; `label_point` says where the map writes it."""
    given = feature["properties"]
    english = given.get("name_en") if language == "en" else None
    kept = {"adcode": str(given["adcode"]), "name": english or given["name"]}
    if "label_point" in given:
        kept["label_point"] = given["label_point"]
    return {"type": "Feature", "properties": kept, "geometry": feature["geometry"]}
