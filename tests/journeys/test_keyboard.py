"""Everything can be reached and done without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.core.transactions import database
from tests.accounts.factories import PASSWORD, user_of
from tests.companies.factories import approved_company
from tests.journeys.reader import Reader

pytestmark = pytest.mark.browser


@pytest.fixture
def email(market: Flask) -> str:
    with database().writing() as session:
        return user_of(session, approved_company(session)).email


def test_the_keyboard_alone_signs_in_and_lists(email: str, meet: Callable[[], Reader]) -> None:
    firm = meet()
    firm.goes_to("/accounts/sign-in")
    keys = firm.page.keyboard
    keys.press("Tab")
    expect(firm.page.locator(".skip-link")).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")
    keys.type(email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(firm.button("退出")).to_be_visible()
    firm.goes_to("/listings/offers/new")
    firm.page.locator("main").focus()
    keys.press("Tab")
    keys.press("Space")
    expect(firm.page.locator("[name=materials]:checked")).to_have_count(1)
    firm.page.locator("[name=tonnes]").focus()
    keys.type("750")
    keys.press("Enter")
    expect(firm.page.locator("main")).to_contain_text("750")
