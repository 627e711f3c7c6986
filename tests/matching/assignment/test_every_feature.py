"""Each indivisible part alone and mixed with the others, against an independent exact model."""

import numpy as np
import pytest

from matching import assignment
from tests.matching.assignment.proofs import bound
from tests.matching.assignment.tiny import FEATURES, LEVELS, Case, best_values, case

MIXTURES = [
    ("single", "minimum"),
    ("single", "use"),
    ("single", "open", "fixed"),
    ("minimum", "months"),
    ("fixed", "months"),
    ("open", "months", "capacity"),
    ("use", "minimum", "months"),
    ("fixed", "market"),
    ("fixed", "months", "market"),
    ("open", "fixed", "market"),
    ("open", "months", "market", "minimum"),
    ("single", "open", "use", "market"),
    FEATURES,
]


def solved_exactly(one: Case) -> None:
    plan = assignment.solve(one.network, one.gains)
    assert tuple(proof.value for proof in plan.proofs) == best_values(one)
    assert plan.status == "optimal"
    for level, proof in enumerate(plan.proofs):
        assert proof.bound == bound(one, plan, level)
        assert proof.value <= proof.bound
        assert proof.claimed is None or proof.value == proof.claimed < proof.bound


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("seed", range(4))
def test_one_feature_alone_is_solved_exactly(feature: str, seed: int) -> None:
    solved_exactly(case(seed, [feature], LEVELS[seed]))


@pytest.mark.parametrize("features", MIXTURES, ids="-".join)
@pytest.mark.parametrize("seed", range(100, 102))
def test_mixed_features_are_solved_exactly(features: tuple[str, ...], seed: int) -> None:
    solved_exactly(case(seed, features, LEVELS[seed % len(LEVELS)]))


@pytest.mark.soak
@pytest.mark.parametrize("block", range(20))
def test_thousands_of_mixtures_are_solved_exactly(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        draw = np.random.default_rng(seed)
        features = [feature for feature in FEATURES if draw.random() < 0.5]
        solved_exactly(case(seed, features, LEVELS[seed % len(LEVELS)]))
