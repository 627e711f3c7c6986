"""Levers: exact inside, rounded for their owners, silent where one firm would stand behind them."""

from __future__ import annotations

from datetime import date

import pytest

from app.clearing.levers import Crowd, Field, Limits, shown
from app.companies.rules import GroupKey
from matching import Demand, Problem, Reason, Settings, Supply, solve

DECEMBER = date(2026, 12, 1)
OWN = "S-0"


def market(
    rival_ask: int = 0, rivals: int = 3, takers: int = 3
) -> tuple[Problem, dict[str, GroupKey]]:
    """An offer at 50 CNY/t beside rivals at one place, and takers who cannot take it all as well.

    Everybody is a firm of its own; freight is 12 CNY/t.
    """
    supplies = [supply(OWN, 5_000)] + [supply(f"S-{n}", rival_ask) for n in range(1, rivals + 1)]
    demands = [demand(f"D-{n}", 60_00) for n in range(takers)]
    names = [each.id for each in supplies] + [each.id for each in demands]
    problem = Problem(tuple(supplies), tuple(demands), Settings())
    return problem, {name: ("firm", number) for number, name in enumerate(names)}


def supply(number: str, ask: int, kg: int = 1_000) -> Supply:
    return Supply(number, kg, "fly_ash", 116.0, 36.5, ask=ask)


def demand(number: str, bid: int, kg: int = 1_000) -> Demand:
    return Demand(number, kg, ("fly_ash",), 116.0, 36.5, bid=bid)


def levers(problem: Problem, firms: dict[str, GroupKey]) -> Limits:
    return shown(problem, solve(problem), firms, [DECEMBER])


def test_who_asks_more_than_the_rivals_learns_which_step_would_do() -> None:
    problem, firms = market(rival_ask=1_234)
    assert {line.reason for line in solve(problem).orders if line.id == OWN} <= {
        Reason.PRICE,
        Reason.FULL,
    }
    assert levers(problem, firms) == {(OWN, DECEMBER): 1_000}


def test_every_rivals_limit_within_a_step_gives_the_same_lever() -> None:
    limits = (1_002, 1_010, 1_260, 1_499, 1_500)
    found = [levers(*market(rival_ask=limit)) for limit in limits]
    assert found == [{(OWN, DECEMBER): 1_000}] * len(limits)


@pytest.mark.parametrize(("rivals", "takers"), [(2, 1), (2, 2), (3, 2)])
def test_too_few_firms_on_either_side_leave_no_lever(rivals: int, takers: int) -> None:
    assert levers(*market(rival_ask=1_234, rivals=rivals, takers=takers)) == {}


def test_three_offers_of_one_rival_are_one_rival() -> None:
    problem, firms = market()
    one = firms | {"S-2": firms["S-1"], "S-3": firms["S-1"]}
    assert Field(problem, one).around(problem.supplies[0]) == Crowd(rivals=1, counterparts=3)


def test_the_owners_other_offers_are_no_rivals() -> None:
    problem, firms = market()
    crowd = Field(problem, firms | {"S-1": firms[OWN]}).around(problem.supplies[0])
    assert crowd == Crowd(rivals=2, counterparts=3)


def test_who_is_out_of_reach_or_has_nothing_that_month_does_not_count() -> None:
    problem, firms = market()
    far = Demand("D-9", 1_000, ("fly_ash",), 118.0, 38.0, bid=60_00, max_m=50_000)
    empty = demand("D-8", 60_00, kg=0)
    other = Demand("D-7", 1_000, ("red_mud",), 116.0, 36.5, bid=60_00)
    wider = Problem(problem.supplies, (*problem.demands, far, empty, other), problem.settings)
    firms |= {"D-9": ("firm", 90), "D-8": ("firm", 91), "D-7": ("firm", 92)}
    assert Field(wider, firms).around(problem.supplies[0]).counterparts == 3
