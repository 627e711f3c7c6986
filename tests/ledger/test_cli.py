from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from app.core.transactions import database
from app.ledger.chain import head
from app.ledger.models import Balance
from tests.ledger.factories import issued


def test_a_sound_ledger_passes_and_prints_its_head(any_app: Flask) -> None:
    with database().writing() as session:
        issued(session)
    with database().reading() as session:
        end = head(session)
    result = any_app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert (result.exit_code, result.output) == (0, f"ledger sound, head {end}\n")
    again = any_app.test_cli_runner().invoke(args=["ledger", "verify", "--expect", str(end)])
    assert again.exit_code == 0


def test_a_tampered_ledger_fails_and_the_row_is_named(any_app: Flask) -> None:
    with database().writing() as session:
        issued(session, kg=1_000)
        session.execute(update(Balance).values(kg=1_001))
    result = any_app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert result.exit_code == 1
    assert "open: 1001 kg stand, the postings sum to 1000 kg" in result.output


def test_a_ledger_without_the_head_that_was_noted_fails(app: Flask) -> None:
    noted = f"7:{'a' * 64}"
    result = app.test_cli_runner().invoke(args=["ledger", "verify", "--expect", noted])
    assert result.exit_code == 1
    assert f"expected {noted}: the chain ends at 0:" in result.output


@pytest.mark.parametrize("head_text", ["7", "7:abc", "x:y"])
def test_a_head_that_was_not_printed_here_is_refused(app: Flask, head_text: str) -> None:
    result = app.test_cli_runner().invoke(args=["ledger", "verify", "--expect", head_text])
    assert result.exit_code == 2
    assert "POSITION:DIGEST" in result.output
