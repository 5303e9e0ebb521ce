"""T3: what is due on a channel leaves it, one message at a time, under the channel's lease.

    due --begin--> attempt --taken--> sent          a message whose story was told by more outlets --> updated
                           --refused-> retry | park

Whatever fails here fails for one delivery or one channel; why, and when again, `retry_decision` says.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from monitor.alerts import LONGEST_WISH, retry_decision
from monitor.channels.base import Channel, Updates
from monitor.errors import LeaseLost, SendError
from monitor.metrics import Metrics
from monitor.model import Alert, Delivery
from monitor.records import Lease, Update
from monitor.store import Store

log = structlog.get_logger(__name__)

SEND_LEASE = timedelta(seconds=60)
SEND_DEADLINE = 20.0
"""Seconds that one send may take: under half its lease, so that a late answer is still ours to record."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a receiver took under a lease, until the store knows it too."""

    delivery: int
    receipt: str | None
    alert: Alert
    token: int


class Sending:
    """The senders' part of the path over one store. Thread-safe as long as each channel has one thread at a time."""

    def __init__(self, store: Store, metrics: Metrics, clock: Callable[[], datetime], owner: str) -> None:
        """`owner` names this daemon in leases."""
        self._store, self._metrics, self._clock, self._owner = store, metrics, clock, owner
        self._taken: dict[str, Taken] = {}
        self._rest: dict[str, datetime] = {}
        self._jitter = random.Random(owner)  # noqa: S311 - spreads retries, guards nothing

    def send(self, channel: Channel, limit: int, going: Callable[[], bool]) -> int:
        """Send what is due on a channel; return how many messages were attempted.

        Alerts go first. With what is left of `limit`, messages whose story was told by further outlets are brought up
        to date. `going` is asked before each message; who asked for fewer gets none until the time that it named.
        """
        name, now = channel.name, self._clock()
        if not self._store.due(name, now, 1) and not self._store.updates_due(name, now, 1):
            return 0  # looking costs no write
        lease = self._store.acquire(f"channel:{name}", self._owner, SEND_LEASE)
        if lease is None:
            return 0
        count = 0
        try:
            self._record_taken(name, lease)
            for delivery in self._store.due(name, self._clock(), limit):
                if self._rests(name) or not going():
                    break
                lease = self._store.renew(lease, SEND_LEASE)
                self._send_one(channel, delivery, lease)
                count += 1
            for update in self._store.updates_due(name, self._clock(), limit - count):
                if self._rests(name) or not going():
                    break
                lease = self._store.renew(lease, SEND_LEASE)
                self._update_one(channel, update, lease)
                count += 1
        except LeaseLost:
            log.warning("lease lost, another daemon sends now", channel=name)
        return count

    def _rests(self, name: str) -> bool:
        """Tell whether the channel was rate-limited until later; a clock that was set back is no such reason."""
        until = self._rest.get(name)
        return until is not None and timedelta() < until - self._clock() <= LONGEST_WISH

    def _send_one(self, channel: Channel, delivery: Delivery, lease: Lease) -> None:
        now = self._clock()
        alert = self._store.alert(delivery.alert)
        if delivery.attempts == 0:
            self._count_delay(delivery, alert, now)
        self._store.begin(delivery.id, lease, now)
        thread = self._store.thread(channel.name, alert.watchlist, alert.rule, alert.story)
        try:
            with self._metrics.send_seconds.labels(channel.name).time():
                receipt = channel.send(alert, thread=thread, now=now, deadline=SEND_DEADLINE)
        except SendError as error:
            self._not_sent(delivery, lease, error, alert.article.id)
            return
        self._taken[channel.name] = Taken(delivery.id, receipt, alert, lease.token)
        self._record_taken(channel.name, lease)

    def _record_taken(self, name: str, lease: Lease) -> None:
        """Record what the receiver took, before anything else is sent: a store that failed then was to blame, not it.

        Where another daemon had the channel meanwhile, what this one knows is old.
        """
        taken = self._taken.get(name)
        if taken and taken.token == lease.token:
            self._store.sent(taken.delivery, lease, taken.receipt, self._clock(), taken.alert)
            self._metrics.deliveries.labels(name, "sent", "").inc()
            self._metrics.last_success.labels("send").set(self._clock().timestamp())
            log.info("sent", channel=name, alert=taken.alert.key, article=taken.alert.article.id)
        self._taken.pop(name, None)

    def _count_delay(self, delivery: Delivery, alert: Alert, now: datetime) -> None:
        """Measure how long a first attempt took to come; what was held or parked waited on purpose."""
        self._metrics.alert_delay.observe(max(0.0, (now - delivery.created).total_seconds()))
        if delivery.created == alert.created and (stored := self._store.stored(alert)):
            self._metrics.first_send.observe(max(0.0, (now - stored).total_seconds()))

    def _not_sent(self, delivery: Delivery, lease: Lease, error: SendError, article: str) -> None:
        """Park what can't succeed, and try the rest again later."""
        now = self._clock()
        again = retry_decision(delivery.attempts + 1, error, delivery.created, now, self._jitter.random())
        if again is None:
            self._store.park(delivery.id, lease, str(error), now)
        else:
            self._store.retry(delivery.id, lease, again, str(error), now)
            if error.reason == "rate-limited":
                self._rest[delivery.channel] = again
        result = "parked" if again is None else "retry"
        self._metrics.deliveries.labels(delivery.channel, result, error.reason).inc()
        ids = {"channel": delivery.channel, "alert": delivery.alert, "article": article}
        log.warning("not sent", **ids, result=result, reason=error.reason)

    def _update_one(self, channel: Channel, update: Update, lease: Lease) -> None:
        """Show a story's new count in the message that opened it.

        What can't be changed is let be, and never parked: no alert is lost by it, only a number is old.
        """
        if not isinstance(channel, Updates):
            self._store.let_be(update, lease)
            return
        alert, now = self._store.alert(update.alert), self._clock()
        ids = {"channel": channel.name, "alert": alert.key, "article": alert.article.id}
        try:
            channel.update(alert, receipt=update.receipt, now=now, deadline=SEND_DEADLINE)
        except SendError as error:
            now = self._clock()
            again = retry_decision(update.attempts + 1, error, update.since, now, self._jitter.random())
            if again is None:
                self._store.let_be(update, lease)
            else:
                self._store.put_off(update, again, lease, now)
                if error.reason == "rate-limited":
                    self._rest[channel.name] = again
            result = "given up" if again is None else "retry"
            self._metrics.updates.labels(channel.name, result, error.reason).inc()
            log.warning("not updated", **ids, result=result, reason=error.reason)
            return
        self._store.updated(update, alert, lease, self._clock())
        self._metrics.updates.labels(channel.name, "updated", "").inc()
        log.info("updated", **ids, outlets=alert.outlets)
