from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from matching.bench import markets
from matching.faults import EngineError
from matching.network import Gain, Network
from matching.transport import clumps, flow, levels
from matching.transport.circulation import Circulation
from matching.transport.duals import UNREACHED, Interval, Residual
from matching.transport.proofs import exact_dot, least_multiplier
from tests.matching.networks import gain, network

Ints = npt.NDArray[np.int64]


def best(market: Network, level: Gain) -> int:
    return levels.solve(market, [level]).proofs[0].value


def residual(circulation: Circulation, kg: Ints) -> Residual:
    return Residual(circulation, kg, np.ones(circulation.arcs, dtype=np.bool_))


def interval(market: Network, level: Gain) -> Interval:
    circulation = Circulation.of(market)
    free = np.ones(circulation.arcs, dtype=np.bool_)
    nothing = circulation.with_hub(np.zeros(circulation.inner, dtype=np.int64))
    kg = flow.best(circulation, circulation.gain(level), free, nothing)
    return residual(circulation, kg).interval(circulation.gain(level))


def with_more(market: Network, side: str, node: int, kg: int) -> Network:
    amounts = getattr(market, side).copy()
    amounts[node] += kg
    return replace(market, **{side: amounts})


def test_the_ends_of_an_interval_are_what_one_kilogram_more_and_less_are_worth() -> None:
    checked = 0
    for seed in range(40):
        market = markets.assorted(seed, most=6)
        surplus = markets.assorted(seed, most=6).gains[-1]
        value, ends = best(market.network, surplus), interval(market.network, surplus)
        for side, low, high in (
            ("supply_kg", ends.supply_low, ends.supply_high),
            ("demand_kg", ends.demand_low, ends.demand_high),
        ):
            for node, kg in enumerate(getattr(market.network, side).tolist()):
                more = best(with_more(market.network, side, node, 1), surplus)
                assert more - value == low[node], (seed, side, node)
                if kg:
                    less = best(with_more(market.network, side, node, -1), surplus)
                    assert value - less == high[node], (seed, side, node)
                    checked += 1
    assert checked > 50


def test_an_open_order_is_worth_nothing_more() -> None:
    ends = interval(network([9], [5], [(0, 0)]), gain(7))
    assert (ends.supply_low.tolist(), ends.supply_high.tolist()) == ([0], [0])
    assert (ends.demand_low.tolist(), ends.demand_high.tolist()) == ([7], [7])


def test_where_both_are_full_the_surplus_may_fall_to_either() -> None:
    ends = interval(network([5], [5], [(0, 0)]), gain(7))
    assert (ends.supply_low.tolist(), ends.supply_high.tolist()) == ([0], [7])
    assert (ends.demand_low.tolist(), ends.demand_high.tolist()) == ([0], [7])


def test_a_node_that_could_not_give_less_has_no_upper_end() -> None:
    ends = interval(network([0], [5], [(0, 0)]), gain(7))
    assert ends.supply_low.tolist() == [7]
    assert ends.supply_high.tolist() == [UNREACHED]


def test_values_are_complementary_to_the_flow() -> None:
    for seed in range(60):
        market = markets.assorted(seed)
        circulation = Circulation.of(market.network)
        level = circulation.gain(market.gains[-1])
        free = np.ones(circulation.arcs, dtype=np.bool_)
        nothing = circulation.with_hub(np.zeros(circulation.inner, dtype=np.int64))
        kg = flow.best(circulation, level, free, nothing)
        value = residual(circulation, kg).values(level)
        reduced = level - value[circulation.tail] + value[circulation.head]
        assert not kg[reduced < 0].any()
        full = (kg == circulation.capacity) & circulation.bounded
        assert full[reduced > 0].all()
        assert value[circulation.hub] == 0
        assert (value[: circulation.supplies] >= 0).all()
        assert (value[circulation.supplies :] <= 0).all()


@pytest.mark.parametrize("lane", [(5, 0, 0, 5), (0, 0, 0, 0), (3, 2, 2, 3)])
def test_a_flow_that_is_not_the_best_has_no_duals(lane: tuple[int, ...]) -> None:
    market = network([5, 5], [5, 5], [(0, 0), (0, 1), (1, 0), (1, 1)])
    circulation = Circulation.of(market)
    kg = circulation.with_hub(np.array(lane))
    with pytest.raises(EngineError, match="not the best"):
        residual(circulation, kg).values(circulation.gain(gain(1, 4, 4, 1)))
    with pytest.raises(EngineError, match="not the best"):
        residual(circulation, kg).interval(circulation.gain(gain(1, 4, 4, 1)))


def test_clumps_are_named_after_their_least_node_and_know_every_offset() -> None:
    draw = np.random.default_rng(1)
    level = draw.integers(-50, 50, 200)
    group = draw.integers(0, 5, 200)
    tail, head = draw.integers(0, 200, (2, 9_000))
    inside = group[tail] == group[head]
    tail, head = tail[inside], head[inside]
    found = clumps.of(tail, head, 200, level[tail] - level[head])
    least = np.array([np.flatnonzero(group == each)[0] for each in group])
    assert found.root.tolist() == least.tolist()
    assert found.offset.tolist() == (level - level[found.root]).tolist()


def test_a_long_chain_of_arcs_is_one_clump() -> None:
    order = np.random.default_rng(2).permutation(5_000)
    found = clumps.of(order[:-1], order[1:], 5_000, np.ones(4_999, dtype=np.int64))
    assert not found.root.any()
    assert (found.offset[order[:-1]] - found.offset[order[1:]] == 1).all()


def test_the_least_multiplier_gives_every_arc_the_sign_it_needs() -> None:
    now, step = np.array([7, -7, 3, -9, 0]), np.array([-2, 3, 5, -1, -4])
    times = least_multiplier(now, step)
    assert times == 4
    assert ((now + times * step) * np.sign(step) >= 0).all()
    assert not ((now + (times - 1) * step) * np.sign(step) >= 0).all()


def test_sums_of_products_are_exact_past_64_bits() -> None:
    large = np.full(3, 2**61)
    assert exact_dot(large, large) == 3 * 2**122
    assert exact_dot(-large, np.array([2, 0, 1])) == -3 * 2**61
