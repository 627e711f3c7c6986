"""The monthly briefing: what it says of a published month, to whom, and that it can be printed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.clock import china_instant
from app.core.colours import colours
from app.core.errors import NotFound
from app.core.i18n import in_chinese
from app.core.office.paper import Area, Drawing, Facts, Label, Paper, Paragraph, Table
from app.core.office.render import docx_of, pdf_of
from app.core.transactions import database
from app.oversight.briefing.bars import FILLS, LEFT, SCALE, step_bars
from app.oversight.briefing.drawing import INK, LINE, PAPER, UNKNOWN
from app.oversight.briefing.figures import briefing
from app.oversight.briefing.outlook_paper import MOST_TASKS
from app.oversight.briefing.paper import paper_of
from app.statistics.closing import close, restate
from app.statistics.facts import prepare
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.clearing.factories import TONNE, cleared, small_market
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, approved_company
from tests.conftest import NOW
from tests.oversight.factories import dear_town
from tests.oversight.test_pages import official
from tests.statistics.factories import CITY, COUNTY, OPERATOR, STRANGER
from tests.statistics.months import OCTOBER, declared, producer

THEN = NOW - timedelta(days=2)


def two_months(session: Session, closing: bool = True) -> None:
    """September and October: Chiping 60 then 70 %, Dongchangfu 100 %, Linqing nothing; red mud."""
    chiping, dongchangfu = producer(session, CHIPING), producer(session, DONGCHANGFU)
    september = OCTOBER.replace(month=9)
    for month, used in ((september, 600_000), (OCTOBER, 700_000)):
        rest = 1_000_000 - used
        declared(
            session, chiping, month, at=THEN, generated=1_000_000, self_used=used, disposed=rest
        )
        declared(session, dongchangfu, month, at=THEN, generated=500_000, entrusted_used=500_000)
        declared(session, chiping, month, "red_mud", at=THEN, generated=9_000_000, dumped=9_000_000)
    prepare(session, september, NOW)
    if closing:
        close(session, OPERATOR, OCTOBER, NOW)


def written(paper: Paper) -> str:
    """The text of the PDF."""
    document = pypdfium2.PdfDocument(pdf_of(paper))
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def paper_for(session: Session, actor: Actor, month: date = OCTOBER) -> Paper:
    with in_chinese():
        return paper_of(briefing(session, actor, month), is_synthetic=True)


def paragraphs(paper: Paper) -> str:
    return "\n".join(block.text for block in paper.blocks if isinstance(block, Paragraph))


def test_the_city_reads_every_county_the_largest_gap_first(any_app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        found = briefing(session, CITY, OCTOBER)
    gaps = [found.gap_kg(line.sums) for line in found.counties]
    assert len(gaps) == 8
    assert (found.counties[0].county.adcode, gaps[:2]) == ("371503", [300_000, 0])
    assert (found.total.used_kg, found.total.usable_kg) == (1_200_000, 1_500_000)
    assert found.before.used_kg == 1_100_000


def test_red_mud_stands_apart_and_in_no_rate_of_the_target(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        found = briefing(session, CITY, OCTOBER)
    assert [line.material.code for line in found.apart] == ["red_mud"]
    assert found.total.usable_kg == 1_500_000
    assert found.every_waste.usable_kg == 10_500_000


def test_the_paper_says_rate_change_target_and_basis(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        paper = paper_for(session, CITY)
        text = written(paper)
    for words in (
        "聊城市大宗工业固废综合利用月度简报",
        "80.0%",
        "比上月高 6.7 个百分点",
        "目标 100%（期限 2025-12-31，已过）",
        "300 吨",
        "口径 v3",
        "演示数据",
    ):
        assert words in text


def test_the_tables_sum_to_their_last_row(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        paper = paper_for(session, CITY)
    counties, materials, _apart = (block for block in paper.blocks if isinstance(block, Table))
    for table in (counties, materials):
        *parts, total = table.rows
        for column in (2, 3, 5, 6):
            told = [row[column].replace(",", "") for row in parts if row[column] != "—"]
            assert sum(map(float, told)) == float(total[column].replace(",", ""))
    assert counties.rows[-1][1:] == materials.rows[-1][1:]


def test_the_map_names_every_county_the_reader_oversees_and_no_other(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        named = {}
        for actor in (CITY, COUNTY):
            (drawing,) = (
                block for block in paper_for(session, actor).blocks if isinstance(block, Drawing)
            )
            labels = [shape for shape in drawing.shapes if isinstance(shape, Label)]
            named[actor] = [label.lines for label in labels]
    assert len(named[CITY]) == 8
    assert named[COUNTY] == [("茌平区", "70.0%")]
    assert ("东昌府区", "100.0%") in named[CITY]
    assert ("临清市", "—") in named[CITY]


def test_a_county_reads_its_own_figures_alone(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        found = briefing(session, COUNTY, OCTOBER)
    assert [line.county.adcode for line in found.counties] == ["371503"]
    assert sum(line.sums.used_kg for line in found.materials) == 700_000


@pytest.mark.parametrize("actor", [STRANGER, Actor(), Actor(ActorKind.REGULATOR, region="370100")])
def test_whoever_oversees_no_county_reads_nothing(app: Flask, actor: Actor) -> None:
    with database().writing() as session:
        two_months(session)
        with pytest.raises(NotFound):
            briefing(session, actor, OCTOBER)


def test_there_is_no_briefing_of_a_month_that_is_not_published(app: Flask) -> None:
    with database().writing() as session:
        two_months(session, closing=False)
        with pytest.raises(NotFound):
            briefing(session, CITY, OCTOBER)


def test_a_restated_month_gives_its_reason(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        declared(session, producer(session, LINQING), OCTOBER, at=NOW, generated=1)
        restate(session, CITY, OCTOBER, "补报一家", NOW + timedelta(days=1))
        text = written(paper_for(session, CITY))
    assert "月结 v2" in text
    assert "补报一家" in text


def test_what_nobody_declared_is_not_zero_and_red_mud_has_no_gap(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        paper = paper_for(session, CITY)
    counties, _materials, apart = (block for block in paper.blocks if isinstance(block, Table))
    rows = {row[0]: row[1:] for row in (*counties.rows, *apart.rows)}
    assert rows["莘县"] == ("—",) * 7
    assert rows["赤泥"] == ("0.0%", "9,000", "0", "0", "0", "0", "—")


def test_the_first_month_has_nothing_to_be_compared_with(app: Flask) -> None:
    with database().writing() as session:
        declared(session, producer(session), OCTOBER, at=THEN, generated=10, dumped=10)
        close(session, OPERATOR, OCTOBER, NOW)
        facts = next(block for block in paper_for(session, CITY).blocks if isinstance(block, Facts))
    assert dict(facts.rows)["综合利用率"] == "0.0%（上月没有数字）"


def test_the_same_briefing_is_the_same_bytes_and_a_docx_says_what_is_drawn(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        paper = paper_for(session, CITY)
    assert pdf_of(paper) == pdf_of(paper)
    assert docx_of(paper)


def test_officials_download_the_briefing_and_nobody_else_does(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        people = {
            "city": regulator(session, "371500"),
            "operator": operator_user(session),
            "firm": user_of(session, approved_company(session)),
        }
    clients = {name: app.test_client() for name in (*people, "nobody")}
    for name, person in people.items():
        sign_in(clients[name], person)

    def status(name: str, month: str) -> int:
        return clients[name].get(f"/oversight/briefings/{month}.pdf").status_code

    assert [status(name, "2026-10") for name in clients] == [200, 200, 403, 302]
    assert [status("city", month) for month in ("2026-09", "2026-13", "x")] == [404, 404, 404]
    answer = clients["operator"].get("/oversight/briefings/2026-10.pdf")
    assert answer.data == clients["operator"].get("/oversight/briefings/2026-10.pdf").data
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")


def a_run_of_december() -> None:
    """October is published and was never cleared; December is, with little placed."""
    with database().writing() as session:
        two_months(session)
        dear_town(session)
    cleared()


def tables(paper: Paper) -> dict[str, Table]:
    """By their first head."""
    return {block.head[0]: block for block in paper.blocks if isinstance(block, Table)}


def test_a_month_without_a_run_says_that_nothing_was_computed(any_app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        paper = paper_for(session, CITY)
    assert "2026 年 10 月没有出结果的月度撮合" in paragraphs(paper)
    assert "未生成工作单" in paragraphs(paper)
    assert "步骤" not in tables(paper)


@pytest.mark.usefixtures("any_app", "frozen")
def test_the_month_published_last_looks_ahead_to_the_newest_run_and_says_so() -> None:
    a_run_of_december()
    with database().reading() as session:
        paper = paper_for(session, CITY)
    told = paragraphs(paper)
    assert "没有计算这个月的差距；下面是 2026 年 12 月的" in told
    assert "据 R-2612-1。本月没有申报，分母是在市量" in told


@pytest.mark.usefixtures("any_app", "frozen")
def test_a_month_that_a_run_took_in_tells_its_own_steps_from_what_was_declared() -> None:
    a_run_of_december()
    december, after = date(2026, 12, 1), china_instant(date(2027, 1, 12))
    with database().writing() as session:
        site = producer(session)
        declared(session, site, december, generated=3_000_000, self_used=900_000, dumped=2_100_000)
        close(session, OPERATOR, december, after)
        paper = paper_for(session, CITY, december)
    rows = {row[0]: row[1:3] for row in tables(paper)["步骤"].rows}
    assert "没有计算" not in paragraphs(paper)
    assert "2026 年 12 月，据 R-2612-1。分母是申报的产生量" in paragraphs(paper)
    assert (rows["实际利用"], rows["目标"]) == (("900", "30.0%"), ("3,000", "100%"))


@pytest.mark.usefixtures("any_app", "frozen")
def test_the_materials_of_the_steps_add_up_to_their_total_on_paper_and_on_the_page(
    request: pytest.FixtureRequest,
) -> None:
    """Ash is declared and more of it could go than was generated; gypsum is on offer only."""
    app, december = request.getfixturevalue("any_app"), date(2026, 12, 1)
    with database().writing() as session:
        small_market(session)
    cleared()
    with database().writing() as session:
        site = producer(session)
        declared(session, site, december, generated=1_000_000, self_used=900_000, dumped=100_000)
        close(session, OPERATOR, december, china_instant(date(2027, 1, 12)))
        paper = paper_for(session, CITY, december)
    printed = {row[0]: row[1:-1] for row in tables(paper)["物料（吨）"].rows}
    ash, total = printed.pop("粉煤灰"), printed.pop("合计，不含赤泥")
    assert (ash, total[-1]) == (("900", "0", "100", "0", "0", "1,000"), "2,200")
    mud = printed.pop("赤泥")
    assert mud[-2:] == ("1,200", "1,200")
    assert [summed(column) for column in zip(ash, *printed.values(), strict=True)] == [*total]
    assert "没有申报的物料按在市量计，共 1,200 吨，所以它不是综合利用率" in paragraphs(paper)
    client = official(app)
    shown = [steps_on_the_page(client, code) for code in ("", "&material=fly_ash")]
    assert shown == [[*total], [*ash]]


def summed(column: tuple[str, ...]) -> str:
    return f"{sum(int(cell.replace(',', '')) for cell in column):,}"


def steps_on_the_page(client: FlaskClient, material: str) -> list[str]:
    page = client.get(f"/oversight/gap?month=2026-12{material}").get_data(as_text=True)
    _before, _found, rest = page.partition("data-table waterfall")
    rows, _end, _after = rest.partition("</table>")
    return re.findall(r'<td class="num(?: strong)?">\+?([\d,]+)</td>', rows)


@pytest.mark.usefixtures("app", "frozen")
def test_an_older_month_does_not_look_ahead() -> None:
    a_run_of_december()
    with database().writing() as session:
        close(session, OPERATOR, OCTOBER.replace(month=9), NOW)
        assert briefing(session, CITY, OCTOBER.replace(month=9)).outlook is None
        assert briefing(session, CITY, OCTOBER).outlook is not None


@pytest.mark.usefixtures("app", "frozen")
def test_steps_and_work_list_stand_on_paper_with_tonnes_reasons_and_owners() -> None:
    a_run_of_december()
    with database().reading() as session:
        found = briefing(session, CITY, OCTOBER).outlook
        printed = tables(paper_for(session, CITY))
    assert found is not None
    steps, work = printed["步骤"], printed["序"]
    assert [row[0] for row in steps.rows] == [
        "实际利用",
        "已签约",
        "市场可达",
        "物理可达",
        "仍无去处",
        "目标",
    ]
    masses = [int(row[1].replace(",", "")) for row in steps.rows]
    assert sum(masses[:-1]) * TONNE == found.whole.whole_kg == 1_500 * TONNE
    assert all(row[3] for row in steps.rows)
    assert sum(int(row[4].replace(",", "")) for row in work.rows) == 1_500
    assert [row[3] for row in work.rows] == [row[2].rpartition("，")[0] for row in work.rows]
    assert "双方重新看价格" in work.rows[0][1]


@pytest.mark.usefixtures("app", "frozen")
def test_a_county_reads_its_own_tonnes_alone_and_another_none() -> None:
    a_run_of_december()
    with database().reading() as session:
        own = briefing(session, COUNTY, OCTOBER).outlook
        other = briefing(session, Actor(ActorKind.REGULATOR, region="371502"), OCTOBER).outlook
    assert own is not None
    assert other is not None
    assert (own.whole.whole_kg, len(own.tasks)) == (1_500 * TONNE, 3)
    assert (other.whole.whole_kg, other.tasks) == (0, [])


@pytest.mark.usefixtures("app", "frozen")
def test_the_bars_of_the_steps_follow_each_other_to_the_end_of_the_scale() -> None:
    a_run_of_december()
    with database().reading() as session:
        found = briefing(session, CITY, OCTOBER).outlook
    assert found is not None
    light = {colours()["n200"], colours()["n900"]}
    bars = [
        shape.points
        for shape in step_bars(found.whole).shapes
        if isinstance(shape, Area) and shape.fill not in light
    ]
    assert bars[0][0][0] == LEFT
    assert bars[-1][1][0] == LEFT + SCALE
    assert [bar[1][0] for bar in bars[:-1]] == [bar[0][0] for bar in bars[1:]]


def test_paper_takes_its_colours_from_the_style_sheet_of_the_pages() -> None:
    named = {name for pair in FILLS.values() for name in pair} | {LINE, INK, PAPER, UNKNOWN}
    assert named | {f"r{number}" for number in range(1, 8)} <= colours().keys()
    assert colours()["r7"] == "#0f3a63"


def test_many_rows_of_work_are_cut_and_the_rest_is_told(app: Flask) -> None:
    with database().writing() as session:
        two_months(session)
        dear_town(session, firms=MOST_TASKS + 2)
    cleared()
    with database().reading() as session:
        paper = paper_for(session, CITY)
    assert len(tables(paper)["序"].rows) == MOST_TASKS
    assert f"共 {MOST_TASKS + 2} 件" in paragraphs(paper)
    assert "其余 1,000 吨" in paragraphs(paper)


PLACES = (
    "/map?measure=utilisation&month={month}",
    "/oversight/gap?month={month}",
    "/map/closes/{month}",
)


@pytest.mark.parametrize("path", PLACES)
def test_the_briefing_of_the_month_shown_is_one_click_away(
    app: Flask, frozen: datetime, path: str
) -> None:
    with database().writing() as session:
        two_months(session)
    client = official(app)
    page = client.get(path.format(month="2026-10")).get_data(as_text=True)
    assert re.search(r'href="/oversight/briefings/2026-10.pdf">本月简报（PDF）<', page)
    open_month = client.get(path.format(month="2026-09")).get_data(as_text=True)
    assert "2026 年 9 月还没有月结，没有简报。" in open_month
    assert "本月简报" not in open_month


def test_whoever_oversees_nothing_is_offered_no_briefing(app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        two_months(session)
    page = app.test_client().get("/map?measure=utilisation&month=2026-10").get_data(as_text=True)
    assert "简报" not in page
