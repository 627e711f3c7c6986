import csv
import json
import re
from pathlib import Path

import pytest
from shapely import Point, union_all
from shapely.geometry import shape

from matching import Mode, Outcome, Problem, check, problem_from_directory, solve

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module", params=["us", "liaocheng"])
def solved(request: pytest.FixtureRequest) -> tuple[Problem, Outcome]:
    problem = problem_from_directory(DATA / "instances" / request.param).problem
    return problem, solve(problem)


def rows(instance: str, file: str) -> list[dict[str, str]]:
    with (DATA / "instances" / instance / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_shipped_instance_is_solved_as_a_plan_and_audited(
    solved: tuple[Problem, Outcome],
) -> None:
    problem, outcome = solved
    assert problem.settings.mode is Mode.PLAN
    assert outcome.certificate.totals.kg > 0
    assert check(problem, outcome) == []


@pytest.mark.parametrize(
    ("file", "materials"),
    [
        ("supplies.csv", {"fly_ash": 36.5, "bottom_ash": 13.2, "fgd_gypsum": 21.7}),
        ("demands.csv", {"fly_ash": 15.5, "bottom_ash": 3.5, "fgd_gypsum": 4.4}),
        ("supplies_not_used.csv", {"fly_ash": 18.9, "bottom_ash": 8.9, "fgd_gypsum": 9.1}),
    ],
)
def test_the_american_tonnages_add_up_to_the_published_totals(
    file: str, materials: dict[str, float]
) -> None:
    totals = dict.fromkeys(materials, 0.0)
    for row in rows("us", file):
        totals[row["waste"]] += float(row["tonnes_per_year"]) / 1e6
    assert totals == pytest.approx(materials, abs=0.05)


@pytest.mark.parametrize("file", ["supplies.csv", "demands.csv"])
def test_the_chinese_instance_names_no_firm(file: str) -> None:
    for row in rows("liaocheng", file):
        assert re.fullmatch(r"[SD]\d\d-[a-z_]+", row["id"])
        assert re.fullmatch(r"示例(电厂|水泥厂) \d\d", row["name"])
        assert row["source_basis"].startswith("estimated: ")


def test_the_shifted_plants_lie_in_the_city() -> None:
    boundaries = DATA / "boundaries" / "liaocheng_counties.geojson"
    counties = json.loads(boundaries.read_text(encoding="utf-8"))["features"]
    city = union_all([shape(county["geometry"]) for county in counties])
    for row in rows("liaocheng", "supplies.csv"):
        assert city.covers(Point(float(row["lon"]), float(row["lat"])))
