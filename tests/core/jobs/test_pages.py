from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.core.jobs.pages import Stage, fragment, panel
from app.core.jobs.queries import JobRow
from app.core.jobs.rules import JobState
from tests.conftest import NOW
from tests.html import check

ROW = JobRow(
    id="x",
    kind="test.work",
    key="1",
    payload={},
    state=JobState.RUNNING,
    attempt=1,
    cancel_wanted=False,
    stage=1,
    done=1,
    total=4,
    error=None,
    enqueued_at=NOW,
    started_at=NOW,
    finished_at=None,
)
CONTROLS = ("撮合", "/poll", "/cancel")


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_a_running_job_shows_its_stage_and_count() -> None:
    shown = panel(ROW, *CONTROLS)
    assert shown.headline == "2 / 2 第二步"
    assert shown.share == 62
    assert shown.stages == [Stage("第一步", "", "done"), Stage("第二步", "1 / 4", "running")]


@pytest.mark.parametrize(
    ("change", "headline", "share", "states"),
    [
        ({"state": JobState.WAITING, "stage": 0, "attempt": 0}, "排队", 12, ["ahead", "ahead"]),
        ({"state": JobState.WAITING}, "第 1 次没有成功", 62, ["done", "ahead"]),
        ({"cancel_wanted": True}, "正在取消", 62, ["done", "running"]),
        ({"state": JobState.DONE}, "已完成", 100, ["done", "done"]),
        ({"state": JobState.FAILED}, "没有完成", 62, ["done", "failed"]),
        ({"state": JobState.CANCELLED}, "已取消", 62, ["done", "failed"]),
        ({"kind": "test.refuse"}, "正在处理", 125, []),
    ],
)
def test_a_state_is_shown_as(
    change: dict[str, object], headline: str, share: int, states: list[str]
) -> None:
    shown = panel(replace(ROW, **change), *CONTROLS)  # type: ignore[arg-type]
    assert shown.headline.startswith(headline)
    assert shown.share == min(share, 100)
    assert [stage.state for stage in shown.stages] == states


def test_an_open_job_is_polled_and_can_be_cancelled() -> None:
    response = fragment(panel(ROW, *CONTROLS))
    text = response.get_data(as_text=True)
    check(text)
    assert 'hx-get="/poll"' in text
    assert 'action="/cancel"' in text
    assert "csrf_token" in text
    assert "HX-Refresh" not in response.headers


def test_a_reader_who_may_not_cancel_sees_no_button() -> None:
    text = fragment(panel(ROW, "撮合", "/poll")).get_data(as_text=True)
    check(text)
    assert "<form" not in text


def test_a_job_that_ended_is_polled_no_more_and_gives_way_to_its_result() -> None:
    response = fragment(panel(replace(ROW, state=JobState.DONE), *CONTROLS))
    text = response.get_data(as_text=True)
    check(text)
    assert "hx-get" not in text
    assert "<form" not in text
    assert response.headers["HX-Refresh"] == "true"
