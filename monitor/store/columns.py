"""What a column holds, and the database's clock, once for both databases.

Times are whole microseconds since 1970 in UTC: they compare the same way in both databases and come back exactly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from monitor.records import Rhythm
from monitor.store.codec import RHYTHM

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(value: timedelta) -> int:
    """Return a span in whole microseconds."""
    return value // _MICROSECOND


def clean(value: str) -> str:
    """Replace what one of the databases can't hold: NUL, and halves of surrogate pairs."""
    try:
        value.encode()
        whole = value
    except UnicodeEncodeError:
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored as microseconds since 1970; a naive one is a bug and is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn the time into its number."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the store takes aware times only, not {value!r}")
        return (value - EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Turn the number back into its time."""
        return None if value is None else EPOCH + int(value) * _MICROSECOND


class Span(TypeDecorator[timedelta]):
    """A length of time, stored as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Turn the span into its number."""
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        """Turn the number back into its span."""
        return None if value is None else int(value) * _MICROSECOND


class Words(TypeDecorator[str]):
    """Text from outside: whatever it holds, writing it can't fail (see `clean`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean the text."""
        return None if value is None else clean(value)


class Said(TypeDecorator[Rhythm]):
    """A feed's rhythm as JSON; nothing for the many that say nothing of it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Rhythm | None, dialect: Dialect) -> str | None:
        """Write it."""
        return None if value is None or value == Rhythm() else RHYTHM.dump(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Rhythm:
        """Read it; few of them differ, and all feeds are read every few seconds."""
        return Rhythm() if value is None else _rhythm(value)


@lru_cache(1_024)
def _rhythm(text: str) -> Rhythm:
    return RHYTHM.load(text)


class db_now(FunctionElement[int]):  # noqa: N801 - it reads as the SQL function that it is
    """The database's own clock in microseconds since 1970: what leases run by, whatever the daemons' clocks say."""

    type = BigInteger()
    inherit_cache = True


@compiles(db_now, "sqlite")
def _sqlite_now(element: db_now, compiler: SQLCompiler, **kw: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"


@compiles(db_now, "postgresql")
def _postgresql_now(element: db_now, compiler: SQLCompiler, **kw: Any) -> str:
    # Not now(): that one stands still during a transaction, which may have waited for a lock.
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


# SQLite numbers rows only in a column whose type is exactly INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")
