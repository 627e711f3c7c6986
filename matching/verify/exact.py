"""Whole-number arithmetic on arrays that never wraps around.

An outcome may state any number, so nothing may rest on its being small. Where a result could pass
64 bits the same operation runs on Python integers (arrays of dtype ``object``): slower, and exact.
"""

from collections.abc import Sequence
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: Whole numbers as int64, or as Python integers where they could pass 64 bits.
Whole = npt.NDArray[Any]

#: Results below this in size are left to int64.
SAFE = 2**62
#: Numbers from outside below this may be added by the handful without passing :data:`SAFE`.
SMALL = 2**59
#: A zero to broadcast.
NOTHING: Ints = np.zeros(1, dtype=np.int64)


def whole(values: Sequence[int]) -> Whole:
    """An array of numbers from outside."""
    try:
        array: Whole = np.array(values, dtype=np.int64)
    except OverflowError:
        return np.array(values, dtype=object)
    return array if size(array) < SMALL else array.astype(object)


def size(values: Whole) -> int:
    """The greatest absolute value, 0 for an empty array."""
    if values.strides == (0,):
        values = values[:1]
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


def plus(left: Whole, right: Whole) -> Whole:
    """The sum, element by element, one of them possibly broadcast."""
    if size(left) + size(right) < SAFE:
        return np.asarray(left + right)
    return np.asarray(left.astype(object) + right)


def times(left: Whole, right: Whole) -> Whole:
    """The product, element by element, one of them possibly broadcast."""
    if size(left) * size(right) < SAFE:
        return np.asarray(left * right)
    return np.asarray(left.astype(object) * right)


def sums(index: Ints, values: Whole, count: int) -> Whole:
    """Σ values per index, shape (count,)."""
    wide = values.dtype == object or size(values) * len(values) >= SAFE
    total: Whole = np.zeros(count, dtype=object if wide else np.int64)
    np.add.at(total, index, values.astype(total.dtype, copy=False))
    return total


def dot(left: Whole, right: Whole) -> int:
    """Σ left · right."""
    if size(left) * size(right) * max(1, len(left)) < SAFE:
        return int((left * right).sum())
    busy = np.flatnonzero((left != 0) & (right != 0))
    return sum(map(mul, left[busy].tolist(), right[busy].tolist()))
