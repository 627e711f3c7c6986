import json
from dataclasses import asdict, replace

import pytest

from app.catalogue.rules import Means, Per
from app.oversight.gap.compass import (
    Finding,
    candidates,
    finding,
    placed,
    planned,
    ranked,
)
from app.oversight.gap.costs import Cost
from app.oversight.gap.edits import AddLine, AddSilo, OpenMonth, OpenRoute
from app.oversight.gap.process import (
    Gap,
    answer,
    gap_from_document,
    gap_to_document,
    measure,
    rates_of,
)
from app.oversight.gap.scenes import Scene, Spot, scene_to_document
from matching import Demand, Problem, Settings, Supply, generate, problem_to_json, solve
from matching.levers.frontier import Point
from tests.oversight import markets
from tests.oversight.markets import BLOCKS, DEC, KILN, NOV, OCT, PLANT, scene

COSTS = {
    Means.SILO: Cost(Means.SILO, Per.PIECE, 240_000, 500, 240),
    Means.LINE: Cost(Means.LINE, Per.PIECE, 120_000, 200, 120),
    Means.MONTH: Cost(Means.MONTH, Per.TONNE, 3_000, 0, 0),
    Means.ROUTE: Cost(Means.ROUTE, Per.PIECE, 36_000, 0, 36),
}


def found(market: Scene) -> list[Finding]:
    base = planned(market.problem)
    tried = (
        finding(market, placed(base), each, COSTS[each.means])
        for each in candidates(market, base, COSTS)
    )
    return ranked(each for each in tried if each is not None)


def waiting() -> Scene:
    """The market with more room in December than ash, and more ash than room before."""
    line = AddLine(BLOCKS, "fly_ash", 1_500, DEC, DEC).apply(scene())
    return line.with_demands(lambda row: replace(row, max_m=300_000) if row.id == "D-2" else row)


def test_every_finding_adds_what_solving_again_says() -> None:
    market = waiting()
    before = markets.placed(market)
    answers = found(market)
    assert {each.means for each in answers} == {Means.SILO, Means.LINE, Means.MONTH}
    for each in answers:
        assert each.added_kg == markets.placed(each.edit.apply(market)) - before > 0
        assert each.is_proven


def test_a_silo_is_worth_the_room_of_the_month_it_reaches() -> None:
    (silo,) = [each for each in found(waiting()) if each.edit == AddSilo(PLANT, "fly_ash", 500)]
    assert (silo.added_kg, silo.cost_fen, silo.share_fen) == (500, 240_000, 3_000)
    assert silo.kg_per_yuan == pytest.approx(500 / 30)


def test_a_route_is_found_where_only_distance_keeps_two_sites_apart() -> None:
    (route,) = [
        each for each in found(scene(settings=Settings(max_m=100_000))) if each.means is Means.ROUTE
    ]
    assert route.edit == OpenRoute(PLANT, BLOCKS, "fly_ash")
    assert (route.added_kg, route.share_fen) == (600, 3_000)


def test_a_month_is_paid_by_the_tonne_it_brings() -> None:
    months = {each.edit: each for each in found(scene()) if each.means is Means.MONTH}
    november = months[OpenMonth("clinker", NOV)]
    december = months[OpenMonth("clinker", DEC)]
    assert (november.added_kg, november.cost_fen) == (300, 900)
    assert (december.added_kg, december.share_fen) == (600, 1_800)


def test_the_most_tonnes_for_a_yuan_come_first() -> None:
    rates = [each.kg_per_yuan for each in found(scene())]
    assert rates == sorted(rates, reverse=True)
    assert len(rates) > 2


def test_where_everything_has_a_place_nothing_is_worth_building() -> None:
    assert (
        found(
            AddLine(KILN, "fly_ash", 1_000_000, OCT, DEC).apply(
                scene().with_demands(lambda row: replace(row, kg=2_000))
            )
        )
        == []
    )


@pytest.mark.parametrize("seed", range(4))
def test_nothing_worth_building_is_left_out_by_the_residual_graph(seed: int) -> None:
    """Every silo and line that helps when tried one by one is among the candidates."""
    market = generated(seed)
    base = planned(market.problem)
    sought = {each.edit for each in candidates(market, base, COSTS)}
    before = placed(base).kg
    for row in {row.id: row for row in market.problem.demands}.values():
        for material in offered(market) & set(row.materials):
            site, months = market.spots[row.id].site_id, market.months
            edit = AddLine(site, material, 200, months[0], months[-1])
            if placed(planned(edit.apply(market).problem)).kg > before:
                assert edit in sought


def offered(market: Scene) -> set[str]:
    return {row.material for row in market.problem.supplies}


def generated(seed: int) -> Scene:
    """A random half year with its winter stop; each order stands on a site of its own."""
    problem = generate.generate("seasons", seed, 6, 5)
    ids = sorted({row.id for row in problem.supplies} | {row.id for row in problem.demands})
    months = tuple(OCT.replace(year=2026 + (9 + k) // 12, month=(9 + k) % 12 + 1) for k in range(6))
    return Scene(problem, months, {each: Spot(k, "371503") for k, each in enumerate(ids)})


def asked(market: Scene, seconds: float) -> dict[str, object]:
    matches = solve(market.problem).matches
    return {
        "problem": json.loads(problem_to_json(market.problem)),
        "scene": scene_to_document(market),
        "matches": [[each.supply, each.demand, each.month, each.kg] for each in matches],
        "costs": [asdict(cost) for cost in COSTS.values()],
        "seconds": seconds,
    }


def test_a_process_of_its_own_finds_the_same() -> None:
    market = scene(ask=5_000)
    gap = measure(market, solve(market.problem).matches, COSTS)
    assert gap == gap_from_document(answer(asked(market, 60.0)))
    assert list(gap.findings) != []
    assert gap.plan.kg == 900
    assert (gap.points[0].kg, gap.points[-1].kg) == (0, 900)
    assert [step.rate for step in gap.steps][:2] == [0, 500]
    assert gap.steps[-1].kg == 900
    assert gap.tried == gap.candidates


def test_the_first_step_starts_from_the_live_run() -> None:
    first = gap_from_document(answer(asked(scene(), 0.0))).steps[0]
    assert (first.rate, first.kg, first.switches) == (0, 900, ())


def test_without_time_the_curve_stands_and_nothing_is_tried() -> None:
    gap = gap_from_document(answer(asked(scene(ask=5_000), 0.0)))
    assert (gap.tried, gap.findings) == (0, ())
    assert gap.candidates > 0
    assert gap.points[-1].kg == 900


def test_a_gap_is_kept_word_for_word() -> None:
    gap = gap_from_document(answer(asked(scene(ask=5_000), 60.0)))
    again: Gap = gap_from_document(json.loads(json.dumps(gap_to_document(gap))))
    assert again == gap


def test_rates_are_whole_steps_and_never_many() -> None:
    assert rates_of([Point(0, 0, 0, 0)]) == [0]
    assert rates_of([Point(0, 0, 1_001, 0)]) == [0, 500, 1_000, 1_500]
    wide = rates_of([Point(0, 0, 100_000, 0)])
    assert len(wide) <= 62
    assert wide[-1] >= 100_000


def test_what_public_money_pays_for_holding_is_told_apart() -> None:
    problem = Problem(
        (Supply("S-1", 1_000, "fly_ash", 116.0, 36.5, month=0, silo_kg=1_000, holding=50),),
        (Demand("D-1", 1_000, ("fly_ash",), 116.0, 36.5, month=1),),
        Settings(freight_per_t=0),
    )
    market = Scene(problem, (OCT, NOV), {"S-1": Spot(1, ""), "D-1": Spot(2, "")})
    assert gap_from_document(answer(asked(market, 0.0))).held_fen == 50
