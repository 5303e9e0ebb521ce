"""Every driver's exception as one of our errors, with the database's name and the fix.

SQLite tells its faults by result code (https://www.sqlite.org/rescode.html), PostgreSQL by SQLSTATE
(https://www.postgresql.org/docs/current/errcodes-appendix.html); a failed connection has neither, only words.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly

_LOW_ROOM = 1 << 20  # bytes; below it an SQLite input/output error is a full disk in other words


class Conflict(StoreBusy):
    """Two writers met; the transaction that lost is rolled back and can be tried again at once."""


_SQLITE: Mapping[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusy, "is locked by another process", "stop the other one, or wait until it is done"),
    sqlite3.SQLITE_LOCKED: (StoreBusy, "is locked by another process", "stop the other one, or wait until it is done"),
    sqlite3.SQLITE_FULL: (StoreFull, "has no room left", "free space on its disk, or move it to a larger one"),
    sqlite3.SQLITE_READONLY: (
        StoreReadOnly,
        "can't be written",
        "give the daemon's user the right to write the file and its directory, and check that it was not moved",
    ),
    sqlite3.SQLITE_PERM: (StoreReadOnly, "can't be written", "give the daemon's user the right to write the file"),
    sqlite3.SQLITE_CORRUPT: (StoreCorrupt, "is damaged", "restore the latest backup (monitor backup makes them)"),
    sqlite3.SQLITE_NOTADB: (
        StoreCorrupt,
        "is not an SQLite database",
        "check the path under `database:`, or restore the latest backup",
    ),
    sqlite3.SQLITE_CANTOPEN: (StoreError, "can't be opened", "give the daemon's user access to the file's directory"),
    sqlite3.SQLITE_IOERR: (StoreError, "can't be read or written", "check the disk that it is on"),
}

_POSTGRESQL: Mapping[str, tuple[type[StoreError], str, str]] = {
    "40001": (Conflict, "had two writers at one row", "try again"),
    "40P01": (Conflict, "had two writers waiting for each other", "try again"),
    "23505": (Conflict, "got the same row from two writers", "try again"),
    "55P03": (StoreBusy, "is locked by another session", "end the session that holds the lock (pg_stat_activity)"),
    "53300": (StoreBusy, "takes no more connections", "raise max_connections, or close other clients"),
    "53100": (StoreFull, "has no room left", "free space on the server's disk"),
    "53200": (StoreFull, "is out of memory", "give the server more memory"),
    "25006": (StoreReadOnly, "can't be written", "connect to the primary, not to a read-only standby"),
    "42501": (StoreReadOnly, "refuses this user", "grant the user all rights on the database's schema"),
    "XX001": (StoreCorrupt, "is damaged", "restore the latest backup"),
    "XX002": (StoreCorrupt, "has a damaged index", "REINDEX it, or restore the latest backup"),
    "25P03": (StoreError, "ended a transaction that stood still", "none needed, the work is tried again"),
    "3D000": (StoreError, "does not exist", "create it: createdb NAME"),
    "28P01": (StoreError, "refuses the password", "check user and password in the address"),
    "28000": (StoreError, "refuses this user", "check the user in the address and the server's pg_hba.conf"),
    "57P01": (StoreError, "is shutting down", "wait until the server is back"),
    "57P03": (StoreError, "is starting up", "wait until the server is ready"),
}

_CONNECTING: tuple[tuple[str, str, str], ...] = (
    ("does not exist", "does not exist", "create it (createdb NAME, createuser NAME), or correct the address"),
    ("authentication failed", "refuses the password", "check user and password in the address"),
    ("no password supplied", "wants a password", "add it to the address, or let pg_hba.conf trust this host"),
    ("refused", "can't be reached", "start the server, or correct host and port in the address"),
    ("No such file", "can't be reached", "start the server, or correct the socket's directory in the address"),
    ("timeout", "does not answer", "check host, port and firewall"),
    ("resolve", "can't be reached", "correct the host's name in the address"),
    ("starting up", "is starting up", "wait until the server is ready"),
)


def masked(url: URL) -> str:
    """Return the database's name for people: the path, or the address without password and options."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    return url.set(password=None, query={}, drivername=url.get_backend_name()).render_as_string()


def translate(error: DBAPIError | PoolTimeout, url: URL) -> StoreError:
    """Return our error for a driver's; the caller raises it from the original."""
    if isinstance(error, PoolTimeout):
        return _made((StoreBusy, "has no free connection", "wait, or start fewer workers"), url, "")
    cause = error.orig
    return _made(_sqlite(cause, url) if isinstance(cause, sqlite3.Error) else _postgresql(cause), url, str(cause))


def _sqlite(cause: sqlite3.Error, url: URL) -> tuple[type[StoreError], str, str]:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    directory = Path(url.database or ".").parent
    if code == sqlite3.SQLITE_CANTOPEN and not directory.is_dir():
        return StoreError, f"can't be opened: there is no directory {directory}", "create it"
    if code == sqlite3.SQLITE_IOERR and directory.is_dir() and shutil.disk_usage(directory).free < _LOW_ROOM:
        code = sqlite3.SQLITE_FULL
    return _SQLITE.get(code, (StoreError, "failed", "report this as a bug"))


def _postgresql(cause: BaseException | None) -> tuple[type[StoreError], str, str]:
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None and state in _POSTGRESQL:
        return _POSTGRESQL[state]
    if state is None:
        for words, what, fix in _CONNECTING:
            if words in str(cause):
                return StoreError, what, fix
        return StoreError, "was cut off", "check the server and the network; the work is tried again"
    return StoreError, "failed", "report this as a bug"


def _made(kind: tuple[type[StoreError], str, str], url: URL, detail: str) -> StoreError:
    made, what, fix = kind
    said = " ".join(detail.split())
    for secret in (url.password, *(value for key, value in url.query.items() if "password" in key)):
        if secret:
            said = said.replace(str(secret), "***")
    return made(f"database {masked(url)} {what}{f' ({said})' if said else ''}. Fix: {fix}")
