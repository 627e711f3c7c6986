"""Many browsers take from one lot through a real web server of two processes."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from urllib.request import urlopen

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.clock import add_months, china_day, month_of, now
from app.core.transactions import database
from app.ledger.queries import BalanceRow, balance
from app.ledger.verification import verify
from app.listings.rules import DealMode
from app.settings import Settings
from app.trades.models import Trade
from tests.accounts.factories import PASSWORD, user_of
from tests.companies.factories import DONGCHANGFU, approved_company, site_draft
from tests.core.jobs.processes import wait_until
from tests.ledger.shoppers import Shopper, shop
from tests.ledger.test_concurrency import PROCESSES, UNIT_KG, UNITS, run_at_once
from tests.listings.factories import published_offer
from tests.programs import Program

WEB_PROCESSES = 2
TAKES = 250


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of this market behind gunicorn, on this machine only."""
    settings: Settings = app.extensions["gufei.settings"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    env = os.environ | {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "WEB_CONCURRENCY": str(WEB_PROCESSES),
        "GUFEI_EMBEDDED_JOBS": "0",
        "GUFEI_LOG_LEVEL": "error",
    }
    server = Program("gunicorn", "wsgi:app", "--bind", address, env=env)
    try:
        wait_until(lambda: answers(f"http://{address}/healthz"), "the site answers")
        yield address
    finally:
        stop(server)


def stop(server: Program) -> None:
    """End it, by force if it will not: nothing of a test outlives it."""
    server.terminate()
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def answers(url: str) -> bool:
    with suppress(OSError), urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def lot_for_sale(session: Session) -> tuple[str, date]:
    """All units at a fixed price, for next month by the real clock of the server."""
    month = add_months(month_of(china_day(now())), 1)
    offer = published_offer(
        session,
        now=now(),
        kg_per_month=UNITS * UNIT_KG,
        first_month=month,
        last_month=month,
        list_price=500,
        deal_mode=DealMode.LIST_PRICE,
    )
    return offer.number, month


def shopper(session: Session, number: str, month: date) -> Shopper:
    """Somebody of a firm of its own who takes one unit."""
    firm = approved_company(session, site_draft(*DONGCHANGFU))
    person = user_of(session, firm)
    session.flush()
    fields = {
        "site_id": str(firm.sites[0].id),
        "material": "fly_ash",
        "month": f"{month:%Y-%m}",
        "tonnes": str(UNIT_KG // 1000),
    }
    return Shopper(person.email, PASSWORD, f"/bidding/take/{number}", fields)


# Of SQLite the same is shown every day by processes without a web server: test_concurrency.py.
@pytest.mark.parametrize(
    "any_app", ["postgres_app", pytest.param("sqlite_app", marks=pytest.mark.soak)], indirect=True
)
def test_two_thousand_takes_through_two_web_processes_sell_exactly_what_is_there(
    any_app: Flask,
) -> None:
    with database().writing() as session:
        number, month = lot_for_sale(session)
        firms = [shopper(session, number, month) for _ in range(PROCESSES)]
    with served(any_app) as address:
        sold = run_at_once(shop, [(address, firm, TAKES) for firm in firms])
    assert sold == UNITS
    with database().reading() as session:
        assert balance(session, number, month) == BalanceRow(reserved=UNITS * UNIT_KG)
        assert session.scalar(select(func.count()).select_from(Trade)) == UNITS
        assert verify(session) == []
