"""T3: deliveries, from the alert's transaction to the channel's receipt. Every write is under the channel's lease.

                      +------------------------- unpark -------------------------+
                      v                                                          |
    (alert) ---> pending --begin--> sending --sent--> sent                       |
                      ^               | |  |                                     |
                      |      crash ---+ |  +------------ park ------------> parked
                      |   (begun anew)  |
                      |                 +--retry--> retry --begin (when due)--> sending
                      |
    A person may park what waits, and unpark what is parked; nothing is ever deleted before it is sent. A sent message
    may have to show a new count of outlets (counts.py): its delivery stays sent.

Order: within one story on one channel a delivery waits for every earlier one that is neither sent nor parked. One
message of a channel is in flight at a time, so that a `sending` delivery which its lease's holder finds in `due` is
one whose sender died: it is sent again (its key tells the receiver), never dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from monitor.model import Alert, Delivery, DeliveryState
from monitor.records import Lease
from monitor.store.codec import ALERT
from monitor.store.counts import left
from monitor.store.engine import insert_or_skip
from monitor.store.part import CLOCK_SLACK, Part, chunks, guard
from monitor.store.schema import alerts, articles, deliveries, is_active, stories
from monitor.store.views import ChannelStats

ACTIVE = ("pending", "sending", "retry")
COLUMNS = tuple(
    deliveries.c[name]
    for name in ("id", "alert", "channel", "story", "state", "attempts", "due", "created", "receipt", "error")
)


class Outbox(Part):
    """The transaction of the senders."""

    def due(self, channel: str, now: datetime, limit: int) -> list[Delivery]:
        """Return what may be sent on the channel now, in the order of creation, at most one a story.

        What is found in `sending` was left by a sender that died: ask only as the channel's one sender.
        """
        # Changed in the future: the clock was set back, so that the date of the next try means nothing.
        set_back = deliveries.c.changed > now + timedelta(microseconds=CLOCK_SLACK)
        ready = or_(deliveries.c.state == "sending", deliveries.c.due <= now, set_back)
        with self._db.read() as connection:
            rows = connection.execute(
                select(*COLUMNS).where(_heads(channel), ready).order_by(deliveries.c.id).limit(limit)
            ).all()
        return [delivery_of(row) for row in rows]

    def next_due(self, channel: str) -> datetime | None:
        """Return when the channel has something to send next; None when its outbox is empty."""
        with self._db.read() as connection:
            found: datetime | None = connection.scalar(select(func.min(deliveries.c.due)).where(_heads(channel)))
        return found

    def channels_waiting(self) -> list[str]:
        """Return the names of all channels that have something left to send, configured or not."""
        active = select(deliveries.c.channel).where(is_active(deliveries.c.state))
        with self._db.read() as connection:
            return list(connection.scalars(active.distinct().order_by(deliveries.c.channel)))

    def alert(self, key: str) -> Alert:
        """Return the alert of that key, with its story's outlets as of now; raises KeyError if there is none."""
        with self._db.read() as connection:
            row = connection.execute(
                select(alerts.c.data, stories.c.outlets)
                .outerjoin(stories, and_(stories.c.watchlist == alerts.c.watchlist, stories.c.story == alerts.c.story))
                .where(alerts.c.key == key)
            ).first()
        if row is None:
            raise KeyError(key)
        alert = ALERT.load(row.data)
        return replace(alert, outlets=max(alert.outlets, row.outlets or 0))

    def stored(self, alert: Alert) -> datetime | None:
        """Return when the alert's article was stored; None where it is forgotten, or never was one of a feed."""
        article = (articles.c.id == alert.article.id, articles.c.revision == alert.article.revision)
        with self._db.read() as connection:
            found: datetime | None = connection.scalar(select(articles.c.stored).where(*article))
        return found

    def begin(self, delivery: int, lease: Lease, now: datetime) -> Delivery:
        """Commit, before the send, that one more attempt is made; return the delivery. Raises LeaseLost."""
        return self._move(
            delivery, lease, now, ACTIVE, {"state": "sending", "attempts": deliveries.c.attempts + 1, "error": None}
        )

    def sent(
        self, delivery: int, lease: Lease, receipt: str | None, now: datetime, alert: Alert | None = None
    ) -> Delivery:
        """Record that the channel took it, with its receipt, and what it says: `alert`. Raises LeaseLost."""
        done = {"state": "sent", "receipt": receipt, "error": None}
        return self._move(delivery, lease, now, ("sending",), done, alert if receipt else None)

    def retry(self, delivery: int, lease: Lease, due: datetime, error: str, now: datetime) -> Delivery:
        """Record a failed attempt and when to make the next. Raises LeaseLost."""
        return self._move(delivery, lease, now, ("sending",), {"state": "retry", "due": due, "error": error})

    def park(self, delivery: int, lease: Lease, error: str, now: datetime) -> Delivery:
        """Set a delivery aside for a person; its story goes on without it. Raises LeaseLost."""
        return self._move(delivery, lease, now, ACTIVE, {"state": "parked", "error": error})

    def unpark(self, now: datetime, ids: Collection[int] | None = None) -> int:
        """Make parked deliveries (all, or these) due now with fresh attempts; return how many.

        `created` becomes now: the time for retrying starts anew. `id` keeps the order.
        """
        again = {"state": "pending", "attempts": 0, "due": now, "created": now, "changed": now}
        parked = update(deliveries).where(deliveries.c.state == "parked").values(again)
        with self._db.write() as connection:
            if ids is None:
                return connection.execute(parked).rowcount
            return sum(connection.execute(parked.where(deliveries.c.id.in_(some))).rowcount for some in chunks(ids))

    def thread(self, channel: str, watchlist: str, rule: str, story: str) -> str | None:
        """Return the receipt of the first message that this rule sent about the story on the channel."""
        with self._db.read() as connection:
            receipt: str | None = connection.scalar(
                select(deliveries.c.receipt)
                .where(
                    deliveries.c.channel == channel,
                    deliveries.c.watchlist == watchlist,
                    deliveries.c.rule == rule,
                    deliveries.c.story == story,
                    deliveries.c.state == "sent",
                    deliveries.c.receipt.is_not(None),
                )
                .order_by(deliveries.c.id)
                .limit(1)
            )
        return receipt

    def outbox_stats(self, *, sent: bool = False) -> dict[str, ChannelStats]:
        """Return each channel's depth by state and its oldest due delivery, and with `sent` how many it took.

        What was sent grows for ever, and is passed over else: this is asked every few seconds.
        """
        states = [state.value for state in DeliveryState if sent or state is not DeliveryState.SENT]
        found: dict[str, ChannelStats] = {}
        with self._db.read() as connection:
            for channel in _channels(connection):
                asked = select(deliveries.c.state, func.count(), func.min(deliveries.c.due))
                of_channel = asked.where(deliveries.c.channel == channel, deliveries.c.state.in_(states))
                rows = connection.execute(of_channel.group_by(deliveries.c.state)).all()
                dues = [oldest for state, _, oldest in rows if state in ACTIVE]
                counts = {state: count for state, count, _ in rows}
                found[channel] = ChannelStats(channel, counts, min(dues, default=None))
        return found

    def _move(
        self,
        delivery: int,
        lease: Lease,
        now: datetime,
        sources: Sequence[str],
        values: dict[str, Any],
        said: Alert | None = None,
    ) -> Delivery:
        channel = lease.name.removeprefix("channel:")
        with self._db.write() as connection:
            guard(connection, lease, f"channel:{channel}")
            row = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery, deliveries.c.channel == channel, deliveries.c.state.in_(sources))
                .values(values | {"changed": now})
                .returning(*COLUMNS)
            ).first()
            if row is not None and said is not None and not said.is_digest:
                left(connection, said, channel, now)
        if row is None:
            raise ValueError(
                f"delivery {delivery} of {channel} is not {' or '.join(sources)}, so not {values['state']}"
            )
        return delivery_of(row)


def enqueue(connection: Connection, alert: Alert, channels: Sequence[str], now: datetime) -> None:
    """Write an alert's deliveries in the transaction that writes (or releases) the alert."""
    rows = [
        {
            "alert": alert.key,
            "channel": channel,
            "watchlist": alert.watchlist,
            "rule": alert.rule,
            "story": alert.story,
            "state": "pending",
            "attempts": 0,
            "due": now,
            "created": now,
            "changed": now,
        }
        for channel in dict.fromkeys(channels)
    ]
    if rows:
        connection.execute(insert_or_skip(connection, deliveries), rows)


def delivery_of(row: Row[Any]) -> Delivery:
    """Return the delivery of a row that was selected as `COLUMNS`."""
    fields = dict(row._mapping)
    return Delivery(**fields | {"state": DeliveryState(fields["state"])})


def _channels(connection: Connection) -> Iterator[str]:
    """Yield the channels that ever had a delivery: each is a step in the index, however many deliveries it has."""
    last = ""
    while (
        found := connection.scalar(select(func.min(deliveries.c.channel)).where(deliveries.c.channel > last))
    ) is not None:
        last = found
        yield found


def _heads(channel: str) -> ColumnElement[bool]:
    """Match the oldest delivery of each story that is still to be made: the others wait behind it.

    One pass over the channel's open deliveries. Asking of each row whether an earlier one exists reads better, and
    took PostgreSQL's planner minutes over a long backlog of one story.
    """
    open_ones = (deliveries.c.channel == channel, is_active(deliveries.c.state))
    return deliveries.c.id.in_(select(func.min(deliveries.c.id)).where(*open_ones).group_by(deliveries.c.story))
