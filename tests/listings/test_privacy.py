"""A limit price reaches its owner and nobody else, in no channel; a site reaches no stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, g
from sqlalchemy import text

from app.core.actor import PUBLIC, Actor, ActorKind, CompanyRole
from app.core.transactions import database
from app.core.vault import Vault
from app.listings.book import book
from tests.companies.factories import approved_company, site_draft
from tests.conftest import TODAY
from tests.html import CheckedClient
from tests.listings.factories import (
    DECEMBER,
    published_offer,
    published_requirement,
    trader,
)

LIMITS = {"offer": -7_654_32, "requirement": 8_765_43}
TRACES = ("7654.32", "7,654.32", "765432", "8765.43", "8,765.43", "876543")
SITE = (116.20123, 36.61234)
PLACES = ("116.2", "36.61", "116201230", "36612340")
PAGES = (
    "/listings/offers",
    "/listings/requirements",
    "/listings/offers.csv",
    "/listings/requirements.csv",
    "/listings/offers/map.json",
    "/listings/requirements/map.json",
    "/listings/offers?sort=price",
    "/listings/S-2611-0001",
    "/listings/D-2611-0001",
)


@pytest.fixture
def owner(app: Flask, frozen: object) -> Actor:
    """The firm of an offer and a requirement with limits, on the market."""
    with database().writing() as session:
        site = approved_company(session, site_draft(*SITE)).sites[0]
        offer = published_offer(session, site, limit_price=LIMITS["offer"], list_price=100)
        published_requirement(session, offer.site, limit_price=LIMITS["requirement"])
        return trader(offer.company)


@contextmanager
def acting(app: Flask, actor: Actor) -> Iterator[None]:
    """Make every request of the block the actor's."""

    def act() -> None:
        g.actor = actor

    app.before_request_funcs.setdefault(None, []).insert(0, act)
    hooks = app.before_request_funcs[None]
    hooks.remove(act)
    guard = next(hook for hook in hooks if hook.__module__ == "app.core.permissions")
    hooks.insert(hooks.index(guard), act)
    yield
    hooks.remove(act)


def strangers() -> dict[str, Actor]:
    with database().writing() as session:
        firm = trader(approved_company(session), CompanyRole.MANAGER)
    return {
        "public": PUBLIC,
        "another firm": firm,
        "operator": Actor(kind=ActorKind.OPERATOR, user_id=2),
        "city": Actor(kind=ActorKind.REGULATOR, user_id=3, region="371500"),
    }


def test_no_stranger_reads_a_limit_on_any_page(
    app: Flask, client: CheckedClient, owner: Actor
) -> None:
    for name, stranger in strangers().items():
        with acting(app, stranger):
            for page in PAGES:
                answer = client.get(page)
                assert answer.status_code == 200, (name, page)
                body = answer.get_data(as_text=True)
                assert not [trace for trace in TRACES if trace in body], (name, page)


def test_no_stranger_reads_where_a_site_is(app: Flask, client: CheckedClient, owner: Actor) -> None:
    everybody = strangers()
    for name in ("public", "another firm"):
        with acting(app, everybody[name]):
            for page in PAGES:
                body = client.get(page).get_data(as_text=True)
                assert not [trace for trace in PLACES if trace in body], (name, page)


def test_the_owner_reads_the_limit_with_its_payer(
    app: Flask, client: CheckedClient, owner: Actor
) -> None:
    with acting(app, owner):
        shown = client.get("/listings/S-2611-0001").get_data(as_text=True)
        form = client.get("/listings/S-2611-0001/edit").get_data(as_text=True)
        listed = client.get("/listings/own").get_data(as_text=True)
    assert "产废方付 7,654.32 元/吨" in shown
    assert 'value="7654.32"' in form
    assert "7,654.32" not in listed


def test_nobody_but_the_owner_reaches_the_form(
    app: Flask, client: CheckedClient, owner: Actor
) -> None:
    expected = {"public": 302, "another firm": 404, "operator": 403, "city": 403}
    for name, stranger in strangers().items():
        with acting(app, stranger):
            answer = client.get("/listings/S-2611-0001/edit")
        assert answer.status_code == expected[name], name


def test_a_dump_of_the_database_does_not_hold_the_number(
    app: Flask, data_dir: Path, owner: Actor
) -> None:
    with database().reading() as session:
        boxes = session.execute(text("SELECT limit_price_box FROM listing")).scalars().all()
    assert all(boxes)
    fen = [price.to_bytes(8, "big", signed=True) for price in LIMITS.values()]
    numerals = [str(abs(price)).encode() for price in LIMITS.values()]
    files = list(data_dir.glob("gufei.db*"))
    assert files
    for path in files:
        content = path.read_bytes()
        assert not [needle for needle in (*fen, *numerals) if needle in content], path.name


def test_a_refused_form_shows_what_was_typed_only_in_its_field(
    app: Flask, client: CheckedClient, owner: Actor
) -> None:
    typed = {"materials": "fly_ash", "tonnes": "-1", "limit_price": "七千六"}
    with acting(app, owner):
        body = client.post("/listings/offers/new", data=typed).get_data(as_text=True)
    assert body.count("七千六") == 1


def test_the_book_opens_every_limit_for_the_clearing(app: Flask, owner: Actor) -> None:
    vault: Vault = app.extensions["gufei.vault"]
    with database().reading() as session:
        orders = {order.number: order for order in book(session, vault, [DECEMBER], TODAY)}
    assert orders["S-2611-0001"].limit_fen == LIMITS["offer"]
    assert orders["D-2611-0001"].limit_fen == LIMITS["requirement"]
    assert "765432" not in repr(list(orders.values()))
