"""A firm registers itself, the operator approves it, and it lists its first waste."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.core.transactions import database
from tests.accounts.factories import PASSWORD, operator_user
from tests.companies.factories import credit_code
from tests.journeys.reader import Reader

pytestmark = pytest.mark.browser


@pytest.fixture
def operator(market: Flask) -> str:
    """The operator's address."""
    with database().writing() as session:
        return operator_user(session).email


def test_a_firm_registers_is_approved_and_lists(operator: str, meet: Callable[[], Reader]) -> None:
    firm = meet()
    registers(firm)
    firm.sees("申请已收到，等待运营方审核。")
    approves(meet(), operator)
    lists(firm)
    visitor = meet()
    visitor.goes_to("/listings/offers")
    expect(visitor.page.locator("main")).to_contain_text("1,200")
    assert "旅程热电" not in visitor.page.content()


def test_a_refused_form_keeps_what_was_typed(operator: str, meet: Callable[[], Reader]) -> None:
    firm = meet()
    firm.goes_to("/accounts/register")
    fill_registration(firm)
    firm.fills(credit_code=credit_code(7)[:-1] + "I", email="no address")
    firm.presses("登记企业")
    faulty = firm.page.locator("[aria-invalid=true]")
    expect(faulty).to_have_count(2)
    expect(firm.page.locator("[name=credit_code]")).to_be_focused()
    expect(firm.page.locator("[name=company_name]")).to_have_value("旅程热电")
    expect(firm.page.locator("[name=contact_phone]")).to_have_value("0635-7654321")


def registers(firm: Reader) -> None:
    firm.goes_to("/accounts/register")
    fill_registration(firm)
    firm.presses("登记企业")


def fill_registration(firm: Reader) -> None:
    firm.fills(
        credit_code=credit_code(7),
        company_name="旅程热电",
        contact_name="联系人",
        contact_phone="0635-7654321",
        site_name="一厂",
        email="first@firm.example",
        password=PASSWORD,
    )
    firm.picks("kind", "producer")
    firm.page.locator("[name=place]").press_sequentially("茌平")
    firm.page.locator("#places-found input[name=found]").first.check()


def approves(operator: Reader, email: str) -> None:
    operator.signs_in(email, PASSWORD)
    operator.goes_to("/companies/")
    operator.page.locator("main").get_by_role("link", name="旅程热电").click()
    operator.presses("通过审核")
    expect(operator.button("通过审核")).to_have_count(0)


def lists(firm: Reader) -> None:
    firm.goes_to("/listings/offers/new")
    firm.picks("materials", "fly_ash")
    firm.fills(tonnes="1200")
    firm.presses("发布供应")
    expect(firm.page.locator("main")).to_contain_text("1,200")
