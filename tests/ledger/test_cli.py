from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from app.core.transactions import database
from app.ledger.models import Balance
from tests.ledger.factories import issued


def test_a_sound_ledger_passes_the_check(any_app: Flask) -> None:
    with database().writing() as session:
        issued(session)
    result = any_app.test_cli_runner().invoke(args=["ledger", "check"])
    assert (result.exit_code, result.output) == (0, "ledger sound\n")


def test_a_tampered_ledger_fails_the_check_and_names_the_lot(any_app: Flask) -> None:
    with database().writing() as session:
        issued(session, kg=1_000)
        session.execute(update(Balance).values(kg=1_001))
    result = any_app.test_cli_runner().invoke(args=["ledger", "check"])
    assert result.exit_code == 1
    assert "open: 1001 kg stand, the postings sum to 1000 kg" in result.output
