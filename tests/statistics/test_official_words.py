"""Every official indicator is worded, and its example comes out of its own formula."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.i18n import speaking
from app.statistics.examples import EXAMPLE, YEAR_SUMMED, example_values, example_year
from app.statistics.indicators import INDICATORS, Share
from app.statistics.words import OFFICIAL
from tests.html import CheckedClient


def test_no_official_indicator_is_without_words() -> None:
    assert OFFICIAL.keys() == INDICATORS.keys()


def test_the_examples_are_balances_that_close() -> None:
    assert EXAMPLE.balance.closes
    assert YEAR_SUMMED.closes
    assert example_year().closes


def test_the_example_is_what_one_works_out_by_hand() -> None:
    values = example_values()
    assert values["rate"] == Share(800_000, 1_100_000)
    assert values["chain_rate"] == Share(740_000, 1_040_000)
    assert (values["gap"], values["without_ticket"], values["stock"]) == (300_000, 50_000, 550_000)
    assert (example_year().old_used_kg, example_year().stored_kg) == (400_000, 600_000)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_every_indicator_with_formula_and_example(
    app: Flask, client: CheckedClient, language: str
) -> None:
    client.set_cookie("language", language)
    page = client.get("/statistics/definitions").get_data(as_text=True)
    with app.test_request_context(), speaking(language):
        names = [str(OFFICIAL[code].name) for code in INDICATORS]
    assert [name for name in names if name not in page] == []
    assert [code for code in INDICATORS if f'id="official-{code}"' not in page] == []
    assert "72.7%" in page
