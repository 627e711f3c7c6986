"""A clearing of the demo market leaves something to see: part traded, more placeable, a rest.

The linear programme here is independent of the matching package, and counts tonnes only.
"""

from datetime import date

import numpy as np
import pytest
from geopy.distance import great_circle
from scipy.optimize import linprog
from scipy.sparse import csr_array

from app.catalogue.rules import working_days
from tests.data.committed import Row, by, rows, several
from tests.data.test_catalogue import stops

# The assumed defaults of the clearing: detour, CNY per tonne, CNY per tonne and road kilometre.
DETOUR, FREIGHT_PER_T, FREIGHT_PER_TKM = 1.3, 12.0, 0.5


def on_book(name: str, offset: int, month: date) -> list[Row]:
    """Listings open ``offset`` months after loading whose works run in ``month``; no red mud."""
    return [
        row
        for row in rows(f"demo/{name}.csv")
        if int(row["first_offset"]) <= offset <= int(row["last_offset"])
        and working_days(month, stops(row.get("product", ""))).open
        and "red_mud" not in several(row.get("material") or row["materials"])
    ]


def lanes(supplies: list[Row], demands: list[Row], market: bool) -> list[tuple[int, int]]:
    sites = by("key", "demo/sites.csv")
    place = {key: (float(row["lat"]), float(row["lon"])) for key, row in sites.items()}
    found = []
    for s, supply in enumerate(supplies):
        for d, demand in enumerate(demands):
            km = great_circle(place[supply["site_key"]], place[demand["site_key"]]).km * DETOUR
            gap = float(demand["limit_price"]) - float(supply["limit_price"])
            reachable = supply["material"] in several(demand["materials"])
            reachable &= km <= float(demand["max_km"])
            if reachable and (not market or gap >= FREIGHT_PER_T + FREIGHT_PER_TKM * km):
                found.append((s, d))
    return found


def placed_share(month: date, market: bool) -> float:
    """Most tonnes that can be placed next month, as a share of those on offer."""
    supplies, demands = on_book("offers", 1, month), on_book("requirements", 1, month)
    pairs = np.array(lanes(supplies, demands, market))
    bounds = np.array([int(row["tonnes_per_month"]) for row in supplies + demands])
    ends = np.concatenate([pairs[:, 0], pairs[:, 1] + len(supplies)])
    columns = np.tile(np.arange(len(pairs)), 2)
    rows_by_end = csr_array((np.ones(len(ends)), (ends, columns)), (len(bounds), len(pairs)))
    best = linprog(-np.ones(len(pairs)), A_ub=rows_by_end, b_ub=bounds, method="highs")
    return float(-best.fun / bounds[: len(supplies)].sum())


@pytest.mark.parametrize(
    ("month", "market", "plan"),
    [
        (date(2026, 12, 1), (0.35, 0.55), (0.75, 0.90)),
        (date(2027, 6, 1), (0.35, 0.55), (0.75, 0.92)),
    ],
    ids=["kilns idle", "kilns running"],
)
def test_a_clearing_leaves_both_trades_and_a_rest(
    month: date, market: tuple[float, float], plan: tuple[float, float]
) -> None:
    assert market[0] <= placed_share(month, market=True) <= market[1]
    assert plan[0] <= placed_share(month, market=False) <= plan[1]
