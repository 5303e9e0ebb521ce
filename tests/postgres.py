"""A real PostgreSQL for tests, from Debian's package: started once a session, empty databases on demand.

A pytest plugin with the fixtures `postgresql` (a server), and `store_url` and `store`, which run a test once on each
database. Without the package those cases are skipped; where `CI=true` is set they fail instead.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from monitor.store import Store
from monitor.store.schema import metadata

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "tulip-and-anchor"

_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=60",
    "shared_buffers=32MB",
    "listen_addresses=127.0.0.1",
)


@dataclass
class Server:
    """A running server with its databases."""

    port: int
    directory: Path

    def address(self, name: str) -> str:
        return f"postgresql+psycopg://monitor:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def url(self) -> str:
        """Return the address of a database without any table: the same one each time, for one test at a time."""
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = 'fresh'"):
            self.execute("CREATE DATABASE fresh")
        self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "fresh")
        return self.address("fresh")

    def emptied(self) -> str:
        """Return the address of a database with our tables and no rows: quicker still."""
        if not self.execute("SELECT 1 FROM pg_database WHERE datname = 'emptied'"):
            self.execute("CREATE DATABASE emptied")
            Store.open(self.address("emptied"), now=NOW).close()
        self.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY", "emptied")
        return self.address("emptied")

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        dsn = f"host=127.0.0.1 port={self.port} dbname={name} user=monitor password={PASSWORD}"
        with psycopg.connect(dsn, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def programs() -> Path | None:
    """Return the directory of PostgreSQL's programs: of the path, else of Debian's newest version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def start(directory: Path, binaries: Path) -> tuple[Server, subprocess.Popen[bytes]]:
    """Start a server on a free loopback port with its data under the directory."""
    user = _server_user()
    data, secret = directory / "data", directory / "password"
    secret.write_text(PASSWORD)
    if user:
        for path in (directory, secret):
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
    initdb = [binaries / "initdb", "-D", data, "-U", "monitor", "-A", "scram-sha-256", "--pwfile", secret]
    subprocess.run(
        _as(user, [*initdb, "-E", "UTF8", "--locale=C", "--no-sync"]),
        check=True,
        capture_output=True,
        cwd=directory,
    )
    port = _free_port()
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = [binaries / "postgres", "-D", data, "-p", str(port), "-k", directory, *options]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(_as(user, command), stdout=log, stderr=log, cwd=directory)
    try:
        _wait(binaries, port, process, directory)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return Server(port, directory), process


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """Run a server in a directory of its own for as long as the context lasts."""
    # Not pytest's own directory, which only its owner may enter; the path of a socket must be short.
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    process = None
    try:
        server, process = start(directory, binaries)
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # at once: nobody needs the data
            process.wait(30)
        shutil.rmtree(directory)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as the user that its package made."""
    return "postgres" if os.getuid() == 0 else None


def _as(user: str | None, command: list[object]) -> list[str]:
    """Run as that user, and end when the tests are killed."""
    change = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    return ["setpriv", *change, "--pdeathsig", "QUIT", *(str(word) for word in command)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(binaries: Path, port: int, process: subprocess.Popen[bytes], directory: Path) -> None:
    ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once: {(directory / 'log').read_text()}")
        if subprocess.run(ready, check=False).returncode == 0:
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError("PostgreSQL does not become ready")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running server; the test is skipped where there is none (and fails where CI=true)."""
    binaries = programs()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed, and CI must not pass without it: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with running(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'monitor.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.url()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with our tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("blank") / "monitor.db"
    Store.open(f"sqlite:///{path}", now=NOW).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, blank: Path) -> Iterator[Store]:
    """An open, empty store, once on each database."""
    if request.param == "sqlite":
        shutil.copy(blank, tmp_path / "monitor.db")
        url = f"sqlite:///{tmp_path / 'monitor.db'}"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.emptied()
    with Store.open(url, now=NOW) as opened:
        yield opened
