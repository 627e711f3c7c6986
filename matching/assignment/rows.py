"""Rows of a programme, gathered as triplets and built once."""

from typing import Any

import numpy as np

from matching.assignment.highs import Floats
from matching.network import Ints


class Rows:
    """Sparse rows with a lower and an upper side."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._count = 0
        self._row: list[Ints] = []
        self._column: list[Ints] = []
        self._factor: list[Floats] = []
        self._low: list[Floats] = []
        self._high: list[Floats] = []

    def add(self, row: Ints, column: Ints, factor: Floats, low: Floats, high: Floats) -> None:
        """As many rows as ``low`` has; ``row`` counts from the first of them."""
        self._row.append(row + self._count)
        self._column.append(column)
        self._factor.append(factor)
        self._low.append(np.asarray(low, dtype=np.float64))
        self._high.append(np.asarray(high, dtype=np.float64))
        self._count += len(low)

    def dense(self, factors: Floats, low: float, high: float) -> None:
        """One row, given over all columns."""
        column = np.flatnonzero(factors)
        zeros = np.zeros(len(column), dtype=np.int64)
        self.add(zeros, column, factors[column], np.array([low]), np.array([high]))

    def built(self) -> tuple[Any, Floats, Floats]:
        """The sparse array of shape (rows, columns), and both sides."""
        from scipy.sparse import csr_array  # noqa: PLC0415  (a slow import)

        triplets = (np.concatenate(part) for part in (self._factor, self._row, self._column))
        factor, row, column = triplets
        shape = (self._count, self._columns)
        matrix = csr_array((factor, (row, column)), shape=shape)
        return matrix, np.concatenate(self._low), np.concatenate(self._high)
