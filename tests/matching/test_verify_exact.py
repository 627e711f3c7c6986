"""The audit's arithmetic equals that of Python, however large the numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.verify import exact

numbers = st.integers(-(2**70), 2**70) | st.integers(-9, 9)
lists = st.lists(numbers, max_size=8)
pairs_of_lists = st.lists(st.tuples(numbers, numbers), max_size=8)


@given(lists)
def test_numbers_from_outside_are_kept_as_they_are(values: list[int]) -> None:
    assert exact.whole(values).tolist() == values


@given(lists)
def test_the_size_is_the_greatest_absolute_value(values: list[int]) -> None:
    assert exact.size(exact.whole(values)) == max(map(abs, values), default=0)


@given(pairs_of_lists)
def test_sums_and_products_never_wrap_around(pairs: list[tuple[int, int]]) -> None:
    left, right = (exact.whole([pair[end] for pair in pairs]) for end in (0, 1))
    assert exact.plus(left, right).tolist() == [a + b for a, b in pairs]
    assert exact.times(left, right).tolist() == [a * b for a, b in pairs]


@given(st.lists(st.tuples(st.integers(0, 3), numbers), max_size=8))
def test_sums_by_index_never_wrap_around(entries: list[tuple[int, int]]) -> None:
    index = np.array([at for at, _ in entries], dtype=np.int64)
    total = exact.sums(index, exact.whole([value for _, value in entries]), 4)
    assert total.tolist() == [sum(value for k, value in entries if k == at) for at in range(4)]


def test_a_column_that_is_one_number_broadcast_is_not_read_through() -> None:
    column = np.broadcast_to(np.int64(-7), (10**12,))
    assert exact.size(column) == 7
