"""The store: everything that outlives the process, in SQLite or PostgreSQL, with the same code.

    with Store.open("sqlite:////var/lib/monitor/monitor.db", now=now) as store: ...

Where a query belongs:

    ingest.py      T1  a poll becomes seen keys, articles, pending judgements
    judgements.py  T2  pending -> judged, with decisions, told rows, alerts and deliveries; warming
    told.py            what a decision needs to know: told articles, last alerts, silences
    held.py            alerts that wait for a morning or a digest
    outbox.py      T3  deliveries, their states drawn
    counts.py          stories' counts of outlets, and the messages that show an old one
    leases.py          who may do T2 and T3; part.py checks them inside each transaction
    feeds.py           configuration, state and claims of the feeds
    reading.py         what people, metrics and replay ask
    retention.py       what may be forgotten

    engine.py opens and queues transactions · faults.py translates drivers' errors · schema.py the tables ·
    migrate.py and migrations/ their history · codec.py values as JSON · views.py what reading returns

Every method is one transaction, takes `now` from its caller, may be called from any thread, and raises StoreError
(see errors.py) when the database fails: then nothing of it was kept.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Integer, Select, Table, func, literal, select, text, update

from monitor.errors import StoreError
from monitor.store.counts import Counts
from monitor.store.engine import Database, insert_or_skip
from monitor.store.feeds import Feeds
from monitor.store.held import Held
from monitor.store.ingest import Ingest
from monitor.store.judgements import Judgements
from monitor.store.leases import Leases
from monitor.store.migrate import copy_sqlite, upgrade
from monitor.store.outbox import Outbox
from monitor.store.reading import Reading
from monitor.store.retention import Retention
from monitor.store.schema import metadata, probe
from monitor.store.told import Knowledge
from monitor.store.views import AlertRow, ChannelStats, DecisionCount, HeldAlert, Status, StoredJudgement

__all__ = ["AlertRow", "ChannelStats", "DecisionCount", "HeldAlert", "Status", "Store", "StoredJudgement"]


class Store(Ingest, Judgements, Knowledge, Held, Outbox, Counts, Leases, Feeds, Reading, Retention):
    """One open database with all its parts."""

    @classmethod
    def open(
        cls, url: str, *, now: datetime, lock_wait: float = 30, read_only: bool = False, durable: bool = True
    ) -> Self:
        """Open the database at this address, creating or migrating it first; `lock_wait` in seconds.

        With `read_only` nothing is ever written, and a database that would need it is refused. Without `durable` an
        SQLite file may be lost with the machine, and is written faster: for scratch stores.
        Raises StoreError: see faults.py and migrate.py for which.
        """
        database = Database(url, lock_wait=lock_wait, read_only=read_only, durable=durable)
        store = cls(database)
        try:
            store.migrated_from = upgrade(database, now)
        except BaseException:
            database.close()
            raise
        return store

    def __init__(self, database: Database) -> None:
        """Wrap a database whose schema is known to be ours; `open` is the usual way."""
        super().__init__(database)
        self.migrated_from: Path | None = None  # the backup that the migration made

    @property
    def name(self) -> str:
        """The database's name for logs and errors, without its password."""
        return self._db.name

    @property
    def together(self) -> int:
        """How many polls are best written in one transaction: SQLite has one writer and waits for the disk each time.

        PostgreSQL gathers commits by itself, and two daemons' long transactions would wait for each other there.
        """
        return 32 if self._db.is_sqlite else 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; the store can't be used after it."""
        self._db.close()

    def check(self) -> None:
        """Make sure that the database can be written, by writing; raises StoreError with the reason."""
        with self._db.write() as connection:
            connection.execute(insert_or_skip(connection, probe).values(id=1, writes=0))
            connection.execute(update(probe).where(probe.c.id == 1).values(writes=probe.c.writes + 1))

    def size(self) -> int:
        """Return the database's size in bytes."""
        with self._db.read() as connection:
            if self._db.is_sqlite:
                pages = connection.execute(
                    text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                )
                return int(pages.scalar_one())
            return int(connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one())

    def used(self) -> int:
        """Return how many bytes of the database hold something: neither kind of file shrinks when rows go.

        Indexes count in SQLite alone: PostgreSQL is asked for the size of its rows, by reading through them.
        """
        with self._db.read() as connection:
            if not self._db.is_sqlite:
                return sum(int(connection.execute(_rows_of(table)).scalar_one()) for table in metadata.sorted_tables)
            used = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, "
            return int(connection.execute(text(used + "pragma_page_size")).scalar_one())

    def backup(self, path: Path) -> None:
        """Copy the live database whole to a new file; raises StoreError, and leaves no half copy under the name.

        In the copy every feed waits for a baseline: what came in between backup and restore is no news any more.
        """
        if not self._db.is_sqlite or self._db.in_memory or self._db.url.database is None:
            raise StoreError(f"database {self.name} is not a file. Fix: use pg_dump")
        if path.exists():
            raise StoreError(f"the backup {path} exists already. Fix: name another file")
        try:
            copy_sqlite(self._db.url.database, path)
            _baseline(path)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the backup {path} can't be written ({error}). Fix: check its directory and disk"
            ) from error


def _baseline(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy, copy:
        copy.execute("UPDATE feeds SET baseline = 1, etag = NULL, modified = NULL, body_hash = NULL")


def _rows_of(table: Table) -> Select[int]:
    """Return a question to PostgreSQL for the bytes of a table's rows, their heads included."""
    head = literal(28, Integer)
    row = sum((func.coalesce(func.pg_column_size(column), 0, type_=Integer) for column in table.c), start=head)
    return select(func.coalesce(func.sum(row), 0))
