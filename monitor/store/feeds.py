"""The feeds: what the operator wants polled, what polling has learned, and who polls next.

Claims are columns of the feed's row in database time: a claimer that dies leaves nothing to clean up, its feeds are
due again when the claim's time is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, update

from monitor.records import Feed, FeedState
from monitor.store.codec import FEED
from monitor.store.columns import db_now, micros
from monitor.store.part import CLOCK_SLACK, Part, again, chunks
from monitor.store.schema import feeds

DEFAULT_INTERVAL = timedelta(minutes=15)
FROM_FILES = "file"
FROM_COMMAND = "command"

_NAMES = feeds.c.keys()
# A row's values in the order of the state's fields: all feeds are read every few seconds.
_VALUES = itemgetter(*(_NAMES.index(field.name) for field in fields(FeedState)[1:]))


class Feeds(Part):
    """Configuration and state of the feeds."""

    def sync_feeds(self, configured: Sequence[Feed], now: datetime) -> None:
        """Make the store know these feeds of the operator's files: new ones are due now, changed ones updated.

        A feed that is no longer configured is marked removed and keeps its history; one that was added by command
        stays until it is removed by command.
        """
        again(lambda: self._sync({feed.url: feed for feed in configured}, now))

    def _sync(self, wanted: Mapping[str, Feed], now: datetime) -> None:
        with self._db.write() as connection:
            stored = {row.url: row for row in connection.execute(select(feeds))}
            for feed in wanted.values():
                _put(connection, feed, stored.get(feed.url), FROM_FILES, now)
            gone = [
                url
                for url, row in stored.items()
                if url not in wanted and row.origin == FROM_FILES and row.removed is None
            ]
            for urls in chunks(gone):
                connection.execute(update(feeds).where(feeds.c.url.in_(urls)).values(removed=now))

    def add_feed(self, feed: Feed, now: datetime) -> None:
        """Add or change one feed by command; it stays when the files are read again."""
        with self._db.write() as connection:
            _put(connection, feed, _row(connection, feed.url), FROM_COMMAND, now)

    def remove_feed(self, url: str, now: datetime) -> bool:
        """Mark a feed that was added by command as removed; its history stays. Returns False if there is none."""
        with self._db.write() as connection:
            mine = update(feeds).where(feeds.c.url == url, feeds.c.origin == FROM_COMMAND, feeds.c.removed.is_(None))
            return connection.execute(mine.values(removed=now)).rowcount > 0

    def set_paused(self, url: str, paused: bool) -> bool:
        """Stop or resume polling of one feed, until its configuration says otherwise anew. False: no such feed."""
        with self._db.write() as connection:
            changed = connection.execute(
                update(feeds).where(feeds.c.url == url, feeds.c.removed.is_(None)).values(paused=paused)
            )
            return changed.rowcount > 0

    def poll_now(self, url: str, now: datetime) -> bool:
        """Make one feed due at once, a retired one included. Returns False if there is no such feed."""
        with self._db.write() as connection:
            due = update(feeds).where(feeds.c.url == url, feeds.c.removed.is_(None))
            return connection.execute(due.values(next_poll=now, retired=False)).rowcount > 0

    def any_due(self, now: datetime) -> bool:
        """Tell whether a feed can be claimed; looking costs no write."""
        with self._db.read() as connection:
            return connection.execute(select(feeds.c.url).where(_due(now), _unclaimed()).limit(1)).first() is not None

    def claim_due(self, owner: str, now: datetime, limit: int, ttl: timedelta) -> list[FeedState]:
        """Take up to `limit` feeds that are due, longest due first; nobody else gets them for `ttl`."""
        with self._db.write() as connection:
            rows = connection.execute(
                select(feeds)
                .where(_due(now), _unclaimed())
                .order_by(feeds.c.next_poll, feeds.c.url)
                .limit(limit)
                .with_for_update(skip_locked=True)
            ).all()
            for urls in chunks(row.url for row in rows):
                connection.execute(
                    update(feeds)
                    .where(feeds.c.url.in_(urls))
                    .values(claimed_by=owner, claimed_at=db_now(), claimed_until=db_now() + micros(ttl))
                )
        return [_state(row) for row in rows]

    def keep_claims(self, owner: str, urls: Sequence[str], ttl: timedelta) -> None:
        """Keep feeds that this owner has claimed for `ttl` more; those that another has claimed since stay theirs."""
        with self._db.write() as connection:
            for part in chunks(urls):
                connection.execute(
                    update(feeds)
                    .where(feeds.c.url.in_(part), feeds.c.claimed_by == owner)
                    .values(claimed_at=db_now(), claimed_until=db_now() + micros(ttl))
                )

    def feed_states(self) -> list[FeedState]:
        """Return every feed that is not removed, by address; paused and retired ones included."""
        with self._db.read() as connection:
            rows = connection.execute(select(feeds).where(feeds.c.removed.is_(None)).order_by(feeds.c.url)).all()
        return [_state(row) for row in rows]

    def feed_state(self, url: str) -> FeedState | None:
        """Return one feed that is not removed."""
        with self._db.read() as connection:
            row = _row(connection, url)
        return None if row is None or row.removed is not None else _state(row)

    def next_feed_due(self) -> datetime | None:
        """Return when the next poll is due; None when nothing is polled."""
        active = and_(feeds.c.removed.is_(None), feeds.c.paused.is_(False), feeds.c.retired.is_(False))
        with self._db.read() as connection:
            found: datetime | None = connection.scalar(
                select(feeds.c.next_poll).where(active).order_by(feeds.c.next_poll).limit(1)
            )
        return found


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        feeds.c.removed.is_(None),
        feeds.c.paused.is_(False),
        feeds.c.retired.is_(False),
        # Polled in the future: the clock was set back, so that the date of the next poll means nothing.
        or_(feeds.c.next_poll <= now, feeds.c.last_poll > now + timedelta(microseconds=CLOCK_SLACK)),
    )


def _unclaimed() -> ColumnElement[bool]:
    return or_(
        feeds.c.claimed_until.is_(None),
        feeds.c.claimed_until <= db_now(),
        feeds.c.claimed_at > db_now() + CLOCK_SLACK,
    )


def _row(connection: Connection, url: str) -> Row[Any] | None:
    return connection.execute(select(feeds).where(feeds.c.url == url)).first()


def _put(connection: Connection, feed: Feed, row: Row[Any] | None, origin: str, now: datetime) -> None:
    config = FEED.dump(feed)
    fresh = {
        "config": config,
        "origin": origin,
        "removed": None,
        "paused": feed.paused,
        "next_poll": now,
        "interval": feed.every or DEFAULT_INTERVAL,
        "baseline": True,
        "failures": 0,
        "retired": False,
    }
    if row is None:
        connection.execute(feeds.insert().values(url=feed.url, polls=0, entries=0, **fresh))
    elif row.removed is not None:
        # What it showed while it was away is not news: its next poll is a baseline again.
        connection.execute(
            update(feeds).where(feeds.c.url == feed.url).values(fresh | {"etag": None, "modified": None})
        )
    elif row.config != config or row.origin != origin:
        paused = feed.paused if FEED.load(row.config).paused != feed.paused else row.paused
        changed = update(feeds).where(feeds.c.url == feed.url)
        connection.execute(changed.values(config=config, origin=origin, paused=paused))


@lru_cache(8_192)
def _feed(config: str) -> Feed:
    """Read a feed's configuration; all feeds are read every few seconds, and change every few months."""
    return FEED.load(config)


def _state(row: Row[Any]) -> FeedState:
    feed = _feed(row.config)
    return FeedState(feed if feed.paused == row.paused else replace(feed, paused=row.paused), *_VALUES(row))
