"""The tables, once, for both databases. A change here needs a migration beside it; a test compares the two.

    feeds -> seen, texts -> articles -> judgements -> decisions, told, stories
                                     -> alerts -> deliveries -> updates
    watchlists, leases, silences, probe

Times are whole microseconds since 1970 in UTC: they compare the same way in both databases and come back exactly.
Values with an inner structure (an article, an alert, findings) are JSON text, written and read by `codec.py`;
what a query must compare or sort by has a column of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
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

VERSION_TABLE = "monitor_version"

# Of partial indexes, made so by the migrations in both databases. To say it of PostgreSQL here would load its drivers.
_PENDING_SQL = "state = 'pending'"
_ACTIVE_SQL = "state IN ('pending', 'sending', 'retry')"


def is_pending(state: ColumnElement[str]) -> ColumnElement[bool]:
    """Match what waits to be judged, in the literal words of the index: SQLite can't match those to parameters."""
    return state == literal_column("'pending'")


def is_active(state: ColumnElement[str]) -> ColumnElement[bool]:
    """Match deliveries that are still to be made, in the literal words of the index."""
    return state.in_([literal_column(f"'{name}'") for name in ("pending", "sending", "retry")])


metadata = MetaData()

feeds = Table(
    "feeds",
    metadata,
    Column("url", Words, primary_key=True),
    Column("config", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("removed", UtcTime),
    Column("paused", Boolean, nullable=False),
    Column("next_poll", UtcTime, nullable=False),
    Column("interval", Span, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("etag", Words),
    Column("modified", Words),
    Column("body_hash", Words),
    Column("failures", Integer, nullable=False),
    Column("last_poll", UtcTime),
    Column("last_success", UtcTime),
    Column("last_new", UtcTime),
    Column("last_status", Integer),
    Column("last_error", Words),
    Column("moved_to", Words),
    Column("retired", Boolean, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("present_at", UtcTime),  # when its last whole document came: keys touched then still stand in it
    Column("claimed_by", Text),
    Column("claimed_at", BigInteger),  # database time
    Column("claimed_until", BigInteger),  # database time
    Column("seconds", Float, nullable=False, server_default="0"),  # a poll takes, the last ones counting most
    Column("shared", Integer, nullable=False, server_default="0"),  # entries that were known already
    Column("rhythm", Said),  # as its last document says
    Index("feeds_due", "next_poll"),
    Index("feeds_polled", "last_poll"),
)

seen = Table(
    "seen",
    metadata,
    Column("key", Words, primary_key=True),
    Column("article", Words, nullable=False),
    Column("feed", Words, nullable=False),
    Column("last_present", UtcTime, nullable=False),
    Index("seen_article", "article"),
    Index("seen_present", "last_present"),
)

texts = Table(
    "texts",
    metadata,
    Column("article", Words, primary_key=True),
    Column("digest", Words, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("arrival", Serial, primary_key=True),
    Column("id", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("feed", Words),
    Column("stored", UtcTime, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("id", "revision", name="articles_identity"),
    Index("articles_stored", "stored"),
    sqlite_autoincrement=True,
)

watchlists = Table(
    "watchlists",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    Column("warmed", UtcTime),
    Column("entities", Text, nullable=False, server_default=""),
    Column("rules", Text, nullable=False, server_default="{}"),
)

judgements = Table(
    "judgements",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("watchlist", Text, nullable=False),
    Column("arrival", Serial, ForeignKey("articles.arrival"), nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # pending, judged, failed
    Column("stored", UtcTime, nullable=False),
    Column("number", BigInteger),
    Column("version", Text),
    Column("generation", Integer),
    Column("judged", UtcTime),
    Column("findings", Text),
    Column("novelty", Text),
    Column("decisions", Text),
    Column("error", Words),
    UniqueConstraint("watchlist", "number", name="judgements_number"),
    Index("judgements_arrival", "arrival", "watchlist"),
    Index(
        "judgements_pending",
        "watchlist",
        "silent",
        "seq",
        sqlite_where=text(_PENDING_SQL),
    ),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", Serial, ForeignKey("judgements.seq"), primary_key=True, autoincrement=False),
    Column("rule", Text, primary_key=True),
    Column("watchlist", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("judged", UtcTime, nullable=False),
    Index("decisions_judged", "judged"),
)

told = Table(
    "told",
    metadata,
    Column("watchlist", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("article", Words, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("told_at", "at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("watchlist", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("story", Words, nullable=False),
    Column("article", Words, nullable=False),
    Column("digest", Boolean, nullable=False),
    Column("score", Float, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("channels", Text, nullable=False),
    Column("hold", UtcTime),  # held until then; None: left at once
    Column("hold_digest", Boolean, nullable=False),
    Column("released", UtcTime),
    Column("released_in", Text),  # the digest's key
    Column("data", Text, nullable=False),
    Index("alerts_created", "created"),
    Index("alerts_story", "watchlist", "rule", "story", "created"),
    Index("alerts_day", "watchlist", "rule", "created"),
    Index(
        "alerts_held",
        "watchlist",
        "rule",
        "hold",
        sqlite_where=text("hold IS NOT NULL AND released IS NULL"),
    ),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("alert", Text, ForeignKey("alerts.key"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("watchlist", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("story", Words, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("changed", UtcTime, nullable=False),
    Column("receipt", Words),
    Column("error", Words),
    UniqueConstraint("alert", "channel", name="deliveries_once"),
    Index("deliveries_story", "channel", "story", "id", sqlite_where=text(_ACTIVE_SQL)),
    Index("deliveries_thread", "channel", "watchlist", "rule", "story", "id"),
    Index("deliveries_state", "channel", "state"),
    sqlite_autoincrement=True,
)

stories = Table(
    "stories",
    metadata,
    Column("watchlist", Text, primary_key=True),
    Column("story", Words, primary_key=True),
    Column("outlets", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),  # when the count last grew
    Index("stories_at", "at"),
)

updates = Table(
    "updates",
    metadata,
    Column("delivery", Serial, ForeignKey("deliveries.id"), primary_key=True, autoincrement=False),
    Column("channel", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("changed", UtcTime, nullable=False),
    Index("updates_due", "channel", "due"),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("until", UtcTime, nullable=False),
    Column("author", Words, nullable=False),
    Column("comment", Words, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("watchlist", Words),
    Column("entity", Words),
    Column("rule", Words),
    Column("source", Words),
    Column("story", Words),
    Index("silences_until", "until"),
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("renewed", BigInteger, nullable=False),  # database time
    Column("expires", BigInteger, nullable=False),  # database time
)

probe = Table("probe", metadata, Column("id", Integer, primary_key=True), Column("writes", BigInteger, nullable=False))
