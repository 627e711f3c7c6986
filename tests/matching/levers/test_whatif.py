from dataclasses import replace

from matching import Demand, Lane, Problem, Supply, solve
from matching.levers import whatif

MARKET = Problem(
    (Supply("a", 6), Supply("b", 6, ask=10)),
    (Demand("x", 6, bid=500),),
    lanes=(Lane("a", "x", 20), Lane("b", "x", 20)),
)


def test_nothing_edited_changes_nothing() -> None:
    outcome = solve(MARKET)
    found = whatif.compare(outcome, outcome)
    assert found["before"] == found["after"]
    assert found["orders"] == found["matches"] == []


def test_a_lower_ask_moves_the_match_and_both_lines_are_told() -> None:
    cheaper = replace(MARKET, supplies=(MARKET.supplies[0], replace(MARKET.supplies[1], ask=-10)))
    found = whatif.compare(solve(MARKET), solve(cheaper))

    assert found["matches"] == [
        {"supply": "a", "demand": "x", "month": None, "kg_before": 6, "kg_after": 0},
        {"supply": "b", "demand": "x", "month": None, "kg_before": 0, "kg_after": 6},
    ]
    assert found["orders"] == [
        {
            "side": "supply",
            "id": "a",
            "month": None,
            "kg_before": 6,
            "placed_kg_before": 6,
            "reason_before": "placed",
            "kg_after": 6,
            "placed_kg_after": 0,
            "reason_after": "full",
        },
        {
            "side": "supply",
            "id": "b",
            "month": None,
            "kg_before": 6,
            "placed_kg_before": 0,
            "reason_before": "full",
            "kg_after": 6,
            "placed_kg_after": 6,
            "reason_after": "placed",
        },
    ]
    change = found["change"]
    assert isinstance(change, dict)
    assert change["placed_kg"] == 0
    assert change["level_surplus"] == 60


def test_an_order_that_is_gone_stands_with_blanks_after() -> None:
    fewer = replace(MARKET, supplies=MARKET.supplies[:1], lanes=MARKET.lanes and MARKET.lanes[:1])
    found = whatif.compare(solve(MARKET), solve(fewer))
    orders = found["orders"]
    assert isinstance(orders, list)
    assert [(line["id"], line["kg_after"]) for line in orders] == [("b", None)]
