"""The first schema.

Times are whole microseconds since 1970 (bigint); what the columns mean stands in `monitor/store/schema.py`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite numbers rows only in a column whose type is exactly INTEGER.
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTIVE = "state IN ('pending', 'sending', 'retry')"


def upgrade() -> None:
    """Create every table, the ones that others refer to first."""
    _alerts()
    _articles()
    _feeds()
    _leases()
    _probe()
    _seen()
    _silences()
    _texts()
    _told()
    _watchlists()
    _deliveries()
    _judgements()
    _decisions()


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("watchlist", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("hold", sa.BigInteger(), nullable=True),
        sa.Column("hold_digest", sa.Boolean(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=True),
        sa.Column("released_in", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("alerts_created", "alerts", ["created"], unique=False)
    op.create_index("alerts_day", "alerts", ["watchlist", "rule", "created"], unique=False)
    op.create_index(
        "alerts_held",
        "alerts",
        ["watchlist", "rule", "hold"],
        unique=False,
        sqlite_where=sa.text("hold IS NOT NULL AND released IS NULL"),
        postgresql_where=sa.text("hold IS NOT NULL AND released IS NULL"),
    )
    op.create_index("alerts_story", "alerts", ["watchlist", "rule", "story", "created"], unique=False)


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("arrival", SERIAL, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=True),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("arrival"),
        sa.UniqueConstraint("id", "revision", name="articles_identity"),
        sqlite_autoincrement=True,
    )
    op.create_index("articles_stored", "articles", ["stored"], unique=False)


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_poll", sa.BigInteger(), nullable=False),
        sa.Column("interval", sa.BigInteger(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_poll", sa.BigInteger(), nullable=True),
        sa.Column("last_success", sa.BigInteger(), nullable=True),
        sa.Column("last_new", sa.BigInteger(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("present_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("url"),
    )
    op.create_index("feeds_due", "feeds", ["next_poll"], unique=False)
    op.create_index("feeds_polled", "feeds", ["last_poll"], unique=False)


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("renewed", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _probe() -> None:
    op.create_table(
        "probe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _seen() -> None:
    op.create_table(
        "seen",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("last_present", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("seen_article", "seen", ["article"], unique=False)
    op.create_index("seen_present", "seen", ["last_present"], unique=False)


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("watchlist", sa.Text(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("story", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("silences_until", "silences", ["until"], unique=False)


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article", "digest"),
    )


def _told() -> None:
    op.create_table(
        "told",
        sa.Column("watchlist", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("watchlist", "rule", "article"),
    )
    op.create_index("told_at", "told", ["at"], unique=False)


def _watchlists() -> None:
    op.create_table(
        "watchlists",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("warmed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("watchlist", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert"],
            ["alerts.key"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert", "channel", name="deliveries_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("deliveries_state", "deliveries", ["channel", "state"], unique=False)
    op.create_index(
        "deliveries_story",
        "deliveries",
        ["channel", "story", "id"],
        unique=False,
        sqlite_where=sa.text(ACTIVE),
        postgresql_where=sa.text(ACTIVE),
    )
    op.create_index("deliveries_thread", "deliveries", ["channel", "watchlist", "rule", "story", "id"], unique=False)


def _judgements() -> None:
    op.create_table(
        "judgements",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("watchlist", sa.Text(), nullable=False),
        sa.Column("arrival", SERIAL, nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("judged", sa.BigInteger(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("novelty", sa.Text(), nullable=True),
        sa.Column("decisions", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["arrival"],
            ["articles.arrival"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("watchlist", "number", name="judgements_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("judgements_arrival", "judgements", ["arrival", "watchlist"], unique=False)
    op.create_index(
        "judgements_pending",
        "judgements",
        ["watchlist", "silent", "seq"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("watchlist", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["judgements.seq"],
        ),
        sa.PrimaryKeyConstraint("seq", "rule"),
    )
    op.create_index("decisions_judged", "decisions", ["judged"], unique=False)
