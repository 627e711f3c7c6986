"""Chromium for the tests marked ``browser``, as a pytest plugin.

``GUFEI_TEST_CHROMIUM`` holds the program's path, as given or as found; the headless shell comes
first, for it renders the same and draws no window around each page. Without one
those tests are left out and the summary says in one line what to install; under
``CI=true`` its absence is an error.
"""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM = "GUFEI_TEST_CHROMIUM"
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ADVICE = "install Debian's packages chromium-headless-shell and fonts-noto-cjk"


def pytest_configure(config: pytest.Config) -> None:
    """Find Chromium once, before xdist starts its workers."""
    found = os.environ.get(CHROMIUM) or find_chromium()
    if found:
        os.environ[CHROMIUM] = found
    elif os.environ.get("CI") == "true":
        raise pytest.UsageError(f"the browser tests need Chromium under CI: {ADVICE}")


def find_chromium() -> str | None:
    """The first browser of Chromium's family on the search path."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out where there is no browser."""
    if CHROMIUM in os.environ:
        return
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if not item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=browser_tests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that the browser tests were left out, and what to install."""
    if CHROMIUM not in os.environ:
        terminalreporter.write_line(f"browser tests left out: no Chromium found; {ADVICE}")
