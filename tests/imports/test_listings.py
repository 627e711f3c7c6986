"""Tables of offers and requirements: what they make, change, refuse and leave alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.companies.models import Company
from app.core.actor import Actor
from app.core.i18n import speaking
from app.core.transactions import database
from app.core.vault import own_vault
from app.eligibility.fitting import OwnLimit
from app.imports.rules import ImportKind, ImportMode, ImportState
from app.ledger.queries import check
from app.listings import operations
from app.listings.limits import reveal
from app.listings.models import Listing, Offer, Requirement
from app.listings.rules import Product
from app.listings.words import PRODUCTS
from tests.conftest import NOW
from tests.imports.factories import (
    OFFER,
    REQUIREMENT,
    consumer,
    counted,
    imported,
    member,
    producer,
    table,
    told,
)
from tests.listings.factories import (
    DECEMBER,
    MARCH,
    offer_draft,
    published_offer,
    published_requirement,
    trader,
)

pytestmark = pytest.mark.usefixtures("frozen")
LIMITS = (OwnLimit("loi", None, Decimal(8)), OwnLimit("so3", Decimal("2.5"), Decimal("3.5")))
OFFERS, REQUIREMENTS = ImportKind.OFFERS, ImportKind.REQUIREMENTS


def firm(kind: ImportKind = OFFERS) -> Actor:
    """Somebody who may list for a firm of that side."""
    with database().writing() as session:
        return (producer if kind is OFFERS else consumer)(session).actor


def listed(**terms: object) -> tuple[Actor, dict[str, str]]:
    """A firm with one offer, and the cells by which a row names it as it is now."""
    with database().writing() as session:
        offer = published_offer(session, **terms)  # type: ignore[arg-type]
        actor = member(session, session.get_one(Company, offer.company_id))
        return actor, {"listing": offer.number, "version": str(offer.version)}


def test_every_row_of_a_good_table_is_published(any_app: Flask) -> None:
    actor = firm()
    rows = [OFFER, OFFER | {"materials": "炉渣", "tonnes": "300.5", "limit_payer": "产废方付"}]
    rows[1] |= {"limit_price": "12", "shows_name": "是", "note": "=1+1"}
    view = imported(actor, OFFERS, table(OFFERS, rows))
    assert (view.file.state, view.file.rows, view.file.entered) == (ImportState.DONE, 2, 2)
    with database().reading() as session:
        ash, slag = session.scalars(select(Offer).order_by(Offer.id))
        assert (ash.materials, ash.kg_per_month) == (("fly_ash",), 1_200_000)
        assert (ash.first_month, ash.last_month) == (DECEMBER, MARCH)
        assert (slag.kg_per_month, slag.shows_name, slag.note) == (300_500, True, "=1+1")
        assert reveal(own_vault(), slag) == -12_00
        assert not check(session)


def test_a_table_with_english_heads_and_words_is_read_as_well(any_app: Flask) -> None:
    actor = firm(REQUIREMENTS)
    with speaking("en"):
        row = REQUIREMENT | {
            "materials": "Fly ash; bottom_ash",
            "product": str(PRODUCTS[Product.BRICK]),
        }
        content = table(REQUIREMENTS, [row], "en")
    view = imported(actor, REQUIREMENTS, content, language="en")
    assert view.file.state is ImportState.DONE, told(view)
    with database().reading() as session:
        made = session.scalars(select(Requirement)).one()
        assert (set(made.materials), made.product) == ({"fly_ash", "bottom_ash"}, Product.BRICK)


def test_one_faulty_row_keeps_all_others_out(any_app: Flask) -> None:
    actor, before = firm(), counted()
    rows = [OFFER, OFFER | {"tonnes": "很多"}, OFFER, OFFER | {"materials": "煤", "last_month": ""}]
    view = imported(actor, OFFERS, table(OFFERS, rows))
    assert (view.file.state, view.file.entered) == (ImportState.REFUSED, 0)
    assert view.file.refused == 2
    assert [(row, column) for row, column, _sentence in told(view)] == [
        (3, "每月数量（吨）"),
        (5, "物料"),
    ]
    assert counted() == before


def test_valid_rows_enter_beside_faulty_ones_where_that_was_chosen(any_app: Flask) -> None:
    rows = [OFFER, OFFER | {"tonnes": "0"}, OFFER]
    view = imported(firm(), OFFERS, table(OFFERS, rows), ImportMode.VALID)
    assert (view.file.state, view.file.entered, view.file.refused) == (ImportState.DONE, 2, 1)
    assert told(view) == [(3, "每月数量（吨）", "每月数量要大于 0；填的是 0 吨。")]
    assert counted()["listings"] == 2


@pytest.mark.parametrize(
    ("change", "column", "sentence"),
    [
        ({"tonnes": ""}, "每月数量（吨）", "请填每月数量。"),
        (
            {"tonnes": "12,5x"},
            "每月数量（吨）",
            "“12,5x”不是吨数。请填数字，最多三位小数，例如 1200。",
        ),
        ({"first_month": "去年"}, "起始月份", "“去年”不是月份。请写成 2026-12。"),
        ({"last_month": "2026-11", "first_month": "2026-12"}, "截止月份", "早于起始月份"),
        ({"list_price": "8"}, "挂牌价（元/吨）", "请选由谁付款。"),
        ({"list_price": "-8", "list_payer": "产废方收"}, "挂牌价（元/吨）", "请不要填负号"),
        ({"deal_mode": "一口价"}, "挂牌价（元/吨）", "一口价要填挂牌价"),
        ({"waste_code": "772-003-18"}, "废物代码", "危险废物代码"),
        ({"waste_name": "飞 灰"}, "排污许可证上的名称", "应送往：密闭贮存，交给持有 HW18 类"),
        ({"note": "另有鋁灰"}, "说明", "HW48 321-024-48 铝灰渣、盐渣"),
        ({"note": "x" * 301}, "说明", "最多 300 个字。"),
        ({"kind": "钢渣"}, "细分种类", "这个细分种类不属于所选的物料"),
        ({"kind": "煤矸石"}, "细分种类", "没有“煤矸石”这一项；可填：未填、粒化高炉矿渣粉"),
        ({"shows_name": "大概"}, "公开企业名称", "请填“是”或“否”"),
        ({"site_id": "别人的厂"}, "所在厂区", "没有“别人的厂”这一项"),
        ({"listing": "S-2611-9999"}, "编号", "本企业没有编号 S-2611-9999 的挂牌"),
    ],
)
def test_a_fault_is_told_at_its_row_and_column_in_the_words_of_the_page(
    app: Flask, change: dict[str, str], column: str, sentence: str
) -> None:
    view = imported(firm(), OFFERS, table(OFFERS, [OFFER | change]))
    assert [(row, found) for row, found, _ in told(view)] == [(2, column)]
    assert sentence in told(view)[0][2]


@pytest.mark.parametrize(
    ("change", "column", "sentence"),
    [
        ({"own_limits": "烧失量 ≤ 8；硬度 ≥ 3"}, "自定指标", "“硬度 ≥ 3”：没有这项指标。"),
        ({"own_limits": "烧失量 ≤ 140"}, "自定指标", "烧失量可能的范围"),
        ({"own_limits": "烧失量 8"}, "自定指标", "没有写明上限还是下限"),
        ({"accepts_not_shown": "也许"}, "接受未证明的料", "请填“是”或“否”"),
    ],
)
def test_a_fault_of_a_wish_is_told_at_its_column(
    app: Flask, change: dict[str, str], column: str, sentence: str
) -> None:
    view = imported(firm(REQUIREMENTS), REQUIREMENTS, table(REQUIREMENTS, [REQUIREMENT | change]))
    assert [(row, found) for row, found, _ in told(view)] == [(2, column)]
    assert sentence in told(view)[0][2]


def test_a_row_says_of_which_kind_an_offer_is(any_app: Flask) -> None:
    slag = OFFER | {"materials": "冶炼渣"}
    rows = [slag | {"kind": "钢渣粉"}, slag, OFFER]
    view = imported(firm(), OFFERS, table(OFFERS, rows))
    assert view.file.state is ImportState.DONE, told(view)
    with database().reading() as session:
        offers = session.scalars(select(Offer).order_by(Offer.id))
        assert [offer.kind for offer in offers] == ["steel_slag_powder", None, "fly_ash"]


@pytest.mark.parametrize(
    ("language", "limits", "accepts"),
    [
        ("zh", "烧失量≤8\nSO3 2.5~3.5", "是"),
        ("en", "loss on ignition ≤ 8 %; sulfur trioxide 2.5~3.5 %", "yes"),
    ],
)
def test_a_row_says_what_a_buyer_asks(
    any_app: Flask, language: str, limits: str, accepts: str
) -> None:
    wishes = {"own_limits": limits, "accepts_not_shown": accepts, "product": "brick"}
    content = table(REQUIREMENTS, [REQUIREMENT | wishes], language)
    view = imported(firm(REQUIREMENTS), REQUIREMENTS, content, language=language)
    assert view.file.state is ImportState.DONE, told(view)
    with database().reading() as session:
        made = session.scalars(select(Requirement)).one()
        assert made.own_limits == LIMITS
        assert made.accepts_not_shown


def test_a_table_of_before_changes_nothing_of_what_a_listing_says_of_quality(
    any_app: Flask,
) -> None:
    with database().writing() as session:
        need = published_requirement(session, own_limits=LIMITS)
        slag = published_offer(session, need.site, material="smelting_slag", kind="ggbs")
        actor = member(session, need.company)
        numbers = need.number, slag.number
    head = "编号,可接收的物料,每月数量（吨）,起始月份,截止月份"
    row = f"{numbers[0]},粉煤灰、炉渣,900,2026-12,2027-03"
    view = imported(actor, REQUIREMENTS, f"{head}\r\n{row}\r\n".encode())
    assert (view.file.state, view.file.entered) == (ImportState.DONE, 1), told(view)
    head = head.replace("可接收的物料", "物料")
    row = f"{numbers[1]},冶炼渣,900,2026-12,2027-03"
    view = imported(actor, OFFERS, f"{head}\r\n{row}\r\n".encode())
    assert (view.file.state, view.file.entered) == (ImportState.DONE, 1), told(view)
    with database().reading() as session:
        kept = session.scalars(select(Requirement)).one()
        assert (kept.kg_per_month, kept.own_limits) == (900_000, LIMITS)
        assert kept.accepts_not_shown
        assert session.scalars(select(Offer)).one().kind == "ggbs"


def test_another_material_takes_the_kind_of_the_one_before_along(any_app: Flask) -> None:
    actor, named = listed(material="smelting_slag", kind="ggbs")
    head = "编号,物料,每月数量（吨）,起始月份,截止月份"
    content = f"{head}\r\n{named['listing']},粉煤灰,1200,2026-12,2027-03\r\n".encode()
    view = imported(actor, OFFERS, content)
    assert view.file.state is ImportState.DONE, told(view)
    with database().reading() as session:
        assert session.scalars(select(Offer)).one().kind == "fly_ash"


def test_an_operation_tells_in_the_language_of_the_sender(app: Flask) -> None:
    view = imported(firm(), OFFERS, table(OFFERS, [OFFER | {"tonnes": ""}], "en"), language="en")
    assert told(view)[0][2] == "Enter the quantity per month."
    refused = table(OFFERS, [OFFER | {"waste_name": "salt cake"}], "en")
    sentence = told(imported(firm(), OFFERS, refused, language="en"))[0][2]
    assert "Where it must go: Keep it away from damp" in sentence


def test_a_row_with_a_number_changes_that_listing_and_nothing_it_has_no_column_for(
    any_app: Flask,
) -> None:
    actor, named = listed(limit_price=-300, note="先看样")
    head = "编号,物料,每月数量（吨）,起始月份,截止月份"
    content = f"{head}\r\n{named['listing']},粉煤灰,900,2026-12,2027-03\r\n".encode()
    view = imported(actor, OFFERS, content)
    assert (view.file.state, view.file.entered) == (ImportState.DONE, 1), told(view)
    with database().reading() as session:
        changed = session.scalars(select(Listing)).one()
        assert (changed.kg_per_month, changed.note) == (900_000, "先看样")
        assert reveal(own_vault(), changed) == -300


def test_a_colleagues_change_is_not_overwritten_by_an_older_table(any_app: Flask) -> None:
    actor, named = listed()
    with database().writing() as session:
        offer = session.scalars(select(Offer)).one()
        draft = offer_draft(offer.site, kg_per_month=700_000)
        operations.change(session, trader(offer.site.company), offer.number, draft, NOW)
    view = imported(actor, OFFERS, table(OFFERS, [OFFER | named]))
    assert view.file.state is ImportState.REFUSED
    assert "同事已经改过这条挂牌" in told(view)[0][2]


def test_a_listing_named_twice_is_refused_the_second_time(any_app: Flask) -> None:
    actor, named = listed()
    rows = [OFFER | named, OFFER | named | {"tonnes": "700"}]
    view = imported(actor, OFFERS, table(OFFERS, rows))
    assert [(at, column) for at, column, _ in told(view)] == [(3, "编号")]


def test_another_firms_listing_answers_as_if_it_were_not_there(any_app: Flask) -> None:
    with database().writing() as session:
        number = published_offer(session).number
    view = imported(firm(), OFFERS, table(OFFERS, [OFFER | {"listing": number}]))
    assert "本企业没有编号" in told(view)[0][2]
