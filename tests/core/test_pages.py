"""What every page has: headers, language, permissions, errors in words, health."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.core import permissions
from app.core.permissions import UndeclaredRoute, verify_routes
from tests.html import CheckedClient
from tests.installations import build_again


def test_a_route_without_a_policy_stops_the_start(app: Flask) -> None:
    app = build_again(app)
    app.add_url_rule("/bare", endpoint="bare", view_func=lambda: "bare")
    with pytest.raises(UndeclaredRoute, match="bare"):
        verify_routes(app)


def test_every_route_of_the_product_declares_its_policy(app: Flask) -> None:
    views = app.view_functions.items()
    assert [name for name, view in views if not hasattr(view, permissions.ATTRIBUTE)] == []


def test_pages_allow_nothing_inline_and_nothing_foreign(client: CheckedClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("header", "language"), [("", "zh-CN"), ("en-GB,en", "en"), ("fr", "zh-CN"), ("zh-TW", "zh-CN")]
)
def test_the_first_visit_follows_the_browser(
    client: CheckedClient, header: str, language: str
) -> None:
    page = client.get("/", headers={"Accept-Language": header}).get_data(as_text=True)
    assert f'<html lang="{language}"' in page


def test_the_language_switch_is_remembered_and_keeps_the_page(client: CheckedClient) -> None:
    answer = client.get("/language/en?next=/listings/offers?sort=price")
    assert answer.location == "/listings/offers?sort=price"
    assert '<html lang="en"' in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_switch_leads_nowhere_else(client: CheckedClient, target: str) -> None:
    assert client.get("/language/en", query_string={"next": target}).location == "/"


def test_an_unknown_page_says_so_in_words(client: CheckedClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "没有找到" in answer.get_data(as_text=True)


def test_an_unexpected_error_shows_a_reference_and_no_detail(app: Flask) -> None:
    def broken() -> str:
        raise RuntimeError("limit price 123")

    app = build_again(app)
    app.add_url_rule("/broken", view_func=permissions.permits(permissions.anyone)(broken))
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)
    assert "123" not in answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], "")


def test_a_form_without_its_token_is_refused(app: Flask, client: CheckedClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/accounts/sign-in", data={"email": "a@b.c"}).status_code == 400


def test_health_names_database_and_queue(client: CheckedClient) -> None:
    health = client.get("/healthz").get_json()
    assert health == {"database": "ok", "oldest_job_seconds": 0, "queue_depth": 0}


def test_health_answers_503_while_the_database_is_away(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> None:
        raise OperationalError("SELECT 1", {}, OSError("connection refused"))

    monkeypatch.setattr("app.core.views.queue_health", away)
    assert client.get("/healthz").status_code == 503


def test_metrics_are_for_this_machine_unless_a_token_is_set(client: CheckedClient) -> None:
    assert client.get("/metrics").status_code == 200
    far = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", environ_overrides=far).status_code == 404
