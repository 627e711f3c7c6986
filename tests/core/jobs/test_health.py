from __future__ import annotations

from app.core.jobs.runner import run_job
from tests.core.jobs.processes import enqueued
from tests.html import CheckedClient


def test_health_tells_depth_and_age_of_the_queue(client: CheckedClient) -> None:
    enqueued("test.work")
    answer = client.get("/healthz").get_json()
    assert answer == {"database": "ok", "queue_depth": 1, "oldest_job_seconds": 0}


def test_metrics_count_jobs_by_state(client: CheckedClient) -> None:
    run_job(enqueued("test.work", "1"))
    enqueued("test.work", "2")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'gufei_jobs{state="done"} 1.0' in text
    assert 'gufei_jobs{state="waiting"} 1.0' in text
    assert "gufei_jobs_waiting 1.0" in text
