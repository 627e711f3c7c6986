"""The routes of an application as a stranger finds them: by walking its URL map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from tests.security.factories import Market

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Route:
    """One rule with one method; `names_object` if its address names something of somebody's."""

    endpoint: str
    method: str
    path: str
    names_object: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(app: Flask, market: Market) -> list[Route]:
    """Every route but the static files', with the producer's objects in its address."""
    return [route for rule in app.url_map.iter_rules() for route in _of(app, rule, market)]


def reading(app: Flask, market: Market) -> list[Route]:
    return [route for route in routes(app, market) if route.method == "GET"]


def changing(app: Flask, market: Market) -> list[Route]:
    return [route for route in routes(app, market) if route.method not in SAFE]


def _of(app: Flask, rule: Rule, market: Market) -> Iterator[Route]:
    if rule.endpoint == "static":
        return
    values = market.values(rule.endpoint)
    path = app.url_map.bind("localhost").build(
        rule.endpoint, {name: values[name] for name in rule.arguments}
    )
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield Route(rule.endpoint, method, path, bool(rule.arguments))
