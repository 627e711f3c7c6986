"""`flask trades simulate`: lazy users, real verbs, real jobs, every case with an ending."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, update

from app.companies.models import Company
from app.core.transactions import database
from app.demo.operations import load
from app.ledger.models import Posting
from app.settings import ROOT
from app.trades.models import Trade
from tests.conftest import NOW

MATCHES = 16


@pytest.fixture
def demo_app(any_app: Flask) -> Flask:
    """The demo market, once on each database."""
    with database().writing() as session:
        load(session, ROOT / "data" / "demo", NOW)
    return any_app


def simulated(app: Flask, seed: int = 3, matches: int = MATCHES) -> Result:
    arguments = ["trades", "simulate", "--matches", str(matches), "--seed", str(seed)]
    return app.test_cli_runner().invoke(args=arguments)


def test_every_case_ends_with_a_reason_and_its_postings_stay(demo_app: Flask) -> None:
    result = simulated(demo_app)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["proposed"] == MATCHES == sum(figures["endings"].values())
    assert (figures["without_ending"], figures["without_owner"], figures["ledger_faults"]) == (
        0,
        0,
        0,
    )
    assert 0 < figures["delivered"] <= figures["contracted"] <= figures["confirmed"] < MATCHES
    with database().reading() as session:
        kept = select(func.count()).select_from(Trade).where(Trade.origin == "Z-3")
        assert session.scalar(kept) == MATCHES
        assert session.scalar(select(func.count()).select_from(Posting))


def test_a_database_with_a_real_firm_is_left_alone(demo_app: Flask) -> None:
    with database().writing() as session:
        first = select(Company.id).order_by(Company.id).limit(1).scalar_subquery()
        session.execute(update(Company).where(Company.id == first).values(is_synthetic=False))
        before = session.scalar(select(func.count()).select_from(Trade))
    result = simulated(demo_app)
    assert result.exit_code == 1
    assert "真实企业" in result.output
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Trade)) == before


def test_a_database_without_demo_firms_is_told_what_to_do(app: Flask) -> None:
    result = simulated(app)
    assert result.exit_code == 1
    assert "flask demo load" in result.output
