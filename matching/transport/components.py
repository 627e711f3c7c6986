"""Parts of a market that nothing joins: solved apart, in less time than together.

Two nodes belong to one component if a lane or a silo joins them; so do, where the fixed cost of a
pair or the opening cost of a consumer is shared by several of them, the nodes that share it. The
time of a flow grows faster than its lanes, so 40 equal families are solved about five times as fast
one by one. Components of a few lanes are bundled, because every call has its own price.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Gain, Lots, Network, Plan, Proof
from matching.transport import clumps, levels

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Job = tuple[Network, tuple[Gain, ...]]

#: Lanes that are worth a call of the solver of their own.
BUNDLE_LANES = 5_000
#: One in so many lanes is looked at first when components are sought.
SAMPLE = 16
#: Where one component has more than this share of all lanes, the market is solved whole.
DOMINANT = 0.9


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a network as a network of its own.

    Attributes
    ----------
    network
        With ``lots`` only if something in it cannot be divided.
    supply, demand, lane, supply_held, demand_held
        Positions of its nodes, lanes and held arcs in the whole, ascending.
    """

    network: Network
    supply: Ints
    demand: Ints
    lane: Ints
    supply_held: Ints
    demand_held: Ints

    def gain(self, gain: Gain) -> Gain:
        """A level's gain on the part."""
        return Gain(_take(gain.lane, self.lane), gain.held[self.supply_held], gain.spends)

    def flow(self, flow: Flow) -> Flow:
        """A plan of the whole, cut down to the part."""
        return Flow(
            flow.lane[self.lane],
            flow.supply_held[self.supply_held],
            flow.demand_held[self.demand_held],
        )

    def put(self, flow: Flow, whole: Flow) -> None:
        """Write a plan of the part into one of the whole."""
        whole.lane[self.lane] = flow.lane
        whole.supply_held[self.supply_held] = flow.supply_held
        whole.demand_held[self.demand_held] = flow.demand_held


@dataclass(frozen=True, slots=True)
class Labels:
    """The component of each node, numbered by the first supply node; −1 where no lane leads.

    Attributes
    ----------
    supply, demand
        Shape (nodes of the side,).
    lanes
        Shape (components,): how many lanes each has.
    divisible
        Shape (components,): whether it is a pure flow.
    """

    supply: Ints
    demand: Ints
    lanes: Ints
    divisible: Bools


def split(network: Network) -> list[Component]:
    """All components that have a lane, in the order of their first supply node."""
    found = label(network)
    return list(_cut(network, found.supply, found.demand, len(found.lanes)))


def label(network: Network) -> Labels:
    """Which nodes belong together."""
    supplies = len(network.supply_kg)
    nodes = supplies + len(network.demand_kg)
    one, other = (np.concatenate(ends) for ends in zip(*_joins(network), strict=True))
    root = _roots(one, other, nodes)
    trading = np.unique(root[network.lane_supply])
    number = np.full(nodes, -1)
    number[trading] = np.arange(len(trading))
    supply, demand = np.split(number[root], [supplies])
    lanes = np.bincount(supply[network.lane_supply], minlength=len(trading))
    return Labels(supply, demand, lanes, _divisible(network, supply, demand, len(trading)))


def solve(
    network: Network,
    gains: Sequence[Gain],
    on_level: Callable[[Flow], None] = lambda flow: None,
    each: Callable[[Callable[[Job], Plan], list[Job]], Iterable[Plan]] = map,
) -> Plan:
    """The best plan of everything that can be divided; nothing flows in the other components.

    Parameters
    ----------
    gains, on_level
        As :func:`.levels.solve`; the plan so far, which grows, is told after each part.
    each
        Applies a function to a list of jobs and gives the answers in their order: ``map``, or
        ``Pool.imap`` where processes share the work.

    Raises
    ------
    EngineError
        As :func:`.levels.solve`.
    """
    found = label(network)
    if _hangs_together(found):
        return levels.solve(_without_lots(network), gains, on_level)
    parts = list(_cut(network, *_bundles(found)))
    jobs = [(part.network, tuple(part.gain(gain) for gain in gains)) for part in parts]
    flow, plans = nothing(network), []
    for part, plan in zip(parts, each(solve_part, jobs), strict=True):
        plans.append(plan)
        part.put(plan.flow, flow)
        on_level(flow)
    proofs = merged_proofs(network, len(gains), parts, plans)
    return Plan(flow, proofs, levels.status(proofs), levels.ENGINE)


def best(network: Network, gains: Sequence[Gain]) -> Flow:
    """The flow of :func:`solve` without its proofs.

    Raises
    ------
    EngineError
        As :func:`.levels.solve`.
    """
    found = label(network)
    if _hangs_together(found):
        return levels.best(_without_lots(network), gains)
    flow = nothing(network)
    for part in _cut(network, *_bundles(found)):
        part.put(levels.best(part.network, [part.gain(gain) for gain in gains]), flow)
    return flow


def solve_part(job: Job) -> Plan:
    """One job of :func:`solve`, for a process of a pool."""
    return levels.solve(*job)


def nothing(network: Network) -> Flow:
    """The plan that ships nothing."""
    return Flow(
        np.zeros(len(network.lane_supply), dtype=np.int64),
        np.zeros(len(network.supply_held), dtype=np.int64),
        np.zeros(len(network.demand_held), dtype=np.int64),
    )


def merged_proofs(
    network: Network, level_count: int, parts: Sequence[Component], plans: Sequence[Plan]
) -> tuple[Proof, ...]:
    """Proofs of parts as proofs of the whole, every level with one set of multipliers."""
    proofs = [plan.proofs for plan in plans]
    return tuple(_merged_proof(network, parts, proofs, level) for level in range(level_count))


def _merged_proof(
    network: Network, parts: Sequence[Component], proofs: Sequence[tuple[Proof, ...]], level: int
) -> Proof:
    """The proof of a level, its multipliers raised to the greatest of any part.

    A part's earlier proof may be added to a later one any number of times: both stay exact. The
    latest level goes first, because adding its proof raises the multipliers before it too.
    """
    own = [each[level] for each in proofs]
    for earlier in reversed(range(level)):
        greatest = max((proof.multipliers[earlier] for proof in own), default=0)
        own = [
            _plus(proof, greatest - proof.multipliers[earlier], each[earlier])
            for proof, each in zip(own, proofs, strict=True)
        ]
    supply_dual = np.zeros(len(network.supply_kg), dtype=np.int64)
    demand_dual = np.zeros(len(network.demand_kg), dtype=np.int64)
    for part, proof in zip(parts, own, strict=True):
        supply_dual[part.supply] = proof.supply_dual
        demand_dual[part.demand] = proof.demand_dual
    return Proof(
        sum(proof.value for proof in own),
        sum(proof.bound for proof in own),
        supply_dual,
        demand_dual,
        own[0].multipliers if own else (0,) * level,
    )


def _plus(proof: Proof, times: int, earlier: Proof) -> Proof:
    if not times:
        return proof
    weights = (*earlier.multipliers, 1, *[0] * len(proof.multipliers))
    return Proof(
        proof.value,
        proof.bound + times * (earlier.bound - earlier.value),
        proof.supply_dual + times * earlier.supply_dual,
        proof.demand_dual + times * earlier.demand_dual,
        tuple(mine + times * more for mine, more in zip(proof.multipliers, weights, strict=False)),
    )


def _roots(one: Ints, other: Ints, nodes: int) -> Ints:
    """The least node of each component; a sample of lanes leaves little to join to the others."""
    sample = clumps.of(one[::SAMPLE], other[::SAMPLE], nodes).root
    return clumps.of(sample[one], sample[other], nodes).root[sample].astype(np.int64)


def _joins(network: Network) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of nodes that belong together, supplies before demands."""
    supplies = len(network.supply_kg)
    yield network.lane_supply, network.lane_demand + supplies
    yield network.supply_held, network.supply_held + 1
    yield network.demand_held + supplies, network.demand_held + supplies + 1
    if network.lots is not None:
        lots = network.lots
        paid = np.flatnonzero(lots.pair_fixed[lots.lane_pair] > 0)
        for one, other in _neighbours(paid, lots.lane_pair):
            yield network.lane_supply[one], network.lane_supply[other]
        opened = np.flatnonzero(lots.open_cost[lots.demand_order] > 0)
        for one, other in _neighbours(opened, lots.demand_order):
            yield one + supplies, other + supplies


def _neighbours(members: Ints, group: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Consecutive members of each group."""
    ordered = members[np.argsort(group[members], kind="stable")]
    one, other = ordered[:-1], ordered[1:]
    same = group[one] == group[other]
    yield one[same], other[same]


def _divisible(network: Network, supply: Ints, demand: Ints, count: int) -> Bools:
    """Whether each component is a pure flow, shape (components,)."""
    divisible = np.ones(count + 1, dtype=np.bool_)
    lots = network.lots
    if lots is not None:
        rough = (lots.lane_min_kg > 0) | (lots.lane_use_milli != 1_000)
        rough |= lots.pair_fixed[lots.lane_pair] > 0
        divisible[supply[network.lane_supply[rough]]] = False
        divisible[supply[lots.single]] = False
        divisible[demand[lots.open_cost[lots.demand_order] > 0]] = False
    return divisible[:count]


def _hangs_together(found: Labels) -> bool:
    """Whether one divisible component has nearly all lanes."""
    most, all_lanes = found.lanes.max(initial=0), found.lanes.sum()
    return bool(found.divisible.all() and most >= DOMINANT * all_lanes)


def _bundles(found: Labels) -> tuple[Ints, Ints, int]:
    """Divisible components bundled until each has lanes enough: labels of both sides, and number.

    A label of −1, which stands for none, picks the last of the numbers, −1 again.
    """
    lanes = np.where(found.divisible, found.lanes, 0)
    bundle = np.maximum(0, np.cumsum(lanes) - 1) // BUNDLE_LANES
    bundle = np.unique(bundle, return_inverse=True)[1]
    number = np.append(np.where(found.divisible, bundle, -1), -1)
    return number[found.supply], number[found.demand], int(number.max()) + 1


def _cut(network: Network, supply: Ints, demand: Ints, count: int) -> Iterator[Component]:
    """The parts 0 … count − 1 of a network whose nodes carry these labels."""
    groups = [
        _grouped(labels, count)
        for labels in (
            supply,
            demand,
            supply[network.lane_supply],
            supply[network.supply_held],
            demand[network.demand_held],
        )
    ]
    local_supply, local_demand = _local(groups[0], supply), _local(groups[1], demand)
    for members in zip(*groups, strict=True):
        yield _part(network, members, local_supply, local_demand)


def _grouped(labels: Ints, count: int) -> list[Ints]:
    """Positions that carry each label, ascending."""
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(count + 1))
    return [order[start:end] for start, end in pairwise(bounds)]


def _local(groups: Sequence[Ints], labels: Ints) -> Ints:
    """The rank of each node among those of its label."""
    local = np.zeros(len(labels), dtype=np.int64)
    for group in groups:
        local[group] = np.arange(len(group))
    return local


def _part(
    network: Network, members: Sequence[Ints], local_supply: Ints, local_demand: Ints
) -> Component:
    supply, demand, lane, supply_held, demand_held = members
    cut = Network(
        network.supply_kg[supply],
        network.demand_kg[demand],
        local_supply[network.lane_supply[lane]],
        local_demand[network.lane_demand[lane]],
        _take(network.lane_kg, lane),
        local_supply[network.supply_held[supply_held]],
        network.supply_held_kg[supply_held],
        local_demand[network.demand_held[demand_held]],
        network.demand_held_kg[demand_held],
        _lots(network, supply, demand, lane),
    )
    return Component(cut, supply, demand, lane, supply_held, demand_held)


def _lots(network: Network, supply: Ints, demand: Ints, lane: Ints) -> Lots | None:
    """What cannot be divided in a part, its pairs and orders numbered anew."""
    lots = network.lots
    if lots is None:
        return None
    pairs, lane_pair = np.unique(lots.lane_pair[lane], return_inverse=True)
    orders, demand_order = np.unique(lots.demand_order[demand], return_inverse=True)
    cut = Lots(
        lots.single[supply],
        _take(lots.lane_min_kg, lane),
        _take(lots.lane_use_milli, lane),
        lane_pair,
        lots.pair_fixed[pairs],
        demand_order,
        lots.open_cost[orders],
        None if lots.lane_margin is None else lots.lane_margin[lane],
    )
    return None if _is_divisible(cut) else cut


def _is_divisible(lots: Lots) -> bool:
    costs = lots.pair_fixed.any() or lots.open_cost.any()
    shapes = lots.single.any() or lots.lane_min_kg.any() or (lots.lane_use_milli != 1_000).any()
    return not (costs or shapes)


def _take(values: Ints, positions: Ints) -> Ints:
    """``values[positions]``, keeping one number broadcast over all as it is."""
    if values.strides == (0,) and len(values):
        return np.broadcast_to(values[0], positions.shape)
    return values[positions]


def _without_lots(network: Network) -> Network:
    return network if network.lots is None else replace(network, lots=None)
