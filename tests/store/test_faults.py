"""Every way in which a database fails, as one of our errors, with the database's name and the fix."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from monitor.records import Outgoing
from monitor.store import Store
from monitor.store.faults import Conflict, masked, translate
from tests.postgres import NOW, PASSWORD, Server
from tests.store.build import HOUR, alert, draft, feed, judgement, lease, poll, send

SQLITE = make_url("sqlite:////var/lib/monitor/monitor.db")
POSTGRESQL = make_url(f"postgresql+psycopg://monitor:{PASSWORD}@db.example:5433/news?sslmode=require")

WRITES: dict[str, Callable[[Store], object]] = {
    "check": lambda store: store.check(),
    "ingest": lambda store: store.ingest(poll(draft("b")), ["w"], NOW),
    "sync_feeds": lambda store: store.sync_feeds([feed()], NOW),
    "add_feed": lambda store: store.add_feed(feed(), NOW),
    "remove_feed": lambda store: store.remove_feed("u", NOW),
    "set_paused": lambda store: store.set_paused("u", True),
    "poll_now": lambda store: store.poll_now("u", NOW),
    "claim_due": lambda store: store.claim_due("me", NOW, 1, HOUR),
    "keep_claims": lambda store: store.keep_claims("me", ["u"], HOUR),
    "acquire": lambda store: store.acquire("x", "me", HOUR),
    "abandon": lambda store: store.abandon("me"),
    "add_silence": lambda store: store.add_silence(until=NOW, author="a", comment="b", now=NOW),
    "expire_silence": lambda store: store.expire_silence(1, NOW),
    "release_held": lambda store: store.release_held(["k"], NOW),
    "release_digest": lambda store: store.release_digest(alert("d"), ["k"], ["c"], NOW),
    "unpark": lambda store: store.unpark(NOW),
    "purge": lambda store: store.purge(NOW, NOW),
}


def sqlite_fault(code: int, message: str = "words of the driver") -> DBAPIError:
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorcode = code
    return DBAPIError("SELECT 1", {}, cause)


def pg_fault(kind: type[psycopg.Error]) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, kind("words of the driver"))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_BUSY, StoreBusy, "is locked"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreBusy, "is locked"),
        (sqlite3.SQLITE_LOCKED, StoreBusy, "is locked"),
        (sqlite3.SQLITE_FULL, StoreFull, "no room left"),
        (sqlite3.SQLITE_READONLY, StoreReadOnly, "can't be written"),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreReadOnly, "not moved"),
        (sqlite3.SQLITE_PERM, StoreReadOnly, "can't be written"),
        (sqlite3.SQLITE_CORRUPT, StoreCorrupt, "is damaged"),
        (sqlite3.SQLITE_NOTADB, StoreCorrupt, "not an SQLite database"),
        (sqlite3.SQLITE_CANTOPEN, StoreError, "there is no directory /var/lib/monitor"),
        (sqlite3.SQLITE_IOERR_WRITE, StoreError, "check the disk"),
        (sqlite3.SQLITE_ERROR, StoreError, "report this as a bug"),
    ],
)
def test_sqlite_faults_are_mapped(code: int, kind: type[StoreError], words: str) -> None:
    """Every result code that an operator can do something about has its class and its fix."""
    made = translate(sqlite_fault(code), SQLITE)
    assert type(made) is kind
    assert str(made).startswith("database /var/lib/monitor/monitor.db ")
    assert words in str(made)
    assert "Fix: " in str(made)
    assert "words of the driver" in str(made)


def test_an_input_output_error_on_a_full_disk_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite reports some full disks as input/output errors; the room that is left tells them apart."""
    url = URL.create("sqlite", database=str(tmp_path / "x.db"))
    fault = sqlite_fault(sqlite3.SQLITE_IOERR_SHMSIZE)
    assert type(translate(fault, url)) is StoreError
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert type(translate(fault, url)) is StoreFull


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (pg.SerializationFailure, Conflict),
        (pg.DeadlockDetected, Conflict),
        (pg.UniqueViolation, Conflict),
        (pg.LockNotAvailable, StoreBusy),
        (pg.TooManyConnections, StoreBusy),
        (pg.DiskFull, StoreFull),
        (pg.OutOfMemory, StoreFull),
        (pg.ReadOnlySqlTransaction, StoreReadOnly),
        (pg.InsufficientPrivilege, StoreReadOnly),
        (pg.DataCorrupted, StoreCorrupt),
        (pg.IndexCorrupted, StoreCorrupt),
        (pg.InvalidCatalogName, StoreError),
        (pg.InvalidPassword, StoreError),
        (pg.InvalidAuthorizationSpecification, StoreError),
        (pg.AdminShutdown, StoreError),
        (pg.CannotConnectNow, StoreError),
        (psycopg.OperationalError, StoreError),
        (psycopg.InterfaceError, StoreError),
        (pg.UndefinedTable, StoreError),
    ],
)
def test_postgresql_faults_are_mapped(kind: type[psycopg.Error], expected: type[StoreError]) -> None:
    """Every SQLSTATE that an operator can do something about has its class and its fix."""
    made = translate(pg_fault(kind), POSTGRESQL)
    assert type(made) is expected
    assert str(made).startswith("database postgresql://monitor:***@db.example:5433/news ")
    assert "Fix: " in str(made)


def test_a_pool_without_a_free_connection_is_busy() -> None:
    """Waiting for a connection in vain is StoreBusy too."""
    assert type(translate(PoolTimeout(), POSTGRESQL)) is StoreBusy


def test_no_password_is_in_any_name_or_error() -> None:
    """Neither in the address's user part, nor in its options, nor where a driver repeats it."""
    url = POSTGRESQL.update_query_dict({"password": "other-secret"})
    assert PASSWORD not in masked(url)
    assert "other-secret" not in masked(url)
    repeating = IntegrityError("q", {}, psycopg.OperationalError(f"connection to {PASSWORD} with other-secret failed"))
    assert PASSWORD not in str(translate(repeating, url))
    assert "other-secret" not in str(translate(repeating, url))


@pytest.mark.parametrize("url", ["mysql://u:hush@h/x", "", "no address: hush", "postgresql://u:hush@h:port/x"])
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    """The error says what an address looks like, and not what the password was."""
    with pytest.raises(StoreError, match=r"Fix: sqlite:////path/monitor\.db or postgresql\+psycopg://") as raised:
        Store.open(url, now=NOW)
    assert "hush" not in str(raised.value)


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """A database in a directory that does not exist says which one to create."""
    with pytest.raises(StoreError, match=rf"there is no directory {tmp_path}/missing.*Fix: create it"):
        Store.open(f"sqlite:///{tmp_path}/missing/monitor.db", now=NOW)


@pytest.mark.parametrize(
    "content", [b"This is a text file, long enough to be read as a header. " * 40, os.urandom(8192)]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """Somebody else's file is StoreCorrupt, and not one byte of it is changed."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="is not an SQLite database"):
        Store.open(f"sqlite:///{path}", now=NOW)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    """An SQLite database of another program is not given our tables."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (id)")
    with pytest.raises(StoreCorrupt, match="belongs to another program"):
        Store.open(f"sqlite:///{path}", now=NOW)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    """A file whose pages were overwritten gives StoreCorrupt when they are read, and for a backup of it."""
    path = tmp_path / "monitor.db"
    with Store.open(f"sqlite:///{path}", now=NOW) as store:
        store.ingest(poll(*(draft(str(number)) for number in range(300))), ["w"], NOW)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    with pytest.raises(StoreCorrupt, match="damaged"), Store.open(f"sqlite:///{path}", now=NOW) as store:
        store.ingest(poll(draft("x")), ["w"], NOW)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Store]:
    """A store with one article, whose file another process's connection has locked for writing."""
    path = tmp_path / "monitor.db"
    with Store.open(f"sqlite:///{path}", now=NOW, lock_wait=0.05) as store:
        store.ingest(poll(draft("a")), ["w"], NOW)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield store
            other.execute("ROLLBACK")
        store.check()


@pytest.mark.parametrize("name", WRITES)
def test_every_write_to_a_locked_database_is_busy(locked: Store, name: str) -> None:
    """Locked by somebody else: StoreBusy, reading goes on, and afterwards everything works again."""
    with pytest.raises(StoreBusy, match=r"monitor\.db is locked by another process.*Fix: stop the other one"):
        WRITES[name](locked)
    assert len(locked.pending("w", 5)) == 1


@pytest.mark.parametrize("name", WRITES)
def test_every_write_to_a_read_only_database_is_refused(store: Store, name: str) -> None:
    """A store opened for reading alone answers questions and refuses every write, on both databases."""
    send(store, Outgoing(alert("k"), ("c",), hold=NOW))
    store.ingest(poll(draft("a")), ["w"], NOW)
    url = store._db.url.render_as_string(hide_password=False)
    with Store.open(url, now=NOW, read_only=True) as reader:
        assert len(reader.pending("w", 5)) == 1
        with pytest.raises(StoreReadOnly, match="can't be written"):
            WRITES[name](reader)


def test_the_database_itself_refuses_what_a_reader_would_write(store: Store) -> None:
    """Reading alone does not rest on our own check: the connection can't write either, on both databases."""
    url = store._db.url.render_as_string(hide_password=False)
    with Store.open(url, now=NOW, read_only=True) as reader, pytest.raises(StoreReadOnly):
        insert_probe(reader)
    store.check()


def insert_probe(store: Store) -> None:
    """Write through a connection that is meant for reading."""
    with store._db.read() as connection:
        connection.exec_driver_sql("INSERT INTO probe VALUES (7, 0)")


def test_a_file_that_may_not_be_written_is_read_only(tmp_path: Path) -> None:
    """A read-only file or mount is StoreReadOnly, and says whose rights to mend."""
    path = tmp_path / "monitor.db"
    Store.open(f"sqlite:///{path}", now=NOW).close()
    with pytest.raises(StoreReadOnly, match="right to write"):
        Store.open(f"sqlite:///file:{path}?mode=ro&uri=true", now=NOW).check()


def fill(store: Store) -> None:
    """Ingest until the database refuses."""
    for number in range(10_000):
        store.ingest(poll(draft(str(number), body="x" * 20_000)), ["w"], NOW)


def test_a_full_database_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    """At its quota every write is StoreFull and rolled back whole; what was acknowledged is there, reading goes on."""
    with Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOW) as store:
        held = lease(store, "watchlist:w")
        with store._db.engine.connect() as connection:
            limit = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + 40
        # The quota belongs to a connection: give it to every one that the pool makes or has.
        store._db.engine.dispose()
        quota(store, limit)
        with pytest.raises(StoreFull, match=r"no room left.*Fix: free space"):
            fill(store)
        stored = [item.id for item in store.articles_since()]
        assert stored == [str(number) for number in range(len(stored))]
        assert store.pending_counts() == {"w": len(stored)}
        waiting = store.pending("w", 1)[0]
        big = alert("k", added=("y" * 400_000,))
        with pytest.raises(StoreFull):
            store.record([judgement(waiting, Outgoing(big, ("c",)))], held)
        assert store.pending("w", 1) == [waiting]
        assert store.alert_row("k") is None


def quota(store: Store, pages: int) -> None:
    from sqlalchemy import event  # noqa: PLC0415 - used here alone

    @event.listens_for(store._db.engine, "connect")
    def limited(connection: Any, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK) or os.getuid() != 0, reason="mounting needs root")
def test_a_full_disk_is_told_and_freed_room_is_used(tmp_path: Path) -> None:
    """On a real file system without room: StoreFull, nothing acknowledged is lost, and with room it goes on."""
    import subprocess  # noqa: PLC0415 - used here alone

    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no mounting here: {mounted.stderr.decode()}")
    try:
        ballast = disk / "ballast"
        with Store.open(f"sqlite:///{disk}/monitor.db", now=NOW) as store:
            ballast.write_bytes(bytes(1 << 20))
            with pytest.raises(StoreFull, match="no room left"):
                fill(store)
            stored = len(list(store.articles_since()))
            with pytest.raises(StoreFull):
                store.ingest(poll(draft("big", body="x" * 3_000_000)), ["w"], NOW)
            ballast.unlink()
            store.check()
            assert store.ingest(poll(draft("after")), ["w"], NOW).new
            assert len(list(store.articles_since())) == stored + 1
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_server_that_is_not_there_is_told_at_once(postgresql: Server) -> None:
    """Connection refused, with the address and no password."""
    url = f"postgresql+psycopg://monitor:{PASSWORD}@127.0.0.1:1/news"
    with pytest.raises(StoreError, match=r"can't be reached.*Fix: start the server") as raised:
        Store.open(url, now=NOW, lock_wait=2)
    assert PASSWORD not in str(raised.value)
    assert "postgresql://monitor:***@127.0.0.1:1/news" in str(raised.value)


def test_a_missing_database_and_a_wrong_password_are_told_apart(postgresql: Server) -> None:
    """Each connection fault names its own fix."""
    with pytest.raises(StoreError, match=r"does not exist.*Fix: create it"):
        Store.open(postgresql.address("nowhere"), now=NOW)
    wrong = postgresql.address("postgres").replace(PASSWORD, "wrong-one")
    with pytest.raises(StoreError, match="refuses the password") as raised:
        Store.open(wrong, now=NOW)
    assert "wrong-one" not in str(raised.value)


def test_a_locked_row_of_postgresql_is_busy(postgresql: Server) -> None:
    """Another session's lock is waited for as long as asked, then StoreBusy."""
    url = postgresql.url()
    with Store.open(url, now=NOW, lock_wait=0.1) as store, Store.open(url, now=NOW) as other:
        store.check()
        with other._db.write() as connection:
            connection.exec_driver_sql("LOCK TABLE probe")
            with pytest.raises(StoreBusy, match="is locked by another session"):
                store.check()
        store.check()


def cut(store: Store, server: Server) -> None:
    """End the server's process of a transaction that is under way."""
    with store._db.write() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        server.execute(f"SELECT pg_terminate_backend({backend}, 10000)")
        connection.exec_driver_sql("SELECT 1")


def test_a_connection_that_was_cut_is_an_error_once(postgresql: Server) -> None:
    """A backend that the server ended gives StoreError in the middle of a transaction, and the next one works."""
    with Store.open(postgresql.url(), now=NOW) as store:
        with pytest.raises(StoreError, match=r"is shutting down|was cut off"):
            cut(store, postgresql)
        store.check()


def test_writers_of_one_process_queue(tmp_path: Path) -> None:
    """A writer that waits longer for its own process's writers than asked is told so."""
    with Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOW, lock_wait=0.05) as store:
        failed: list[Exception] = []

        def late() -> None:
            try:
                store.check()
            except StoreBusy as error:
                failed.append(error)

        with store._db.write():
            thread = threading.Thread(target=late)
            thread.start()
            thread.join()
        assert "busy with this program's own writes" in str(failed[0])
        store.check()
