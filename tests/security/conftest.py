"""The market that is attacked, on one database or on each."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from tests.security.factories import Market, cleared_market


@pytest.fixture
def market(app: Flask, frozen: datetime) -> Market:
    return cleared_market(frozen)


@pytest.fixture
def any_market(any_app: Flask, frozen: datetime) -> Market:
    return cleared_market(frozen)
