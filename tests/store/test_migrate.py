"""Opening: new, current, older and newer schemas; one migrates, the others wait; a backup comes first."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.errors import StoreBusy, StoreError, StoreNewer
from monitor.store import Store, migrate
from monitor.store.schema import VERSION_TABLE, metadata
from tests.postgres import NOW
from tests.store.build import draft, poll

STEP = '''"""A later step, for a test."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("probe", sa.Column("later", sa.Text()))
    op.create_table("extra", sa.Column("id", sa.Integer(), primary_key=True))
    {end}
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The migrations of a program that is one step ahead, in a directory whose name tries configparser's patience."""
    ahead = tmp_path / "100% ahead"
    shutil.copytree(migrate._MIGRATIONS, ahead, ignore=shutil.ignore_patterns("__pycache__"))
    step = ahead / "versions" / "0006_later.py"
    step.write_text(STEP.format(end=""))
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_MIGRATIONS", ahead)
        yield step


def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/monitor.db"


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        found: str = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()[0]
        return found


def old_store(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a store with one article by today's program, whatever `later` has patched."""
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_MIGRATIONS", Path(migrate.__file__).with_name("migrations"))
        with Store.open(url, now=NOW) as store:
            store.ingest(poll(draft("a")), ["w"], NOW)


def test_the_migrations_make_the_schema_that_the_program_uses(store: Store) -> None:
    """Tables, columns, types and indexes of the migrated database are those of schema.py, on both databases."""
    with store._db.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_a_step_is_named_by_its_version(later: Path) -> None:
    """The files' names, by which the program knows its schemas without Alembic, are Alembic's revisions in order."""
    steps = list(ScriptDirectory.from_config(migrate._config()).walk_revisions())
    files = sorted(path.name for path in later.parent.glob("[0-9]*.py"))
    assert [step.revision for step in reversed(steps)] == [name.partition("_")[0] for name in files]


def test_a_current_schema_needs_no_alembic(tmp_path: Path) -> None:
    """A store that is up to date is opened without the library that migrates: it would cost memory for nothing."""
    Store.open(file_url(tmp_path), now=NOW).close()
    program = (
        "import sys; from datetime import UTC, datetime; from monitor.store import Store;"
        "Store.open(sys.argv[1], now=datetime.now(UTC)).close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, file_url(tmp_path)], check=False).returncode == 0


def test_a_current_database_is_opened_without_a_write(tmp_path: Path) -> None:
    """Nothing to migrate: no lock is needed and no backup made."""
    with Store.open(file_url(tmp_path), now=NOW) as store:
        assert store.migrated_from is None
    with closing(sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Store.open(file_url(tmp_path), now=NOW, lock_wait=0.05) as store:
            assert store.pending("w", 1) == []
    assert [path.name for path in tmp_path.glob("*.backup")] == []


def test_an_older_file_is_backed_up_and_migrated(tmp_path: Path, later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup beside the file bears the caller's date and holds the old schema with its data; the file is new."""
    old_store(file_url(tmp_path), monkeypatch)
    with Store.open(file_url(tmp_path), now=NOW) as store:
        assert store.migrated_from == tmp_path / "monitor.db.2026-03-01T12-00-00Z.schema-0005.backup"
        assert [item.id for item in store.articles_since()] == ["a"]
    assert version(tmp_path / "monitor.db") == "0006"
    assert version(store.migrated_from) == "0005"
    with closing(sqlite3.connect(store.migrated_from)) as connection:
        assert connection.execute("SELECT id FROM articles").fetchall() == [("a",)]
    assert list(tmp_path.glob("*.part")) == []


def test_an_upgrade_that_fails_leaves_the_old_schema(
    store_url: str, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that breaks off half way, as by a crash, is rolled back whole, on both databases."""
    old_store(store_url, monkeypatch)
    later.write_text(STEP.format(end="raise RuntimeError('power cut')"))
    with pytest.raises(RuntimeError, match="power cut"):
        Store.open(store_url, now=NOW)
    later.unlink()
    with Store.open(store_url, now=NOW) as store:
        assert [item.id for item in store.articles_since()] == ["a"]
        store.check()


def test_a_backup_that_can_not_be_made_stops_the_upgrade(
    tmp_path: Path, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a backup no upgrade: the error says what to mend, and the old schema stands."""
    old_store(file_url(tmp_path), monkeypatch)
    (tmp_path / "monitor.db.2026-03-01T12-00-00Z.schema-0005.backup.part").mkdir()
    with pytest.raises(StoreError, match=r"can't be backed up before its upgrade.*Fix: free space"):
        Store.open(file_url(tmp_path), now=NOW)
    assert version(tmp_path / "monitor.db") == "0005"


def test_a_newer_schema_is_refused_and_untouched(store_url: str, later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that a newer program wrote is not opened by an older one, not even for reading."""
    Store.open(store_url, now=NOW).close()
    later.unlink()
    for read_only in (False, True):
        with pytest.raises(
            StoreNewer, match=r"newer version of this program \(schema 0006\)\. Fix: install that version"
        ):
            Store.open(store_url, now=NOW, read_only=read_only)


def test_an_older_schema_is_not_migrated_by_a_reader(
    store_url: str, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened for reading alone, an older database is refused with the way to migrate it."""
    old_store(store_url, monkeypatch)
    with pytest.raises(StoreError, match=r"has an older schema\. Fix: start `monitor run` once"):
        Store.open(store_url, now=NOW, read_only=True)


def test_a_new_database_that_is_locked_is_busy(tmp_path: Path) -> None:
    """Opening waits for the lock as long as asked, then says who is in the way."""
    with closing(sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="is locked by another process"):
            Store.open(file_url(tmp_path), now=NOW, lock_wait=0.05)


def test_several_threads_open_a_new_database_at_once(store_url: str) -> None:
    """All of them get a working store, and the schema is made once."""
    barrier = threading.Barrier(4)

    def start(number: int) -> int:
        barrier.wait(60)
        with Store.open(store_url, now=NOW) as store:
            return len(store.ingest(poll(draft(str(number))), ["w"], NOW).new)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(start, range(4))) == [1] * 4
    with Store.open(store_url, now=NOW) as store:
        assert store.pending_counts() == {"w": 4}


def test_several_processes_open_a_new_database_at_once(store_url: str) -> None:
    """Locks hold between processes as well."""
    program = (
        "import sys; from datetime import UTC, datetime; from monitor.store import Store; sys.stdin.readline();"
        "store = Store.open(sys.argv[1], now=datetime.now(UTC)); store.check(); store.close()"
    )
    command = [sys.executable, "-W", "error", "-c", program, store_url]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")


def test_a_live_backup_is_whole(tmp_path: Path) -> None:
    """A backup made while the store is open and being written is a complete, working store of that moment."""
    with Store.open(file_url(tmp_path), now=NOW) as store:
        store.ingest(poll(draft("a")), ["w"], NOW)
        with store._db.write() as connection:
            connection.exec_driver_sql("UPDATE judgements SET error = 'not committed yet'")
            store.backup(tmp_path / "copy.db")
        store.ingest(poll(draft("b")), ["w"], NOW)
    with Store.open(f"sqlite:///{tmp_path}/copy.db", now=NOW) as copy:
        assert [item.id for item in copy.articles_since()] == ["a"]
        assert len(copy.pending("w", 5)) == 1


def test_a_backup_overwrites_nothing_and_leaves_no_half_copy(tmp_path: Path) -> None:
    """An existing file and a missing directory are errors with a fix."""
    with Store.open(file_url(tmp_path), now=NOW) as store:
        (tmp_path / "taken").write_text("mine")
        with pytest.raises(StoreError, match=r"taken exists already\. Fix"):
            store.backup(tmp_path / "taken")
        with pytest.raises(StoreError, match=r"can't be written.*Fix: check its directory"):
            store.backup(tmp_path / "missing" / "copy.db")
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_store_that_is_no_file_refers_to_its_own_tools(postgresql: object, request: pytest.FixtureRequest) -> None:
    """PostgreSQL and in-memory stores are not copied as files."""
    server = request.getfixturevalue("postgresql")
    for url in (server.url(), "sqlite://"):
        with Store.open(url, now=NOW) as store, pytest.raises(StoreError, match="Fix: use pg_dump"):
            store.backup(Path("/nowhere"))


def test_a_scratch_store_lives_in_memory() -> None:
    """`sqlite://` is a store without a file that several threads may use."""
    with Store.open("sqlite://", now=NOW) as store, ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda n: len(store.ingest(poll(draft(str(n))), ["w"], NOW).new), range(40)))
        assert done == [1] * 40
        assert store.pending_counts() == {"w": 40}
        assert len(list(store.articles_since())) == 40
