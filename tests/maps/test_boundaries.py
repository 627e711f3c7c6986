"""The shapes of the counties: named in the reader's language, and fetched once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from app.maps.boundaries import Boundaries, current_boundaries
from tests.html import CheckedClient
from tests.installations import build

SHAPES = "/map/boundaries.geojson"


@pytest.mark.parametrize(("language", "name"), [("zh", "茌平区"), ("en", "Chiping District")])
def test_the_counties_are_named_in_the_language_of_the_page(
    client: CheckedClient, language: str, name: str
) -> None:
    client.set_cookie("language", language)
    features = json.loads(client.get(SHAPES).get_data())["features"]
    assert len(features) == 8
    chiping = next(one for one in features if one["properties"]["adcode"] == "371503")
    assert chiping["properties"]["name"] == name
    assert len(chiping["properties"]["label_point"]) == 2
    assert "name_en" not in chiping["properties"]
    assert chiping["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_a_browser_that_has_the_shapes_gets_304(client: CheckedClient) -> None:
    first = client.get(SHAPES)
    assert first.content_type == "application/geo+json"
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert {"Cookie", "Accept-Language"} <= set(first.vary)
    again = client.get(SHAPES, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.get_data()


def test_the_other_language_is_another_version(app: Flask) -> None:
    shapes = current_boundaries().shapes
    assert shapes["counties", "zh"].etag != shapes["counties", "en"].etag


def test_one_setting_replaces_the_shapes(tmp_path: Path) -> None:
    square = [[[115, 36], [116, 36], [116, 37], [115, 36]]]
    county = {
        "type": "Feature",
        "properties": {"adcode": 371503, "name": "某区"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    path = tmp_path / "own.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [county]}))
    app: Flask = build(tmp_path / "data", GUFEI_BOUNDARIES=str(path))
    shapes: Boundaries = app.extensions["gufei.boundaries"]
    read = json.loads(shapes.shapes["counties", "en"].text)["features"][0]
    assert read["properties"] == {"adcode": "371503", "name": "某区"}
    app.extensions["gufei.database"].engine.dispose()
