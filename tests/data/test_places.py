"""Counties, boundaries and the gazetteer agree with each other."""

import json
from typing import Any

import pytest
import shapely

from app.core.regions import city_of
from tests.data.committed import DATA, Row, by, rows

# The boundary is generalised: a seat near a border may fall this far outside (degrees, 2.5 km).
BORDER_SLACK = 0.025


def features(file: str) -> list[dict[str, Any]]:
    text = (DATA / f"boundaries/{file}.geojson").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["features"]
    return found


def shapes(*files: str) -> dict[str, Any]:
    """Polygons by code; of those that several files have, the one of the last."""
    return {
        feature["properties"]["adcode"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for file in files
        for feature in features(file)
    }


def named(file: str) -> dict[str, tuple[str, str]]:
    properties = (feature["properties"] for feature in features(file))
    return {one["adcode"]: (one["name"], one["name_en"]) for one in properties}


def point(row: Row, prefix: str = "") -> Any:
    return shapely.Point(float(row[f"{prefix}lon"]), float(row[f"{prefix}lat"]))


def test_boundaries_and_catalogue_name_the_same_counties() -> None:
    counties = by("adcode", "catalogue/counties.csv")
    names = {code: (row["name_zh"], row["name_en"]) for code, row in counties.items()}
    assert len(names) == 136
    assert named("shandong_counties") == names
    liaocheng = {code: name for code, name in names.items() if code.startswith("3715")}
    assert len(liaocheng) == 8
    assert named("liaocheng_counties") == liaocheng


def test_boundaries_and_catalogue_name_the_same_cities() -> None:
    counties = rows("catalogue/counties.csv")
    cities = {row["city_adcode"]: (row["city_zh"], row["city_en"]) for row in counties}
    assert len(cities) == 16
    assert named("shandong_cities") == cities


@pytest.mark.parametrize("file", ["liaocheng_counties", "shandong_counties", "shandong_cities"])
def test_every_boundary_is_valid_and_overlaps_no_other(file: str) -> None:
    polygons = list(shapes(file).values())
    assert all(polygon.is_valid for polygon in polygons)
    whole = shapely.union_all(polygons)
    assert whole.area == pytest.approx(sum(polygon.area for polygon in polygons), rel=1e-6)


def test_label_points_and_seats_lie_in_their_county() -> None:
    polygons = shapes("shandong_counties", "liaocheng_counties")
    for adcode, row in by("adcode", "catalogue/counties.csv").items():
        assert polygons[adcode].contains(point(row, "label_")), row
        assert polygons[adcode].contains(point(row, "seat_")), row


def test_every_county_lies_in_its_city() -> None:
    cities = shapes("shandong_cities")
    for row in rows("catalogue/counties.csv"):
        assert row["city_adcode"] == city_of(row["adcode"])
        assert cities[row["city_adcode"]].contains(point(row, "label_")), row


@pytest.mark.parametrize("file", ["liaocheng", "shandong"])
def test_every_place_lies_in_its_county(file: str) -> None:
    polygons = shapes("shandong_counties", "liaocheng_counties")
    for row in by("code", f"gazetteer/{file}.csv").values():
        assert polygons[row["county_adcode"]].distance(point(row)) <= BORDER_SLACK, row


def test_every_city_and_county_can_be_searched_for() -> None:
    known = by("code", "gazetteer/liaocheng.csv") | by("code", "gazetteer/shandong.csv")
    for row in rows("catalogue/counties.csv"):
        assert {row["adcode"], row["city_adcode"]} <= known.keys()


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
