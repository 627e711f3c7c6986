"""The town where readers meet it: served from this process, by a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.journeys.town import Town


class Silent(WSGIRequestHandler):
    """Leaves the log to the application."""

    def log_request(self, *_told: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """The town, and where it is served."""

    town: Town
    app: Flask
    url: str


@contextmanager
def served(town: Town, app: Flask) -> Iterator[Place]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield Place(town, app, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    serving.join()
