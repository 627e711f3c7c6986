"""Regions by their codes."""

import pytest

from app.core.regions import city_of, is_county, is_province, lies_in, stem


@pytest.mark.parametrize(
    ("region", "digits"),
    [("370000", "37"), ("371500", "3715"), ("371000", "3710"), ("371503", "371503")],
)
def test_the_counties_of_a_region_begin_with_its_digits(region: str, digits: str) -> None:
    assert stem(region) == digits


@pytest.mark.parametrize(
    ("adcode", "region", "inside"),
    [
        ("371503", "370000", True),
        ("371503", "371500", True),
        ("371503", "371503", True),
        ("371503", "371502", False),
        ("370102", "371500", False),
        ("371002", "371000", True),
        ("371102", "371000", False),
        ("410102", "370000", False),
    ],
)
def test_a_county_lies_in_its_city_and_its_province(adcode: str, region: str, inside: bool) -> None:
    assert lies_in(adcode, region) is inside


def test_the_three_levels_are_told_apart() -> None:
    assert [is_county(code) for code in ("370000", "371500", "371503")] == [False, False, True]
    assert [is_province(code) for code in ("370000", "371500", "371503")] == [True, False, False]
    assert city_of("371503") == "371500"
