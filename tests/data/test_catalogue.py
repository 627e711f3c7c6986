"""The dated reference data is whole and consistent."""

import re
from datetime import date
from decimal import Decimal

import pytest

from app.catalogue.rules import Stop, Threshold, working_days
from app.declarations.rules import ActivityKind
from app.listings.rules import Product
from tests.data.committed import blocked_by, by, rows

MATERIALS = ["fly_ash", "fgd_gypsum", "smelting_slag", "carbide_slag", "bottom_ash", "red_mud"]
DATED = [
    f"catalogue/{name}.csv"
    for name in (
        *("waste_classes", "waste_items", "blocked_wastes", "targets", "production_stops"),
        *("market_terms", "standards", "uses", "quality_limits", "quality_notes"),
        *("watch_terms", "arising_factors"),
    )
]


def stops(product: str) -> list[Stop]:
    """The yearly stops of the works that make a product."""
    return [
        Stop(
            row["idle_from"],
            row["idle_to"],
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in rows("catalogue/production_stops.csv")
        if row["product"] == product
    ]


@pytest.mark.parametrize("name", DATED)
def test_rule_rows_carry_dates_in_order(name: str) -> None:
    for row in rows(name):
        start = date.fromisoformat(row["valid_from"])
        assert not row["valid_to"] or date.fromisoformat(row["valid_to"]) > start, row


def test_the_watch_has_every_figure_it_goes_by_and_says_how_sure_it_is() -> None:
    terms = rows("catalogue/watch_terms.csv")
    assert {row["code"] for row in terms if not row["material"]} == set(Threshold)
    assert all(row["source"] and row["note"] for row in terms)


def test_factors_are_of_declared_activities_and_their_ranges_hold_the_middle() -> None:
    factors = rows("catalogue/arising_factors.csv")
    assert {row["activity"] for row in factors} == set(ActivityKind)
    for row in factors:
        low, central, high = (Decimal(row[name]) for name in ("low", "central", "high"))
        assert 0 < low < central < high, row


def test_kilns_stop_from_mid_november_to_mid_march() -> None:
    for product in (Product.BRICK, Product.CLINKER):
        days = {month: working_days(date(2027, month, 1), stops(product)) for month in range(1, 13)}
        assert [month for month, found in days.items() if found.open == 0] == [1, 2, 12]
        assert (days[3].open, days[11].open) == (16, 14)


def test_stops_are_of_products_that_requirements_name() -> None:
    assert {row["product"] for row in rows("catalogue/production_stops.csv")} <= set(Product)


def test_classes_leave_out_the_number_the_catalogue_skips() -> None:
    classes = by("code", "catalogue/waste_classes.csv")
    assert "SW08" not in classes
    assert all(re.fullmatch(r"SW\d\d", code) for code in classes)


def test_flags_and_tax_of_a_class_are_of_the_known_kinds() -> None:
    for row in rows("catalogue/waste_classes.csv"):
        assert {row["bulk"], row["in_target"]} <= {"yes", "no", "ambiguous"}, row
        assert int(row["env_tax_fen_per_t"]) in {500, 1500, 2500}, row


def test_item_codes_are_well_formed_and_belong_to_a_class() -> None:
    classes = by("code", "catalogue/waste_classes.csv")
    for code, row in by("code", "catalogue/waste_items.csv").items():
        assert re.fullmatch(r"\d{3}-0\d{2}-S\d{2}", code), row
        assert row["waste_class"] == f"SW{code[-2:]}"
        assert row["waste_class"] in classes


def test_the_six_trade_materials_stand_in_order_with_red_mud_last() -> None:
    materials = rows("catalogue/materials.csv")
    assert [row["code"] for row in materials] == MATERIALS
    assert [int(row["sort_order"]) for row in materials] == [10, 20, 30, 40, 50, 60]


def test_only_red_mud_is_outside_the_target() -> None:
    outside = [row["code"] for row in rows("catalogue/materials.csv") if row["in_target"] == "no"]
    assert outside == ["red_mud"]


def test_a_material_points_to_an_item_of_its_own_class() -> None:
    items = by("code", "catalogue/waste_items.csv")
    for row in rows("catalogue/materials.csv"):
        assert items[row["default_item"]]["waste_class"] == row["waste_class"], row


def test_the_citys_target_excludes_red_mud_and_has_a_due_date() -> None:
    target = by("code", "catalogue/targets.csv")["liaocheng-2025"]
    assert (target["value"], target["unit"]) == ("100", "percent")
    assert (target["excludes"], target["due_on"]) == ("red_mud", "2025-12-31")


def test_targets_and_figures_use_known_materials_and_sane_values() -> None:
    known = {"", "all_bulk", "all_industrial", *MATERIALS}
    for row in rows("catalogue/targets.csv") + rows("catalogue/published_figures.csv"):
        assert row["materials"] in known, row
        assert Decimal(row["value"]) > 0, row
        assert row["unit"] != "percent" or Decimal(row["value"]) <= 100, row


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("生活垃圾焚烧飞灰", "HW18 772-002-18"),
        ("飞 灰", "HW18 772-002-18"),
        ("MSWI fly ash", "HW18 772-002-18"),
        ("Incineration Fly Ash", "HW18 772-002-18"),
        ("电解铝大修渣", "HW48 321-023-48"),
        ("Spent pot lining", "HW48 321-023-48"),
        ("二次铝灰", "HW48 321-026-48"),
        ("铝灰渣", "HW48 321-024-48"),
        ("Aluminium dross", "HW48 321-024-48"),
        ("电解炭渣", "HW48 321-025-48"),
        ("废汞触媒", "HW29"),
        ("ＳＣＲ催化剂", "HW50 772-007-50"),
        ("铜冶炼烟尘", "HW48 AS"),
        ("含砷废渣", "HW48 AS"),
        ("HW48 废渣", "HW"),
    ],
)
def test_a_hazardous_look_alike_is_refused(name: str, code: str) -> None:
    assert blocked_by(name) == code


@pytest.mark.parametrize(
    "name",
    [
        "粉煤灰",
        "高铝粉煤灰",
        "coal fly ash",
        "煤炭渣",
        "电石渣",
        "炉渣",
        "赤泥",
        "非危险废物：脱硫石膏",
    ],
)
def test_a_harmless_name_is_not_refused(name: str) -> None:
    assert blocked_by(name) is None


@pytest.mark.parametrize("name", ["materials", "waste_items"])
def test_the_block_list_refuses_nothing_the_catalogue_offers(name: str) -> None:
    for row in rows(f"catalogue/{name}.csv"):
        assert blocked_by(row["name_zh"]) is None, row
        assert blocked_by(row["name_en"]) is None, row
