"""The pages: what a reader gets, what bad input is told, and that nothing typed is lost."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from app.companies.models import Company
from app.core.actor import Actor, CompanyRole
from app.core.spreadsheets import harmless
from app.core.transactions import database
from app.listings.models import Listing
from app.listings.rules import ListingStatus
from tests.companies.factories import (
    LINQING,
    approved_company,
    site_of,
    waiting_company,
)
from tests.html import CheckedClient
from tests.listings.conftest import Act
from tests.listings.factories import published_offer, published_requirement, trader

OFFER = {
    "materials": "fly_ash",
    "tonnes": "1,200.5",
    "first_month": "2026-12",
    "last_month": "2027-03",
}
REQUIREMENT = OFFER | {"materials": ["fly_ash", "bottom_ash"]}


def only_listing() -> Listing:
    with database().reading() as session:
        listing: Listing | None = session.scalar(select(Listing))
        assert listing is not None
        return listing


def test_four_fields_are_enough_to_publish(client: CheckedClient, firm: Actor) -> None:
    answer = client.post("/listings/offers/new", data=OFFER, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "已发布 S-2611-0001" in page
    assert "1,200.5" in page
    assert only_listing().kg_per_month == 1_200_500


def test_a_requirement_takes_several_materials(client: CheckedClient, firm: Actor) -> None:
    data = REQUIREMENT | {"product": "brick", "limit_price": "8.50", "limit_payer": "consumer"}
    page = client.post("/listings/requirements/new", data=data, follow_redirects=True)
    text = page.get_data(as_text=True)
    assert "粉煤灰、炉渣" in text
    assert "烧结砖" in text
    assert "产废方收 8.50 元/吨" in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"materials": ""}, "请选一种物料。"),
        ({"materials": "飞机"}, "目录里没有“飞机”这种物料"),
        ({"tonnes": ""}, "请填每月数量。"),
        ({"tonnes": "   "}, "请填每月数量。"),
        ({"tonnes": "NaN"}, "“NaN”不是吨数"),
        ({"tonnes": "一千"}, "“一千”不是吨数"),
        ({"tonnes": "1.2345"}, "最多三位小数"),
        ({"tonnes": "-5"}, "每月数量要大于 0；填的是 −5 吨。"),
        ({"tonnes": "0"}, "每月数量要大于 0"),
        ({"tonnes": "12000000"}, "是不是把公斤填成了吨？那就应填 12,000。"),
        ({"first_month": "2026-13"}, "“2026-13”不是月份"),
        ({"first_month": "12/2026"}, "“12/2026”不是月份"),
        ({"first_month": ""}, "请填起始月份。"),
        ({"last_month": "2026-11"}, "早于起始月份"),
        ({"first_month": "2025-01", "last_month": "2025-06"}, "已经过去"),
        ({"last_month": "2029-01"}, "时段超过 24 个月；截止月份最晚 2028 年 11 月"),
        ({"list_price": "-8"}, "请不要填负号，改选付款方向。"),
        ({"list_price": "8.123"}, "不是金额"),
        ({"list_price": "8"}, "请选由谁付款。"),
        ({"limit_price": "八块"}, "这不是金额。"),
        ({"limit_price": "99999", "limit_payer": "producer"}, "价格超过上限 10,000.00 元/吨"),
        ({"max_km": "很远"}, "“很远”不是整数"),
        ({"max_km": "-3"}, "−3 公里不在 1 到 5000 公里之间。|-3 公里不在 1 到 5000 公里之间。"),
        ({"waste_name": "生活垃圾焚烧飞灰"}, "生活垃圾焚烧飞灰属于危险废物"),
        ({"waste_name": "铝 灰"}, "铝灰渣和盐渣属于危险废物"),
        ({"waste_code": "772-002-18"}, "是危险废物代码"),
        ({"waste_code": "SW02"}, "不是废物代码"),
        ({"waste_name": "粉" * 81}, "最多 80 个字。"),
        ({"note": "a\tb"}, "不能含换行或控制字符。"),
    ],
)
def test_bad_input_is_told_at_its_field_and_stays_typed(
    client: CheckedClient, firm: Actor, changes: dict[str, str], sentence: str
) -> None:
    answer = client.post("/listings/offers/new", data=OFFER | {"note": "散装"} | changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert any(option in page for option in sentence.split("|"))
    assert 'aria-invalid="true"' in page
    typed = [value for value in (OFFER | changes).values() if value and value.isascii()]
    assert not [value for value in typed if f'value="{value}"' not in page]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", ("“飞-灰”是危险废物的名称", "HW18 772-002-18 生活垃圾焚烧飞灰", "危险废物电子联单")),
        (
            "en",
            (
                "'飞-灰' is the name of a hazardous waste",
                "HW18 772-002-18 municipal waste incineration fly ash",
                "electronic manifest",
            ),
        ),
    ],
)
@pytest.mark.parametrize("field", ["waste_name", "note"])
def test_a_refused_waste_is_told_why_and_where_it_must_go(
    client: CheckedClient, firm: Actor, field: str, language: str, told: tuple[str, ...]
) -> None:
    client.set_cookie("language", language)
    answer = client.post("/listings/offers/new", data=OFFER | {field: "二级飞-灰，罐装"})
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert [words for words in told if words not in page] == []
    assert 'value="二级飞-灰，罐装"' in page
    assert f'id="{field}-note"' in page
    assert 'href="/catalogue/#refused"' in page


def test_a_requirement_is_refused_by_its_note_as_an_offer_is(
    client: CheckedClient, firm: Actor
) -> None:
    data = REQUIREMENT | {"note": "另收二次鋁灰"}
    answer = client.post("/listings/requirements/new", data=data)
    assert answer.status_code == 422
    assert "HW48 321-026-48 二次铝灰" in answer.get_data(as_text=True)


def test_a_bad_direction_or_product_never_breaks_the_page(
    client: CheckedClient, firm: Actor
) -> None:
    data = REQUIREMENT | {"product": "飞机", "list_price": "5", "list_payer": "nobody"}
    assert client.post("/listings/requirements/new", data=data).status_code == 422


def test_a_firm_that_waits_for_approval_is_told_so(client: CheckedClient, act: Act) -> None:
    with database().writing() as session:
        act(trader(waiting_company(session)))
    for answer in (
        client.get("/listings/offers/new"),
        client.post("/listings/offers/new", data=OFFER),
    ):
        assert answer.status_code == 403
        assert "企业还在等待审核" in answer.get_data(as_text=True)


def test_somebody_who_only_looks_cannot_list(client: CheckedClient, act: Act) -> None:
    with database().writing() as session:
        act(trader(approved_company(session), CompanyRole.VIEWER))
    assert client.get("/listings/offers/new").status_code == 403
    assert client.get("/listings/own").status_code == 200


def test_another_firms_site_answers_as_if_it_were_not_there(
    client: CheckedClient, firm: Actor
) -> None:
    with database().writing() as session:
        theirs = approved_company(session).sites[0].id
    data = OFFER | {"site_id": str(theirs)}
    assert client.post("/listings/offers/new", data=data).status_code == 404


def test_the_only_site_is_chosen_and_one_of_two_must_be(client: CheckedClient, firm: Actor) -> None:
    assert "selected" in client.get("/listings/offers/new").get_data(as_text=True)
    with database().writing() as session:
        site_of(session, session.get_one(Company, firm.company_id), *LINQING)
    answer = client.post("/listings/offers/new", data=OFFER)
    assert "请选厂区。" in answer.get_data(as_text=True)


def test_a_link_may_bring_material_site_and_tonnes(client: CheckedClient, firm: Actor) -> None:
    page = client.get("/listings/offers/new?material=red_mud&site=1&tonnes=1500&limit_price=7")
    shown = page.get_data(as_text=True)
    assert re.search(r'value="red_mud"[^>]* checked', shown)
    assert 'value="1500"' in shown
    assert 'value="7"' not in shown


@pytest.mark.parametrize("known", ["material=no_such", "site=999999", "tonnes=-5", "tonnes=NaN"])
def test_what_a_link_gets_wrong_stays_blank(client: CheckedClient, firm: Actor, known: str) -> None:
    plain, linked = (
        client.get(f"/listings/offers/new{query}").get_data(as_text=True)
        for query in ("", f"?{known}")
    )
    assert [line for line in linked.splitlines() if "<input" in line] == [
        line for line in plain.splitlines() if "<input" in line
    ]


def test_the_form_says_what_a_blank_limit_means(client: CheckedClient, firm: Actor) -> None:
    page = client.get("/listings/offers/new").get_data(as_text=True)
    assert "不填限价时按挂牌价撮合；两样都不填，按 0 元/吨。" in page
    assert "产废方收" in page
    needs = client.get("/listings/requirements/new").get_data(as_text=True)
    assert "对方付处置费" in needs


def test_a_change_keeps_what_the_form_showed(client: CheckedClient, firm: Actor) -> None:
    data = OFFER | {"limit_price": "7.25", "limit_payer": "producer", "waste_code": "441-001-s02"}
    client.post("/listings/offers/new", data=data)
    form = client.get("/listings/S-2611-0001/edit").get_data(as_text=True)
    assert 'value="7.25"' in form
    assert 'value="441-001-S02"' in form
    answer = client.post(
        "/listings/S-2611-0001/edit", data=data | {"tonnes": "900"}, follow_redirects=True
    )
    assert "产废方付 7.25 元/吨" in answer.get_data(as_text=True)
    assert only_listing().kg_per_month == 900_000


def test_withdrawing_and_renewing_from_the_page(client: CheckedClient, firm: Actor) -> None:
    client.post("/listings/offers/new", data=OFFER)
    renewed = client.post(
        "/listings/S-2611-0001/renew", data={"months": "3"}, follow_redirects=True
    )
    assert "已续期到 2027 年 6 月" in renewed.get_data(as_text=True)
    assert client.post("/listings/S-2611-0001/renew", data={"months": "99"}).status_code == 422
    gone = client.post("/listings/S-2611-0001/withdraw", follow_redirects=True)
    assert "8,403.5 吨不再参加撮合" in gone.get_data(as_text=True)
    assert only_listing().status is ListingStatus.WITHDRAWN
    assert client.post("/listings/S-2611-0001/withdraw").status_code == 409


def test_a_withdrawn_listing_is_gone_for_strangers_and_stays_for_its_owner(
    client: CheckedClient, firm: Actor, act: Act
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    client.post("/listings/S-2611-0001/withdraw")
    assert "已撤回" in client.get("/listings/own").get_data(as_text=True)
    assert client.get("/listings/S-2611-0001").status_code == 200
    act(Actor())
    assert client.get("/listings/S-2611-0001").status_code == 404


def test_only_the_owner_and_officials_read_what_each_month_holds(
    client: CheckedClient, firm: Actor, act: Act
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    assert "各月数量" in client.get("/listings/S-2611-0001").get_data(as_text=True)
    act(Actor())
    assert "各月数量" not in client.get("/listings/S-2611-0001").get_data(as_text=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/listings/offers",
        "/listings/requirements",
        "/listings/own",
        "/listings/offers/new",
        "/listings/requirements/new",
        "/listings/S-2611-0001",
        "/listings/D-2611-0001",
        "/listings/S-2611-0001/edit",
        "/listings/D-2611-0001/edit",
    ],
)
def test_every_page_stands_in_both_languages(
    client: CheckedClient, firm: Actor, language: str, path: str
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    client.post("/listings/requirements/new", data=REQUIREMENT)
    client.set_cookie("language", language)
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in answer.get_data(as_text=True)


def test_empty_pages_say_what_will_stand_there(client: CheckedClient, firm: Actor) -> None:
    assert "市场上还没有供应" in client.get("/listings/offers").get_data(as_text=True)
    assert "还没有挂牌" in client.get("/listings/own").get_data(as_text=True)
    client.post("/listings/offers/new", data=OFFER)
    assert "没有符合条件的结果" in client.get("/listings/offers?q=zzz").get_data(as_text=True)


def test_the_state_of_the_market_lives_in_the_address(client: CheckedClient, firm: Actor) -> None:
    client.post("/listings/offers/new", data=OFFER)
    address = "/listings/offers?material=fly_ash&min=1000&month=2027-01&sort=-quantity&size=50"
    page = client.get(address).get_data(as_text=True)
    assert re.search(r"1 条中 <b>1 条</b>符合，合计 <b>1,200.5</b> 吨/月", page)
    assert 'value="1000"' in page
    assert 'aria-sort="descending"' in page
    assert "sort=quantity" in page
    assert '<option selected value="2027-01">' in page


@pytest.mark.parametrize(
    "address",
    ["?min=NaN", "?min=-", "?km=weit", "?page=x", "?size=abc"],
)
def test_a_filter_that_cannot_be_read_is_told_and_filters_nothing(
    client: CheckedClient, firm: Actor, address: str
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    answer = client.get(f"/listings/offers{address}")
    assert answer.status_code == 422
    assert "S-2611-0001" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        f"?{state}"
        for state in (
            *("month=2027", "month=x", "material=nope", "county=1", "sort=limit"),
            *("site=9;", "page=-1", "size=7", "q=%25%27%22"),
        )
    ],
)
def test_a_made_up_address_never_breaks_the_page(
    client: CheckedClient, firm: Actor, address: str
) -> None:
    assert client.get(f"/listings/offers{address}").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "offers?q=%00&material=%00&county=%00&month=%00&site=99999999999999999999",
        "offers?min=99999999999999999999999&km=99999999999999999999&page=99999999999999999999",
        "%00",
        "S-2611-0001%00",
        "offers/map.json?q=%00",
        "offers.csv?q=%00&material=%00",
    ],
)
def test_a_hostile_address_is_no_fault_on_postgresql(
    postgres_app: Flask, frozen: object, address: str
) -> None:
    status = postgres_app.test_client().get(f"/listings/{address}").status_code
    assert status in (200, 400, 404, 422)


def test_the_map_answers_for_the_same_filter(client: CheckedClient, firm: Actor) -> None:
    client.post("/listings/offers/new", data=OFFER)
    client.post("/listings/offers/new", data=OFFER | {"materials": "red_mud"})
    figures = client.get("/listings/offers/map.json?material=red_mud").get_json()
    assert [arc["label"] for arc in figures["arcs"]] == ["茌平区 赤泥：1 条，1,200.5 吨/月"]
    assert [point["shape"] for point in figures["points"]] == ["own"]
    assert len(figures["counties"]) == 8


def test_the_export_says_what_is_synthetic_and_runs_no_formula(
    client: CheckedClient, firm: Actor
) -> None:
    with database().writing() as session:
        company = approved_company(session, name='=HYPERLINK("x")')
        company.is_synthetic = True
        published_offer(session, company.sites[0], shows_name=True, list_price=-2_200)
    answer = client.get("/listings/offers.csv")
    text = answer.get_data().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert row["企业"].startswith("'=")
    assert (row["付款方"], row["挂牌价（元/吨）"]) == ("产废方付", "22.00")
    assert row["数据性质"] == "演示数据"
    assert (row["数量（吨/月）"], row["起始月份"]) == ("1200", "2026-12")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_the_export_holds_every_page_of_the_filter(client: CheckedClient, firm: Actor) -> None:
    with database().writing() as session:
        site = approved_company(session).sites[0]
        for _ in range(30):
            published_requirement(session, site)
    text = client.get("/listings/requirements.csv?size=25&page=2").get_data(as_text=True)
    assert len(text.strip().splitlines()) == 31


def test_the_public_may_read_the_market_and_must_sign_in_to_list(
    client: CheckedClient, firm: Actor, act: Act
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    act(Actor())
    page = client.get("/listings/offers").get_data(as_text=True)
    assert "茌平区 · 产废企业" in page
    assert "登记企业" in page
    assert client.get("/listings/offers/new").status_code == 302
    assert client.get("/listings/own").status_code == 302


def test_a_firm_reads_its_own_name_on_the_market(
    client: CheckedClient, firm: Actor, act: Act
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    assert firm.company_name in client.get("/listings/offers").get_data(as_text=True)
    act(replace(firm, company_id=None, company_name=""))
    assert firm.company_name not in client.get("/listings/offers").get_data(as_text=True)
