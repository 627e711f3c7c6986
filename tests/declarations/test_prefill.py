"""A statement made ready from records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.declarations.balance import MASSES, MassBalance
from app.declarations.checking import faults, questions
from app.declarations.prefill import Evidence, Origin, Source, Tally, prefilled, sources
from app.declarations.rules import EventKind


def records(**kinds: int) -> dict[EventKind, Tally]:
    return {EventKind(name): Tally(kg, 1) for name, kg in kinds.items()}


@pytest.mark.parametrize(
    ("evidence", "statement"),
    [
        (Evidence(), MassBalance()),
        (
            Evidence(records(generated=100, self_used=100)),
            MassBalance(generated_kg=100, self_used_kg=100),
        ),
        (
            Evidence(records(generated=100, self_disposed=60, entrusted_disposed=40)),
            MassBalance(generated_kg=100, disposed_kg=100),
        ),
        (
            Evidence(records(generated=100, stored=70, taken_out=30), Tally(60, 2), Tally(5, 3)),
            MassBalance(
                generated_kg=100,
                entrusted_used_kg=60,
                stored_kg=40,
                opening_kg=5,
                closing_kg=45,
            ),
        ),
        (
            Evidence(records(generated=100, stored=10, taken_out=30), Tally(120, 4), Tally(50, 3)),
            MassBalance(
                generated_kg=100,
                entrusted_used_kg=120,
                old_used_kg=20,
                opening_kg=50,
                closing_kg=30,
            ),
        ),
        (
            Evidence(records(generated=100), Tally(120, 4), last_closing_kg=50),
            MassBalance(
                generated_kg=100,
                entrusted_used_kg=120,
                old_used_kg=20,
                opening_kg=50,
                closing_kg=30,
            ),
        ),
        (
            Evidence(records(generated=100), Tally(120, 4), last_closing_kg=10),
            MassBalance(generated_kg=100, entrusted_used_kg=120, opening_kg=10, closing_kg=10),
        ),
        (
            Evidence(ticketed=Tally(120, 4), last_closing_kg=500),
            MassBalance(entrusted_used_kg=120, opening_kg=500, closing_kg=500),
        ),
        (
            Evidence(stock=Tally(7, 2), last_closing_kg=9),
            MassBalance(opening_kg=9, closing_kg=9),
        ),
        (Evidence(stock=Tally(-7, 2)), MassBalance()),
    ],
)
def test_a_statement_says_what_the_records_say(evidence: Evidence, statement: MassBalance) -> None:
    assert prefilled(evidence) == statement


def test_what_only_passes_through_a_store_is_not_stored() -> None:
    found = prefilled(Evidence(records(generated=3, stored=3, taken_out=3), Tally(3, 1)))
    assert (found.stored_kg, found.old_used_kg, found.closes) == (0, 0, True)


def test_every_figure_says_where_it_comes_from() -> None:
    found = sources(
        Evidence(
            records(generated=1, self_disposed=1, entrusted_disposed=1, stored=1, taken_out=1),
            Tally(9, 4),
            Tally(8, 6),
        )
    )
    assert set(found) == set(MASSES)
    assert found["generated_kg"] == Source(Origin.LOG, 1)
    assert found["disposed_kg"] == Source(Origin.LOG, 2)
    assert found["stored_kg"] == Source(Origin.LOG, 2)
    assert found["entrusted_used_kg"] == Source(Origin.TICKETS, 4)
    assert found["opening_kg"] == Source(Origin.STOCK, 6)
    assert found["self_used_kg"] == Source(Origin.NOTHING)
    assert sources(Evidence(last_closing_kg=0))["opening_kg"] == Source(Origin.LAST)


mass = st.integers(min_value=0, max_value=50)
tallies = st.builds(Tally, mass, st.integers(min_value=1, max_value=3))
evidences = st.builds(
    Evidence,
    st.dictionaries(st.sampled_from(EventKind), tallies),
    tallies | st.just(Tally()),
    tallies | st.just(Tally()),
    st.none() | mass,
)


@given(evidences)
def test_a_statement_made_ready_can_be_declared_once_its_questions_are_answered(
    evidence: Evidence,
) -> None:
    found = prefilled(evidence)
    assert faults(found) == []
    assert found.stock_gap_kg == 0
    asked = {question.code for question in questions(found, evidence.known)}
    assert asked <= {"more_went", "more_arose"}
