"""Values of laboratories in other units."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.eligibility.ranges import Range, exactly, read
from app.eligibility.units import NoSuchUnit, converted


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
