"""The way to a database: `read()` and `write()` transactions, safe from several threads, errors translated.

SQLite: BEGIN is ours, not the driver's, so that a write transaction can be IMMEDIATE: it waits for the lock when it
starts and never fails half way for want of it. Writers of one process queue on a lock of ours, which is fairer and
quicker than SQLite's polling. PostgreSQL: read committed, with limits on waiting for locks and on holding them while
doing nothing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, StaticPool, Table, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import StoreBusy, StoreError, StoreReadOnly
from monitor.store.faults import masked, translate

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.sql.dml import ReturningInsert

    Insert = postgresql.Insert | sqlite.Insert

IDLE = 30.0
"""Seconds after which PostgreSQL ends a transaction that does nothing: whoever opened it is suspended or gone, and
nobody else could take the lease over that it has locked."""


def parse_url(url: str) -> URL:
    """Return the parsed address; the plain `postgresql:` gets its driver. Raises StoreError for anything else."""
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        # The text itself may hold a password, so it is not repeated.
        raise StoreError(
            "`database` is not an address. Fix: sqlite:////path/monitor.db or postgresql+psycopg://…"
        ) from None
    if made.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return made.set(drivername="postgresql+psycopg")
    if made.drivername in ("sqlite", "sqlite+pysqlite"):
        return made.set(drivername="sqlite")
    raise StoreError(
        f"database kind {made.drivername!r} is not supported. Fix: sqlite:////path/monitor.db or postgresql+psycopg://…"
    )


class Database:
    """One database, whichever it is. `name` is fit for logs: it holds no password."""

    def __init__(self, url: str, *, lock_wait: float, read_only: bool = False, durable: bool = True) -> None:
        """Prepare; nothing is opened yet. `lock_wait` is in seconds, for any lock."""
        self.url = parse_url(url)
        self.name = masked(self.url)
        self.read_only = read_only
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.in_memory = self.is_sqlite and self.url.database in (None, "", ":memory:")
        self._lock_wait = lock_wait
        self._writers = threading.Lock()
        self.engine = (
            _sqlite_engine(self.url, lock_wait, read_only, self.in_memory, durable)
            if self.is_sqlite
            else (_postgresql_engine(self.url, lock_wait, read_only))
        )

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read transaction: one consistent picture on SQLite, committed rows on PostgreSQL."""
        # An in-memory database is one connection, so its readers queue as well.
        with (
            self._translated(),
            self._queue(self._lock_wait) if self.in_memory else nullcontext(),
            self.engine.connect() as connection,
        ):
            if self.is_sqlite:
                _driver(connection).execute("BEGIN")  # takes no lock yet, and so has no fault to translate
            yield connection

    @contextmanager
    def write(self, wait: float | None = None) -> Iterator[Connection]:
        """Open a write transaction: committed at the end, rolled back whole on any exception.

        `wait` is in seconds, in place of the database's own; on SQLite it holds for our queue and the lock together,
        on PostgreSQL for each lock.
        """
        shorter, wait = wait is not None, self._lock_wait if wait is None else wait
        until = monotonic() + wait
        if self.read_only:
            raise StoreReadOnly(f"database {self.name} can't be written: it was opened for reading. Fix: none needed")
        with (
            self._translated(),
            self._queue(wait) if self.is_sqlite else nullcontext(),
            self.engine.connect() as connection,
            connection.begin(),
        ):
            if self.is_sqlite:
                _begin_immediate(connection, round((until - monotonic()) * 1000), round(self._lock_wait * 1000))
            elif shorter:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(wait * 1000))}")
            yield connection

    @contextmanager
    def _queue(self, wait: float) -> Iterator[None]:
        if not self._writers.acquire(timeout=wait):
            raise StoreBusy(f"database {self.name} is busy with this program's own writes. Fix: try again later")
        try:
            yield
        finally:
            self._writers.release()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            fault = translate(error, self.url)
            if isinstance(fault, StoreReadOnly):
                # SQLite opens a file that can't be written for reading, and would keep such a connection so for ever.
                self.engine.dispose()
            raise fault from error


def insert_or_skip(connection: Connection, table: Table) -> Insert:
    """Return an INSERT for this connection's database that passes over rows whose key exists."""
    return _insert_or_skip(connection.dialect.name, table)


def insert_and_tell(connection: Connection, table: Table) -> ReturningInsert[Any]:
    """Return the same, for one row, that gives the row's key back if it was inserted."""
    return _insert_and_tell(connection.dialect.name, table)


@cache
def _insert_and_tell(dialect: str, table: Table) -> ReturningInsert[Any]:
    return _insert_or_skip(dialect, table).returning(*table.primary_key)


@cache
def _insert_or_skip(dialect: str, table: Table) -> Insert:
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - all its drivers: 3 MB that SQLite has no use for

    return postgresql.insert(table).on_conflict_do_nothing()


def _sqlite_engine(url: URL, lock_wait: float, read_only: bool, in_memory: bool, durable: bool) -> Engine:
    options: dict[str, Any] = (
        {"poolclass": StaticPool} if in_memory else {"pool_timeout": lock_wait, "max_overflow": 20}
    )
    if read_only and not in_memory:
        url = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
    connect = {"timeout": lock_wait, "check_same_thread": False}
    engine = create_engine(url, connect_args=connect, hide_parameters=True, **options)

    @event.listens_for(engine, "connect")
    def opened(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        if not read_only:
            _switch_to_wal(connection, lock_wait)
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cache_size=-512")  # kilobytes of each connection; the system caches the file

    return engine


def _driver(connection: Connection) -> sqlite3.Connection:
    opened = connection.connection.driver_connection
    assert isinstance(opened, sqlite3.Connection)
    return opened


def _begin_immediate(connection: Connection, wait: int, usual: int) -> None:
    """Begin to write; wait for the lock as many milliseconds as are left, where these are not the usual ones."""
    if wait == usual:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    _driver(connection).execute(f"PRAGMA busy_timeout={max(0, wait)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:  # whoever reads on this connection next has a wait of his own
        _driver(connection).execute(f"PRAGMA busy_timeout={usual}")


def _switch_to_wal(connection: sqlite3.Connection, lock_wait: float) -> None:
    """Switch the journal, waiting for others: SQLite does not wait by itself where two open a new file at once."""
    until = monotonic() + lock_wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)
        else:
            return


def _postgresql_engine(url: URL, lock_wait: float, read_only: bool) -> Engine:
    connect = {} if "connect_timeout" in url.query else {"connect_timeout": max(2, round(min(lock_wait, 30)))}
    engine = create_engine(
        url, connect_args=connect, hide_parameters=True, pool_pre_ping=True, pool_timeout=lock_wait, max_overflow=20
    )

    @event.listens_for(engine, "connect")
    def opened(connection: Any, record: object) -> None:
        connection.execute(f"SET lock_timeout = {round(lock_wait * 1000)}")
        connection.execute(f"SET idle_in_transaction_session_timeout = {round(IDLE * 1000)}")
        connection.execute("SET client_encoding = 'UTF8'")
        if read_only:
            connection.execute("SET default_transaction_read_only = on")
        connection.commit()

    return engine
