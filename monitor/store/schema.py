"""The tables, once, for both databases. A change here needs a migration beside it; a test compares the two.

    feeds -> seen, texts -> articles -> judgements -> decisions, told, stories
                                     -> alerts -> deliveries -> updates
    watchlists, leases, silences, probe

Values with an inner structure (an article, an alert, findings) are JSON text, written and read by `codec.py`;
what a query must compare or sort by has a column of its own. What a time, a span or a text is stored as says
`columns.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
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

from monitor.store.columns import Said, Serial, Span, UtcTime, Words

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
