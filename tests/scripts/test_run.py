"""`scripts/run`, started as a stranger would start it."""

from __future__ import annotations

import base64
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.scripts.checkouts import Checkout, copy_checkout, lend_environment, row_counts

STAGES = (
    "dependencies",
    "loading",
    "translations",
    "database",
    "reference data",
    "demo market",
    "first clearing",
    "total",
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with its packages, in a folder whose name holds a space and Chinese."""
    copy = copy_checkout(tmp_path_factory.mktemp("run") / "固废 通")
    lend_environment(copy)
    return copy


@pytest.fixture(scope="module")
def demo(checkout: Checkout) -> str:
    """What the first `scripts/run --once` printed; its market stands in `var/`."""
    status, output = checkout.call("run", "--once")
    assert status == 0, output
    return output


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def production_secrets() -> dict[str, str]:
    return {
        "GUFEI_ENV": "production",
        "GUFEI_SECRET_KEY": secrets.token_urlsafe(48),
        "GUFEI_VAULT_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def test_the_first_run_names_its_stages_and_the_demo_accounts(demo: str) -> None:
    for stage in STAGES:
        assert f"\n{stage} " in f"\n{demo}"
    assert "operator" in demo


def test_the_demo_market_has_firms_and_a_clearing(checkout: Checkout, demo: str) -> None:
    counts = row_counts(checkout.root / "var" / "gufei.db")
    assert counts["company"] > 0
    assert counts["clearing_run"] == 2  # a call round, then the whole market


def test_a_second_run_adds_nothing(checkout: Checkout, demo: str) -> None:
    database = checkout.root / "var" / "gufei.db"
    before = row_counts(database)
    status, output = checkout.call("run", "--once")
    assert status == 0, output
    assert row_counts(database) == before


def test_an_empty_start_has_no_firm(checkout: Checkout, tmp_path: Path) -> None:
    status, output = checkout.call("run", "--once", "--empty", DATA_DIR=str(tmp_path))
    assert status == 0, output
    assert row_counts(tmp_path / "gufei.db")["company"] == 0


def test_data_dir_takes_everything_that_is_written(checkout: Checkout, demo: str) -> None:
    before = checkout.files()
    status, output = checkout.call("run", "--once", "--empty", DATA_DIR="elsewhere")
    assert status == 0, output
    assert (checkout.root.parent / "elsewhere" / "gufei.db").is_file()
    assert checkout.files() == before


def test_production_refuses_to_start_without_secrets(checkout: Checkout, tmp_path: Path) -> None:
    settings = {"GUFEI_ENV": "production", "DATA_DIR": str(tmp_path)}
    status, output = checkout.call("run", "--once", **settings)
    assert status == 1
    assert "GUFEI_SECRET_KEY" in output
    assert "Traceback" not in output
    assert not (tmp_path / "gufei.db").exists()


def test_production_never_loads_demo_data(checkout: Checkout, tmp_path: Path) -> None:
    settings = production_secrets() | {"DATA_DIR": str(tmp_path)}
    status, output = checkout.call("run", "--once", **settings)
    assert status == 0, output
    assert row_counts(tmp_path / "gufei.db")["company"] == 0


def test_a_taken_port_is_one_clear_line(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output = checkout.call("run", PORT=str(port))
    advice = "choose another, as in: PORT=8001 scripts/run"
    assert (status, output) == (1, f"gufei: port {port} cannot be used; {advice}\n")


def test_the_market_is_served_until_it_is_stopped(checkout: Checkout, demo: str) -> None:
    port = free_port()
    server = checkout.start("run", PORT=port)
    try:
        assert status_of(f"http://127.0.0.1:{port}/healthz", seconds=60) == 200
    finally:
        server.send_signal(signal.SIGTERM)
        output, _ = server.communicate(timeout=30)
    assert server.returncode == 0, output
    assert f"http://127.0.0.1:{port}" in output
    assert "serving after" in output


def status_of(url: str, seconds: float) -> int:
    """The status of a page, asked for until the server listens."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return int(answer.status)
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A search path with Python and nothing that could install packages but pip."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    (programs / "dirname").symlink_to("/usr/bin/dirname")
    return str(programs)


@pytest.mark.soak
def test_a_fresh_clone_installs_its_packages(tmp_path: Path) -> None:
    status, output = copy_checkout(tmp_path / "固废 通").call("run", "--once")
    assert status == 0, output


@pytest.mark.soak
def test_a_fresh_clone_installs_its_packages_with_pip_alone(tmp_path: Path, bare_path: str) -> None:
    status, output = copy_checkout(tmp_path / "固废 通").call("run", "--once", PATH=bare_path)
    assert status == 0, output
