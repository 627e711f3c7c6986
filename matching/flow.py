"""The transport itself: one min-cost flow that ships the most, and of those plans the best.

OR-Tools' cost-scaling push-relabel solver (A. V. Goldberg, *An efficient implementation of a
scaling minimum-cost flow algorithm*, J. Algorithms 22, 1997) finds the maximum flow of least cost
in one call, so tonnes come before surplus without any big weight.
"""

import numpy as np
import numpy.typing as npt

from matching.faults import EngineError

Ints = npt.NDArray[np.int64]

#: The solver multiplies costs by the number of nodes; past this product it refuses or overflows.
COST_RANGE = 2**62


def place(
    supply_kg: Ints, demand_kg: Ints, lane_supply: Ints, lane_demand: Ints, surplus: Ints
) -> Ints:
    """Kilograms on each lane: most in total, then most Σ surplus · kg.

    Parameters
    ----------
    supply_kg, demand_kg
        Shapes (supplies,) and (demands,), not negative.
    lane_supply, lane_demand, surplus
        Shape (lanes,): positions of the two ends, and fen per tonne.

    Raises
    ------
    EngineError
        The costs pass the solver's range, or it ended without an optimum.
    """
    if not len(lane_supply):
        return np.zeros(0, dtype=np.int64)
    nodes = len(supply_kg) + len(demand_kg)
    if int(np.abs(surplus).max()) * (nodes + 1) >= COST_RANGE:
        raise EngineError("surplus per tonne times orders passes the solver's range")
    # Imported here: loading the library takes longer than most readings of a problem.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        _whole(lane_supply, np.int32),
        _whole(lane_demand + len(supply_kg), np.int32),
        _whole(np.minimum(supply_kg[lane_supply], demand_kg[lane_demand]), np.int64),
        _whole(-surplus, np.int64),
    )
    solver.set_nodes_supplies(
        np.arange(nodes, dtype=np.int32), _whole(np.concatenate([supply_kg, -demand_kg]), np.int64)
    )
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise EngineError(f"min-cost flow ended as {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def _whole(values: Ints, dtype: type[np.signedinteger]) -> npt.NDArray[np.signedinteger]:
    """The same numbers in the width the solver takes; it would cut the fractions off floats."""
    if values.dtype.kind != "i":
        raise TypeError(f"the solver needs whole numbers, not {values.dtype}")
    return values.astype(dtype, casting="same_kind")
