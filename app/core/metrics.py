"""Counters for the monitor: requests by endpoint and status, and the state of the queue."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.core.jobs.queries import QueueHealth
from app.core.jobs.rules import JobState

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "gufei_requests_total", "Answered requests", ["endpoint", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "gufei_request_seconds", "Seconds from request to answer", ["endpoint"], registry=REGISTRY
)
QUEUE_DEPTH = Gauge("gufei_jobs_waiting", "Jobs that wait or run", registry=REGISTRY)
OLDEST_JOB = Gauge("gufei_oldest_job_seconds", "Age of the oldest waiting job", registry=REGISTRY)
JOBS = Gauge("gufei_jobs", "Jobs by state", ["state"], registry=REGISTRY)


def init_app(app: Flask) -> None:
    app.after_request(_count)


def read_queue(queue: QueueHealth, by_state: dict[JobState, int]) -> None:
    QUEUE_DEPTH.set(queue.depth)
    OLDEST_JOB.set(queue.oldest_seconds)
    for state, count in by_state.items():
        JOBS.labels(state.value).set(count)


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, str(response.status_code)).inc()
    if "began" in g:
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.began)
    return response
