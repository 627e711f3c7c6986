"""The pages of the gap and the sandbox, for each reader, in both languages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import refresh

from app.core.jobs.runner import run_job
from app.core.office.download import KINDS
from app.core.transactions import database
from app.listings.rules import Side
from app.oversight.queries import scenario_of
from tests.accounts.factories import operator_user, regulator, settled, sign_in
from tests.html import CheckedClient
from tests.oversight.factories import measured
from tests.oversight.test_scenarios import site_of

pytestmark = pytest.mark.usefixtures("frozen")


def official(app: Flask, region: str | None = "371500") -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    with database().writing() as session:
        user = regulator(session, region) if region else operator_user(session)
        settled(session, user)
    sign_in(client, user)
    refresh()
    return client


def text(client: CheckedClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_the_gap_page_of_a_measured_run(app: Flask) -> None:
    number = measured()
    page = text(official(app), "/oversight/gap?month=2026-12")
    for words in ("五步到目标", "工作单", "最后一吨的价钱", "投资罗盘", number, "双方重新看价格"):
        assert words in page
    assert "2,400" in page
    bands = official(app).get("/oversight/gap/curve.json?month=2026-12").get_json()
    assert [set(band) for band in bands] == [{"tonnes", "yuan"}]


def test_the_gap_page_in_english(app: Flask) -> None:
    measured()
    client = official(app)
    client.set_cookie("language", "en")
    assert "Price of the last tonne" in text(client, "/oversight/gap?month=2026-12")


@pytest.mark.parametrize("path", ["/oversight/gap", "/oversight/gap?month=2020-01&material=x"])
def test_without_a_run_the_page_says_so(app: Flask, path: str) -> None:
    page = text(official(app), path)
    assert "还没有算出来" in page
    assert "没有要办的事" in page


def test_a_month_that_is_none_is_said(app: Flask) -> None:
    assert "不是月份" in text(official(app), "/oversight/gap?month=never", 422)


@pytest.mark.parametrize("path", ["gap", "scenarios", "scenarios/new"])
def test_the_desk_is_for_officials(app: Flask, path: str) -> None:
    assert app.test_client().get(f"/oversight/{path}").status_code in (302, 303, 401)


def test_another_region_reads_nothing_of_it(app: Flask) -> None:
    measured()
    page = text(official(app, "371522"), "/oversight/gap?month=2026-12")
    assert "这个月没有在市的吨数" in page
    assert "没有要办的事" in page


def test_the_compass_fills_in_the_sandbox_and_the_answer_is_compared(app: Flask) -> None:
    measured()
    client, works = official(app), site_of(Side.REQUIREMENT)
    assert "还没有试算" in text(client, "/oversight/scenarios")
    asked = f"line_site={works}&line_material=fly_ash&line_kg=3000"
    assert asked in text(client, "/oversight/gap?month=2026-12").replace("&amp;", "&")
    assert 'value="3000"' in text(client, f"/oversight/scenarios/new?{asked}")
    sent = client.post(
        "/oversight/scenarios/new",
        data={"name": "添线", "line_site": works, "line_material": "fly_ash", "line_kg": "50"},
    )
    assert sent.headers["Location"] == "/oversight/scenarios/X-0001"
    assert "求解中" in text(client, "/oversight/scenarios/X-0001")
    assert client.get("/oversight/scenarios/X-0001/progress").status_code == 200
    with database().reading() as session:
        job = scenario_of(session, "X-0001").job_id
    run_job(job)
    page = text(client, "/oversight/scenarios/X-0001")
    assert "+100" in page
    assert "添受料线" in page
    assert "+100" in text(client, "/oversight/scenarios")
    for path in ("scenarios?sheet=scenarios", "scenarios/X-0001?sheet=materials"):
        assert client.get(f"/oversight/{path}").mimetype == KINDS[".xlsx"]


def test_what_is_half_filled_or_blank_is_refused_at_its_field(app: Flask) -> None:
    measured()
    client = official(app)
    half = client.post("/oversight/scenarios/new", data={"name": "半", "silo_kg": "5"})
    assert half.status_code == 422
    assert "请把这一项也填上" in half.get_data(as_text=True)
    blank = client.post("/oversight/scenarios/new", data={"name": "空"})
    assert "请至少改一个条件" in blank.get_data(as_text=True)
    nameless = client.post("/oversight/scenarios/new", data={"name": "   ", "freight": "0.5"})
    assert "请给这次试算起个名" in nameless.get_data(as_text=True)
    odd = client.post("/oversight/scenarios/new", data={"name": "运价", "freight": "0.51"})
    assert "0.05" in odd.get_data(as_text=True)


def test_every_kind_of_edit_can_be_asked_for(app: Flask) -> None:
    measured()
    client, plant, works = official(app, None), site_of(Side.OFFER), site_of(Side.REQUIREMENT)
    data = {
        "name": "全改",
        "silo_site": plant,
        "silo_material": "fly_ash",
        "silo_kg": "100",
        "line_site": works,
        "line_material": "fly_ash",
        "line_kg": "100",
        "close_site": plant,
        "close_first": "2026-12",
        "close_last": "2026-12",
        "reach_site": works,
        "reach_km": "200",
        "route_from": plant,
        "route_to": works,
        "route_material": "fly_ash",
        "alert_percent": "30",
        "alert_first": "2026-12",
        "alert_last": "2027-01",
        "alert_county": "371503",
        "freight": "0.45",
        "target": "95",
    }
    assert client.post("/oversight/scenarios/new", data=data).status_code == 303
    page = text(client, "/oversight/scenarios/X-0001")
    for words in (
        "建料库",
        "添受料线",
        "停产",
        "运距放宽",
        "开通路线",
        "运价 0.45",
        "停运 30%",
        "目标 95%",
    ):
        assert words in page
