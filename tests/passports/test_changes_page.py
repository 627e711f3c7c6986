"""The page of coming editions: what everybody sees of it, and what a firm and an overseer see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User
from app.core.transactions import database
from tests.accounts.factories import auditor_user, operator_user, regulator, sign_in, user_of
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement
from tests.passports.editions import FROM, LOOSER, NEW, OLD, TIGHTER, load_edition
from tests.passports.market import assayed_offer

PAGE = "/standards/changes"


@pytest.fixture(autouse=True)
def _frozen(app: Flask, freeze: Callable[[datetime], None]) -> None:
    freeze(NOW)


def got(client: CheckedClient, path: str = PAGE) -> str:
    """What a page says, without its tags."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def market(folder: Path, values: dict[str, str] | None = None) -> tuple[str, int]:
    """An offer that the edition moves, and somebody of its firm."""
    with database().writing() as session:
        offer = assayed_offer(session, values or {"loi": "4.6"})
        load_edition(session, folder, TIGHTER | LOOSER)
        user = user_of(session, offer.company)
        session.flush()
        return offer.number, user.id


def enter(client: CheckedClient, user_id: int) -> None:
    with database().reading() as session:
        sign_in(client, session.get_one(User, user_id))


@pytest.mark.parametrize(("language", "said"), [("zh", "没有已经知道的换版"), ("en", "No change")])
def test_without_an_edition_the_page_says_when_something_appears(
    client: CheckedClient, language: str, said: str
) -> None:
    client.set_cookie("language", language)
    page = got(client)
    assert said in page
    assert "30" in page


def test_everybody_sees_the_days_and_what_changes_and_no_offer(
    client: CheckedClient, tmp_path: Path
) -> None:
    number, _user = market(tmp_path)
    page = got(client)
    assert f"{FROM.isoformat()} {NEW} 施行" in page
    assert f"{OLD} 停止使用" in page
    assert f"{NEW} 新增 36 条" in page
    assert "粉煤灰 · 混凝土和砂浆掺合料 规定有变" in page
    assert "登录后看本企业的供应" in page
    assert number not in page


def test_an_auditor_sees_no_offer_either(client: CheckedClient, tmp_path: Path) -> None:
    number, _user = market(tmp_path)
    with database().writing() as session:
        auditor = auditor_user(session)
    sign_in(client, auditor)
    page = got(client)
    assert NEW in page
    assert number not in page


def test_a_firm_sees_its_own_offers_with_before_after_and_reason(
    client: CheckedClient, tmp_path: Path
) -> None:
    number, user = market(tmp_path)
    with database().writing() as session:
        other = assayed_offer(session, {"loi": "4.7"}).number
    enter(client, user)
    page = got(client)
    assert f"{number} 混凝土和砂浆掺合料 变差 可用：I 级 可用：II 级" in page
    assert f"烧失量 4.6 % > 4 %，I 级，{NEW} 6.1 表 1" in page
    assert "共 1 条供应" in page
    assert other not in page


def test_what_stood_in_the_way_is_told_of_a_lot_that_goes_up(
    client: CheckedClient, tmp_path: Path
) -> None:
    number, user = market(tmp_path, {"loi": "11.5"})
    with database().writing() as session:
        requirement = published_requirement(session, accepts_not_shown=False).number
    enter(client, user)
    client.set_cookie("language", "en")
    page = got(client)
    assert f"{number} Addition to concrete and mortar" in page
    assert "So far: Loss on ignition 11.5 % > 10 %" in page
    assert requirement not in page


def test_an_overseer_sees_the_offers_of_the_region_and_the_buyers(
    client: CheckedClient, tmp_path: Path
) -> None:
    number, _user = market(tmp_path, {"loi": "11.5"})
    with database().writing() as session:
        requirement = published_requirement(session, accepts_not_shown=False).number
        officer = regulator(session, "371503")
    sign_in(client, officer)
    page = got(client)
    assert number in page
    assert "试验企业" in page
    assert requirement not in page


def test_the_operator_sees_buyers_that_gain_offers(client: CheckedClient, tmp_path: Path) -> None:
    market(tmp_path, {"loi": "11.5"})
    with database().writing() as session:
        requirement = published_requirement(session, accepts_not_shown=False).number
        operator = operator_user(session)
    sign_in(client, operator)
    page = got(client)
    assert "供应家数改变的需求" in page
    assert re.search(requirement + r" · \S+ \d+ 0 1", page)


def test_a_firm_without_moves_is_told_so(client: CheckedClient, tmp_path: Path) -> None:
    market(tmp_path)
    with database().writing() as session:
        user = user_of(session, published_offer(session).company)
    sign_in(client, user)
    assert "没有判定改变" in got(client)


def test_many_moves_come_in_pages(client: CheckedClient, tmp_path: Path) -> None:
    with database().writing() as session:
        first = assayed_offer(session, {"loi": "4.6"})
        for _ in range(54):
            assayed_offer(session, {"loi": "4.6"}, site=first.site)
        load_edition(session, tmp_path, {("I", "loi"): "4.0"})
        operator = operator_user(session)
    sign_in(client, operator)
    assert "第 1–50 条，共 55 条" in got(client)
    last = got(client, f"{PAGE}?day={FROM.isoformat()}&page=2")
    assert "第 51–55 条，共 55 条" in last
    assert got(client, f"{PAGE}?page=99&day=nonsense") == last


def test_the_catalogue_and_the_old_edition_lead_to_the_page(
    client: CheckedClient, tmp_path: Path
) -> None:
    assert f'href="{PAGE}"' in client.get("/standards").text
    market(tmp_path)
    old = client.get("/standards/GB~T_1596-2017").text
    assert f'href="{PAGE}?day={FROM.isoformat()}"' in old
    assert NEW in old
