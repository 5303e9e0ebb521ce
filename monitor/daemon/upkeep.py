"""What the daemon does for itself: retention once a day, alerts about its own state, a sign of life.

What it tells goes the way of every alert, through the outbox: retried, parked, and told once. An alert's key holds the
topic, the period, and when its topic was last told, so that several daemons on one store tell it once together.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from time import monotonic

import structlog

from monitor.feeds.schedule import stale
from monitor.metrics import Metrics
from monitor.model import Alert, Article, Kind
from monitor.records import FeedState
from monitor.settings import Retention, Settings
from monitor.store import Store
from monitor.text.languages import rest

log = structlog.get_logger(__name__)

EVERY = 30.0
"""Seconds from one look to the next."""
DAY = 86_400.0
REST = 600.0
"""Seconds after which dictionaries are let go; where they are needed all the time, each is loaded so often."""
PURGE_LEASE = timedelta(minutes=10)
CHANGED_PERIOD = timedelta(days=7)
"""From one reminder to the next that feeds moved or ended: that takes a line in a file, and no hurry."""
LEAST_KEPT = timedelta(days=7)
SHORTER = 0.8
"""What is kept is shortened by this factor, again and again, while the database is too large."""
WATCHLIST = "monitor itself"
NAMED = 10
"""Feeds and channels that a message names; the rest is counted."""


def message(
    topic: str, title: str, lines: Collection[str], now: datetime, period: timedelta, last: datetime | None = None
) -> Alert:
    """Make an alert of something that the program has to say about itself; one of a topic in each period.

    `last` is when its topic was told before.
    """
    number = int(now.timestamp() // period.total_seconds())
    key = hashlib.sha256(f"{WATCHLIST}\0{topic}\0{number}\0{period}\0{last}".encode()).hexdigest()
    article = Article(
        id=key[:32], source="monitor", url=None, published=now, lang="en", title=title, summary="\n".join(lines) or None
    )
    return Alert(
        key=key,
        watchlist=WATCHLIST,
        rule=topic,
        severity="high",
        created=now,
        article=article,
        story=f"{WATCHLIST} {topic}",
        kind=Kind.FIRST,
        score=1.0,
        names={},
        matches=(),
    )


class Upkeep:
    """One turn every half minute. `rejected` is what is wrong with the last reload, empty when nothing is."""

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        clock: Callable[[], datetime],
        owner: str,
        wake: Callable[[], None],
        ill: Callable[[], object] = lambda: None,
    ) -> None:
        """`wake` tells the senders that there is something in the outbox; `ill` says what keeps from a sign of life."""
        self._store, self._metrics, self._clock, self._owner, self._wake = store, metrics, clock, owner, wake
        self._ill = ill
        self.rejected = ""
        self._stale = timedelta(hours=24)
        self._purged: float | None = None
        self._rested = monotonic()

    def turn(self, settings: Settings, watched: Collection[str] | None = None) -> int:
        """Do what is due; `watched` are the watchlists that somebody judges for. Raises StoreError."""
        self._stale = timedelta(hours=settings.operator.stale_hours)
        told = self._tell(settings)
        if told:
            self._wake()
        if self._purged is None or monotonic() - self._purged > DAY:
            self._retain(settings.retention, watched)
        if monotonic() - self._rested > REST:
            rest()
            gc.collect()  # dictionaries hang together in cycles
            self._rested = monotonic()
        return 0

    def gauge(self, feeds: Collection[FeedState]) -> None:
        """Read what only this part knows into the gauges."""
        self._metrics.feeds_stale.set(sum(stale(state, self._clock(), self._stale) for state in feeds))

    def _tell(self, settings: Settings) -> int:
        now, operator = self._clock(), settings.operator
        period = timedelta(hours=operator.repeat_hours)
        count = 0
        for topic, title, lines in self._troubles(now) if operator.send_to else ():
            rarely = max(period, CHANGED_PERIOD) if topic == "changed-feeds" else period
            last = self._store.last_told(WATCHLIST, topic, now)
            if last is not None and now - last < rarely:
                continue
            if self._store.release_digest(message(topic, title, lines, now, rarely, last), (), operator.send_to, now):
                self._metrics.operator_alerts.labels(topic).inc()
                log.warning("told the operator", topic=topic, title=title)
                count += 1
        if operator.heartbeat and not self._ill():
            count += self._beat(operator.heartbeat, timedelta(minutes=operator.heartbeat_minutes), now)
        return count

    def _troubles(self, now: datetime) -> list[tuple[str, str, list[str]]]:
        """Return what is wrong: topic, one line, details."""
        found = []
        if self.rejected:
            found.append(("rejected-reload", "A reload was rejected; the version before it is at work",
                          self.rejected.splitlines()[:NAMED]))  # fmt: skip
        states = self._store.feed_states()
        changed = [f"{state.feed.name}: gone for good (410)" for state in states if state.retired] + [
            f"{state.feed.name}: lives at {state.moved_to} now"
            for state in states
            if state.moved_to not in {None, state.feed.url} and not state.retired
        ]
        if changed:
            found.append(("changed-feeds", f"{len(changed)} feeds moved or ended; mend the list", changed[:NAMED]))
        silent = [state for state in states if stale(state, now, self._stale)]
        if silent:
            names = [f"{state.feed.name}: {state.last_error or 'no answer'}" for state in silent]
            found.append(("stale-feeds", f"{len(silent)} feeds have not answered for long", names[:NAMED]))
        parked = {name: stats.states.get("parked", 0) for name, stats in self._store.outbox_stats().items()}
        if any(parked.values()):
            lines = [f"{name}: {count}" for name, count in parked.items() if count]
            title = f"{sum(parked.values())} deliveries are parked; mend the channel, then: monitor alerts retry"
            found.append(("parked-deliveries", title, lines[:NAMED]))
        return found

    def _beat(self, channel: str, period: timedelta, now: datetime) -> bool:
        """Say that all turns, unless an earlier sign still waits: a receiver that was away needs only one."""
        stats = self._store.outbox_stats().get(channel)
        if stats is not None and stats.waiting:
            return False
        sign = message("heartbeat", f"monitor is alive at {now.astimezone(UTC):%Y-%m-%d %H:%M}Z", (), now, period)
        return self._store.release_digest(sign, (), (channel,), now)

    def _retain(self, retention: Retention, watched: Collection[str] | None) -> None:
        """Forget what is older than the settings say, and more while the database is too large; one daemon does it."""
        lease = self._store.acquire("retention", self._owner, PURGE_LEASE)
        if lease is None:
            return
        now, keep = self._clock(), timedelta(days=retention.days)
        began = monotonic()
        gone = self._store.purge(now - keep, now, watched=watched)
        while keep > LEAST_KEPT and self._store.used() > retention.megabytes * 1_000_000:
            keep = max(keep * SHORTER, LEAST_KEPT)
            lease = self._store.renew(lease, PURGE_LEASE)
            gone += self._store.purge(now - keep, now, watched=watched)
        self._purged = began
        self._store.release(lease)
        self._metrics.last_success.labels("retention").set(now.timestamp())
        log.info("forgot what is old", articles=gone, kept_days=round(keep.total_seconds() / DAY, 1))
