"""The product as its readers meet it: gunicorn, Chromium, both languages."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from tests.core.jobs.processes import wait_until
from tests.installations import build, lent
from tests.journeys.desks import furnish, live
from tests.journeys.place import Place, served
from tests.journeys.reader import Reader
from tests.journeys.town import SERVED, Town, settled
from tests.programs import Program

LOCALES = ("zh", "en")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        program = os.environ["GUFEI_TEST_CHROMIUM"]
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[*options, "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def settled_town(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Town, Flask]]:
    """The town with its desks, made once for each worker that asks for it."""
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(sqlite_template, folder / "gufei.db")
    app = build(folder)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    with pytest.MonkeyPatch.context() as patch, lent(app):
        patch.setattr("app.core.clock.read_clock", lambda: SERVED)
        live()
        town = settled(app)
        furnish(town)
    yield town, app
    app.extensions["gufei.database"].engine.dispose()


@pytest.fixture(scope="module")
def place(settled_town: tuple[Town, Flask]) -> Iterator[Place]:
    """The town on an evening that does not end, served from this process."""
    with pytest.MonkeyPatch.context() as patch, served(*settled_town) as place:
        patch.setattr("app.core.clock.read_clock", lambda: SERVED)
        yield place


@pytest.fixture
def market(app: Flask) -> Flask:
    """An empty, migrated market on SQLite, to be prepared by the test and served by `site`."""
    return app


@pytest.fixture
def embedded_jobs() -> bool:
    """Whether the site works off jobs: each starts the product anew, and few tests wait for one."""
    return False


@pytest.fixture
def site(market: Flask, data_dir: Path, embedded_jobs: bool) -> Iterator[str]:
    """The address of the served market."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    quiet = {"GUFEI_LOG_LEVEL": "warning", "GUFEI_WEEKLY_CLEARING": "0"}
    jobs = {"GUFEI_EMBEDDED_JOBS": str(int(embedded_jobs))}
    env = os.environ | {"DATA_DIR": str(data_dir)} | quiet | jobs
    server = Program("gunicorn", "wsgi:app", "--bind", address, env=env)
    try:
        wait_until(lambda: answers(f"http://{address}/healthz"), "the site answers")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(30)


def answers(url: str) -> bool:
    with suppress(OSError), urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


@pytest.fixture(params=LOCALES)
def meet(
    request: pytest.FixtureRequest, browser: Browser, site: str
) -> Iterator[Callable[[], Reader]]:
    """Makes readers, each with a browser profile of its own; none may see an error in it."""
    readers: list[Reader] = []

    def new_reader() -> Reader:
        context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
        reader = Reader(context.new_page(), request.param)
        readers.append(reader)
        return reader

    yield new_reader
    for reader in readers:
        reader.page.context.close()
    assert [fault for reader in readers for fault in reader.faults] == []


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """One bare page in a profile of its own."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
