import numpy as np
import pytest

from matching import lanes, network
from matching.bench import apart, peers
from matching.generate import generate
from matching.transport import levels


@pytest.mark.parametrize("kind", ["market", "capacities", "seasons"])
def test_the_peers_reach_what_the_engine_reaches(kind: str) -> None:
    problem = generate(kind, 3, 6, 6)
    book = lanes.build(problem)
    net = network.of(problem, book)
    gains = network.gains(problem, book, net)
    plan = levels.solve(net, gains)
    values = [proof.value for proof in plan.proofs]
    assert np.allclose(peers.highs(net, gains), values, rtol=1e-9)
    assert np.allclose(peers.cbc(net, gains), values, rtol=1e-6)
    assert peers.bare(net, gains[1]) == plan.flow.lane.sum()


def test_what_is_not_done_in_time_is_ended() -> None:
    assert apart.run(_forever, limit_s=0.5) is None


def test_what_fails_apart_is_told_here() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        apart.run(_divided, 0, limit_s=60)


def test_what_is_measured_apart_comes_back_with_its_cost() -> None:
    measured = apart.run(_divided, 2, limit_s=60)
    assert measured is not None
    assert (measured.value, measured.seconds > 0) == (0.5, True)


def _forever() -> None:
    while True:
        pass


def _divided(by: int) -> float:
    return 1 / by
