"""The passport as its readers get it: who may read it, what it says, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

from app.core.actor import PUBLIC, Actor
from app.core.transactions import database
from app.listings import operations as listing_operations
from app.listings.models import Offer
from app.listings.rules import DealMode
from app.passports.queries import passport
from tests.assays.factories import recorded
from tests.board.factories import statements_of
from tests.conftest import NOW, TODAY
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement, trader
from tests.passports.lots import LABORATORY, buyers, good_offer, unfit_offer

Act = Callable[[Actor], None]
LONG_NAME = "示例鲁西循环经济产业园热电联产综合利用有限责任公司第二分公司粉煤灰"


@pytest.fixture
def act(app: Flask, frozen: object) -> Iterator[Act]:
    """Who acts in the requests that follow."""
    acting: list[Actor] = []

    def hook() -> None:
        if acting:
            g.actor = acting[-1]

    hooks = app.before_request_funcs.setdefault(None, [])
    guard = next(one for one in hooks if one.__module__ == "app.core.permissions")
    hooks.insert(hooks.index(guard), hook)
    yield acting.append
    hooks.remove(hook)


def made(make: Callable[[Session], Offer]) -> tuple[str, Actor]:
    """The number of a new offer, and somebody who lists for its firm."""
    with database().writing() as session:
        offer = make(session)
        return offer.number, trader(offer.company)


def got(client: CheckedClient, number: str, **query: str) -> str:
    answer = client.get(f"/passports/{number}", query_string=query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def said(page: str) -> str:
    """What a page says, without its tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def part(page: str, start: str, end: str) -> str:
    """The words of a page from one heading to another."""
    words = said(page)
    return words[words.index(start) : words.index(end, words.index(start))]


def test_anybody_reads_the_passport_of_an_offer_on_the_market(
    client: CheckedClient, frozen: object
) -> None:
    number, _owner = made(good_offer)
    words = said(got(client, number))
    assert "粉煤灰 · 质量护照" in words
    assert "茌平区 · 产废企业" in words
    assert "试验企业" not in words


def test_what_a_reader_may_not_read_of_the_listing_has_no_passport_either(
    client: CheckedClient, act: Act
) -> None:
    number, owner = made(good_offer)
    with database().writing() as session:
        listing_operations.withdraw(session, owner, number, NOW)
        stranger = trader(published_offer(session).company)
        private = published_offer(session, deal_mode=DealMode.PRIVATE).number
    act(stranger)
    for unread in (number, private):
        assert client.get(f"/passports/{unread}").status_code == 404
    act(owner)
    assert client.get(f"/passports/{number}").status_code == 200


@pytest.mark.parametrize("number", ["S-2611-9999", "D-2611-0001", "no-number", "S-2611-0001%00"])
def test_what_is_no_offer_has_no_passport(
    client: CheckedClient, frozen: object, number: str
) -> None:
    with database().writing() as session:
        published_requirement(session)
    assert client.get(f"/passports/{number}").status_code == 404


def test_the_uses_say_grade_gap_and_reason_with_standard_and_clause(
    client: CheckedClient, frozen: object
) -> None:
    good, _owner = made(good_offer)
    uses = part(got(client, good), "可以送到哪里", "危险废物和第Ⅰ类的关口")
    assert re.search(
        r"混凝土和砂浆掺合料 GB/T 1596-2017 可用：II 级 待核实 1\d 项要求全部符合", uses
    )
    assert "缺 2 项：比表面积、0.075 mm 通过率" in uses
    assert "没有读到限值，检测也证明不了" in uses
    bad, _owner = made(unfit_offer)
    uses = part(got(client, bad), "可以送到哪里", "危险废物和第Ⅰ类的关口")
    assert "烧失量 22.4 % > 10 %，III 级，GB/T 1596-2017 6.1 表 1" in uses
    assert "锅炉类型是“循环流化床”，要求“煤粉炉”，GB/T 1596-2017 3.1" in uses


def test_the_buyers_are_counted_and_each_says_why(client: CheckedClient, frozen: object) -> None:
    number, _owner = made(good_offer)
    with database().writing() as session:
        wanted = buyers(session)
    words = part(got(client, number), "市场上的需求", "看需求市场")
    assert "3 条现在就收，11,900 吨/月；1 条补齐就可能收，4,000 吨/月；2 条不收" in words
    rows = {name: words.index(wanted[name]) for name in wanted}
    assert "烧失量 6.7 % > 4 %，买方要求" in words[rows["strict"] :]
    assert "接受未证明的料" in words[rows["any brick"] :][:160]


def test_no_limit_price_and_no_name_of_a_site_reaches_a_passport(
    client: CheckedClient, frozen: object
) -> None:
    number, _owner = made(lambda session: good_offer(session, limit_price=-123_456))
    with database().writing() as session:
        published_requirement(session, limit_price=654_321)
    page = got(client, number)
    assert not [secret for secret in ("1,234.56", "6,543.21", "一厂") if secret in page]


def test_values_tell_their_laboratory_level_validity_and_spread(
    client: CheckedClient, frozen: object
) -> None:
    number, _owner = made(good_offer)
    values = part(got(client, number), "检测值 最近", "各批与限值")
    loss = values[values.index("烧失量") :][:220]
    assert loss.startswith(f"烧失量 % · 干基 6.7 2026-11-05 {LABORATORY}")
    assert "2027-05-04 5 6.42 6.1–6.7 上升" in loss
    ammonium = values[values.index("铵离子") :][:160]
    assert "5 其中 5 批只有界限 没有数值 <20 批次不够" in ammonium
    assert "未检 要看它的用途：石灰粉煤灰稳定基层。" in values


def test_batches_tell_their_mass_with_its_water_and_without(
    client: CheckedClient, frozen: object
) -> None:
    number, _owner = made(good_offer)
    batches = part(got(client, number, parameter="loi"), "各批与限值 · 烧失量", "市场上的需求")
    assert "1,200 0.3 1,196.4 2027-05-04" in batches
    assert re.search(r"2026-01-08 7\.4 .* 2026-07-07 已过期", batches)


def test_the_drawings_say_in_words_what_they_show(client: CheckedClient, frozen: object) -> None:
    number, _owner = made(good_offer)
    page = got(client, number, parameter="so3")
    sentences = re.findall(r'<svg[^>]*role="img" aria-label="([^"]+)"', page)
    assert "烧失量 6.7 %，II 级；GB/T 1596-2017 的限值：I 级 ≤5.0" in " ".join(sentences)
    assert any(each.startswith("三氧化硫：6 批，2026-01-08 至 2026-11-05") for each in sentences)
    assert '<option value="so3" selected>' in page


def test_an_expired_value_is_told_and_decides_nothing(
    client: CheckedClient, frozen: object
) -> None:
    def old(session: Session) -> Offer:
        offer = published_offer(session)
        day = NOW.date().replace(month=1)
        recorded(session, offer.company_id, offer.number, values={"loi": "2"}, sampled_on=day)
        return offer

    number, _owner = made(old)
    words = said(got(client, number))
    assert "已过期 最近一批 2026-01-22，有效至 2026-07-21。" in words
    assert "有效检测 0 批" in words


def test_a_value_of_hazardous_waste_is_said_first(client: CheckedClient, frozen: object) -> None:
    def hazardous(session: Session) -> Offer:
        offer = published_offer(session)
        recorded(session, offer.company_id, offer.number, values={"leach299_Pb": "6.2"})
        return offer

    number, _owner = made(hazardous)
    words = said(got(client, number))
    assert "检测值属于危险废物，这一批不能交易。" in words[: words.index("可用的用途")]
    assert "GB 5085.3-2007" in words


def test_an_offer_without_an_assay_says_why_one_pays_and_has_one_button(
    client: CheckedClient, act: Act
) -> None:
    number, owner = made(published_offer)
    assert "button-primary" not in got(client, number)
    act(owner)
    page = got(client, number)
    assert "还没有检测" in page
    assert page.count("button-primary") == 1


def test_a_slag_without_a_kind_is_asked_for_it(client: CheckedClient, act: Act) -> None:
    number, owner = made(lambda session: published_offer(session, material="smelting_slag"))
    words = said(got(client, number))
    assert "还没有说明是哪一种冶炼渣" in words
    assert "可能是：粒化高炉矿渣粉、粒化高炉矿渣、钢渣" in words
    assert "说明是哪一种 " not in words
    act(owner)
    page = got(client, number)
    assert "说明是哪一种</a>" in page
    assert page.count("button-primary") == 1


def test_only_the_owner_finds_the_ways_to_enter(client: CheckedClient, act: Act) -> None:
    number, owner = made(good_offer)
    page = got(client, number)
    assert "我的检测" not in page
    assert f"/passports/{number}/" not in page
    act(owner)
    page = got(client, number)
    assert "我的检测" in page
    assert f'href="/passports/{number}/reports"' in page


def test_the_page_speaks_english_without_a_word_of_chinese(
    client: CheckedClient, frozen: object
) -> None:
    numbers = [made(make)[0] for make in (good_offer, unfit_offer, published_offer)]
    numbers.append(made(lambda session: published_offer(session, material="smelting_slag"))[0])
    with database().writing() as session:
        buyers(session)
    client.set_cookie("language", "en")
    for number in numbers:
        body = got(client, number).split("<main", 1)[1].split("</main>", 1)[0]
        text = said(body).replace(LABORATORY, "")
        assert re.findall(r"[一-鿿]+", text) == []


def test_every_head_has_a_scope_and_every_table_a_caption(
    client: CheckedClient, frozen: object
) -> None:
    number, _owner = made(lambda session: good_offer(session, waste_name=LONG_NAME))
    page = got(client, number)
    assert LONG_NAME in page
    assert re.findall(r"<th(?=[\s>])(?![^>]*scope=)[^>]*>", page) == []
    assert page.count("<table") == page.count("<caption")


def test_the_listing_leads_to_its_passport_and_back(client: CheckedClient, frozen: object) -> None:
    number, _owner = made(good_offer)
    assert f'href="/passports/{number}"' in client.get(f"/listings/{number}").get_data(as_text=True)
    assert f'href="/listings/{number}"' in got(client, number)


def test_a_full_market_costs_no_more_statements_than_a_small_one(app: Flask) -> None:
    with database().writing() as session:
        offer = good_offer(session)
        number, firm = offer.number, offer.company_id
        buyers(session)
    few = statements_of(lambda session: passport(session, PUBLIC, number, TODAY))
    with database().writing() as session:
        for day in range(1, 9):
            buyers(session)
            sampled = NOW.date().replace(day=day)
            recorded(session, firm, number, sampled_on=sampled)
    assert statements_of(lambda session: passport(session, PUBLIC, number, TODAY)) == few
