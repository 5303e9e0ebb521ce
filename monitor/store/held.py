"""Alerts that wait: for the end of quiet hours (each leaves by itself), or for a digest (they leave as one).

    held --release_held--> released, own deliveries
    held --release_digest--> released in the digest, whose deliveries are written in the same transaction

Released once: the row says so, and whoever comes second (another daemon, a restart, a clock set back) changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, and_, bindparam, or_, select, update

from monitor.model import Alert
from monitor.store.codec import ALERT, STRINGS
from monitor.store.engine import insert_or_skip
from monitor.store.outbox import enqueue
from monitor.store.part import Part, chunks
from monitor.store.schema import alerts
from monitor.store.views import HeldAlert

# No alert is held longer than to the same hour of the next day; one made later than that in the future shows a clock
# that was set back.
_LONGEST_HOLD = timedelta(hours=25)


class Held(Part):
    """The waiting alerts."""

    def held_due(self, now: datetime, limit: int) -> list[HeldAlert]:
        """Return held alerts whose time has come, by rule, due time and age, so that a digest's stand together.

        About `limit` of them: the last rule's and time's are complete, so that no digest is cut in two.
        """
        order = (alerts.c.watchlist, alerts.c.rule, alerts.c.hold, alerts.c.created, alerts.c.key)
        due = (
            select(*order, alerts.c.data, alerts.c.channels, alerts.c.hold_digest)
            .where(_held(), or_(alerts.c.hold <= now, alerts.c.created > now + _LONGEST_HOLD))
            .order_by(*order)
        )
        with self._db.read() as connection:
            rows = list(connection.execute(due.limit(limit)))
            if len(rows) == limit:
                end = rows[-1]
                group = (alerts.c.watchlist == end.watchlist, alerts.c.rule == end.rule, alerts.c.hold == end.hold)
                rest = due.where(*group, or_(alerts.c.created > end.created, _after(end.created, end.key)))
                rows += connection.execute(rest)
        return [HeldAlert(ALERT.load(row.data), STRINGS.load(row.channels), row.hold_digest, row.hold) for row in rows]

    def next_held(self) -> datetime | None:
        """Return when the next held alert is due; None when nothing is held."""
        with self._db.read() as connection:
            found: datetime | None = connection.scalar(
                select(alerts.c.hold).where(_held()).order_by(alerts.c.hold).limit(1)
            )
        return found

    def release_held(self, keys: Collection[str], now: datetime) -> int:
        """Send each of these held alerts on its way by itself; return how many were still held."""
        with self._db.write() as connection:
            return _release(connection, keys, now)

    def release_digest(self, digest: Alert, keys: Collection[str], channels: Sequence[str], now: datetime) -> bool:
        """Send one digest in place of these held alerts; returns whether it was created now.

        A digest of that key may have left already, without some of these (a clock set back): then those that are
        still held leave by themselves, so that none is lost and none is told twice.
        """
        with self._db.write() as connection:
            made = connection.execute(
                insert_or_skip(connection, alerts)
                .values(
                    key=digest.key,
                    watchlist=digest.watchlist,
                    rule=digest.rule,
                    story=digest.story,
                    article=digest.article.id,
                    digest=True,
                    score=digest.score,
                    created=digest.created,
                    channels=STRINGS.dump(tuple(channels)),
                    hold_digest=False,
                    data=ALERT.dump(digest),
                )
                .returning(alerts.c.key)
            ).first()
            if made is None:
                _release(connection, keys, now)
                return False
            enqueue(connection, digest, channels, now)
            for some in chunks(keys):
                connection.execute(_mark(some).values(released=now, released_in=digest.key))
            return True


def _held() -> ColumnElement[bool]:
    return and_(alerts.c.hold.is_not(None), alerts.c.released.is_(None))


_EARLIER = (
    select(alerts.c.key)
    .where(
        alerts.c.watchlist == bindparam("watchlist"),
        alerts.c.rule == bindparam("rule"),
        alerts.c.story == bindparam("story"),
        _held(),
        alerts.c.hold_digest.is_(False),
        alerts.c.hold <= bindparam("now"),
    )
    .order_by(alerts.c.created, alerts.c.key)
)


def release_earlier(connection: Connection, alert: Alert, now: datetime) -> None:
    """Let go what this rule holds of the alert's story and may leave by now, so that it leaves before the alert."""
    mine = {"watchlist": alert.watchlist, "rule": alert.rule, "story": alert.story, "now": now}
    _release(connection, connection.scalars(_EARLIER, mine).all(), now)


def _after(created: datetime, key: str) -> ColumnElement[bool]:
    return and_(alerts.c.created == created, alerts.c.key > key)


def _mark(keys: Iterable[str]) -> Update:
    return update(alerts).where(_held(), alerts.c.key.in_(list(keys)))


def _release(connection: Connection, keys: Collection[str], now: datetime) -> int:
    count = 0
    for some in chunks(keys):
        freed = {
            row.key: row
            for row in connection.execute(
                _mark(some).values(released=now).returning(alerts.c.key, alerts.c.data, alerts.c.channels)
            )
        }
        for key in some:
            if key in freed:
                enqueue(connection, ALERT.load(freed[key].data), STRINGS.load(freed[key].channels), now)
        count += len(freed)
    return count
