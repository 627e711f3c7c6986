"""What a listing may say: tables of cases."""

from __future__ import annotations

from datetime import date

import pytest

from app.core.clock import add_months
from app.listings import rules
from app.listings.rules import (
    DealMode,
    ListingState,
    ListingStatus,
    Payer,
    Side,
    Standing,
    Terms,
)

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
MARCH, DOOMSDAY = date(2027, 3, 1), date(9999, 12, 1)
KNOWN = frozenset({"fly_ash", "red_mud"})


def terms(**changes: object) -> Terms:
    values: dict[str, object] = {
        "materials": ("fly_ash",),
        "kg_per_month": 1_200_000,
        "first_month": DECEMBER,
        "last_month": MARCH,
    }
    return Terms(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"materials": ()}, "materials", "no_material"),
        ({"materials": ("飞机",)}, "materials", "unknown_material"),
        ({"kg_per_month": 0}, "tonnes", "mass_not_positive"),
        ({"kg_per_month": -1}, "tonnes", "mass_not_positive"),
        ({"kg_per_month": 1_000_000_001}, "tonnes", "mass_in_kg"),
        ({"kg_per_month": 1_200_000_000}, "tonnes", "mass_in_kg"),
        ({"kg_per_month": 10**13}, "tonnes", "mass_too_large"),
        ({"last_month": NOVEMBER}, "last_month", "window_reversed"),
        ({"first_month": OCTOBER, "last_month": OCTOBER}, "last_month", "window_past"),
        ({"first_month": OCTOBER}, "first_month", "starts_in_past"),
        ({"last_month": add_months(DECEMBER, 24)}, "last_month", "window_long"),
        ({"first_month": DOOMSDAY, "last_month": DOOMSDAY}, "first_month", "starts_too_late"),
        ({"max_km": 0}, "max_km", "distance_out_of_range"),
        ({"max_km": 5_001}, "max_km", "distance_out_of_range"),
        ({"list_price": 1_000_001}, "list_price", "price_too_large"),
        ({"limit_price": -1_000_001}, "limit_price", "price_too_large"),
        ({"silo_kg": 0}, "silo", "silo_not_positive"),
        ({"silo_kg": 1_000_000_001}, "silo", "silo_too_large"),
        ({"holding_price": 100}, "holding_price", "holding_without_silo"),
        ({"silo_kg": 1, "holding_price": -1}, "holding_price", "holding_negative"),
        ({"silo_kg": 1, "holding_price": 1_000_001}, "holding_price", "price_too_large"),
    ],
)
def test_a_draft_is_refused_at_the_field_that_breaks_a_rule(
    changes: dict[str, object], field: str, code: str
) -> None:
    faults = rules.faults(terms(**changes), KNOWN, NOVEMBER, NOVEMBER)
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kg_per_month": 1},
        {"kg_per_month": 1_000_000_000},
        {"first_month": NOVEMBER, "last_month": NOVEMBER},
        {"last_month": add_months(DECEMBER, 23)},
        {"list_price": -1_000_000, "limit_price": 1_000_000, "max_km": 5_000},
        {"materials": ("fly_ash", "red_mud")},
    ],
)
def test_a_draft_at_the_edge_of_the_rules_is_accepted(changes: dict[str, object]) -> None:
    assert rules.faults(terms(**changes), KNOWN, NOVEMBER, NOVEMBER) == []


def test_kilograms_typed_as_tonnes_are_guessed() -> None:
    (fault,) = rules.faults(terms(kg_per_month=1_200_000_000_0), KNOWN, NOVEMBER, NOVEMBER)
    assert fault.code == "mass_in_kg"
    assert fault.values["guess"] == 12_000_000


def test_a_limit_price_is_in_no_fault_and_in_no_text_of_its_terms() -> None:
    secret = terms(limit_price=-98_765_432)
    faults = rules.faults(secret, KNOWN, NOVEMBER, NOVEMBER)
    assert "98765432" not in repr(faults)
    assert "98765432" not in repr(secret)


@pytest.mark.parametrize(
    ("changes", "site_id", "fault"),
    [
        ({}, 1, None),
        ({"kg_per_month": 800_000}, 1, None),
        ({"kg_per_month": 799_999}, 1, ("tonnes", "below_taken")),
        ({"first_month": date(2027, 2, 1)}, 1, ("first_month", "month_taken")),
        ({"last_month": DECEMBER}, 1, ("last_month", "month_taken")),
        ({"materials": ("red_mud",)}, 1, ("materials", "material_bound")),
        ({"materials": ("fly_ash", "red_mud")}, 1, None),
        ({}, 2, ("site_id", "site_bound")),
    ],
)
def test_what_is_taken_binds_a_change(
    changes: dict[str, object], site_id: int, fault: tuple[str, str] | None
) -> None:
    standing = Standing(("fly_ash",), 1, {DECEMBER: 0, date(2027, 1, 1): 800_000})
    found = rules.change_faults(terms(**changes), site_id, standing, NOVEMBER)
    assert [(one.field, one.code) for one in found] == ([fault] if fault else [])


def test_months_that_have_passed_are_left_alone() -> None:
    known = {NOVEMBER, DECEMBER, date(2027, 5, 1)}
    assert rules.quantities(terms(), known, date(2027, 1, 1)) == {
        date(2027, 1, 1): 1_200_000,
        date(2027, 2, 1): 1_200_000,
        MARCH: 1_200_000,
        date(2027, 5, 1): 0,
    }


@pytest.mark.parametrize(
    ("this_month", "window"),
    [
        (NOVEMBER, (DECEMBER, date(2027, 6, 1))),
        (MARCH, (DECEMBER, date(2027, 6, 1))),
        (date(2027, 8, 1), (date(2027, 8, 1), date(2027, 10, 1))),
    ],
)
def test_a_renewed_window_goes_on_or_begins_anew(
    this_month: date, window: tuple[date, date]
) -> None:
    assert rules.renewed(DECEMBER, MARCH, 3, this_month) == window


@pytest.mark.parametrize(
    ("status", "open_kg", "this_month", "state"),
    [
        (ListingStatus.ACTIVE, 1, NOVEMBER, ListingState.ON_MARKET),
        (ListingStatus.ACTIVE, 1, MARCH, ListingState.LAST_MONTH),
        (ListingStatus.ACTIVE, 0, NOVEMBER, ListingState.TAKEN),
        (ListingStatus.ACTIVE, 0, date(2027, 4, 1), ListingState.EXPIRED),
        (ListingStatus.WITHDRAWN, 0, NOVEMBER, ListingState.WITHDRAWN),
    ],
)
def test_a_listing_says_how_it_stands(
    status: ListingStatus, open_kg: int, this_month: date, state: ListingState
) -> None:
    assert rules.state(status, MARCH, open_kg, this_month) is state


@pytest.mark.parametrize(
    ("status", "open_kg", "this_month", "state"),
    [
        (ListingStatus.ACTIVE, 1, NOVEMBER, ListingState.PAUSED),
        (ListingStatus.ACTIVE, 0, MARCH, ListingState.PAUSED),
        (ListingStatus.ACTIVE, 0, date(2027, 4, 1), ListingState.EXPIRED),
        (ListingStatus.WITHDRAWN, 0, NOVEMBER, ListingState.WITHDRAWN),
    ],
)
def test_a_listing_of_a_firm_that_may_not_deal_is_paused_while_it_runs(
    status: ListingStatus, open_kg: int, this_month: date, state: ListingState
) -> None:
    found = rules.state(status, MARCH, open_kg, this_month, may_deal=False)
    assert (found, found.is_on_market) == (state, False)


@pytest.mark.parametrize(
    ("metres", "km"),
    [(0, 5), (2_400, 5), (7_499, 5), (7_500, 10), (12_499, 10), (61_000, 60)],
)
def test_distances_are_told_in_steps_of_five_kilometres(metres: int, km: int) -> None:
    assert rules.coarse_km(metres) == km


@pytest.mark.parametrize(
    ("limit", "listed", "used"),
    [(-500, 900, -500), (0, 900, 0), (None, 900, 900), (None, -900, -900), (None, None, 0)],
)
def test_without_a_limit_the_list_price_counts_and_without_both_nothing_is_paid(
    limit: int | None, listed: int | None, used: int
) -> None:
    assert rules.clearing_limit(limit, listed) == used


def test_a_direction_stands_for_the_sign() -> None:
    assert Payer.PRODUCER.signed(1_200) == -1_200
    assert Payer.CONSUMER.signed(1_200) == 1_200
    assert Payer.of(-1) is Payer.PRODUCER
    assert Payer.of(0) is Payer.CONSUMER


def test_numbers_name_side_and_month() -> None:
    assert rules.public_number(rules.series(Side.OFFER, NOVEMBER), 28) == "S-2611-0028"
    assert rules.public_number(rules.series(Side.REQUIREMENT, NOVEMBER), 7) == "D-2611-0007"


@pytest.mark.parametrize(
    ("offered", "taken", "worked", "days", "left"),
    [
        (3_000_000, 0, 31, 31, 3_000_000),
        (3_000_000, 0, 0, 31, 0),
        (3_100_000, 0, 16, 31, 1_600_000),
        (1_000_000, 0, 16, 31, 516_129),
        (3_100_000, 1_000_000, 16, 31, 600_000),
        (3_100_000, 2_000_000, 16, 31, 0),
    ],
)
def test_a_month_with_idle_days_takes_what_its_open_days_leave(
    offered: int, taken: int, worked: int, days: int, left: int
) -> None:
    assert rules.kg_of_open_days(offered, taken, worked, days) == left


def test_a_fixed_price_has_to_be_named() -> None:
    bare = rules.faults(terms(deal_mode=DealMode.LIST_PRICE), KNOWN, NOVEMBER, NOVEMBER)
    assert [(fault.field, fault.code) for fault in bare] == [("list_price", "fixed_price_missing")]
    named = terms(deal_mode=DealMode.LIST_PRICE, list_price=-300)
    assert rules.faults(named, KNOWN, NOVEMBER, NOVEMBER) == []


def test_nobody_is_offered_a_private_listing() -> None:
    assert set(DealMode) - set(rules.OFFERED_MODES) == {DealMode.PRIVATE}
