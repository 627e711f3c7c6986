"""The public pages about standards and uses, and the values a reader tries."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.html import CheckedClient

FINE = {
    "loi": "4.9",
    "residue_45um": "11",
    "water_demand": "94",
    "moisture": "0.5",
    "so3": "2.9",
    "f_cao": "0.8",
    "sio2_al2o3_fe2o3": "82",
    "density": "2.3",
    "activity_28d": "78",
    "boiler_type": "pulverised",
}
"""Fly ash of grade I."""
CONCRETE = "/uses/fly_ash/concrete"
LINK = re.compile(r'href="(/(?:standards|uses)[^"#]*)')


def got(client: CheckedClient, path: str, **typed: str) -> str:
    """What a page says, without its tags."""
    answer = client.get(path, query_string=typed)
    assert answer.status_code == 200, path
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def verdict(client: CheckedClient, path: str = CONCRETE, **typed: str) -> str:
    """The part of the page that answers."""
    said = got(client, path, **typed)
    assert "判定 " in said
    return said[said.index("判定 ") : said.index("危险废物和第Ⅰ类的关口")]


@pytest.fixture
def english(client: CheckedClient) -> CheckedClient:
    client.set_cookie("language", "en")
    return client


def row_of(said: str, start: str) -> str:
    """The words of a page from these on."""
    return said[said.index(start) :][:160]


def test_the_catalogue_tells_number_days_sureness_and_limits(client: CheckedClient) -> None:
    said = got(client, "/standards", on="2026-11-25")
    row = row_of(said, "GB/T 1596-2017")
    assert "用于水泥和混凝土中的粉煤灰 2018-06-01 起" in row
    assert "背景知识 待核实 36" in row
    assert "GB/T 23456-2025" in said


@pytest.mark.parametrize(
    ("day", "edition", "absent"),
    [
        ("2019-04-30", "GB/T 23456-2009", "GB/T 23456-2018"),
        ("2019-05-01", "GB/T 23456-2018 磷石膏 2019-05-01 至 2026-06-30", "GB/T 23456-2025"),
        ("2026-06-30", "GB/T 23456-2018", "GB/T 23456-2025"),
        ("2026-07-01", "GB/T 23456-2025 磷石膏 2026-07-01 起 GB/T 23456-2018", "至 2026-06-30"),
    ],
)
def test_the_editions_are_those_of_the_day(
    client: CheckedClient, day: str, edition: str, absent: str
) -> None:
    said = got(client, "/standards", on=day)
    assert edition in said
    assert absent not in said


def test_a_day_that_is_none_is_told_at_its_field_and_stays(client: CheckedClient) -> None:
    page = client.get("/standards?on=soon").get_data(as_text=True)
    assert "“soon”不是日期" in page
    assert 'value="soon"' in page
    assert "GB/T 1596-2017" in page


def test_a_day_before_all_standards_says_so(client: CheckedClient) -> None:
    assert "这一天没有有效的标准" in got(client, "/standards", on="1950-01-01")
    assert "这一天没有用途的规定" in got(client, "/uses", on="1950-01-01")


def test_the_grades_of_a_standard_stand_side_by_side(client: CheckedClient) -> None:
    said = got(client, "/standards/GB~T_1596-2017")
    assert "烧失量 % ≤5.0 ≤8.0 ≤10.0 6.1 表 1 已见来源" in said
    assert "含水量 % 各级 ≤1.0" in said
    assert "游离氧化钙 % 各级 ≤4.0 C 类灰 6.1 表 1" in said
    assert "锅炉类型 各级 煤粉炉 3.1" in said
    assert "没有读到正式文本" in said
    assert "一个编号不超过 500 t" in said


def test_bounds_are_written_as_they_hold(client: CheckedClient) -> None:
    assert ">2.0, <12.5 3" in got(client, "/standards/GB_5085.1-2007")
    assert "I 级" not in got(client, "/standards/GB_6566-2010")
    assert "≤100 ≤300 ≤600" in got(client, "/standards/GB~T_37785-2019")
    assert "氯离子 mg/kg" in got(client, "/standards/GB~T_37785-2019")


def test_a_replaced_edition_names_the_one_in_force(client: CheckedClient, frozen: object) -> None:
    said = got(client, "/standards/GB~T_23456-2018")
    assert "这一版已停止使用。 下面是 2026-06-30 的限值，现行版本是 GB/T 23456-2025" in said
    assert "旧版数值 · I 级" in got(client, "/standards/GB~T_23456-2009")


def test_a_standard_without_a_table_says_what_follows(client: CheckedClient) -> None:
    assert "没有限值" in got(client, "/standards/GB~T_23456-2025")


@pytest.mark.parametrize(
    "path",
    [
        "/standards/GB~T_1596-2018",
        "/standards/GB/T 1596-2017",
        "/standards/nothing",
        "/uses/fly_ash",
        "/uses/fly_ash/jam",
        "/uses/gold/concrete",
    ],
)
def test_what_nobody_knows_is_not_found(client: CheckedClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_these_lists_lead_to_stands(client: CheckedClient, language: str) -> None:
    client.set_cookie("language", language)
    lists = [client.get(path).get_data(as_text=True) for path in ("/standards", "/uses")]
    paths = {unescape(path) for page in lists for path in LINK.findall(page)}
    assert len(paths) > 60
    for path in sorted(paths):
        assert client.get(path).status_code == 200, path


def test_each_use_tells_share_payer_standard_class_and_tax(client: CheckedClient) -> None:
    said = got(client, "/uses", on="2026-11-25")
    row = said[said.index("混凝土和砂浆掺合料") :][:300]
    for part in (
        "代替水泥",
        "10–45% 胶凝材料质量",
        "利废方付款 利废方付 60–220 元/吨 待核实",
        "GB/T 1596-2017 待核实 不限 建筑主体材料",
        "退税 70%",
    ):
        assert part in row
    assert "产废方付至多 20，到利废方付至多 5 元/吨" in said
    assert "只限第Ⅰ类" in said


def test_red_mud_can_be_chosen_alone(client: CheckedClient) -> None:
    page = client.get("/uses?kind=red_mud").get_data(as_text=True)
    assert 'id="red_mud"' in page
    assert "改性赤泥路基" in page
    assert 'id="fly_ash"' not in page
    unknown = client.get("/uses?kind=gold").get_data(as_text=True)
    assert "没有这种固废" in unknown
    assert 'id="fly_ash"' in unknown


def test_a_lot_that_qualifies_is_told_its_grade(client: CheckedClient, frozen: object) -> None:
    said = got(client, CONCRETE, **FINE)
    assert "判定 可用：I 级 待核实" in said
    assert "用途标准的每一项都符合" in said
    assert "推定符合，17 项未检" in said
    assert "内照射指数 建筑主体材料 ≤1.0 总是 GB 6566-2010 3" in said


def test_each_reason_names_value_limit_grade_standard_and_clause(client: CheckedClient) -> None:
    said = verdict(client, **FINE | {"loi": "11.2", "moisture": "2"})
    assert "不可用 待核实" in said
    assert "烧失量 11.2 % > 10 %，III 级，GB/T 1596-2017 6.1" in said
    assert "含水量 2 % > 1 %，GB/T 1596-2017 6.1" in said
    assert "I 级 不可用 含水量、烧失量 无" in said


def test_a_hazard_gate_shuts_every_use_at_its_open_end(client: CheckedClient) -> None:
    said = got(client, CONCRETE, **FINE, ph="12.5")
    assert "浆液或浸出液 pH 12.5 ≥ 12.5，GB 5085.1-2007 3" in said
    assert "超出，属于危险废物" in said


def test_an_ash_of_another_boiler_is_named(client: CheckedClient) -> None:
    said = verdict(client, **FINE | {"boiler_type": "incinerator"})
    assert "锅炉类型是“垃圾焚烧炉”，要求“煤粉炉”，GB/T 1596-2017 3.1" in said


def test_ash_of_an_incinerator_is_hazardous_for_uses_that_ask_no_boiler(
    client: CheckedClient,
) -> None:
    said = verdict(client, "/uses/fly_ash/aac", boiler_type="incinerator")
    assert "不可用" in said
    assert "HW18" in said


def test_a_closed_use_says_so(client: CheckedClient) -> None:
    said = verdict(client, "/uses/steel_slag_powder/common_cement", ph="8")
    assert "这一用途不接收这种物料，GB 175-2023 5.1" in said


def test_what_is_missing_is_listed_and_is_no_pass(client: CheckedClient) -> None:
    said = verdict(client, loi="4.9")
    assert "未证明" in said
    assert "GB/T 1596-2017 ：含水量、三氧化硫" in said
    assert "烧失量" not in said


def test_a_use_without_a_read_table_is_not_shown(client: CheckedClient, frozen: object) -> None:
    said = verdict(client, "/uses/phosphogypsum/gypsum_products", ph="6")
    assert "未证明 待核实" in said
    assert "用途标准的指标" in said


def test_a_bound_counts_as_far_as_it_goes(client: CheckedClient) -> None:
    assert "可用：I 级" in verdict(client, **FINE | {"moisture": "<0.01"})
    assert "含水量" in verdict(client, **FINE | {"moisture": "未检出"})


def test_a_value_may_name_its_unit(client: CheckedClient) -> None:
    assert "可用：I 级" in verdict(client, **FINE | {"so3": "29000 mg/kg"})
    assert "比表面积 250 m²/kg < 300 m²/kg" in verdict(
        client, "/uses/ggbs/concrete", ssa="2500 cm²/g"
    )


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("loi", "140", "烧失量 不可能是这个数值"),
        ("ph", "19", "浆液或浸出液 pH 不可能是这个数值"),
        ("moisture", "high", "含水量 的“high”不是数值"),
        ("residue_45um", "5 mg/L", "细度（45 μm 筛余） 的单位应是 %：5 mg/L"),
        ("so3", "1e999999999 mg/kg", "三氧化硫 的“1e999999999 mg/kg”不是数值"),
        ("boiler_type", "golden", "没有“锅炉类型=golden”这项来源情况"),
        ("on", "2026-13-01", "“2026-13-01”不是日期"),
        ("on", "1999-01-01", "这一天没有这一用途的规定"),
    ],
)
def test_a_fault_is_told_at_its_field_and_what_was_typed_stays(
    client: CheckedClient, name: str, typed: str, sentence: str
) -> None:
    page = client.get(CONCRETE, query_string=FINE | {name: typed}).get_data(as_text=True)
    assert sentence in page
    assert 'id="verdict"' not in page
    assert "还没有判定" in page
    field = re.search(rf'<(?:input|select)[^>]*id="{name}"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert name == "boiler_type" or f'value="{typed}"' in field[0]
    assert 'value="82"' in page


def test_oxides_beyond_the_whole_are_refused(client: CheckedClient) -> None:
    said = got(client, "/uses/fly_ash/aac", sio2="99", loi="5", so3="1.1")
    assert "各氧化物之和超过 105%" in said


def test_what_was_typed_is_shown_as_text(client: CheckedClient) -> None:
    page = client.get(CONCRETE, query_string={"loi": "<script>x</script>"}).get_data(as_text=True)
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_nothing_is_judged_before_something_is_tried(client: CheckedClient) -> None:
    for path in (CONCRETE, f"{CONCRETE}?on=2020-01-01", f"{CONCRETE}?colour=red"):
        assert 'id="verdict"' not in client.get(path).get_data(as_text=True)
    assert "未证明" in verdict(client, loi="")


def test_the_pages_stand_in_english(english: CheckedClient, frozen: object) -> None:
    assert "from 1 Jun 2018" in got(english, "/standards")
    assert "Loss on ignition % ≤5.0 ≤8.0 ≤10.0 6.1 Table 1 seen in a source" in got(
        english, "/standards/GB~T_1596-2017"
    )
    assert "consumer pays 60–220 CNY/t Unconfirmed" in got(english, "/uses")
    said = got(english, CONCRETE, **FINE | {"loi": "11.2"})
    assert "Verdict Not usable Unconfirmed" in said
    assert "Loss on ignition 11.2 % > 10 %, grade III, GB/T 1596-2017 6.1 Table 1" in said
    assert "presumed met, 17 not tested" in said
    assert "pH of slurry or extract 1 ≤ 2, GB 5085.1-2007 3" in got(english, CONCRETE, ph="1")


def test_the_pages_are_reached_from_every_foot_and_the_catalogue(client: CheckedClient) -> None:
    page = client.get("/catalogue/").get_data(as_text=True)
    assert page.count('href="/uses"') == 2
    assert 'href="/standards"' in page
