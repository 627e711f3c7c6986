"""Makes the virtual environment `.venv` and runs the product or its tests in it.

Called through the shell entrance `scripts/environment`, with the standard library only,
because nothing else is installed yet. Everything it writes stands in the checkout or in
`DATA_DIR` (the checkout's `var/` by default), the package manager's own cache apart.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed-locks"
OLDEST_PYTHON = (3, 11)
MOST_TEST_PROCESSES = 4

# Each lock with the locks it contains: installing it satisfies them too.
LOCKS = {"runtime": ("runtime",), "test": ("runtime", "test")}

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CJK_FONTS = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


# By name the region of a demo, and where its data stand unless DATA_DIR says otherwise.
DEMOS = {"liaocheng": ("371500", ROOT / "var"), "shandong": ("370000", ROOT / "var" / "shandong")}


class SetupError(Exception):
    """The set-up cannot go on. The message is one line that says what to do."""


# --- the virtual environment ------------------------------------------------------------


def prepare(lock: str) -> None:
    """Make `.venv` hold the locked versions; do nothing when it already does."""
    if not venv_works():
        make_venv()
    wanted = [f"{name} {digest(lock_file(name))}" for name in LOCKS[lock]]
    if set(wanted) <= set(_stamp()[1:]):
        return
    _write_stamp([])
    install(lock_file(lock))
    _write_stamp(wanted)


def lock_file(lock: str) -> Path:
    return ROOT / "requirements" / f"{lock}.lock"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _stamp() -> list[str]:
    """The place `.venv` was made at, then the locks it satisfies; empty when not known."""
    return STAMP.read_text(encoding="utf-8").splitlines() if STAMP.is_file() else []


def _write_stamp(locks: Sequence[str]) -> None:
    STAMP.write_text("\n".join([str(VENV), *locks]) + "\n", encoding="utf-8")


def venv_works() -> bool:
    """Whether `.venv` starts, is new enough and was not moved, which breaks its commands."""
    moved = _stamp()[:1] not in ([], [str(VENV)])
    old = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    return not moved and PYTHON.exists() and _succeeds(PYTHON, "-c", old)


def make_venv() -> None:
    base = Path(sys.executable).resolve()
    if uv_works():
        _execute("uv", "venv", "--quiet", "--clear", "--python", base, VENV)
    elif all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        _execute(base, "-m", "venv", "--clear", VENV)
    else:
        raise SetupError(
            "this Python cannot make virtual environments: install uv, "
            "or on Debian and Ubuntu: apt-get install python3-venv"
        )


def install(requirements: Path) -> None:
    if uv_works():
        installer: tuple[str | Path, ...] = ("uv", "pip", "install", "--python", PYTHON)
    else:
        if not _succeeds(PYTHON, "-m", "pip", "--version"):
            _execute(PYTHON, "-m", "ensurepip")
        options = ("--disable-pip-version-check", "--no-input", "--no-compile", "--use-pep517")
        installer = (PYTHON, "-m", "pip", "install", *options)
    _execute(*installer, "--quiet", "--require-hashes", "--requirement", requirements)


def uv_works() -> bool:
    """Whether uv is on the path and starts (a version manager's shim may not)."""
    return shutil.which("uv") is not None and _succeeds("uv", "--version")


# --- scripts/run ------------------------------------------------------------------------


def run(arguments: Sequence[str]) -> None:
    """Prepare everything, show each stage's seconds, and serve unless told otherwise."""
    options = _run_options(arguments)
    started = time.time()
    folder = ROOT / "var"
    if options.demo:
        os.environ["GUFEI_REGION"], folder = DEMOS[options.demo]
    os.environ["DATA_DIR"] = str(Path(os.environ.get("DATA_DIR") or folder).resolve())
    port = os.environ.setdefault("PORT", "8000")
    if not options.once:
        _require_free_port(port)
    with timed("dependencies"):
        prepare("runtime")
    _execute(PYTHON, "-m", "scripts.stages", *(["--empty"] if options.empty else []))
    print(f"{'total':<16}{time.time() - started:6.1f} s", flush=True)
    if not options.once:
        _serve(port, started)


def _run_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="Set everything up and serve the market on http://127.0.0.1:$PORT.",
        epilog="PORT (8000), DATA_DIR (./var) and GUFEI_ENV (development) come from the "
        "environment; docs/operations.md lists the rest.",
    )
    parser.add_argument("--once", action="store_true", help="do all of it, but do not serve")
    parser.add_argument("--demo", choices=DEMOS, help="the region of the demo (liaocheng)")
    parser.add_argument("--empty", action="store_true", help="start without demo data")
    return parser.parse_args(arguments)


def _require_free_port(port: str) -> None:
    """Say so now rather than after the set-up when the address is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except (OSError, ValueError, OverflowError):
            raise SetupError(
                f"port {port} cannot be used; choose another, as in: PORT=8001 scripts/run"
            ) from None


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Print how many seconds the block took."""
    started = time.monotonic()
    yield
    print(f"{stage:<16}{time.monotonic() - started:6.1f} s", flush=True)


def _serve(port: str, started: float) -> NoReturn:
    """Become the web server; gunicorn.conf.py says when it answers."""
    print(f"http://127.0.0.1:{port}", flush=True)
    os.environ["GUFEI_STARTED_AT"] = str(started)
    options = ("--bind", f"127.0.0.1:{port}", "--log-level", "warning")
    _become(PYTHON, "-m", "gunicorn", *options, "wsgi:app")


# --- scripts/test -----------------------------------------------------------------------


def test(arguments: Sequence[str]) -> NoReturn:
    """Prepare the test tools and become pytest, whose own closing line ends the output."""
    _install_browser()
    prepare("test")
    _execute(PYTHON, "-m", "flask", "--app", "wsgi", "i18n", "compile")
    spread = ("--numprocesses", "logical", "--maxprocesses", str(MOST_TEST_PROCESSES))
    _become(PYTHON, "-m", "pytest", *spread, "--dist", "worksteal", *arguments)


def prepare_tools(_: Sequence[str]) -> None:
    """Prepare the test tools and no more, for the entrances that call them themselves."""
    prepare("test")


def _install_browser() -> None:
    """As root on Debian, install Chromium and Chinese fonts where they are missing."""
    missing = [] if any(map(shutil.which, CHROMIUM)) else [CHROMIUM[0]]
    missing += [] if CJK_FONTS.exists() else ["fonts-noto-cjk"]
    if not missing or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    _execute("apt-get", "-qq", "update")
    _execute("apt-get", "-qq", "install", "--yes", "--no-install-recommends", *missing)


# --- processes --------------------------------------------------------------------------


def _execute(*command: str | Path) -> None:
    """Run a command in the checkout; its own message explains a failure."""
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SetupError(f"`{shlex.join(map(str, command))}` failed with status {code}")


def _succeeds(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _become(*command: str | Path) -> NoReturn:
    os.chdir(ROOT)
    os.execv(command[0], [str(word) for word in command])  # noqa: S606 (a shell would gain nothing)


def main(arguments: Sequence[str]) -> int:
    """Carry out `run`, `test` or `prepare`, named by the first argument."""
    # Compiled modules in .venv halve every start; without them each command compiles anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    commands = {"run": run, "test": test, "prepare": prepare_tools}
    try:
        commands[arguments[0]](arguments[1:])
    except SetupError as fault:
        print(f"gufei: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
