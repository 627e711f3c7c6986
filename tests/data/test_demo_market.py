"""The demo market is synthetic, valid, placed inside its counties and of the intended size."""

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from stdnum.cn import uscc

from app.catalogue.rules import working_days
from app.eligibility.own_limits import read_limits
from tests.data.committed import Row, blocked_by, by, rows, several
from tests.data.test_catalogue import MATERIALS, stops
from tests.data.test_places import point, shapes
from tests.eligibility.parameters import parameters

LISTINGS = {"offers": ("material", "offered_pct"), "requirements": ("materials", "wanted_pct")}


def offered() -> Counter[str]:
    """Tonnes a month on offer, by material."""
    total: Counter[str] = Counter()
    for row in rows("demo/offers.csv"):
        total[row["material"]] += int(row["tonnes_per_month"])
    return total


def organisation_check(body: str) -> str:
    """Ninth character of an organisation code after GB 11714."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    value = (
        11 - sum(int(char, 36) * weight for char, weight in zip(body, weights, strict=True)) % 11
    )
    return {10: "X", 11: "0"}.get(value, str(value))


def test_credit_codes_are_unique_valid_and_fictitious() -> None:
    for code in by("credit_code", "demo/companies.csv"):
        assert uscc.is_valid(code), code
        assert code.startswith("91371500DEM"), code
        assert code[16] == organisation_check(code[8:16]), code


def test_every_name_says_that_it_is_an_example() -> None:
    for row in rows("demo/companies.csv") + rows("demo/sites.csv"):
        assert row["name"].startswith("示例"), row
        assert row["name_en"].startswith("Demo "), row


def test_contacts_are_role_words_and_telephones_nobodys() -> None:
    by("phone", "demo/companies.csv")
    for row in rows("demo/companies.csv"):
        assert re.fullmatch(r"联系人 \d\d", row["contact_name"]), row
        assert re.fullmatch(r"0635-0000\d{3}", row["phone"]), row


def test_companies_name_a_known_industry() -> None:
    industries = by("code", "catalogue/industries.csv")
    assert all(row["industry_code"] in industries for row in rows("demo/companies.csv"))


def test_sites_lie_inside_the_county_they_name() -> None:
    polygons, companies = shapes("liaocheng_counties"), by("key", "demo/companies.csv")
    for row in by("key", "demo/sites.csv").values():
        assert row["company_key"] in companies, row
        assert polygons[row["county_adcode"]].contains(point(row)), row
        assert "演示位置" in row["address"], row


def test_all_eight_counties_have_a_site() -> None:
    assert len({row["county_adcode"] for row in rows("demo/sites.csv")}) == 8


def test_there_are_26_producer_and_36_consumer_sites() -> None:
    by("key", "demo/offers.csv")
    by("key", "demo/requirements.csv")
    assert len({row["site_key"] for row in rows("demo/offers.csv")}) == 26
    assert len({row["site_key"] for row in rows("demo/requirements.csv")}) == 36


@pytest.mark.parametrize(
    ("name", "flag"), [("offers", "is_producer"), ("requirements", "is_consumer")]
)
def test_a_company_lists_only_what_its_kind_allows(name: str, flag: str) -> None:
    companies, sites = by("key", "demo/companies.csv"), by("key", "demo/sites.csv")
    listing = {sites[row["site_key"]]["company_key"] for row in rows(f"demo/{name}.csv")}
    assert listing == {key for key, row in companies.items() if row[flag] == "1"}


@pytest.mark.parametrize(("name", "columns"), LISTINGS.items())
def test_listings_name_known_materials_and_positive_tonnes(
    name: str, columns: tuple[str, str]
) -> None:
    for row in rows(f"demo/{name}.csv"):
        assert set(several(row[columns[0]])) <= set(MATERIALS), row
        assert int(row["tonnes_per_month"]) > 0, row
        assert 0 <= int(row["first_offset"]) <= int(row["last_offset"]) <= 12, row


def test_a_public_price_never_passes_the_private_limit() -> None:
    for row in rows("demo/offers.csv"):
        assert not row["list_price"] or Decimal(row["list_price"]) >= Decimal(row["limit_price"]), (
            row
        )
    for row in rows("demo/requirements.csv"):
        assert not row["list_price"] or Decimal(row["list_price"]) <= Decimal(row["limit_price"]), (
            row
        )


@pytest.mark.parametrize(("name", "columns"), LISTINGS.items())
def test_tonnages_follow_the_stated_rule(name: str, columns: tuple[str, str]) -> None:
    factors = {(row["activity"], row["material"]): row for row in rows("demo/factors.csv")}
    for row in rows(f"demo/{name}.csv"):
        factor = factors[row["activity"], row[columns[0]]]
        assert factor["capacity_unit"] == row["capacity_unit"], row
        exact = (
            Decimal(factor["t_per_unit_month"]) * int(row["capacity"]) * int(row[columns[1]]) / 100
        )
        step = 50 if exact >= 1000 else 10
        assert int(row["tonnes_per_month"]) % step == 0, row
        assert abs(int(row["tonnes_per_month"]) - exact) <= Decimal(step) / 2, row


def test_the_market_has_the_intended_size() -> None:
    total = offered()
    red_mud = total.pop("red_mud")
    assert 110_000 <= sum(total.values()) <= 130_000
    assert 60_000 <= red_mud <= 120_000
    assert set(total) == set(MATERIALS) - {"red_mud"}


def test_the_demo_producer_makes_most_of_the_ash_in_chiping() -> None:
    sites = by("key", "demo/sites.csv")
    own = [
        row
        for row in rows("demo/offers.csv")
        if sites[row["site_key"]]["company_key"] == "power-01"
    ]
    ash = sum(int(row["tonnes_per_month"]) for row in own if row["material"] == "fly_ash")
    assert ash > offered()["fly_ash"] / 2
    assert {sites[row["site_key"]]["county_adcode"] for row in own} == {"371503"}


def test_red_mud_has_next_to_no_taker() -> None:
    wanted = sum(
        int(row["tonnes_per_month"])
        for row in rows("demo/requirements.csv")
        if "red_mud" in several(row["materials"])
    )
    assert 0 < wanted < offered()["red_mud"] / 50


def test_brick_kilns_stand_still_in_winter() -> None:
    bricks = [row for row in rows("demo/requirements.csv") if row["product"] == "brick"]
    winter = [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
    assert bricks
    assert all(working_days(month, stops("brick")).open == 0 for month in winter)
    assert working_days(date(2027, 6, 1), stops("brick")).idle == 0


def test_only_a_producer_with_a_silo_states_what_holding_costs() -> None:
    for row in rows("demo/offers.csv"):
        assert not row["holding"] or row["silo_t"], row
    assert any(row["silo_t"] for row in rows("demo/requirements.csv"))


def test_the_block_list_refuses_no_demo_text() -> None:
    texts: list[Row] = [
        *rows("demo/companies.csv"),
        *rows("demo/offers.csv"),
        *rows("demo/requirements.csv"),
    ]
    for row in texts:
        for column in ("name", "name_en", "note", "note_en", "product_zh", "product_en"):
            assert blocked_by(row.get(column, "")) is None, row


def test_own_limits_are_written_as_the_form_reads_them() -> None:
    written = [row["own_limits"] for row in rows("demo/requirements.csv") if row["own_limits"]]
    assert written
    assert all(read_limits(text, parameters()).faults == () for text in written)
