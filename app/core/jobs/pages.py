"""The progress panel: what a reader sees of a job, polled every two seconds."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import htmx
from app.core.jobs import registry
from app.core.jobs.queries import JobRow
from app.core.jobs.rules import JobState

HEADLINES = {
    JobState.WAITING: _l("排队等待，轮到时自动开始"),
    JobState.RUNNING: _l("正在处理"),
    JobState.DONE: _l("已完成"),
    JobState.FAILED: _l("没有完成"),
    JobState.CANCELLED: _l("已取消"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the list; `state` is done, running, ahead or failed."""

    label: str
    count: str
    state: str


@dataclass(frozen=True, slots=True)
class ProgressPanel:
    """What `jobs/_progress.html` shows; `share` is whole percent.

    An empty URL hides what it is for.
    """

    title: str
    headline: str
    share: int
    stages: list[Stage]
    poll_url: str
    cancel_url: str


def panel(row: JobRow, title: str, poll_url: str, cancel_url: str = "") -> ProgressPanel:
    """The panel of a job; `cancel_url` only for a reader who may cancel it."""
    labels = [str(label) for label in registry.stages(row.kind)]
    return ProgressPanel(
        title=title,
        headline=_headline(row, labels),
        share=_share(row, len(labels)),
        stages=[_stage(row, index, label) for index, label in enumerate(labels)],
        poll_url="" if row.ended else poll_url,
        cancel_url="" if row.ended or row.cancel_wanted else cancel_url,
    )


def fragment(shown: ProgressPanel) -> Response:
    """The answer to a poll; once the job has ended it asks for the whole page, the result."""
    response = make_response(render_template("jobs/_progress.html", progress=shown))
    return response if shown.poll_url else htmx.refresh(response)


def _headline(row: JobRow, labels: list[str]) -> str:
    if row.cancel_wanted and not row.ended:
        return str(_("正在取消"))
    if row.state is JobState.WAITING and row.attempt:
        return str(_("第 %(attempt)s 次没有成功，稍后自动再试", attempt=row.attempt))
    if row.state is JobState.RUNNING and row.stage < len(labels):
        return f"{row.stage + 1} / {len(labels)} {labels[row.stage]}"
    return str(HEADLINES[row.state])


def _share(row: JobRow, stages: int) -> int:
    """Stages count alike; the counted part of the present one is added."""
    if row.state is JobState.DONE:
        return 100
    within = row.done * 100 // row.total if row.total else 0
    return min(100, (row.stage * 100 + within) // max(stages, 1))


def _stage(row: JobRow, index: int, label: str) -> Stage:
    present = index == row.stage and row.state is not JobState.DONE
    count = f"{row.done:,} / {row.total:,}" if present and row.total else ""
    return Stage(label, count, _present_state(row) if present else _other_state(row, index))


def _present_state(row: JobRow) -> str:
    if row.state in (JobState.FAILED, JobState.CANCELLED):
        return "failed"
    return "running" if row.state is JobState.RUNNING else "ahead"


def _other_state(row: JobRow, index: int) -> str:
    return "done" if index < row.stage or row.state is JobState.DONE else "ahead"
