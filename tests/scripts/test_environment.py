"""What `scripts/environment.py` decides, without installing anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app.settings import ROOT
from scripts import environment, stages


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty checkout whose installations are only written down: the names of the locks."""
    made: list[str] = []
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "installed-locks")
    monkeypatch.setattr(environment, "venv_works", lambda: True)
    monkeypatch.setattr(environment, "install", lambda path: made.append(path.stem))
    (tmp_path / ".venv").mkdir()
    (tmp_path / "requirements").mkdir()
    for lock in environment.LOCKS:
        environment.lock_file(lock).write_text(f"{lock}==1\n", encoding="utf-8")
    return made


def test_an_unchanged_lock_is_installed_once(installed: list[str]) -> None:
    environment.prepare("runtime")
    environment.prepare("runtime")
    assert installed == ["runtime"]


def test_a_changed_lock_is_installed_again(installed: list[str]) -> None:
    environment.prepare("runtime")
    environment.lock_file("runtime").write_text("runtime==2\n", encoding="utf-8")
    environment.prepare("runtime")
    assert installed == ["runtime", "runtime"]


def test_the_test_tools_bring_the_runtime_with_them(installed: list[str]) -> None:
    environment.prepare("test")
    environment.prepare("runtime")
    assert installed == ["test"]


def test_an_interrupted_installation_is_done_again(
    installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            environment.prepare("runtime")
    environment.prepare("runtime")
    assert installed == ["runtime"]


def test_a_python_that_cannot_make_environments_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "uv_works", lambda: False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(environment.SetupError, match="apt-get install python3-venv"):
        environment.make_venv()


def test_a_machine_without_a_new_enough_python_gets_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    result = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "run"],
        check=False,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr == "gufei: Python 3.11 or newer is needed; found: Python 3.9.2\n"


def pins(lock: str) -> set[str]:
    """The `name==version` of every package of a lock."""
    lines = environment.lock_file(lock).read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if "==" in line}


def test_the_test_lock_holds_every_version_of_the_runtime_lock() -> None:
    assert pins("runtime") <= pins("test")


@pytest.mark.parametrize("lock", environment.LOCKS)
def test_a_lock_is_hashed_and_names_no_index(lock: str) -> None:
    text = environment.lock_file(lock).read_text(encoding="utf-8")
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize(
    ("tests", "checks", "status"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (5, 0, 1)]
)
def test_ci_passes_only_when_tests_and_checks_pass(
    tmp_path: Path, tests: int, checks: int, status: int
) -> None:
    for name, code in (("test", tests), ("check", checks)):
        script = tmp_path / "scripts" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f"#!/bin/sh\necho ran {name}\nexit {code}\n")
        script.chmod(0o755)
    ci = tmp_path / ".ci" / "run"
    ci.parent.mkdir()
    ci.write_bytes((ROOT / ".ci" / "run").read_bytes())
    result = subprocess.run(["bash", ci], check=False, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (status, "ran test\nran check\n")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment that `run --once` hands on; nothing is installed and nothing started."""
    handed: dict[str, str] = {}
    monkeypatch.setattr(environment, "prepare", lambda lock: None)
    monkeypatch.setattr(environment, "_execute", lambda *command: handed.update(os.environ))
    for name in ("DATA_DIR", "GUFEI_REGION"):
        monkeypatch.setenv(name, "")
    return handed


@pytest.mark.parametrize(
    ("options", "region", "folder"),
    [
        ((), "", "var"),
        (("--demo", "liaocheng"), "371500", "var"),
        (("--demo", "shandong"), "370000", "var/shandong"),
    ],
)
def test_a_demo_has_a_region_and_a_folder_of_its_own(
    started: dict[str, str], options: tuple[str, ...], region: str, folder: str
) -> None:
    environment.run(["--once", *options])
    assert started["GUFEI_REGION"] == region
    assert started["DATA_DIR"] == str(ROOT / folder)


def test_a_folder_that_is_named_is_kept_whatever_the_demo(
    started: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    environment.run(["--once", "--demo", "shandong"])
    assert started["DATA_DIR"] == str(tmp_path)


def test_only_liaocheng_has_the_told_market() -> None:
    assert "demo load" in stages.demo_of("371500").values()
    assert set(stages.demo_of("370000").values()) == {"demo load-world"}
