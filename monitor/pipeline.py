"""The path, and the only module that knows its order:

    poll -> response -> entries -> article | mentions -> matches -> novelty -> decision -> alert | deliveries

The bars are transactions: T1 `ingest` stores what `fetch` brought (any daemon, any thread), T2 `judge` judges (whoever
holds the watchlist's lease, in sequence), T3 `send` delivers (whoever holds the channel's lease). Each either happened
whole or did not happen; a crash between two of them is made good by whoever comes next.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from monitor.alerts import LONGEST_WISH, calmed, day_start, digest, retry_decision
from monitor.channels.base import Channel, Updates
from monitor.errors import LeaseLost, SendError, StoreError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll as poll_feed
from monitor.feeds.schedule import HEALTH, health
from monitor.judge import Judge
from monitor.metrics import Metrics
from monitor.model import Alert, Article, Decision, Delivery, DeliveryState, Rule, Silence, Told, Watchlist
from monitor.novelty import NoveltySettings
from monitor.records import FeedState, Ingested, Judged, Judgement, Lease, Pending, Poll, Update
from monitor.store import HeldAlert, Store

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

JUDGE_LEASE = timedelta(seconds=60)
SEND_LEASE = timedelta(seconds=60)
SEND_DEADLINE = 20.0
"""Seconds that one send may take: under half its lease, so that a late answer is still ours to record."""
BATCH = 50
RENEW = 10
"""Articles after which a judge prolongs its lease: they may take long, and a lost lease costs it its memory."""
CATCH_UP = 250
"""Earlier judgements after which it does so while it fills its memory."""
BURST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a receiver took under a lease, until the store knows it too."""

    delivery: int
    receipt: str | None
    alert: Alert
    token: int


class Pipeline:
    """The path over one store. Thread-safe as long as each watchlist and each channel has one thread at a time."""

    def __init__(
        self,
        store: Store,
        watchlists: Sequence[Watchlist],
        channels: Mapping[str, Channel],
        metrics: Metrics,
        clock: Clock,
        *,
        owner: str,
        novelty: NoveltySettings | None = None,
        warm: timedelta = timedelta(days=14),
        flood: int = 60,
        heard: Callable[[Judgement], None] = lambda judgement: None,
    ) -> None:
        """Compile the watchlists. `owner` names this daemon in leases; `warm` is how far back a new one reads.

        `flood` is how many alerts a minute one rule or feed may send before the rest leave as one digest. `heard` is
        told of every judgement once it is stored.
        """
        self.store = store
        self.channels = channels
        self.metrics = metrics
        self.clock = clock
        self.owner = owner
        self._novelty = novelty or NoveltySettings()
        self._warm = warm
        self._flood = flood
        self._heard = heard
        self._taken: dict[str, Taken] = {}
        self._rest: dict[str, datetime] = {}
        self._jitter = random.Random(owner)  # noqa: S311 - spreads retries, guards nothing
        self.judges: Mapping[str, Judge] = {}
        self.watch(watchlists)

    def watch(self, watchlists: Sequence[Watchlist]) -> None:
        """Take a new set of watchlists, whole: an unchanged one keeps its memory, none is ever half replaced."""
        current = self.judges
        self.judges = {
            watchlist.id: current[watchlist.id]
            if watchlist.id in current and current[watchlist.id].watchlist == watchlist
            else Judge(watchlist, self._novelty)
            for watchlist in watchlists
        }

    # T1

    def fetch(self, state: FeedState, fetcher: Fetcher, pool: ParserPool) -> Poll:
        """Fetch and parse one claimed feed; its faults are part of the poll, and nothing is stored yet."""
        poll = poll_feed(state, fetcher, pool, self.clock())
        self.metrics.polls.labels(poll.result).inc()
        self.metrics.poll_seconds.observe(poll.seconds)
        for note in poll.notes:
            log.info("feed noted", feed=state.feed.name, note=note)
        if not poll.ok:
            said = "feed is gone for good and is not asked again" if poll.gone else "feed failed"
            log.warning(said, feed=state.feed.name, reason=poll.result, error=poll.error)
        if poll.moved_to != state.moved_to:
            log.warning("feed has moved for good", feed=state.feed.name, to=poll.moved_to)
        return poll

    def ingest(self, poll: Poll) -> Ingested:
        """Store a poll and its articles, with one pending judgement a watchlist."""
        return self.ingest_all([poll])[0]

    def ingest_all(self, polls: Sequence[Poll]) -> list[Ingested]:
        """Store several polls in one transaction. Raises StoreError; nothing is kept then."""
        stored = self.store.ingest_all(polls, tuple(self.judges), self.clock())
        for poll, ingested in zip(polls, stored, strict=True):
            self._count_entries(poll, ingested)
        return stored

    def _count_entries(self, poll: Poll, ingested: Ingested) -> None:
        for result, count in (("new", len(ingested.new)), ("revised", len(ingested.revised)), ("seen", ingested.seen)):
            self.metrics.entries.labels(result).inc(count)
        for article in ingested.new:
            if article.published:
                self.metrics.article_lag.observe(max(0.0, (poll.at - article.published).total_seconds()))
        if poll.ok:
            self.metrics.last_success.labels("poll").set(poll.at.timestamp())

    # T2

    def judge(self, name: str, at: Callable[[Pending], datetime] | None = None) -> int:
        """Judge what waits for one watchlist, in sequence; return how many were judged, 0 if another daemon does.

        `at` gives the time of each judgement; a replay passes the article's own.
        """
        judge = self.judges.get(name)
        if judge is None or (judge.started and not self._waits(judge)):
            return 0
        lease = self.store.acquire(f"watchlist:{name}", self.owner, JUDGE_LEASE)
        if lease is None:
            return 0
        try:
            self._catch_up(judge, lease)
            count = 0
            silences = self.store.silences(self.clock())
            for pending in self.store.pending(name, BATCH):
                if count % RENEW == RENEW - 1:
                    self.store.renew(lease, JUDGE_LEASE)
                self._judge_one(judge, pending, lease, silences, at(pending) if at else self.clock())
                count += 1
        except LeaseLost:
            judge.forget()
            log.warning("lease lost, another daemon judges now", watchlist=name)
            return 0
        return count

    def _waits(self, judge: Judge) -> bool:
        """Tell whether there is anything to do for a watchlist; looking costs no write."""
        watchlist = judge.watchlist
        known = self.store.watchlist_version(watchlist.id)
        return known != watchlist.version or bool(self.store.pending(watchlist.id, 1))

    def _catch_up(self, judge: Judge, lease: Lease) -> None:
        """Bring the memory up to the last stored judgement; a changed watchlist first warms it from the store."""
        watchlist = judge.watchlist
        if self.store.watchlist_version(watchlist.id) != watchlist.version:
            now = self.clock()
            warmed = self.store.warm(watchlist.id, watchlist.version, now - self._warm, now, lease)
            judge.forget()
            log.info("watchlist is new or changed, memory warms silently", watchlist=watchlist.id, articles=warmed)
        elif not judge.started:  # what came in while nobody had this watchlist loaded
            now = self.clock()
            self.store.catch_up(watchlist.id, now - self._warm, now, lease)
        judge.started = True
        while earlier := self.store.judged_after(watchlist.id, watchlist.version, judge.number, CATCH_UP):
            for judged in earlier:
                judge.remember(judged)
            self.store.renew(lease, JUDGE_LEASE)  # a large memory takes longer than a lease lasts

    def _judge_one(
        self, judge: Judge, pending: Pending, lease: Lease, silences: Sequence[Silence], now: datetime
    ) -> None:
        watchlist = judge.watchlist.id

        def told(rule: Rule, story: str, articles: Collection[str]) -> Told:
            return self.store.told(watchlist, rule.name, story, articles, day_start(rule, now))

        def calm(rule: Rule, article: Article, decision: Decision) -> Decision:
            if decision.action != "alert":
                return decision
            of_rule, of_feed = self.store.rang(watchlist, rule.name, article.feed, now - BURST)
            return calmed(calmed(decision, of_rule, now, self._flood), of_feed, now, self._flood)

        try:
            with self.metrics.judge_seconds.time():
                judgement = judge.judge(pending, told, silences, now, calm)
        except StoreError:
            raise
        except Exception as error:
            log.exception("judgement failed", watchlist=watchlist, article=pending.article.id)
            self.store.fail(watchlist, pending.seq, f"{type(error).__name__}: {error}", lease)
            self.metrics.judgements.labels(watchlist, "failed").inc()
            self.metrics.errors.labels("judge").inc()
            return
        number = self.store.record(judgement, lease)
        if number is None:  # judged before, by a daemon that held the lease in between
            judge.forget()
            return
        judge.remember(Judged(number, pending.article, judgement.findings, judgement.novelty, now))
        self._count(judgement)
        self._log(judgement)
        self._heard(judgement)

    def _count(self, judgement: Judgement) -> None:
        metrics, name = self.metrics, judgement.watchlist
        metrics.judgements.labels(name, "judged").inc()
        metrics.last_success.labels("judge").set(judgement.judged.timestamp())
        for match in judgement.findings.matches:
            metrics.matches.labels(name, match.entity, match.via).inc()
        if judgement.novelty:
            metrics.novelty.labels(name, judgement.novelty.kind).inc()
        for decision in judgement.decisions:
            metrics.decisions.labels(name, decision.rule, decision.action, decision.reason).inc()

    def _log(self, judgement: Judgement) -> None:
        for decision in judgement.decisions:
            log.info(
                "decided",
                watchlist=judgement.watchlist,
                rule=decision.rule,
                article=judgement.article,
                action=decision.action,
                reason=str(decision.reason),
                score=round(decision.score, 3),
            )

    def release_held(self) -> int:
        """Let go what was held until now: one by one after quiet hours, as one digest where the rule says so."""
        now = self.clock()
        if not self.store.held_due(now, 1) or self.store.acquire("held", self.owner, SEND_LEASE) is None:
            return 0
        held = self.store.held_due(now, 1000)
        self.store.release_held([one.alert.key for one in held if not one.digest], now)
        bundles: dict[tuple[str, str, datetime], list[HeldAlert]] = defaultdict(list)
        for one in held:
            if one.digest:
                bundles[one.alert.watchlist, one.alert.rule, one.due].append(one)
        for (_, _, due), bundle in bundles.items():
            whole = digest([one.alert for one in bundle], due)
            channels = tuple(dict.fromkeys(channel for one in bundle for channel in one.channels))
            self.store.release_digest(whole, [one.alert.key for one in bundle], channels, now)
        return len(held)

    # T3

    def send(self, name: str, limit: int = BATCH, going: Callable[[], bool] = lambda: True) -> int:
        """Send what is due on one channel, one message at a time; return how many were attempted.

        Alerts go first. With what is left of `limit`, messages whose story was told by further outlets are brought up
        to date. `going` is asked before each message; who asked for fewer gets none until the time that it named.
        """
        now = self.clock()
        if not self.store.due(name, now, 1) and not self.store.updates_due(name, now, 1):
            return 0  # looking costs no write
        lease = self.store.acquire(f"channel:{name}", self.owner, SEND_LEASE)
        if lease is None:
            return 0
        count = 0
        try:
            self._record_taken(name, lease)
            for delivery in self.store.due(name, self.clock(), limit):
                if self._rests(name) or not going():
                    break
                lease = self.store.renew(lease, SEND_LEASE)
                self._send_one(self.channels[name], delivery, lease)
                count += 1
            for update in self.store.updates_due(name, self.clock(), limit - count):
                if self._rests(name) or not going():
                    break
                lease = self.store.renew(lease, SEND_LEASE)
                self._update_one(self.channels[name], update, lease)
                count += 1
        except LeaseLost:
            log.warning("lease lost, another daemon sends now", channel=name)
        return count

    def _rests(self, name: str) -> bool:
        """Tell whether the channel was rate-limited until later; a clock that was set back is no such reason."""
        until = self._rest.get(name)
        return until is not None and timedelta() < until - self.clock() <= LONGEST_WISH

    def _send_one(self, channel: Channel, delivery: Delivery, lease: Lease) -> None:
        now = self.clock()
        alert = self.store.alert(delivery.alert)
        if delivery.attempts == 0:
            self._count_delay(delivery, alert, now)
        self.store.begin(delivery.id, lease, now)
        thread = self.store.thread(channel.name, alert.watchlist, alert.rule, alert.story)
        try:
            with self.metrics.send_seconds.labels(channel.name).time():
                receipt = channel.send(alert, thread=thread, now=now, deadline=SEND_DEADLINE)
        except SendError as error:
            self._not_sent(delivery, lease, error)
            return
        self._taken[channel.name] = Taken(delivery.id, receipt, alert, lease.token)
        self._record_taken(channel.name, lease)

    def _record_taken(self, name: str, lease: Lease) -> None:
        """Record what the receiver took, before anything else is sent: a store that failed then was to blame, not it.

        Where another daemon had the channel meanwhile, what this one knows is old.
        """
        taken = self._taken.get(name)
        if taken and taken.token == lease.token:
            self.store.sent(taken.delivery, lease, taken.receipt, self.clock(), taken.alert)
            self.metrics.deliveries.labels(name, "sent", "").inc()
            self.metrics.last_success.labels("send").set(self.clock().timestamp())
            log.info("sent", channel=name, alert=taken.alert.key, article=taken.alert.article.id)
        self._taken.pop(name, None)

    def _count_delay(self, delivery: Delivery, alert: Alert, now: datetime) -> None:
        """Measure how long a first attempt took to come; what was held or parked waited on purpose."""
        self.metrics.alert_delay.observe(max(0.0, (now - delivery.created).total_seconds()))
        if delivery.created == alert.created and (stored := self.store.stored(alert)):
            self.metrics.first_send.observe(max(0.0, (now - stored).total_seconds()))

    def _not_sent(self, delivery: Delivery, lease: Lease, error: SendError) -> None:
        """Park what can't succeed, and try the rest again later."""
        now = self.clock()
        again = retry_decision(delivery.attempts + 1, error, delivery.created, now, self._jitter.random())
        if again is None:
            self.store.park(delivery.id, lease, str(error), now)
        else:
            self.store.retry(delivery.id, lease, again, str(error), now)
            if error.reason == "rate-limited":
                self._rest[delivery.channel] = again
        result = "parked" if again is None else "retry"
        self.metrics.deliveries.labels(delivery.channel, result, error.reason).inc()
        log.warning("not sent", channel=delivery.channel, alert=delivery.alert, result=result, reason=error.reason)

    def _update_one(self, channel: Channel, update: Update, lease: Lease) -> None:
        """Show a story's new count in the message that opened it.

        What can't be changed is let be, and never parked: no alert is lost by it, only a number is old.
        """
        if not isinstance(channel, Updates):
            self.store.let_be(update, lease)
            return
        alert, now = self.store.alert(update.alert), self.clock()
        try:
            channel.update(alert, receipt=update.receipt, now=now, deadline=SEND_DEADLINE)
        except SendError as error:
            now = self.clock()
            again = retry_decision(update.attempts + 1, error, update.since, now, self._jitter.random())
            if again is None:
                self.store.let_be(update, lease)
            else:
                self.store.put_off(update, again, lease, now)
                if error.reason == "rate-limited":
                    self._rest[channel.name] = again
            result = "given up" if again is None else "retry"
            self.metrics.updates.labels(channel.name, result, error.reason).inc()
            log.warning("not updated", channel=channel.name, alert=alert.key, result=result, reason=error.reason)
            return
        self.store.updated(update, alert, lease, self.clock())
        self.metrics.updates.labels(channel.name, "updated", "").inc()
        log.info("updated", channel=channel.name, alert=alert.key, outlets=alert.outlets)

    # What the operator sees

    def gauge(self, feeds: Iterable[FeedState]) -> None:
        """Read the feeds' and the store's state into the gauges."""
        now, counts = self.clock(), self.store.pending_counts()
        self.metrics.database_bytes.set(self.store.size())
        for name in self.judges:
            self.metrics.pending.labels(name).set(counts.get(name, 0))
        states = Counter(map(health, feeds))
        for name in HEALTH:
            self.metrics.feeds.labels(name).set(states[name])
        stats = self.store.outbox_stats()
        for channel in self.channels.keys() | stats.keys():
            found = stats.get(channel)
            for state_name in DeliveryState:
                self.metrics.outbox.labels(channel, state_name).set(found.states.get(state_name, 0) if found else 0)
            oldest = found.oldest_due if found else None
            self.metrics.outbox_oldest.labels(channel).set(max(0.0, (now - oldest).total_seconds()) if oldest else 0)
