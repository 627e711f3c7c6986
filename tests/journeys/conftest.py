"""The product as its readers meet it: gunicorn with embedded jobs, Chromium, both languages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from app.settings import ROOT
from tests.core.jobs.processes import wait_until
from tests.installations import build
from tests.journeys.reader import Reader

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


@pytest.fixture
def market(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    """An empty, migrated market on SQLite, to be prepared by the test and served by `site`."""
    shutil.copy(sqlite_template, tmp_path / "gufei.db")
    app = build(tmp_path)
    with app.app_context():
        yield app
    app.extensions["gufei.database"].engine.dispose()


@pytest.fixture
def site(market: Flask, tmp_path: Path) -> Iterator[str]:
    """The address of the served market."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", address]
    quiet = {"GUFEI_LOG_LEVEL": "warning", "GUFEI_WEEKLY_CLEARING": "0"}
    env = os.environ | {"DATA_DIR": str(tmp_path)} | quiet
    server = subprocess.Popen(command, cwd=ROOT, env=env)
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
