"""What listings say of quality: the kind of an offer and how far it is proved, a buyer's wishes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from flask_babel import refresh
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.assays import operations as assays
from app.assays.models import AssayReport
from app.catalogue.models import Use
from app.core.actor import SYSTEM, Actor
from app.core.transactions import database
from app.eligibility.fitting import OwnLimit
from app.listings import operations
from app.listings.models import Listing
from app.listings.rules import Product
from tests.assays.factories import recorded
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.conftest import Act
from tests.listings.factories import (
    offer_draft,
    published_offer,
    published_requirement,
    requirement_draft,
    trader,
)

OFFER = {
    "materials": "smelting_slag",
    "tonnes": "1200",
    "first_month": "2026-12",
    "last_month": "2027-03",
}
REQUIREMENT = OFFER | {"materials": ["fly_ash", "bottom_ash"]}
LIMITS = (
    OwnLimit("loi", None, Decimal("7.5")),
    OwnLimit("so3", Decimal("2.5"), Decimal("3.5")),
)
WRITTEN = "烧失量 ≤ 7.5 %；三氧化硫 2.5~3.5 %"


def only_listing() -> Listing:
    with database().reading() as session:
        listing: Listing | None = session.scalar(select(Listing))
        assert listing is not None
        return listing


def page_of(client: CheckedClient, path: str) -> str:
    text = client.get(path).get_data(as_text=True)
    return re.sub(r"\s+", " ", text)


def speaks(client: CheckedClient, language: str) -> None:
    client.set_cookie("language", language)
    refresh()


def test_a_kind_is_chosen_among_those_of_its_material(client: CheckedClient, firm: Actor) -> None:
    form = page_of(client, "/listings/offers/new")
    assert '<optgroup label="冶炼渣">' in form
    assert form.count("<optgroup") == 1
    client.post("/listings/offers/new", data=OFFER | {"kind": "steel_slag_powder"})
    assert only_listing().kind == "steel_slag_powder"
    for path in ("/listings/offers", "/listings/own", "/listings/S-2611-0001"):
        assert "钢渣粉" in page_of(client, path)
    assert 'selected value="steel_slag_powder"' in page_of(client, "/listings/S-2611-0001/edit")


def test_the_only_kind_of_a_material_need_not_be_named(client: CheckedClient, firm: Actor) -> None:
    client.post("/listings/offers/new", data=OFFER | {"materials": "fly_ash"})
    assert only_listing().kind == "fly_ash"
    assert "<dt>细分种类</dt>" not in page_of(client, "/listings/S-2611-0001")


def test_a_material_of_several_kinds_may_be_offered_without_saying_which(
    client: CheckedClient, firm: Actor
) -> None:
    client.post("/listings/offers/new", data=OFFER)
    assert only_listing().kind is None
    assert client.get("/listings/S-2611-0001").status_code == 200


@pytest.mark.parametrize("kind", ["steel_slag", "coal_gangue", "x", "粉煤灰"])
def test_a_kind_of_another_material_is_told_at_its_field(
    client: CheckedClient, firm: Actor, kind: str
) -> None:
    answer = client.post(
        "/listings/offers/new", data=OFFER | {"materials": "fly_ash", "kind": kind}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "这个细分种类不属于所选的物料，请重选。" in page
    assert re.search(r'<select[^>]*aria-invalid="true"[^>]*name="kind"', page)


def test_a_buyer_says_its_limits_in_one_line(client: CheckedClient, firm: Actor) -> None:
    wishes = {"own_limits": "LOI < 7.5，SO3 2.5-3.5", "accepts_not_shown": "y"}
    client.post("/listings/requirements/new", data=REQUIREMENT | wishes)
    with database().reading() as session:
        listing = session.scalars(select(Listing)).one()
        assert (listing.own_limits, listing.accepts_not_shown) == (LIMITS, True)
    for path in ("/listings/requirements", "/listings/D-2611-0001"):
        page = page_of(client, path)
        assert '烧失量 <span class="keep">≤ 7.5 %</span>' in page
        assert '三氧化硫 <span class="keep">2.5~3.5 %</span>' in page
    assert "接受未证明的料" in page_of(client, "/listings/requirements")
    assert "到厂自行检验" in page_of(client, "/listings/D-2611-0001")


@pytest.mark.parametrize(
    ("language", "written"),
    [("zh", WRITTEN), ("en", "loss on ignition ≤ 7.5 %; sulfur trioxide 2.5~3.5 %")],
)
def test_a_listing_that_is_saved_unchanged_keeps_its_wishes(
    client: CheckedClient, firm: Actor, language: str, written: str
) -> None:
    client.post(
        "/listings/requirements/new",
        data=REQUIREMENT | {"own_limits": WRITTEN, "accepts_not_shown": "y", "product": "brick"},
    )
    speaks(client, language)
    form = page_of(client, "/listings/D-2611-0001/edit")
    assert f'name="own_limits" type="text" value="{written}"' in form
    assert re.search(r'<input[^>]* checked[^>]* name="accepts_not_shown"', form)
    data = REQUIREMENT | {"own_limits": written, "accepts_not_shown": "y", "product": "brick"}
    client.post("/listings/D-2611-0001/edit", data=data | {"version": "1"})
    with database().reading() as session:
        listing = session.scalars(select(Listing)).one()
        assert (listing.version, listing.own_limits) == (2, LIMITS)
        assert listing.accepts_not_shown


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("硬度 ≥ 3；烧失量 ≤ 8", "“硬度 ≥ 3”：没有这项指标。"),
        ("烧失量 8", "“烧失量 8”没有写明上限还是下限。"),
        ("越低越好", "看不懂“越低越好”。"),
        ("密度 ≤ 2 %", "密度的单位是 g/cm³"),
        ("烧失量 ≤ 140", "烧失量可能的范围（≥-5, ≤100 %）"),
        ("<script>", "看不懂“&lt;script&gt;”。"),
        ("烧" * 501, "最多 500 个字。"),
    ],
)
def test_a_limit_that_cannot_be_read_is_told_at_its_field_and_stays_typed(
    client: CheckedClient, firm: Actor, typed: str, told: str
) -> None:
    data = REQUIREMENT | {"own_limits": typed, "accepts_not_shown": "y"}
    answer = client.post("/listings/requirements/new", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    field = re.search(r'<input[^>]*name="own_limits"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in field[0]
    assert re.search(r'<input[^>]* checked[^>]* name="accepts_not_shown"', page)


def test_the_form_says_by_the_catalogue_where_untested_material_may_go(
    client: CheckedClient, firm: Actor
) -> None:
    page = page_of(client, "/listings/requirements/new")
    tolerant = "水泥熟料、烧结砖、砌块、道路基层、脱硫剂、金属回收"
    assert f"只对允许的用途有效：{tolerant}。水泥、混凝土、石膏板的用途仍须" in page
    with database().writing() as session:
        for use in session.scalars(select(Use).where(Use.product == "block")):
            use.tolerates_unknown = False
    page = page_of(client, "/listings/requirements/new")
    assert "水泥、混凝土、砌块、石膏板的用途仍须" in page


@pytest.mark.parametrize(("language", "label"), [("zh", "自定指标"), ("en", "Own limits")])
def test_what_a_colleague_saved_first_is_shown_beside_what_was_typed(
    client: CheckedClient, firm: Actor, language: str, label: str
) -> None:
    client.post("/listings/requirements/new", data=REQUIREMENT | {"own_limits": "烧失量≤8"})
    with database().writing() as session:
        need = session.scalars(select(Listing)).one()
        draft = requirement_draft(need.site, own_limits=LIMITS, accepts_not_shown=False)
        operations.change(session, trader(need.company), need.number, draft, NOW)
    speaks(client, language)
    data = REQUIREMENT | {"own_limits": "烧失量 ≤ 9", "accepts_not_shown": "y", "version": "1"}
    answer = client.post("/listings/D-2611-0001/edit", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert re.search(f"<li>{label}[：:] ?<b>[^<]*2.5~3.5 %</b></li>", page)
    assert 'value="烧失量 ≤ 9"' in page


def test_the_same_limits_in_other_words_are_no_difference(
    client: CheckedClient, firm: Actor
) -> None:
    client.post("/listings/requirements/new", data=REQUIREMENT | {"own_limits": WRITTEN})
    data = REQUIREMENT | {"own_limits": "LOI<7.5%; SO3 2.5–3.5", "version": "0", "tonnes": "900"}
    page = client.post("/listings/D-2611-0001/edit", data=data).get_data(as_text=True)
    saved = re.findall(r"<li>([^<]+)<b>", page)
    assert saved == ["每月数量："]


def test_wishes_and_kinds_outlive_a_change_and_a_renewal(any_session: Session) -> None:
    need = published_requirement(any_session, product=Product.BRICK, own_limits=LIMITS)
    offer = published_offer(any_session, material="smelting_slag", kind="copper_slag")
    for listing in (need, offer):
        operations.renew(any_session, trader(listing.company), listing.number, 3, NOW)
        any_session.expire(listing)
    assert (need.own_limits, need.accepts_not_shown) == (LIMITS, True)
    assert offer.kind == "copper_slag"
    fewer = replace(requirement_draft(need.site), own_limits=LIMITS[1:], accepts_not_shown=False)
    operations.change(any_session, trader(need.company), need.number, fewer, NOW)
    ash = offer_draft(offer.site, material="fly_ash")
    operations.change(any_session, trader(offer.company), offer.number, ash, NOW)
    any_session.expire_all()
    assert (need.own_limits, need.accepts_not_shown) == (LIMITS[1:], False)
    assert offer.kind == "fly_ash"


def report(session: Session, listing: Listing) -> int:
    """The file of a laboratory's report on an offer."""
    file = AssayReport(name="r.pdf", media_type="application/pdf", sha256="0" * 64, content=b"%PDF")
    kept = assays.keep_report(session, SYSTEM, listing.company_id, listing.number, file, NOW)
    return kept.id


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("没有检测", "企业自填", "申报，有采样日期", "附检测报告")),
        (
            "en",
            (
                "Not tested",
                "Typed by the firm",
                "Declared, with a sampling date",
                "With a test report",
            ),
        ),
    ],
)
def test_every_row_of_an_offer_shows_on_how_much_its_quality_rests(
    client: CheckedClient, firm: Actor, act: Act, language: str, words: tuple[str, ...]
) -> None:
    with database().writing() as session:
        offers = [published_offer(session) for _ in words]
        typed, dated, reported = offers[1:]
        recorded(session, typed.company_id, typed.number, sampled_on=None)
        recorded(session, dated.company_id, dated.number)
        file = report(session, reported)
        lab = "示例检测中心"
        recorded(session, reported.company_id, reported.number, laboratory=lab, report_id=file)
        numbers, owners = [one.number for one in offers], [trader(one.company) for one in offers]
    speaks(client, language)
    market = page_of(client, "/listings/offers")
    for level, (number, owner, word) in enumerate(zip(numbers, owners, words, strict=True)):
        act(owner)
        for page in (page_of(client, "/listings/own"), page_of(client, f"/listings/{number}")):
            assert word in page
            badge = re.search(r'<span class="evidence" aria-hidden="true">.*?</span>', page)
            assert badge is not None
            assert (badge[0].count("<i"), badge[0].count("filled")) == (4, level)
        assert word in market
    assert market.count('class="evidence"') == len(words)


def test_a_requirement_has_no_such_badge(client: CheckedClient, firm: Actor) -> None:
    client.post("/listings/requirements/new", data=REQUIREMENT)
    for path in ("/listings/requirements", "/listings/own", "/listings/D-2611-0001"):
        assert 'class="evidence"' not in page_of(client, path)


def test_quality_costs_a_page_no_more_statements_for_many_rows_than_for_one(
    client: CheckedClient, firm: Actor
) -> None:
    counts = []
    for more in (1, 7):
        with database().writing() as session:
            for _ in range(more):
                offer = published_offer(session)
                recorded(session, offer.company_id, offer.number)
                published_requirement(session, own_limits=LIMITS)
        counts.append(statements_of(client, "/listings/offers", "/listings/requirements"))
    assert counts[0] == counts[1]


def statements_of(client: CheckedClient, *paths: str) -> int:
    """How many statements pages ask the database."""
    counted: list[str] = []
    engine = client.application.extensions["gufei.database"].engine

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    for path in paths:
        assert client.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len(counted)


def test_the_export_says_what_is_known_and_what_is_asked(
    client: CheckedClient, firm: Actor
) -> None:
    client.post("/listings/offers/new", data=OFFER | {"kind": "ggbs"})
    client.post("/listings/requirements/new", data=REQUIREMENT | {"own_limits": WRITTEN})
    (offer,) = rows(client, "/listings/offers.csv")
    (need,) = rows(client, "/listings/requirements.csv")
    assert (offer["细分种类"], offer["品质依据"]) == ("粒化高炉矿渣粉", "没有检测")
    assert (offer["自定指标"], offer["接受未证明的料"]) == ("", "")
    assert (need["自定指标"], need["接受未证明的料"]) == (WRITTEN, "否")
    assert (need["细分种类"], need["品质依据"]) == ("", "")


def rows(client: CheckedClient, path: str) -> list[dict[str, str]]:
    text = client.get(path).get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
