"""Who acts on the pages of listings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask, g

from app.core.actor import Actor
from app.core.transactions import database
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.listings.factories import trader

Act = Callable[[Actor], None]


@pytest.fixture
def act(app: Flask, frozen: object) -> Iterator[Act]:
    """Who acts in the requests that follow."""
    acting: list[Actor] = []

    def hook() -> None:
        if acting:
            g.actor = acting[-1]

    hooks = app.before_request_funcs.setdefault(None, [])
    guard = next(one for one in hooks if one.__module__ == "app.core.permissions")
    hooks.insert(hooks.index(guard), hook)
    yield acting.append
    hooks.remove(hook)


@pytest.fixture
def firm(act: Act) -> Actor:
    """A signed-in trader of an approved firm with one site."""
    with database().writing() as session:
        actor = trader(approved_company(session, site_draft(*CHIPING)))
    act(actor)
    return actor
