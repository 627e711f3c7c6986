"""Rules of a run, as tables."""

from datetime import date

import pytest

from app.clearing.rules import (
    Fill,
    IndexValue,
    Line,
    RunState,
    Unplaced,
    drawn,
    gap_kg,
    horizon,
    listing_of,
    may_show_lever,
    month_totals,
    offered_totals,
    price_index,
    public_detail,
    published,
    reason_of,
    run_number,
    shown_lever,
    step_of,
    surplus_to_show,
)
from app.listings.rules import Side
from matching import Reason


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ({}, {}),
        ({"missing": 740, "counterparts": 4}, {"counterparts": 4}),
        ({"limit_m": 90_000, "nearest_m": 96_499}, {"nearest_m": 95_000}),
        ({"nearest_m": 400}, {"nearest_m": 5_000}),
        ({"nearest_m": 97_500}, {"nearest_m": 100_000}),
        ({"counterparts": 2, "rivals": 1}, {"counterparts": 2, "rivals": 1}),
        ({"region_supplies": 3, "region_demands": 2, "shortage_kg": 7}, {}),
        (
            {"region_supplies": 3, "region_demands": 4, "shortage_kg": 7},
            {"region_supplies": 3, "region_demands": 4, "shortage_kg": 7},
        ),
    ],
)
def test_what_a_reason_shows_betrays_no_limit_and_no_exact_place(
    detail: dict[str, int], shown: dict[str, int]
) -> None:
    assert public_detail(detail) == shown


def test_of_a_bid_in_steps_no_counts_of_orders_are_told() -> None:
    region = {"region_supplies": 3, "region_demands": 4, "shortage_kg": 7}
    found = public_detail({"counterparts": 4, "nearest_m": 400} | region, in_steps=True)
    assert found == {"nearest_m": 5_000}


@pytest.mark.parametrize(
    ("surplus", "producers", "consumers", "shown"),
    [
        (0, 0, 0, None),
        (5_000_000, 2, 9, None),
        (5_000_000, 9, 2, None),
        (5_000_999, 3, 3, 5_000),
        (0, 9, 9, 0),
    ],
)
def test_a_surplus_of_fewer_than_three_firms_on_a_side_is_withheld(
    surplus: int, producers: int, consumers: int, shown: int | None
) -> None:
    assert surplus_to_show(surplus, producers=producers, consumers=consumers) == shown


def test_runs_are_numbered_within_their_month() -> None:
    assert run_number(date(2026, 12, 1), 2) == "R-2612-2"


def line(side: Side, material: str, kg: int, placed: int, plan: int, firm: int = 1) -> Line:
    owner, month = ("firm", firm), date(2026, 12, 1)
    return Line("S-2611-0001", owner, month, side, material, kg, placed, plan, Unplaced.FULL)


def test_only_offers_count_in_the_totals() -> None:
    lines = [
        line(Side.OFFER, "fly_ash", 10, 4, 6),
        line(Side.OFFER, "fly_ash", 5, 5, 5),
        line(Side.REQUIREMENT, "fly_ash|bottom_ash", 9, 9, 9),
    ]
    assert offered_totals(lines) == {"fly_ash": {"kg": 15, "placed": 9, "plan_placed": 11}}


def test_every_reason_of_the_engine_has_a_word_here() -> None:
    assert {reason.value for reason in Reason} <= {reason.value for reason in Unplaced}


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_is_open_only_while_it_waits_or_works(state: RunState) -> None:
    assert state.is_open == (state in (RunState.WAITING, RunState.RUNNING))


DECEMBER, JANUARY, FEBRUARY = (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))


def test_a_run_clears_its_month_and_those_after_it() -> None:
    assert horizon(DECEMBER, 1) == [DECEMBER]
    assert horizon(DECEMBER, 3) == [DECEMBER, JANUARY, FEBRUARY]


@pytest.mark.parametrize(
    ("given", "shipped", "draws"),
    [
        ({DECEMBER: 5}, [5], [{DECEMBER: 5}]),
        ({DECEMBER: 5, JANUARY: 4}, [2, 6], [{DECEMBER: 2}, {DECEMBER: 3, JANUARY: 3}]),
        ({DECEMBER: 0, JANUARY: 4}, [4], [{JANUARY: 4}]),
        ({DECEMBER: 3}, [], []),
    ],
)
def test_first_in_is_first_out(
    given: dict[date, int], shipped: list[int], draws: list[dict[date, int]]
) -> None:
    assert drawn(given, shipped) == draws


def test_more_than_was_given_cannot_be_shipped() -> None:
    with pytest.raises(ValueError, match="2 kg more"):
        drawn({DECEMBER: 5}, [7])


@pytest.mark.parametrize(
    ("code", "kg", "idle", "reason"),
    [
        ("zero", 0, {}, Unplaced.ZERO),
        ("zero", 0, {"idle_days": 31, "days": 31}, Unplaced.IDLE),
        ("full", 9, {"idle_days": 15, "days": 31}, Unplaced.FULL),
    ],
)
def test_a_month_without_an_open_day_is_idle(
    code: str, kg: int, idle: dict[str, int], reason: Unplaced
) -> None:
    assert reason_of(code, kg, idle) is reason


@pytest.mark.parametrize(("milli", "kg"), [(0, 0), (1, 1), (1000, 1), (1001, 2)])
def test_a_gap_is_never_rounded_away(milli: int, kg: int) -> None:
    assert gap_kg(milli) == kg


@pytest.mark.parametrize(
    ("rivals", "counterparts", "may"), [(2, 9, False), (9, 2, False), (3, 3, True), (0, 0, False)]
)
def test_a_lever_is_told_only_in_a_crowd(rivals: int, counterparts: int, may: bool) -> None:
    assert may_show_lever(rivals, counterparts) == may


@pytest.mark.parametrize("steps", range(-4, 5))
def test_all_limits_of_one_step_show_the_same_lever(steps: int) -> None:
    """Whoever reads 10.00 knows only that the limit lies within the 5 CNY up to the next step."""
    fen = steps * 500
    assert {shown_lever(Side.OFFER, fen + more) for more in range(500)} == {fen}
    assert {shown_lever(Side.REQUIREMENT, fen - less) for less in range(500)} == {fen}


@pytest.mark.parametrize("exact", [-1234, -500, -1, 0, 1, 499, 500, 777])
def test_a_lever_shown_always_places_what_the_exact_one_does(exact: int) -> None:
    assert exact - 500 < shown_lever(Side.OFFER, exact) <= exact
    assert exact <= shown_lever(Side.REQUIREMENT, exact) < exact + 500


def test_the_months_of_a_run_are_those_of_its_offers() -> None:
    offers = [line(Side.OFFER, "fly_ash", 10, 4, 6), line(Side.OFFER, "red_mud", 1, 1, 1)]
    taker = line(Side.REQUIREMENT, "fly_ash", 9, 9, 9)
    assert month_totals([*offers, taker]) == {DECEMBER: (11, 5, 7)}


@pytest.mark.parametrize(
    ("order_id", "listing", "step"),
    [("S-2611-0028/2", "S-2611-0028", 2), ("D-2611-0001", "D-2611-0001", 0)],
)
def test_an_order_of_the_engine_names_its_listing_and_step(
    order_id: str, listing: str, step: int
) -> None:
    assert (listing_of(order_id), step_of(order_id)) == (listing, step)


def fills(*rows: tuple[int, int, int, int], material: str = "fly_ash") -> list[Fill]:
    return [Fill(material, ("firm", maker), ("firm", taker), *rest) for maker, taker, *rest in rows]


@pytest.mark.parametrize(
    ("rows", "price"),
    [
        ([(1, 7, 1_000, 100), (2, 8, 1_000, 200), (3, 9, 1_000, 300)], 200),
        ([(1, 7, 3_000, 100), (2, 8, 1_000, 200), (3, 9, 1_000, 300)], 160),
        ([(1, 7, 1, 0), (2, 8, 1, 0), (3, 9, 2, 1)], 1),
        ([(1, 7, 1, 0), (2, 8, 1, 0), (3, 9, 2, -1)], 0),
        ([(1, 7, 1, -9), (2, 8, 1, -9), (3, 9, 1, -9)], -9),
    ],
)
def test_the_index_is_the_mean_by_kilograms_rounded_half_up(
    rows: list[tuple[int, int, int, int]], price: int
) -> None:
    kg = sum(row[2] for row in rows)
    assert price_index(fills(*rows)) == [IndexValue("fly_ash", kg, price, 3)]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(1, 7, 5, 1), (2, 8, 5, 1), (2, 9, 5, 1)],
        [(1, 7, 5, 1), (2, 8, 5, 1), (3, 8, 5, 1)],
    ],
)
def test_two_firms_on_a_side_make_no_index(rows: list[tuple[int, int, int, int]]) -> None:
    assert price_index(fills(*rows)) == []


def test_each_material_has_an_index_of_its_own() -> None:
    ash = fills((1, 7, 5, 10), (2, 8, 5, 10), (3, 9, 5, 10))
    mud = fills((1, 7, 5, -10), (2, 8, 5, -10), (3, 9, 5, -10), material="red_mud")
    few = fills((1, 7, 5, 99), material="fgd_gypsum")
    assert [(row.material, row.price) for row in price_index([*few, *mud, *ash])] == [
        ("fly_ash", 10),
        ("red_mud", -10),
    ]


def test_of_a_round_only_materials_of_three_bidders_are_published() -> None:
    ash = [line(Side.OFFER, "fly_ash", 5, 5, 5, firm) for firm in (1, 2, 3, 3)]
    mud = [line(Side.OFFER, "red_mud", 5, 5, 5, firm) for firm in (1, 2, 2)]
    takers = [line(Side.REQUIREMENT, "fly_ash|red_mud", 9, 9, 9, firm) for firm in (7, 8, 9)]
    assert published([*ash, *mud, *takers]) == ash
