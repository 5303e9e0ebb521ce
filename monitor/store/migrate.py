"""From whatever schema a database has to this program's, at every start, under a lock, with a backup first.

    read the version -> ours: nothing to do · unknown: StoreNewer · older or none: lock, read again, back up, upgrade

The lock is the transaction that upgrades: SQLite's write lock, or an advisory lock of PostgreSQL. It ends with the
transaction, so that a killed upgrade leaves the old schema and no lock.
"""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from monitor.errors import StoreCorrupt, StoreError, StoreNewer
from monitor.store.engine import Database
from monitor.store.schema import VERSION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x656E746974796D  # any number that is ours alone
_MIGRATIONS = Path(__file__).with_name("migrations")
_alembic = threading.Lock()  # Alembic keeps its context in module globals


def upgrade(database: Database, now: datetime) -> Path | None:
    """Bring the schema to this program's version; return the backup that was made, if one was.

    Raises StoreNewer for a schema that this program does not know, StoreCorrupt for somebody else's SQLite file.
    """
    if _check(database, _version_of(database)):
        return None
    if database.read_only:
        raise StoreError(f"database {database.name} has an older schema. Fix: start `monitor run` once, it migrates")
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        version = _version(connection)
        if _check(database, version):
            return None
        if version is None and database.is_sqlite and inspect(connection).get_table_names():
            raise StoreCorrupt(
                f"database {database.name} belongs to another program. Fix: name another file under `database:`"
            )
        backup = _back_up(database, version, now) if version is not None else None
        from alembic import command  # noqa: PLC0415 - 7 MB that a daemon with today's schema has no use for

        with _alembic:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return backup


def copy_sqlite(source: str, target: Path) -> None:
    """Copy a live SQLite database whole, as of one moment, without stopping its writers.

    The copy stands under its name only when it is complete and checked. Raises sqlite3.Error, OSError, StoreCorrupt.
    """
    partial = target.with_name(f"{target.name}.part")
    partial.unlink(missing_ok=True)
    reader, writer = sqlite3.connect(source), sqlite3.connect(partial)
    try:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode=DELETE")
        if writer.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise StoreCorrupt(f"database {source} is damaged: its copy does not pass the check. Fix: restore a backup")
    finally:
        reader.close()
        writer.close()
    partial.replace(target)


def _version_of(database: Database) -> str | None:
    with database.read() as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
    return found


def _check(database: Database, version: str | None) -> bool:
    """Tell whether the schema is ours already; raises StoreNewer if this program does not know it.

    A step's file is named by its version, in order, so that Alembic is needed only where there is something to do.
    """
    known = [file.name.partition("_")[0] for file in sorted(_MIGRATIONS.glob("versions/[0-9]*.py"))]
    if version is not None and version not in known:
        raise StoreNewer(
            f"database {database.name} was written by a newer version of this program (schema {version}). "
            "Fix: install that version again, or restore the backup beside the database that its upgrade made"
        )
    return version == known[-1]


def _back_up(database: Database, version: str, now: datetime) -> Path | None:
    """Copy the file as it is before the upgrade: the upgrade's own transaction has written nothing yet."""
    if not database.is_sqlite or database.in_memory or database.url.database is None:
        return None
    source = Path(database.url.database)
    backup = source.with_name(f"{source.name}.{now:%Y-%m-%dT%H-%M-%SZ}.schema-{version}.backup")
    try:
        copy_sqlite(str(source), backup)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"database {database.name} can't be backed up before its upgrade ({error}). Fix: free space beside it"
        ) from error
    return backup


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see `upgrade`

    config = Config()
    # Alembic reads the path through configparser, to which a percent sign is special.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
