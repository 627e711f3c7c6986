"""What a name, a symbol or a synonym stands for."""

from __future__ import annotations

import pytest

from app.eligibility.naming import Names
from tests.eligibility.parameters import parameters

PARAMETERS = parameters()
NAMES = Names(PARAMETERS)
SAID = [
    (row.code, name)
    for row in PARAMETERS.values()
    for name in (row.name_zh, row.name_en, *row.synonyms)
]


@pytest.mark.parametrize(("code", "name"), SAID)
def test_every_name_of_the_catalogue_stands_for_its_parameter(code: str, name: str) -> None:
    assert NAMES.find(name) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ＬＯＩ ", "loi"),
        ("烧失量（%）", "loi"),
        ("烧失量/%", "loi"),
        ("烧失量：", "loi"),
        ("SO₃", "so3"),
        ("so3 (%)", "so3"),
        ("三氧化硫质量分数", "so3"),
        ("氧化钙含量", "cao"),
        ("45 µm 筛余", "residue_45um"),
        ("45 μm 筛余（%）", "residue_45um"),
        ("Cl⁻", "cl"),
        ("SiO₂ + Al₂O₃ + Fe₂O₃", "sio2_al2o3_fe2o3"),
        ("CaSO₃·½H₂O", "caso3_half_h2o"),
        ("7 d 活性指数", "activity_7d"),
        ("ra‑226", "c_ra"),
        ("residue_45um", "residue_45um"),
    ],
)
def test_width_case_blanks_raised_digits_and_units_do_not_matter(text: str, code: str) -> None:
    assert NAMES.find(text) == code


@pytest.mark.parametrize(
    "text", ["", " ", "%", "硬度", "烧失量允许偏差", "铜", "Cu", "Hg", "P", "8"]
)
def test_what_means_nothing_or_two_things_stands_for_no_parameter(text: str) -> None:
    """`Cu` alone is copper in either of two extracts."""
    assert NAMES.find(text) is None
