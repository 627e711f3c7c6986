"""The features, lowest first: each may import those before it and never those after.

`setup.cfg` holds the same order as an import contract. A feature takes part through what it
defines: `views.blueprint`, `cli.group`, `jobs.HANDLERS`, `models` and `init_app`, each optional.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

FEATURES = (
    "core",
    "catalogue",
    "eligibility",
    "companies",
    "accounts",
    "notifications",
    "ledger",
    "assays",
    "listings",
    "passports",
    "trades",
    "bidding",
    "clearing",
    "shipments",
    "declarations",
    "settlement",
    "documents",
    "imports",
    "statistics",
    "maps",
    "board",
    "backoffice",
    "oversight",
    "watch",
    "history",
    "demo",
    "simulation",
)


def modules(name: str) -> list[ModuleType]:
    """The module of that name of every feature that has one, lowest feature first."""
    paths = [f"app.{feature}.{name}" for feature in FEATURES if find_spec(f"app.{feature}")]
    return [import_module(path) for path in paths if find_spec(path)]
