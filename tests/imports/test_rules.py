"""The head of a table, its headings, and how an import ends."""

from __future__ import annotations

import pytest

from app.imports.rules import (
    PASSED_OVER,
    ImportMode,
    ImportState,
    Outcome,
    Result,
    Tally,
    folded,
    heading_key,
    last_state,
    may_cancel,
    read_head,
)

NAMES = {"物料": "materials", "每月数量": "tonnes", "说明": "note"}


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("每月数量（吨）", "每月数量"),
        ("每月数量(吨)*", "每月数量"),
        (" 每月 数量 ", "每月数量"),
        ("Monthly Quantity (t)", "monthlyquantity"),
        ("ＮＯＴＥ", "note"),
        ("物料*", "物料"),
        ("（吨）", ""),
    ],
)
def test_a_heading_is_known_without_unit_star_width_case_and_blanks(written: str, key: str) -> None:
    assert heading_key(written) == key


def test_a_word_keeps_its_brackets_since_two_sites_may_differ_in_them_alone() -> None:
    assert folded("一厂（东区）") != folded("一厂（西区）")


def test_columns_are_found_in_any_order_and_one_that_is_not_understood_is_named() -> None:
    head = read_head(("备注列", "说明", "每月数量（吨）*", "物料"), NAMES, ["materials", "tonnes"])
    assert head.places == {"note": 1, "tonnes": 2, "materials": 3}
    assert (head.missing, head.doubled, head.unknown) == ((), (), ("备注列",))


def test_columns_that_the_sender_or_the_product_wrote_for_itself_are_passed_over() -> None:
    head = read_head(("#备注", "", "原因", "物料"), NAMES | {"原因": PASSED_OVER}, [])
    assert (head.places, head.unknown) == ({"materials": 3}, ())


def test_a_needed_column_that_lacks_is_named() -> None:
    assert read_head(("说明",), NAMES, ["materials", "tonnes"]).missing == ("materials", "tonnes")


def test_a_column_that_stands_twice_is_named() -> None:
    assert read_head(("物料", "物料*"), NAMES, ["materials"]).doubled == ("物料*",)


def test_a_row_shorter_than_the_head_is_blank_at_its_end() -> None:
    head = read_head(("物料", "说明"), NAMES, [])
    assert head.picked(("粉煤灰",)) == {"materials": "粉煤灰", "note": ""}


def test_a_tally_counts_every_outcome() -> None:
    tally = Tally()
    tally.add(Result(outcome) for outcome in (*Outcome, Outcome.REFUSED))
    assert (tally.entered, tally.known, tally.refused) == (1, 1, 2)


@pytest.mark.parametrize(
    ("mode", "tally", "state"),
    [
        (ImportMode.ALL, Tally(5, 0, 0), ImportState.DONE),
        (ImportMode.ALL, Tally(0, 5, 0), ImportState.DONE),
        (ImportMode.ALL, Tally(0, 0, 1), ImportState.REFUSED),
        (ImportMode.ALL, Tally(0, 3, 1), ImportState.REFUSED),
        (ImportMode.ALL, Tally(300, 0, 1), ImportState.STOPPED),
        (ImportMode.VALID, Tally(5, 0, 2), ImportState.DONE),
        (ImportMode.VALID, Tally(0, 1, 2), ImportState.DONE),
        (ImportMode.VALID, Tally(0, 0, 2), ImportState.REFUSED),
    ],
)
def test_an_import_ends_by_what_became_of_its_rows(
    mode: ImportMode, tally: Tally, state: ImportState
) -> None:
    assert last_state(mode, tally) is state


@pytest.mark.parametrize("mode", list(ImportMode))
@pytest.mark.parametrize("state", list(ImportState))
def test_an_import_is_called_off_only_while_that_leaves_nothing_half(
    state: ImportState, mode: ImportMode
) -> None:
    each_for_itself = (ImportState.WRITING, ImportMode.VALID)
    allowed = state is ImportState.CHECKING or (state, mode) == each_for_itself
    assert may_cancel(state, mode) is allowed
