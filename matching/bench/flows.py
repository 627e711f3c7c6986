"""The flow core against its peers: the same answers, how much faster, how it grows, what it holds.

*Ours* is everything from the arrays of a market to a proven plan: components, flow, duals,
certificate and midpoint prices. *Bare* is the least that another programmer could write: one call
of OR-Tools' ``SimpleMinCostFlow`` with the tightest capacities, arrays already in its own widths,
and nothing after the flows are read.
"""

import gc
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matching import prices
from matching.bench import Row, apart, markets, peers
from matching.bench.markets import Market
from matching.network import Gain, Network
from matching.transport import components
from matching.transport.circulation import lane_room

Ints = npt.NDArray[np.int64]
Make = Callable[..., Market]

AGREEING, OVER_MONTHS = 240, 40
NODES, LANES = 10_000, 500_000
FAMILIES = 40
FEW_LANES, MANY_LANES = 30_000, 1_500_000
LANES_PER_NODE = 50
#: A peer that is not done after this many times our own time has lost.
PATIENCE = 25
#: Shares of supply to demand that are measured: as much, and half as much again.
BALANCED, PLENTY = 1.0, 1.5


def rows() -> Iterator[Row]:
    """All rows of the flow core."""
    yield _agreement()
    yield from _against_bare()
    yield from _against_programmes()
    yield _separable()
    yield from _growth_in_lanes()
    yield _growth_in_months()
    yield _memory()


def _agreement() -> Row:
    begun = time.perf_counter()
    answer = apart.run(_disagreements, limit_s=900)
    found = "not done in 900 s" if answer is None else f"{answer.value} differ"
    return Row(
        f"ours and scipy HiGHS on {AGREEING + OVER_MONTHS} random markets with months, silos, "
        "capacities, weights, negative prices and empty sides",
        "same value of every level in every one, bound = value",
        f"{found} of {AGREEING + OVER_MONTHS}",
        answer is not None and answer.value == 0,
        time.perf_counter() - begun,
    )


def _disagreements() -> int:
    """How many markets HiGHS values otherwise, or we do not prove."""
    cases = [markets.assorted(seed) for seed in range(AGREEING)]
    cases += [_yearly(seed) for seed in range(OVER_MONTHS)]
    return sum(not _agrees(market) for market in cases)


def _yearly(seed: int) -> Market:
    make = markets.geographic if seed % 2 else markets.scattered
    month = make(6 + seed % 5, 10 - seed % 5, 40, seed, (0.7, BALANCED, PLENTY)[seed % 3])
    return markets.over_months(month, 2 + seed % 11, seed)


def _agrees(market: Market) -> bool:
    plan = components.solve(market.network, market.gains)
    ours = [proof.value for proof in plan.proofs]
    theirs = peers.highs(market.network, market.gains)
    close = [
        math.isclose(one, other, rel_tol=1e-9, abs_tol=0.5)
        for one, other in zip(ours, theirs, strict=True)
    ]
    return all(close) and plan.status == "optimal"


@dataclass(frozen=True, slots=True)
class _Duel:
    """Best seconds of both, run by turns."""

    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def _duel(market: Market, turns: int) -> _Duel:
    bare = _Bare(market.network, market.gains[1])
    seconds = [(_seconds(lambda: _ours(market)), _seconds(bare.flows)) for _ in range(turns)]
    return _Duel(min(ours for ours, _ in seconds), min(theirs for _, theirs in seconds))


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _ours(market: Market) -> None:
    """From arrays to plan, duals, certificate and prices."""
    plan = components.solve(market.network, market.gains)
    used = np.flatnonzero(plan.flow.lane)
    ask = market.ask[market.network.lane_supply[used]]
    bid = market.bid[market.network.lane_demand[used]]
    prices.midpoint(ask, bid, market.cost[used], np.zeros_like(ask))
    if plan.status != "optimal":
        raise RuntimeError("a level of a pure flow was not proven")


class _Bare:
    """One call of the solver on arrays made ready beforehand."""

    def __init__(self, network: Network, gain: Gain) -> None:
        supplies = len(network.supply_kg)
        nodes = supplies + len(network.demand_kg)
        self.tail = network.lane_supply.astype(np.int32)
        self.head = (network.lane_demand + supplies).astype(np.int32)
        self.kg, self.cost = lane_room(network), -gain.lane
        self.nodes = np.arange(nodes, dtype=np.int32)
        self.balance = np.concatenate([network.supply_kg, -network.demand_kg])

    def flows(self) -> Ints:
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

        solver = SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(self.tail, self.head, self.kg, self.cost)
        solver.set_nodes_supplies(self.nodes, self.balance)
        solver.solve_max_flow_with_min_cost()
        return np.asarray(solver.flows(arcs))


def _against_bare() -> Iterator[Row]:
    """Both ways prices are made, each with as much supply as demand and with more."""
    for make, prices_are in ((markets.scattered, "random"), (markets.geographic, "geographic")):
        begun = time.perf_counter()
        duels = [_duel(make(NODES, NODES, LANES, 1, share), 3) for share in (BALANCED, PLENTY)]
        yield Row(
            f"arrays → plan, duals, prices, certificate; 10⁴ × 10⁴, 5·10⁵ lanes, {prices_are} "
            "prices; balanced, and half as much supply again",
            "≤ 1.35 × the bare call",
            " and ".join(f"{duel.ratio:.2f} × ({duel.ours:.1f} s)" for duel in duels),
            all(duel.ratio <= 1.35 for duel in duels),
            time.perf_counter() - begun,
        )


def _against_programmes() -> Iterator[Row]:
    """Linear programmes get both levels folded into one, which spares them a second solve."""
    market = markets.geographic(NODES, NODES, LANES, 1, PLENTY)
    ours = min(_seconds(lambda: _ours(market)) for _ in range(2))
    for name, solve, bar in (
        ("scipy `linprog(highs)`", peers.highs, 8),
        ("PuLP + CBC", peers.cbc, 20),
    ):
        limit_s = PATIENCE * ours
        answer = apart.run(solve, market.network, [peers.weighted(market.gains)], limit_s=limit_s)
        ours = min(ours, _seconds(lambda: _ours(market)))
        seconds = limit_s if answer is None else answer.seconds
        sign = "≥ " if answer is None else ""
        yield Row(
            f"the same, geographic prices, half as much supply again, against {name}",
            f"≥ {bar} × faster",
            f"{sign}{seconds / ours:.0f} × ({ours:.1f} s against {sign}{seconds:.0f} s)",
            seconds / ours >= bar,
            seconds,
        )


def _separable() -> Row:
    begun = time.perf_counter()
    size, lanes = NODES // FAMILIES, LANES // FAMILIES
    parts = [markets.geographic(size, size, lanes, seed) for seed in range(FAMILIES)]
    duel = _duel(markets.families(parts, 1), 5)
    return Row(
        f"the same on a market of {FAMILIES} separable families",
        "≥ 3 × faster than the bare whole call",
        f"{1 / duel.ratio:.1f} × ({duel.ours:.2f} s against {duel.bare:.2f} s)",
        duel.ratio <= 1 / 3,
        time.perf_counter() - begun,
    )


def _growth_in_lanes() -> Iterator[Row]:
    for share, bar, words in (
        (BALANCED, 1.6, "as much supply as demand"),
        (PLENTY, 1.4, "half as much supply again"),
    ):
        begun = time.perf_counter()
        found = [_exponent(_by_lanes(make, share)) for make in _MAKERS]
        yield Row(
            f"growth in lanes, 3·10⁴ → 1.5·10⁶, {words}; random and geographic prices",
            f"exponent ≤ {bar}",
            " and ".join(f"{exponent:.2f} ({seconds:.1f} s)" for exponent, seconds in found),
            all(exponent <= bar for exponent, _ in found),
            time.perf_counter() - begun,
        )


_MAKERS: Sequence[Make] = (markets.scattered, markets.geographic)


def _by_lanes(make: Make, share: float) -> list[tuple[int, Market]]:
    sizes = [(lanes, lanes // LANES_PER_NODE) for lanes in (FEW_LANES, MANY_LANES)]
    return [(lanes, make(nodes, nodes, lanes, 1, share)) for lanes, nodes in sizes]


def _growth_in_months() -> Row:
    begun = time.perf_counter()
    month = [make(1_000, 1_000, FEW_LANES, 1, BALANCED) for make in _MAKERS]
    found = [_exponent([(n, markets.over_months(each, n, 1)) for n in (1, 12)]) for each in month]
    return Row(
        "growth in months, 1 → 12, with silos at both ends, 3·10⁴ lanes a month; random and "
        "geographic prices",
        "exponent ≤ 1.6",
        " and ".join(f"{exponent:.2f} ({seconds:.1f} s)" for exponent, seconds in found),
        all(exponent <= 1.6 for exponent, _ in found),
        time.perf_counter() - begun,
    )


def _exponent(sizes: Sequence[tuple[int, Market]]) -> tuple[float, float]:
    """By which power of its size the time of a market grows, and the seconds of the largest."""
    (small, few), (large, many) = sizes
    less = min(_seconds(lambda: _ours(few)) for _ in range(3))
    more = _seconds(lambda: _ours(many))
    return math.log(more / less) / math.log(large / small), more


def _memory() -> Row:
    begun = time.perf_counter()
    answer = apart.run(_bytes_per_lane, limit_s=900)
    each = None if answer is None else answer.value
    return Row(
        "memory above the input arrays, 1.5·10⁶ lanes, geographic prices",
        "≤ 250 bytes a lane",
        "not told by this system" if each is None else f"{each:.0f} bytes a lane",
        None if each is None else each <= 250,
        time.perf_counter() - begun,
    )


def _bytes_per_lane() -> float | None:
    """Peak of this process above what it holds once the arrays are made and the solver loaded."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    _ours(markets.geographic(10, 10, 100, 1))
    nodes = MANY_LANES // LANES_PER_NODE
    market = markets.geographic(nodes, nodes, MANY_LANES, 1, PLENTY)
    gc.collect()
    Path(f"/proc/{os.getpid()}/clear_refs").write_text("5")
    before = _resident("VmRSS")
    _ours(market)
    return (_resident("VmHWM") - before) / len(market.cost)


def _resident(name: str) -> int:
    """A line of the kernel's account of this process, bytes; ``VmHWM`` is the peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1_024
    raise RuntimeError(f"the kernel tells no {name}")
