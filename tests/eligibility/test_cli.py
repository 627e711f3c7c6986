"""`flask quality grade` on the loaded standards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

FLY_ASH = {
    "loi": "4.9",
    "residue_45um": "11",
    "water_demand": "94",
    "moisture": "0.5",
    "so3": "2.9",
    "f_cao": "0.8",
    "sio2_al2o3_fe2o3": "82",
    "density": "2.3",
    "activity_28d": "78",
}
CONCRETE = ("--material", "SW02", "--use", "concrete")
PULVERISED = (*CONCRETE, "--origin", "pulverised")


def run(app: Flask, *args: str, **readings: str) -> Any:
    told = [f"{name}={value}" for name, value in readings.items()]
    return app.test_cli_runner().invoke(args=["quality", "grade", *args, *told])


def graded(app: Flask, *args: str, **readings: str) -> dict[str, Any]:
    result = run(app, *args, **readings)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["parameter"] for item in items]


@pytest.mark.parametrize(
    ("changed", "grade"),
    [
        ({}, "I"),
        ({"loi": "5.0", "residue_45um": "12", "water_demand": "95"}, "I"),
        ({"loi": "5.1"}, "II"),
        ({"residue_45um": "30.0"}, "II"),
        ({"water_demand": "105.5"}, "III"),
        ({"loi": "10.0", "residue_45um": "45", "water_demand": "115"}, "III"),
    ],
)
def test_fly_ash_is_graded_for_concrete(app: Flask, changed: dict[str, str], grade: str) -> None:
    found = graded(app, *PULVERISED, **FLY_ASH | changed)
    assert (found["verdict"], found["grade"]) == ("qualifies", grade)
    assert (found["failing"], found["missing"]) == ([], [])


def test_what_fails_is_named_with_value_limit_standard_and_clause(app: Flask) -> None:
    found = graded(app, *PULVERISED, **FLY_ASH | {"loi": "11.2"})
    (why,) = found["failing"]
    assert (found["verdict"], found["grade"]) == ("fails", None)
    assert why == {
        "parameter": "loi",
        "value": 11.2,
        "limit": 10,
        "allowed": "≤10.0",
        "unit": "%",
        "grade": "III",
        "standard": "GB/T 1596-2017",
        "clause": "6.1 表 1",
        "confidence": "V",
        "if": None,
    }


def test_what_is_missing_is_of_the_use_standard_alone(app: Flask) -> None:
    found = graded(app, *PULVERISED, loi="4.9", residue_45um="11")
    assert found["verdict"] == "not_shown"
    assert set(names(found["missing"])) == set(FLY_ASH) - {"loi", "residue_45um"}
    assert {item["standard"] for item in found["missing"]} == {"GB/T 1596-2017"}


def test_hazard_and_class_are_presumed_until_a_reading_says_otherwise(app: Flask) -> None:
    found = graded(app, *PULVERISED, **FLY_ASH, leach557_ph="8")
    status = {item["parameter"]: item["status"] for item in found["gates"]}
    assert (status["leach557_ph"], status["leach299_Pb"]) == ("passed", "presumed")
    broken = graded(app, *PULVERISED, **FLY_ASH, ph="12.5")
    assert (broken["verdict"], names(broken["failing"])) == ("fails", ["ph"])
    (why,) = broken["failing"]
    assert (why["standard"], why["limit"], why["allowed"]) == (
        "GB 5085.1-2007",
        12.5,
        ">2.0, <12.5",
    )


@pytest.mark.parametrize("origin", ["cfb", "cofired"])
def test_ash_of_other_boilers_is_shut_out_of_concrete(app: Flask, origin: str) -> None:
    found = graded(app, *CONCRETE, "--origin", origin, **FLY_ASH)
    (why,) = found["failing"]
    assert found["verdict"] == "fails"
    assert (why["parameter"], why["clause"]) == ("boiler_type", "3.1")


@pytest.mark.parametrize("use", ["concrete", "aac", "road_base", "embankment"])
def test_ash_of_incinerators_is_hazardous_whatever_it_is_meant_for(app: Flask, use: str) -> None:
    found = graded(app, "--material", "SW02", "--use", use, "--origin", "incinerator", **FLY_ASH)
    why = found["failing"][0]
    assert found["verdict"] == "fails"
    assert (why["parameter"], why["value"]) == ("boiler_type", "incinerator")
    assert why["clause"] == "HW18 772-002-18"


def test_an_unknown_origin_is_missing_and_no_pass(app: Flask) -> None:
    found = graded(app, *CONCRETE, **FLY_ASH)
    assert (found["verdict"], names(found["missing"])) == ("not_shown", ["boiler_type"])


def test_class_c_has_its_own_limits(app: Flask) -> None:
    readings = FLY_ASH | {"f_cao": "3.9", "sio2_al2o3_fe2o3": "55"}
    assert graded(app, *PULVERISED, **readings)["verdict"] == "fails"
    assert names(graded(app, *PULVERISED, "--class", "C", **readings)["missing"]) == [
        "soundness_lechatelier"
    ]
    sound = graded(app, *PULVERISED, "--class", "C", **readings, soundness_lechatelier="2")
    assert sound["grade"] == "I"


def test_what_binds_the_product_stands_under_conditions(app: Flask) -> None:
    found = graded(app, *PULVERISED, **FLY_ASH)
    conditions = {item["parameter"]: item for item in found["conditions"]}
    assert conditions["igamma"]["standard"] == "GB 6566-2010"
    assert conditions["igamma"]["limit"] == 1
    assert conditions["ira_mix"]["standard"] == "GB/T 1596-2017"
    assert conditions["caso3_half_h2o"]["if"] == {"desulfurisation": ["dry", "semi_dry"]}


def test_a_bound_counts_where_it_decides(app: Flask) -> None:
    found = graded(app, *PULVERISED, **FLY_ASH | {"moisture": "<0.1"})
    assert found["verdict"] == "qualifies"
    doubt = graded(app, *PULVERISED, **FLY_ASH | {"moisture": "未检出"})
    (missing,) = doubt["missing"]
    assert (doubt["verdict"], missing["parameter"]) == ("not_shown", "moisture")


def test_a_value_is_in_the_unit_of_the_standard_or_in_the_one_it_names(app: Flask) -> None:
    gypsum = ("--material", "SW06", "--use", "gypsum_products")
    fine = {"free_water": "9", "caso4_2h2o": "96", "caso3_half_h2o": "0.2"}
    fine |= {"mgo_sol": "0.05", "na2o_sol": "0.03", "ph": "7"}
    for chloride, grade in (("100", "I"), ("0.01%", "I"), ("101", "II"), ("0.0301 %", "III")):
        found = graded(app, *gypsum, **fine, cl=chloride)
        assert (found["grade"], found["unconfirmed"]) == (grade, True), chloride


def test_steel_slag_powder_is_closed_to_common_cement(app: Flask) -> None:
    found = graded(app, "--material", "steel_slag_powder", "--use", "common_cement")
    (why,) = found["failing"]
    assert (found["verdict"], why["standard"]) == ("fails", "GB 175-2023")


def test_a_use_whose_limits_nobody_could_read_is_not_shown(app: Flask) -> None:
    found = graded(app, "--material", "phosphogypsum", "--use", "gypsum_products", ph="6")
    (missing,) = found["missing"]
    assert (found["verdict"], found["unconfirmed"]) == ("not_shown", True)
    assert (missing["parameter"], missing["standard"]) == ("use_standard", "GB/T 23456-2025")


def test_a_day_before_its_standard_a_use_is_not_known(app: Flask) -> None:
    assert graded(app, *PULVERISED, "--on", "2018-06-01", **FLY_ASH)["grade"] == "I"
    result = run(app, *PULVERISED, "--on", "2018-05-31", **FLY_ASH)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("args", "readings", "sentence"),
    [
        (PULVERISED, {"loi": "140"}, "loi 不可能是这个数值"),
        (PULVERISED, {"ph": "19"}, "ph 不可能是这个数值"),
        (PULVERISED, {"moisture": "-1"}, "moisture 不可能是这个数值"),
        (PULVERISED, {"sio2": "60", "al2o3": "30", "cao": "15.1"}, "各氧化物之和超过 105%"),
        (PULVERISED, {"loi": "高"}, "loi 的“高”不是数值"),
        (PULVERISED, {"loi": "5 mg/L"}, "loi 的单位"),
        (PULVERISED, {"lio": "5"}, "没有“lio”这项指标"),
        (("--material", "SW02", "--use", "jam"), {}, "没有“jam”这种用途"),
        (("--material", "SW01", "--use", "cement"), {}, "ggbs"),
        (("--material", "gold", "--use", "cement"), {}, "没有“gold”这种废物"),
        ((*PULVERISED, "--fact", "ore=golden"), {}, "没有“ore=golden”这项来源情况"),
        ((*PULVERISED, "loi"), {}, "应写成 名称=数值"),
        ((*PULVERISED, "loi=4", "loi=5"), {}, "loi 写了两次"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(
    app: Flask, args: tuple[str, ...], readings: dict[str, str], sentence: str
) -> None:
    result = run(app, *args, **readings)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not result.stdout
