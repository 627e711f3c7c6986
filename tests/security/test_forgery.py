"""Another site cannot make a signed-in browser do anything."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.core.audit import AuditEvent
from app.core.transactions import database
from tests.security.factories import Market, client_of
from tests.security.routes import changing


def test_no_unsafe_route_works_without_its_token(app: Flask, market: Market) -> None:
    browsers = [client_of(app, market, part) for part in ("producer", "operator", "public")]
    deeds = _deeds()
    app.config["WTF_CSRF_ENABLED"] = True
    for route in changing(app, market):
        for browser in browsers:
            for token in ({}, {"csrf_token": "IjEyMyI.aaaaaa.forged"}):
                answer = browser.open(route.path, method=route.method, data=token)
                assert answer.status_code == 400, str(route)
    assert _deeds() == deeds


def test_no_safe_route_changes_anything(app: Flask, market: Market) -> None:
    deeds = _deeds()
    browser = client_of(app, market, "operator")
    for route in changing(app, market):
        browser.get(route.path)
        browser.head(route.path)
    assert _deeds() == deeds


def _deeds() -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0
