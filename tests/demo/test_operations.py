"""The demo market loads through the product's own verbs and says that it is one."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.companies.queries import has_synthetic
from app.core.errors import Conflict
from app.core.transactions import database
from app.demo.cli import FOLDER
from app.demo.operations import ACCOUNTS, load
from app.demo.rules import PASSWORD
from app.ledger.queries import check
from app.listings.models import Listing
from tests.conftest import NOW
from tests.html import CheckedClient


@pytest.fixture
def demo(app: Flask) -> Flask:
    with database().writing() as session:
        load(session, FOLDER, NOW)
    return app


def test_the_demo_market_is_complete_and_its_ledger_sound(demo: Flask) -> None:
    with database().reading() as session:
        assert session.scalar(select(func.count(Company.id))) == 59
        assert (session.scalar(select(func.count(Listing.id))) or 0) > 100
        assert check(session) == []


def test_every_page_says_that_the_data_is_synthetic(demo: Flask) -> None:
    client = demo.test_client()
    assert isinstance(client, CheckedClient)
    for path in ("/", "/listings/offers", "/map", "/catalogue/", "/nowhere"):
        assert "演示数据" in client.get(path).get_data(as_text=True)


def test_a_market_with_firms_is_never_mixed_with_demo_data(demo: Flask) -> None:
    with database().writing() as session, pytest.raises(Conflict):
        load(session, FOLDER, NOW)


def test_an_empty_market_wears_no_demo_badge(client: CheckedClient, session: Session) -> None:
    assert not has_synthetic(session)
    session.rollback()
    assert "演示数据" not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.who)
def test_each_demo_account_signs_in(demo: Flask, account: object) -> None:
    client = demo.test_client()
    form = {"email": account.email, "password": PASSWORD}  # type: ignore[attr-defined]
    assert client.post("/accounts/sign-in", data=form).status_code == 303
