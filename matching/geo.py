"""Distances and neighbours on the earth.

Neighbours are found by a k-d tree over unit vectors: the chord between two unit vectors grows with
the angle between them, so a radius on the earth is a radius in space. Distances are then measured
on the WGS-84 ellipsoid with Andoyer's first-order formula (J. Meeus, *Astronomical Algorithms*,
2nd ed., ch. 11), within 0.02 % of the geodesic.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.spatial import cKDTree
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EQUATOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
SPHERE_M = 6_371_008.8
#: A sphere misses the ellipsoid by up to 0.57 %; the search radius is widened by more than that.
SEARCH_SLACK = 1.01
#: So many pairs of points are measured one by one in less time than loading the tree takes.
FEW_PAIRS = 250_000
#: Points of one leaf of the tree, which it also measures one by one, in their order.
LEAF = 16


def unit_vectors(lon: Floats, lat: Floats) -> Floats:
    """Points on the unit sphere, shape (n, 3), for degrees of shape (n,)."""
    east, north = np.radians(lon), np.radians(lat)
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )


def distance_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Metres along the earth between points given in degrees, element by element."""
    mean, half = np.radians((lat_a + lat_b) / 2), np.radians((lat_a - lat_b) / 2)
    turn = np.radians((lon_a - lon_b) / 2)
    sine = np.sin(half) ** 2 * np.cos(turn) ** 2 + np.cos(mean) ** 2 * np.sin(turn) ** 2
    cosine = np.cos(half) ** 2 * np.cos(turn) ** 2 + np.sin(mean) ** 2 * np.sin(turn) ** 2
    angle = np.arctan2(np.sqrt(sine), np.sqrt(cosine))
    # Where two points coincide or are antipodal the correction is 0/0; its limit is left out.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(sine * cosine) / angle
        along = (3 * ratio - 1) / (2 * cosine) * np.sin(mean) ** 2 * np.cos(half) ** 2
        across = (3 * ratio + 1) / (2 * sine) * np.cos(mean) ** 2 * np.sin(half) ** 2
    correction = np.nan_to_num(FLATTENING * (along - across), nan=0.0, posinf=0.0, neginf=0.0)
    metres: Floats = 2 * angle * EQUATOR_M * (1 + correction)
    return metres


def road_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats, detour_milli: int) -> Ints:
    """Assumed road distance: the distance along the earth times the detour, in whole metres."""
    metres = distance_m(lon_a, lat_a, lon_b, lat_b) * (detour_milli / 1000)
    return np.floor(metres + 0.5).astype(np.int64)


def chord(metres: float) -> float:
    """Distance in space between unit vectors at least ``metres`` apart along the earth."""
    angle = min(metres * SEARCH_SLACK / SPHERE_M, np.pi)
    return float(2 * np.sin(angle / 2)) + 1e-12


def pairs_within(first: Floats, second: Floats, metres: float) -> tuple[Ints, Ints]:
    """Indices (into first, into second) of all points at most ``metres`` apart, and a few more."""
    if len(first) * len(second) <= FEW_PAIRS:
        i, j = np.nonzero(_square_chords(first, second) <= chord(metres) ** 2)
        return i, j
    near = _tree(first).sparse_distance_matrix(_tree(second), chord(metres), output_type="ndarray")
    return near["i"].astype(np.int64), near["j"].astype(np.int64)


def nearest(points: Floats, others: Floats) -> Ints:
    """For each point the index of the nearest of the others."""
    if len(others) <= LEAF:
        return np.asarray(np.argmin(_square_chords(points, others), axis=1), dtype=np.int64)
    _, index = _tree(others).query(points)
    return np.asarray(index, dtype=np.int64)


def _square_chords(first: Floats, second: Floats) -> Floats:
    """Squares of the distances in space, shape (points of first, points of second)."""
    east, north, up = (first[:, None, axis] - second[None, :, axis] for axis in range(3))
    squares: Floats = east * east + north * north + up * up
    return squares


def _tree(points: Floats) -> "cKDTree":
    from scipy.spatial import cKDTree  # noqa: PLC0415  (costs half a second)

    return cKDTree(points, leafsize=LEAF)
