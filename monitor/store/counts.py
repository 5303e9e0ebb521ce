"""How many independent outlets a story has by now, and which messages still show fewer.

    T2: the story's count grows ---------------------> the messages that opened it wait for an update
    T3: a message was sent, the count grew meanwhile -> it waits too
    waits --updated--> gone, or waits again where the count has grown meanwhile
    waits --put_off--> waits until then               waits --let_be--> gone

A message waits at most once, and what it shall say is read when its turn comes: many outlets make one update, and the
last count wins. T2 and T3 both hold the story's row while they look for the other's, so that no growth falls between
them. The count never falls: a memory that was built anew may know fewer outlets than were told. A message without a
receipt can't be changed and never waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, literal, or_, select, update

from monitor.model import Alert
from monitor.records import Judgement, Lease, Update
from monitor.store.engine import insert_and_tell, insert_or_skip
from monitor.store.part import CLOCK_SLACK, Part, guard
from monitor.store.schema import deliveries, stories, updates

if TYPE_CHECKING:
    from monitor.store.engine import Insert


class Counts(Part):
    """The stories' counts, and the messages that show an old one. Every write is under the channel's lease."""

    def updates_due(self, channel: str, now: datetime, limit: int) -> list[Update]:
        """Return the messages of the channel whose count may be brought up to date now, longest waiting first."""
        # Changed in the future: the clock was set back, so that the date of the next try means nothing.
        set_back = updates.c.changed > now + timedelta(microseconds=CLOCK_SLACK)
        asked = (
            select(updates.c.delivery, deliveries.c.alert, deliveries.c.receipt, updates.c.attempts, updates.c.since)
            .join(deliveries, deliveries.c.id == updates.c.delivery)
            .where(updates.c.channel == channel, or_(updates.c.due <= now, set_back))
            .order_by(updates.c.due, updates.c.delivery)
            .limit(limit)
        )
        with self._db.read() as connection:
            return [Update(**row._mapping) for row in connection.execute(asked)]

    def updated(self, told: Update, alert: Alert, lease: Lease, now: datetime) -> None:
        """Record that the message shows `alert.outlets` now. Raises LeaseLost."""
        with self._db.write() as connection:
            guard(connection, lease, lease.name)
            if _hold(connection, alert, now) > alert.outlets:
                again = {"attempts": 0, "due": now, "since": now, "changed": now}
                connection.execute(update(updates).where(_of(told, lease)).values(again))
            else:
                connection.execute(delete(updates).where(_of(told, lease)))

    def put_off(self, told: Update, due: datetime, lease: Lease, now: datetime) -> None:
        """Record a failed attempt and when to make the next. Raises LeaseLost."""
        with self._db.write() as connection:
            guard(connection, lease, lease.name)
            failed = {"attempts": updates.c.attempts + 1, "due": due, "changed": now}
            connection.execute(update(updates).where(_of(told, lease)).values(failed))

    def let_be(self, told: Update, lease: Lease) -> None:
        """Leave the message as it is, until the count grows again. Raises LeaseLost."""
        with self._db.write() as connection:
            guard(connection, lease, lease.name)
            connection.execute(delete(updates).where(_of(told, lease)))


_MORE = (
    update(stories)
    .where(
        stories.c.watchlist == bindparam("of"),
        stories.c.story == bindparam("told"),
        stories.c.outlets < bindparam("count"),
    )
    .values(outlets=bindparam("count"), at=bindparam("now"))
)


def grow(connection: Connection, judgement: Judgement) -> None:
    """Take note of a story's new count in T2's transaction, before its alerts are written."""
    novelty, now = judgement.novelty, judgement.judged
    if novelty is None or novelty.outlets < 2:
        return
    values = {"watchlist": judgement.watchlist, "story": novelty.story, "outlets": novelty.outlets, "at": now}
    more = {"of": judgement.watchlist, "told": novelty.story, "count": novelty.outlets, "now": now}
    if (
        connection.execute(insert_and_tell(connection, stories), values).first() is not None
        or connection.execute(_MORE, more).rowcount > 0
    ):
        _wait(connection, _OPENED, {"of": judgement.watchlist, "told": novelty.story, "now": now})


def left(connection: Connection, alert: Alert, channel: str, now: datetime) -> None:
    """Take note in T3's transaction that a message was sent which says `alert.outlets`."""
    if _hold(connection, alert, now) > alert.outlets:
        mine = {"of": alert.watchlist, "told": alert.story, "by": alert.rule, "on": channel, "now": now}
        _wait(connection, _OPENED_BY, mine)


def _hold(connection: Connection, alert: Alert, now: datetime) -> int:
    """Return the story's count, and keep it as it is until the transaction ends."""
    values = {"watchlist": alert.watchlist, "story": alert.story, "outlets": alert.outlets, "at": now}
    connection.execute(insert_or_skip(connection, stories).values(values))
    held = select(stories.c.outlets).where(*_story(alert)).with_for_update()
    return int(connection.execute(held).scalar_one())


_WHEN = bindparam("now", type_=updates.c.due.type)
_OPENED = (  # the first message of each channel and rule
    select(func.min(deliveries.c.id), deliveries.c.channel, literal(0), _WHEN, _WHEN, _WHEN)
    .where(
        deliveries.c.watchlist == bindparam("of"),
        deliveries.c.story == bindparam("told"),
        deliveries.c.state == "sent",
        deliveries.c.receipt.is_not(None),
    )
    .group_by(deliveries.c.channel, deliveries.c.rule)
)
_OPENED_BY = _OPENED.where(deliveries.c.rule == bindparam("by"), deliveries.c.channel == bindparam("on"))


def _wait(connection: Connection, opened: Select[Any], values: Mapping[str, object]) -> None:
    """Let the messages that opened a story wait; one that waits already keeps its turn."""
    connection.execute(_waits(insert_or_skip(connection, updates), opened), values)


@cache
def _waits(into: Insert, opened: Select[Any]) -> Insert:
    return into.from_select(["delivery", "channel", "attempts", "due", "since", "changed"], opened)


def _story(alert: Alert) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return stories.c.watchlist == alert.watchlist, stories.c.story == alert.story


def _of(told: Update, lease: Lease) -> ColumnElement[bool]:
    return (updates.c.delivery == told.delivery) & (updates.c.channel == lease.name.removeprefix("channel:"))
