"""Counties, boundaries and the gazetteer agree with each other."""

import json
from typing import Any

import pytest
import shapely

from tests.data.committed import DATA, Row, by, rows

# The boundary is generalised: a seat near a border may fall this far outside (degrees, 2.5 km).
BORDER_SLACK = 0.025


def features() -> list[dict[str, Any]]:
    text = (DATA / "boundaries/liaocheng_counties.geojson").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["features"]
    return found


def shapes() -> dict[str, Any]:
    return {
        feature["properties"]["adcode"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in features()
    }


def point(row: Row, prefix: str = "") -> Any:
    return shapely.Point(float(row[f"{prefix}lon"]), float(row[f"{prefix}lat"]))


def test_boundaries_and_catalogue_name_the_same_eight_counties() -> None:
    counties = by("adcode", "catalogue/counties.csv")
    assert len(counties) == 8
    named = {
        feature["properties"]["adcode"]: (
            feature["properties"]["name"],
            feature["properties"]["name_en"],
        )
        for feature in features()
    }
    assert named == {code: (row["name_zh"], row["name_en"]) for code, row in counties.items()}


def test_every_boundary_is_valid_and_overlaps_no_other() -> None:
    polygons = list(shapes().values())
    assert all(polygon.is_valid for polygon in polygons)
    whole = shapely.union_all(polygons)
    assert whole.area == pytest.approx(sum(polygon.area for polygon in polygons), rel=1e-6)


def test_label_points_and_seats_lie_in_their_county() -> None:
    polygons = shapes()
    for adcode, row in by("adcode", "catalogue/counties.csv").items():
        assert polygons[adcode].contains(point(row, "label_")), row
        assert polygons[adcode].contains(point(row, "seat_")), row


def test_every_place_lies_in_its_county() -> None:
    polygons = shapes()
    for row in by("code", "gazetteer/liaocheng.csv").values():
        assert polygons[row["county_adcode"]].distance(point(row)) <= BORDER_SLACK, row


def test_a_township_without_its_own_position_stands_at_the_county_seat() -> None:
    counties = by("adcode", "catalogue/counties.csv")
    for row in rows("gazetteer/liaocheng.csv"):
        assert row["precision"] in {"place", "county_seat"}
        if row["precision"] == "county_seat":
            seat = counties[row["county_adcode"]]
            assert (row["lon"], row["lat"]) == (seat["seat_lon"], seat["seat_lat"]), row


def test_a_township_code_starts_with_its_county() -> None:
    townships = [row for row in rows("gazetteer/liaocheng.csv") if row["level"] == "township"]
    assert len(townships) == 136
    assert all(row["code"].startswith(row["county_adcode"]) for row in townships)
