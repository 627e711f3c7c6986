"""Counties by position, coordinates by datum, places by name."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from geopy.exc import GeocoderTimedOut
from geopy.location import Location

from app.core.atlas import GAZETTEER, Counties, Places
from app.core.gazetteer import Gazetteer
from app.core.places import Datum, to_wgs84
from app.settings import LIAOCHENG, ROOT

BOUNDARIES = ROOT / "data" / "boundaries" / "liaocheng_counties.geojson"
WGS84 = (115.985, 36.456)
TENTH_OF_A_METRE = 1e-6


@pytest.fixture(scope="module")
def counties() -> Counties:
    return Counties.read(BOUNDARIES, LIAOCHENG)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.read(sorted(GAZETTEER.glob("*.csv")))


@pytest.fixture
def places(counties: Counties, gazetteer: Gazetteer) -> Places:
    return Places(counties, gazetteer)


@pytest.mark.parametrize(
    ("datum", "typed"),
    [
        (Datum.WGS84, WGS84),
        (Datum.GCJ02, (115.990679, 36.456086)),  # both computed by npm gcoord 1.0.7
        (Datum.BD09, (115.997254, 36.461786)),
    ],
)
def test_a_position_in_any_datum_becomes_the_same_wgs_84(
    datum: Datum, typed: tuple[float, float]
) -> None:
    assert to_wgs84(*typed, datum) == pytest.approx(WGS84, abs=TENTH_OF_A_METRE)


@pytest.mark.parametrize("datum", list(Datum))
def test_outside_china_nothing_is_converted(datum: Datum) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert to_wgs84(-0.1276, 51.5072, datum) == (-0.1276, 51.5072)


@pytest.mark.parametrize(
    ("position", "adcode"),
    [
        ((115.97065, 36.48869), "371502"),
        ((116.1538, 36.57754), "371503"),
        ((115.81348, 36.79503), "371581"),
        ((117.0, 36.65), None),  # Jinan
        ((36.57754, 116.1538), None),
    ],
)
def test_a_position_has_at_most_one_county(
    counties: Counties, position: tuple[float, float], adcode: str | None
) -> None:
    assert counties.at(*position) == adcode


def test_every_county_holds_its_own_label_point(counties: Counties) -> None:
    import json

    for feature in json.loads(BOUNDARIES.read_text(encoding="utf-8"))["features"]:
        properties = feature["properties"]
        assert counties.at(*properties["label_point"]) == properties["adcode"]


@pytest.mark.parametrize(
    ("region", "covered"),
    [("371500", True), ("371503", True), ("370100", False), ("371599", False)],
)
def test_a_region_is_covered_if_it_is_or_holds_a_county(
    places: Places, region: str, covered: bool
) -> None:
    assert places.covers(region) is covered


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("茌平", "茌平区"),
        ("茌平区", "茌平区"),
        ("chiping", "茌平区"),
        ("ＣＨＩＰＩＮＧ district", "茌平区"),
        ("Dong'e", "东阿县"),
        ("dong e county", "东阿县"),
        ("莘县", "莘县"),
        ("乐平铺", "茌平区 乐平铺镇"),
        ("lepingpu town", "茌平区 乐平铺镇"),
        ("乐平", "茌平区 乐平铺镇"),
        ("茌平区乐平铺镇", "茌平区 乐平铺镇"),
        ("山东省聊城市茌平区信发街道某路 1 号", "茌平区 信发街道"),
        ("聊城市临清市某村", "临清市"),
    ],
)
def test_a_place_is_found_by_what_people_type(places: Places, text: str, first: str) -> None:
    assert places.search(text)[0].name == first


@pytest.mark.parametrize("text", ["", "   ", "zzzz", "北京市朝阳区", "'", "%"])
def test_what_is_no_place_of_the_city_finds_nothing(places: Places, text: str) -> None:
    assert places.search(text) == []


def test_a_search_shows_a_few_places_and_says_how_exact_each_is(places: Places) -> None:
    found = places.search("街道")
    assert len(found) == 8
    assert {place.precision for place in found} <= {"place", "county_seat"}
    assert found[0].name_en.endswith("District")


def test_the_gazetteer_answers_like_any_geocoder(gazetteer: Gazetteer) -> None:
    one = gazetteer.geocode("茌平区")
    assert isinstance(one, Location)
    assert one.raw["name_en"] == "Chiping District"
    assert gazetteer.geocode("zzzz") is None


class Service:
    """A place service that answers what it is told to and counts its questions."""

    def __init__(self, answer: list[Location] | Exception | None) -> None:
        self.answer = answer
        self.asked = 0

    def geocode(self, text: str, **options: Any) -> list[Location] | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def with_service(places: Places, service: Service) -> Places:
    return Places(places.counties, places._gazetteer, service)


WORKS = Location("某电厂", (36.58, 116.16, 0.0), {})
ABROAD = Location("某电厂", (39.9, 116.4, 0.0), {})


def test_a_configured_service_is_asked_once_for_the_same_text(places: Places) -> None:
    service = Service([WORKS, ABROAD])
    asking = with_service(places, service)
    assert [place.name for place in asking.search("某电厂")] == ["某电厂"]
    assert asking.search(" 某电厂 ") == asking.search("某电厂")
    assert service.asked == 1


@pytest.mark.parametrize("answer", [GeocoderTimedOut("late"), None, []])
def test_without_an_answer_the_gazetteer_helps(
    places: Places, answer: Exception | list[Location] | None
) -> None:
    service = Service(answer)
    assert with_service(places, service).search("茌平")[0].name == "茌平区"


def test_an_error_is_not_remembered(places: Places) -> None:
    service = Service(GeocoderTimedOut("late"))
    asking = with_service(places, service)
    asking.search("某电厂")
    service.answer = [WORKS]
    assert asking.search("某电厂")[0].name == "某电厂"


def test_a_nominatim_address_becomes_a_service_with_a_time_limit(tmp_path: Path) -> None:
    from tests.installations import settings_for

    settings = settings_for(tmp_path, GUFEI_NOMINATIM_URL="http://127.0.0.1:9/nominatim")
    places = Places.from_settings(settings)
    assert places._remote is not None
    assert places._remote.timeout == 3
    assert places._remote.api == "http://127.0.0.1:9/nominatim/search"
    assert places.search("茌平")[0].name == "茌平区"  # nobody listens there
