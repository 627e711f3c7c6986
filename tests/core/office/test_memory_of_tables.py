"""Long tables pass through in pieces: the memory they take does not grow with their rows."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from app.core.office.remarks import annotated, written
from app.core.office.tables import MOST_ROWS, open_table

MEBIBYTE = 1 << 20
HEAD = tuple(f"列 {number}" for number in range(12))
REST = ("2026-11-25 15:00", "鲁A12345", "茌平一电厂", "粉煤灰", "46240", "15500", "30740") * 2


def tickets(count: int, suffix: str) -> bytes:
    return written(HEAD, ((f"BD-{n:06d}", *REST[:11]) for n in range(count)), suffix)


def remarks(count: int) -> Iterator[tuple[int, str]]:
    return ((number, "净重不等于毛重减皮重") for number in range(2, count + 2, 3))


def read(content: bytes, count: int) -> None:
    assert sum(1 for _ in open_table(content).rows()) == count


def given_back(content: bytes, count: int) -> None:
    annotated(open_table(content), "导入意见", remarks(count))


def peak(work: Callable[[bytes, int], None], content: bytes, count: int) -> float:
    """The most memory taken at once, in MiB, beyond the content."""
    tracemalloc.start()
    try:
        work(content, count)
        return tracemalloc.get_traced_memory()[1] / MEBIBYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("suffix", "count"), [(".csv", 10_000), (".xlsx", 2_000)])
def test_reading_takes_less_memory_than_a_tenth_of_the_rows_would(suffix: str, count: int) -> None:
    assert peak(read, tickets(count, suffix), count) < 1.5


@pytest.mark.soak
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_as_many_rows_as_are_allowed_are_read_and_given_back_in_little_memory(suffix: str) -> None:
    content = tickets(MOST_ROWS, suffix)
    assert peak(read, content, MOST_ROWS) < 4
    assert peak(given_back, content, MOST_ROWS) < 4 + 3 * len(content) / MEBIBYTE
