"""Small random markets for property tests, and the catalogue of generated ones."""

from hypothesis import settings
from hypothesis import strategies as st

from matching import Demand, Lane, Mode, Problem, Settings, Supply
from matching.generate import KINDS, generate

MATERIALS = ("fly_ash", "fgd_gypsum", "red_mud")

#: For ``@given``: the solver's first import and a busy machine are slower than the usual deadline.
unhurried = settings(deadline=None, max_examples=60)

ids = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=8
)
kilograms = st.integers(0, 50_000)
prices = st.integers(-5_000, 9_000)
longitudes = st.floats(115, 117).map(lambda degrees: round(degrees, 6))
latitudes = st.floats(36, 37).map(lambda degrees: round(degrees, 6))
limits = st.none() | st.integers(0, 150_000)


def _supplies() -> st.SearchStrategy[list[Supply]]:
    supply = st.builds(
        Supply, ids, kilograms, st.sampled_from(MATERIALS), longitudes, latitudes, prices, limits
    )
    return st.lists(supply, max_size=6, unique_by=lambda each: each.id)


def _demands() -> st.SearchStrategy[list[Demand]]:
    materials = st.lists(st.sampled_from(MATERIALS), max_size=2).map(tuple)
    demand = st.builds(Demand, ids, kilograms, materials, longitudes, latitudes, prices, limits)
    return st.lists(demand, max_size=6, unique_by=lambda each: each.id)


def _settings() -> st.SearchStrategy[Settings]:
    return st.builds(
        Settings,
        mode=st.sampled_from(Mode),
        support=st.integers(0, 2_000),
        detour_milli=st.integers(1_000, 1_500),
        max_m=st.integers(0, 200_000),
        freight_per_t=st.integers(0, 2_000),
        freight_per_tkm=st.integers(0, 80),
        seed=st.integers(0, 9),
    )


@st.composite
def markets(draw: st.DrawFn) -> Problem:
    """A market on a map of one by two degrees, or one that lists its own lanes."""
    lists_lanes: bool = draw(st.booleans())
    supplies: list[Supply] = draw(_supplies())
    demands: list[Demand] = draw(_demands())
    pairs = [(supply.id, demand.id) for supply in supplies for demand in demands]
    lanes = None
    if pairs and lists_lanes:
        costs = draw(st.dictionaries(st.sampled_from(pairs), st.integers(-500, 4_000)))
        lanes = tuple(Lane(*pair, cost) for pair, cost in costs.items())
    return Problem(tuple(supplies), tuple(demands), draw(_settings()), lanes)


def generated(each: int, supplies: int, demands: int) -> list[Problem]:
    """So many seeded markets of every kind."""
    return [generate(kind, seed, supplies, demands) for kind in KINDS for seed in range(each)]
