"""Two firms list, the operator clears, both confirm, and the regulator's map shows the tonnes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from playwright.sync_api import expect

from app.core.clock import add_months, china_day, month_of, now
from app.core.jobs import queries, schedule
from app.core.jobs.runner import run_job
from app.core.transactions import database
from tests.accounts.factories import PASSWORD, operator_user, regulator, user_of
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.installations import settings_of
from tests.journeys.reader import Reader

pytestmark = pytest.mark.browser
POWER, CEMENT = "旅程电厂", "旅程水泥"


@dataclass(frozen=True, slots=True)
class People:
    """Everybody's address."""

    producer: str
    consumer: str
    operator: str
    regulator: str


@pytest.fixture
def people(market: Flask) -> People:
    with database().writing() as session:
        plant = approved_company(session, site_draft(*CHIPING), name=POWER, name_en=POWER)
        works = approved_company(session, site_draft(*DONGCHANGFU), name=CEMENT, name_en=CEMENT)
        return People(
            user_of(session, plant).email,
            user_of(session, works).email,
            operator_user(session).email,
            regulator(session).email,
        )


@pytest.fixture
def embedded_jobs(market: Flask) -> bool:
    """The site clears by itself; what recurs is done before, for the clearing would wait for it."""
    market.extensions["gufei.settings"] = replace(settings_of(market), clears_weekly=False)
    schedule.add_recurring(now())
    with database().reading() as session:
        recurring = queries.due(session, now())
    for one in recurring:
        run_job(one.id)
    return True


def test_a_match_is_listed_cleared_confirmed_and_mapped(
    people: People, meet: Callable[[], Reader]
) -> None:
    producer, consumer, operator = meet(), meet(), meet()
    producer.signs_in(people.producer, PASSWORD)
    consumer.signs_in(people.consumer, PASSWORD)
    lists(producer, "offers", "发布供应", tonnes="1500", limit="2.50")
    lists(consumer, "requirements", "发布需求", tonnes="1000", limit="60")
    operator.signs_in(people.operator, PASSWORD)
    clears(operator)
    confirms(producer)
    assert CEMENT not in producer.page.content()
    confirms(consumer)
    expect(consumer.page.locator("main")).to_contain_text(POWER)
    sees_on_the_map(meet(), people.regulator)


def lists(firm: Reader, kind: str, verb: str, tonnes: str, limit: str) -> None:
    firm.goes_to(f"/listings/{kind}/new")
    firm.picks("materials", "fly_ash")
    firm.fills(tonnes=tonnes)
    if kind == "requirements":
        firm.picks("accepts_not_shown", "y")
    firm.page.locator("main details summary").last.click()
    firm.picks("limit_payer", "consumer")
    firm.fills(limit_price=limit)
    firm.presses(verb)
    expect(firm.page.locator("main")).to_contain_text(f"{int(tonnes):,}")


def clears(operator: Reader) -> None:
    operator.goes_to("/clearing")
    operator.presses("开始撮合")
    operator.sees("市场与规划")
    expect(operator.page.locator("main")).to_contain_text("1,000")


def confirms(firm: Reader) -> None:
    firm.goes_to("/trades/")
    firm.page.locator("main").get_by_role("link").filter(
        has_text=firm.say("粉煤灰") if firm.language == "zh" else "Fly ash"
    ).first.click()
    firm.presses("确认交易")
    expect(firm.button("确认交易")).to_have_count(0)


def sees_on_the_map(official: Reader, email: str) -> None:
    official.signs_in(email, PASSWORD)
    month = add_months(month_of(china_day(now())), 1)
    official.goes_to(f"/map?month={month:%Y-%m}")
    row = official.page.locator("main table tr").filter(
        has_text="茌平区" if official.language == "zh" else "Chiping"
    )
    expect(row.first).to_contain_text("1,500")
    expect(row.first).to_contain_text("1,000")
    expect(official.page.locator("[data-map] svg").first).to_be_visible()
