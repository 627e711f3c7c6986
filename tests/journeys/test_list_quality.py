"""What a listing says of quality, in a browser: asked where it matters, told where it is wrong."""

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


def test_a_firm_lists_what_it_has_and_asks_for_what_it_needs(
    email: str, meet: Callable[[], Reader]
) -> None:
    firm = meet()
    firm.signs_in(email, PASSWORD)
    offers_a_kind_of_slag(firm)
    asks_for_ash(firm)


def offers_a_kind_of_slag(firm: Reader) -> None:
    """The kind is asked only of a material that has several, and forgotten with it."""
    firm.goes_to("/listings/offers/new")
    kind = firm.page.locator("[name=kind]")
    expect(kind).to_be_hidden()
    firm.picks("materials", "smelting_slag")
    firm.picks("kind", "steel_slag_powder")
    firm.picks("materials", "fly_ash")
    expect(kind).to_be_hidden()
    expect(kind).to_be_disabled()
    firm.picks("materials", "smelting_slag")
    expect(kind).to_have_value("steel_slag_powder")
    firm.fills(tonnes="300")
    firm.presses("发布供应")
    firm.sees("没有检测")
    expect(firm.page.locator(".page-facts .evidence i")).to_have_count(4)


def asks_for_ash(firm: Reader) -> None:
    """A limit that cannot be read has the cursor, and the others are still there."""
    firm.goes_to("/listings/requirements/new")
    firm.picks("materials", "fly_ash")
    firm.fills(tonnes="900", own_limits="烧失量 ≤ 8；硬度 ≥ 3")
    firm.picks("accepts_not_shown", "y")
    firm.presses("发布需求")
    limits = firm.page.locator("[name=own_limits]")
    expect(limits).to_be_focused()
    expect(limits).to_have_value("烧失量 ≤ 8；硬度 ≥ 3")
    expect(firm.page.locator("#own_limits-note")).to_contain_text("硬度 ≥ 3")
    firm.fills(own_limits="烧失量 ≤ 8；细度 不大于 25 %")
    firm.presses("发布需求")
    firm.sees("允许的用途可以接受，到厂自行检验")
    expect(firm.page.locator("main")).to_contain_text("≤ 25 %")
