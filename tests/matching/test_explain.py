"""The least change of each field: worked out by hand, and against trying every change in turn."""

import json
from random import Random
from typing import Any

import pytest

import matching.levers.explain
from matching import Demand, InputFaults, Lane, Mode, Problem, Settings, Side, Supply, solve
from matching.bench.changes import places
from matching.levers import least
from matching.levers.explain import NO_CHANGE, explain, open_of
from matching.levers.trials import Trial, Trials
from matching.outcome import OrderResult

HERE = (116.0, 36.5)
AN_HOUR_AWAY = (117.0, 36.5)
MARKET = Settings(mode=Mode.MARKET)
PLAN = Settings(mode=Mode.PLAN)


def told(problem: Problem, side: Side, order_id: str, month: int | None = None) -> dict[str, Any]:
    return explain(problem, solve(problem), side, order_id, month)


def changes(
    problem: Problem, side: Side, order_id: str, month: int | None = None
) -> dict[str, int]:
    found = told(problem, side, order_id, month)["changes"]
    return {name: change["change"] for name, change in found.items() if change}


def pair(supply: Supply, demand: Demand, **settings: Any) -> Problem:
    return Problem((supply,), (demand,), Settings(**settings))


def listed(
    supplies: list[Supply], demands: list[Demand], *lanes: Lane, settings: Settings = MARKET
) -> Problem:
    return Problem(tuple(supplies), tuple(demands), settings, lanes)


def test_the_answer_says_what_the_order_is_and_whom_it_meets() -> None:
    supply, demand = Supply("s", 8, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000)
    answer = told(pair(supply, demand), Side.SUPPLY, "s")
    figures = {"side": "supply", "id": "s", "month": None, "kg": 8, "placed_kg": 5, "open_kg": 3}
    assert {key: answer[key] for key in figures} == figures
    assert answer["reason"] == "full"
    assert answer["counterparts"] == [
        {"id": "d", "cost": 1_200, "surplus": 3_800, "shipped_kg": 5, "open_kg": 0}
    ]
    assert answer["near"] == []
    assert json.loads(json.dumps(answer)) == answer


def test_a_rule_that_fails_is_named_with_what_it_lacks() -> None:
    supply, demand = Supply("s", 5, "x", *HERE, ask=100), Demand("d", 5, ("x",), *HERE, bid=1_250)
    (near,) = told(pair(supply, demand), Side.SUPPLY, "s")["near"]
    assert near == {"id": "d", "month": None, "failed": ["price"], "short": {"price": 50}}


def test_a_placed_row_has_nothing_to_change() -> None:
    supply, demand = Supply("s", 5, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000)
    assert "changes" not in told(pair(supply, demand), Side.SUPPLY, "s")


@pytest.mark.parametrize(("side", "order", "to"), [("supply", "s", 50), ("demand", "d", 1_300)])
def test_a_price_that_opens_the_only_lane_is_enough(side: str, order: str, to: int) -> None:
    supply, demand = Supply("s", 5, "x", *HERE, ask=100), Demand("d", 5, ("x",), *HERE, bid=1_250)
    found = told(pair(supply, demand), Side(side), order)["changes"]["price"]
    assert (found["change"], found["to"]) == (50, to)


def test_a_price_has_to_beat_the_dearest_rival_it_needs() -> None:
    """d takes 5 of the 7 offered; to place its 4, dear has to beat mid and leave cheap its 1."""
    supplies = [Supply("dear", 4, ask=90), Supply("mid", 2, ask=60), Supply("cheap", 1, ask=20)]
    lanes = [Lane(each.id, "d") for each in supplies]
    problem = listed(supplies, [Demand("d", 5, bid=100)], *lanes)
    found = changes(problem, Side.SUPPLY, "dear")
    assert found["price"] in (30, 31)
    assert found["tonnes"] == 2


def test_a_bid_has_to_pass_the_one_that_holds_the_goods() -> None:
    demands = [Demand("d", 5, bid=100), Demand("e", 5, bid=80)]
    problem = listed([Supply("s", 5)], demands, Lane("s", "d"), Lane("s", "e", cost=7))
    assert changes(problem, Side.DEMAND, "e")["price"] in (27, 28)


def test_no_price_helps_where_there_is_not_room_for_all() -> None:
    problem = listed([Supply("s", 9)], [Demand("d", 5, bid=9)], Lane("s", "d"))
    assert changes(problem, Side.SUPPLY, "s") == {"tonnes": 4}


def test_a_reach_is_widened_in_whole_kilometres() -> None:
    supply = Supply("s", 5, "x", *HERE, max_m=80_000)
    problem = pair(supply, Demand("d", 5, ("x",), *AN_HOUR_AWAY), mode=Mode.PLAN)
    road_m = solve(problem).orders[0].detail["nearest_m"]
    found = told(problem, Side.SUPPLY, "s")["changes"]["reach"]
    assert found["change"] == -(-(road_m - 80_000) // 1_000)
    assert found["to"] == 80_000 + 1_000 * found["change"]


def test_a_reach_that_the_other_side_limits_is_not_the_orders_own() -> None:
    supply = Supply("s", 5, "x", *HERE, max_m=80_000)
    demand = Demand("d", 5, ("x",), *AN_HOUR_AWAY, max_m=90_000)
    answer = told(pair(supply, demand, mode=Mode.PLAN), Side.SUPPLY, "s")
    assert answer["changes"] == {"price": None, "reach": None, "tonnes": None, "window": None}
    assert answer["changes_note"] == NO_CHANGE


def test_a_row_moves_to_the_nearest_month_that_has_room() -> None:
    problem = listed(
        [Supply("s", 5, month=3), Supply("t", 5, month=1)],
        [Demand("d", 5, month=0), Demand("d", 5, month=1), Demand("d", 5, month=5)],
        Lane("s", "d", cost=1),
        Lane("t", "d"),
        settings=PLAN,
    )
    assert changes(problem, Side.SUPPLY, "s", 3)["window"] == 2


def test_an_earlier_month_comes_before_one_as_far() -> None:
    problem = listed(
        [Supply("s", 5, month=1)],
        [Demand("d", 5, month=0), Demand("d", 5, month=2)],
        Lane("s", "d"),
        settings=PLAN,
    )
    assert changes(problem, Side.SUPPLY, "s", 1)["window"] == -1


def test_a_month_the_order_has_is_not_free() -> None:
    problem = listed(
        [Supply("s", 5, month=0), Supply("s", 5, month=1)],
        [Demand("d", 10, month=1)],
        Lane("s", "d"),
        settings=PLAN,
    )
    assert changes(problem, Side.SUPPLY, "s", 0) == {}


def test_an_undivided_row_shrinks_until_it_fits() -> None:
    problem = listed([Supply("s", 9, single=True)], [Demand("d", 5)], Lane("s", "d"), settings=PLAN)
    assert changes(problem, Side.SUPPLY, "s") == {"tonnes": 4}


def test_a_price_pays_a_fixed_cost() -> None:
    """One tonne brings 50 fen; 60 have to be paid once."""
    lane = Lane("s", "d", fixed_fen=60)
    problem = listed([Supply("s", 1_000)], [Demand("d", 1_000, bid=50)], lane)
    assert changes(problem, Side.SUPPLY, "s") == {"price": 10}
    assert changes(problem, Side.DEMAND, "d") == {"price": 10}


@pytest.mark.parametrize(
    ("side", "order", "month", "code"),
    [
        (None, "nobody", None, "unknown_order"),
        (None, "both", 0, "both_sides"),
        (Side.SUPPLY, "both", None, "which_month"),
        (Side.SUPPLY, "both", 7, "which_month"),
    ],
)
def test_a_question_about_no_row_or_several_is_refused(
    side: Side | None, order: str, month: int | None, code: str
) -> None:
    problem = listed(
        [Supply("both", 1, month=0), Supply("both", 1, month=1)], [Demand("both", 1, month=0)]
    )
    with pytest.raises(InputFaults) as refused:
        explain(problem, solve(problem), side, order, month)
    assert [fault.code for fault in refused.value.faults] == [code]


def random_market(seed: int) -> Problem:
    """Prices and costs of a few fen and two months, so that every change can be tried."""
    draw = Random(seed)
    silo = {k: draw.choice((0, 0, 3)) for k in "abcd"}
    ask, bid = {k: draw.randrange(20) for k in "abcd"}, {k: draw.randrange(30) for k in "wxyz"}
    supplies = [
        Supply(k, draw.randrange(9), ask=ask[k], month=m, silo_kg=silo[k])
        for k in "abcd"
        for m in range(2)
    ]
    demands = [Demand(k, draw.randrange(9), bid=bid[k], month=m) for k in "wxyz" for m in range(2)]
    lanes = [
        Lane(i, j, cost=draw.randrange(8), capacity_kg=draw.choice((None, 3)))
        for i in "abcd"
        for j in "wxyz"
        if draw.random() < 0.5
    ]
    return listed(supplies, demands, *lanes)


def still_open(problem: Problem, seed: int) -> OrderResult | None:
    lines = [line for line in solve(problem).orders if open_of(line)]
    return Random(seed).choice(lines) if lines else None


@pytest.mark.parametrize("seed", range(12))
def test_no_lesser_price_places_the_row(seed: int) -> None:
    problem = random_market(seed)
    line = still_open(problem, seed)
    assert line is not None
    found = told(problem, line.side, line.id, line.month)["changes"]["price"]
    own = next(
        row for row in problem.orders(line.side) if (row.id, row.month) == (line.id, line.month)
    )
    price = own.ask if isinstance(own, Supply) else own.bid
    step = -1 if line.side is Side.SUPPLY else 1
    every = (c for c in range(1, 70) if places(problem, line, "price", price + step * c))
    assert next(every, None) == (found and found["change"])


@pytest.mark.parametrize("seed", range(12, 24))
def test_tonnes_are_taken_off_up_to_where_the_row_is_placed(seed: int) -> None:
    problem = random_market(seed)
    line = still_open(problem, seed)
    assert line is not None
    found = told(problem, line.side, line.id, line.month)["changes"]["tonnes"]
    fits = [kg for kg in range(1, line.kg) if places(problem, line, "tonnes", kg)]
    assert max(fits, default=None) == (found and found["to"])


def test_a_part_of_a_large_market_gives_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(6):
        problem = random_market(seed)
        line = still_open(problem, seed)
        assert line is not None
        whole = told(problem, line.side, line.id, line.month)
        with monkeypatch.context() as patched:
            patched.setattr(matching.levers.explain, "SMALL", 0)
            assert told(problem, line.side, line.id, line.month) == whole


class TestTheSearch:
    """Over a market that places the row from some change on."""

    @staticmethod
    def trials(begins: int) -> Trials:
        return Trials(lambda change: Trial(change >= begins, 0, None))

    @pytest.mark.parametrize("begins", [1, 2, 37, 999, 1_000])
    @pytest.mark.parametrize("guess", [None, 1, 36, 37, 38, 5_000])
    def test_it_finds_where_that_begins_whatever_is_guessed(
        self, begins: int, guess: int | None
    ) -> None:
        assert least.between(self.trials(begins), 0, 1_000, lambda *_: guess) == begins

    @pytest.mark.parametrize("found", [1, 3, 36, 37, 38, 90])
    def test_it_settles_on_that_from_any_start(self, found: int) -> None:
        assert least.settle(self.trials(37), found, 100) == 37

    def test_it_does_not_settle_beyond_the_limit(self) -> None:
        assert least.settle(self.trials(37), 5, 30) is None

    def test_of_some_changes_it_finds_the_first(self) -> None:
        assert least.among(self.trials(37), [5, 36, 40, 99]) == 2
        assert least.among(self.trials(37), [5, 36]) is None
        assert least.among(self.trials(37), []) is None
