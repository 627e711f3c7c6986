"""The guard against formulas comes off again, and nothing it lets through runs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.spreadsheets import harmless, plain

SIGNS = ("=", "+", "-", "@", "\t", "\r")
near_the_guard = st.text(alphabet="'=+-@\t\r\na1 ") | st.text()


@given(near_the_guard)
@example("'=1+1")
@example("''=1")
@example("'quoted'")
def test_the_guard_comes_off_again(text: str) -> None:
    assert plain(harmless(text)) == text


@given(near_the_guard)
def test_no_guarded_text_begins_with_a_sign_that_runs(text: str) -> None:
    assert not harmless(text).startswith(SIGNS)


@pytest.mark.parametrize("text", ["粉煤灰", "'tis", "'", "", "1-2"])
def test_a_text_that_cannot_run_is_left_alone(text: str) -> None:
    assert harmless(text) == plain(text) == text
