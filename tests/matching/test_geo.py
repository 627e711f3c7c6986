import numpy as np
import pytest
from geopy.distance import geodesic

from matching import geo


def some_points(west: float, east: float, south: float, north: float) -> tuple[geo.Floats, ...]:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(west, east, (2, 400)), rng.uniform(south, north, (2, 400))
    return lon[0], lat[0], lon[1], lat[1]


@pytest.mark.parametrize(
    "box",
    [
        (-180, 180, -90, 90),
        (73, 135, 18, 54),
        (0, 1, -3, 3),
        (0, 180, 85, 90),
        (100, 100.01, 30, 30.01),
    ],
    ids=["world", "China", "equator", "pole", "next door"],
)
def test_distances_lie_within_half_a_percent_of_the_geodesic(
    box: tuple[float, float, float, float],
) -> None:
    lon_a, lat_a, lon_b, lat_b = some_points(*box)
    ours = geo.distance_m(lon_a, lat_a, lon_b, lat_b)
    exact = np.array(
        [geodesic((lat_a[k], lon_a[k]), (lat_b[k], lon_b[k])).m for k in range(len(lon_a))]
    )
    assert np.abs(ours / exact - 1).max() < 0.005


def test_a_point_is_no_distance_from_itself_and_half_the_earth_from_its_antipode() -> None:
    here = np.array([116.0]), np.array([36.5])
    assert geo.distance_m(*here, *here).tolist() == [0.0]
    far = geo.distance_m(*here, np.array([-64.0]), np.array([-36.5]))
    assert far[0] == pytest.approx(20_003_931, rel=0.005)


def test_road_metres_are_whole_and_longer_by_the_detour() -> None:
    lon, south, north = np.array([116.0]), np.array([36.5]), np.array([36.6])
    straight = geo.road_m(lon, south, lon, north, 1_000)
    assert straight.dtype == np.int64
    by_road = geo.road_m(lon, south, lon, north, 1_300)
    assert by_road[0] == pytest.approx(1.3 * straight[0], abs=1)


def test_a_search_misses_no_pair_within_the_radius() -> None:
    lon_a, lat_a, lon_b, lat_b = some_points(110, 120, 30, 40)
    i, j = geo.pairs_within(geo.unit_vectors(lon_a, lat_a), geo.unit_vectors(lon_b, lat_b), 90_000)
    found = set(zip(i.tolist(), j.tolist(), strict=True))
    every_i, every_j = (grid.ravel() for grid in np.indices((len(lon_a), len(lon_b))))
    metres = geo.distance_m(lon_a[every_i], lat_a[every_i], lon_b[every_j], lat_b[every_j])
    near = metres <= 90_000
    assert set(zip(every_i[near].tolist(), every_j[near].tolist(), strict=True)) <= found
