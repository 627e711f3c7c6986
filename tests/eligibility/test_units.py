"""Values of laboratories in other units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.eligibility.ranges import Range, exactly, read
from app.eligibility.units import NoSuchUnit, are_alike, converted, is_unit, parted


@pytest.mark.parametrize(
    ("amount", "unit", "into", "found"),
    [
        ("100", "mg/kg", "%", "0.01"),
        ("0.06", "%", "mg/kg", "600"),
        ("5", "％", "%", "5"),
        ("5", " wt% ", "%", "5"),
        ("5", "%(m/m)", "%", "5"),
        ("12", "g/kg", "%", "1.2"),
        ("3500", "cm2/g", "m2/kg", "350"),
        ("3500", "cm²/g", "m2/kg", "350"),
        ("420", "m²/kg", "m2/kg", "420"),
        ("2.9", "g/cm³", "kg/m3", "2900"),
        ("20", "μg/L", "mg/L", "0.02"),
        ("20", "µg/L", "mg/L", "0.02"),
        ("10", "ng/L", "ng/L", "10"),
        ("90", "min", "h", "1.5"),
        ("200", "Bq/kg", "Bq/kg", "200"),
        ("8", "", "-", "8"),
        ("420", "m²·kg⁻¹", "m2/kg", "420"),
        ("2.3", "g·cm-3", "g/cm3", "2.3"),
        ("5", "mg·L⁻¹", "mg/L", "5"),
        ("5", "wt.%", "%", "5"),
        ("2", "小时", "h", "2"),
    ],
)
def test_a_value_says_the_same_in_another_unit(
    amount: str, unit: str, into: str, found: str
) -> None:
    assert converted(read(amount), unit, into) == exactly(Decimal(found))


def test_a_bound_stays_a_bound() -> None:
    below = Range(high=Decimal("0.001"), high_open=True)
    assert converted(read("<10"), "mg/kg", "%") == below
    assert converted(read("未检出"), "mg/kg", "%") == Range()


@pytest.mark.parametrize(
    ("unit", "into"), [("斤", "%"), ("mg/L", "mg/kg"), ("%", "mm"), ("h", "-")]
)
def test_a_unit_of_another_quantity_is_told(unit: str, into: str) -> None:
    with pytest.raises(NoSuchUnit):
        converted(read("1"), unit, into)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("100 mg/kg", ("100", "mg/kg")),
        ("4.9%", ("4.9", "%")),
        ("<0.01 mg/L", ("<0.01", "mg/L")),
        ("0.02L", ("0.02L", "")),
        (" 未检出 ", ("未检出", "")),
        ("合格", ("合格", "")),
        ("3 斤", ("3", "斤")),
    ],
)
def test_a_reading_is_parted_from_the_unit_behind_it(text: str, parts: tuple[str, str]) -> None:
    assert parted(text) == parts


def test_units_are_known_and_told_apart() -> None:
    assert [is_unit(word) for word in ("％", "mg／kg", "m²/kg", "斤", "-", "")] == [True] * 3 + [
        False
    ] * 3
    assert are_alike("g/kg", "%")
    assert not are_alike("mg/L", "mg/kg")
