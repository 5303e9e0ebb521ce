"""The path, and the only module that knows its order:

    poll -> response -> entries -> article | mentions -> matches -> novelty -> decision -> alert | deliveries

The bars are transactions: T1 `ingest` stores what `fetch` brought (any daemon, any thread), T2 `judge` judges (whoever
holds the watchlist's lease, in sequence), T3 `send` delivers (whoever holds the channel's lease). Each either happened
whole or did not happen; a crash between two of them is made good by whoever comes next.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from monitor.alerts import calmed, day_start, digest
from monitor.channels.base import Channel
from monitor.errors import LeaseLost, StoreError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll as poll_feed
from monitor.feeds.schedule import HEALTH, health
from monitor.judge import Judge, readable
from monitor.metrics import Metrics, settle
from monitor.model import Article, Decision, DeliveryState, Kind, Rule, Silence, Told, Watchlist
from monitor.novelty import NoveltySettings
from monitor.records import FeedState, Ingested, Judged, Judgement, Lease, Pending, Poll, Versions
from monitor.sending import Sending
from monitor.store import HeldAlert, Store
from monitor.watchlist import versions

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

JUDGE_LEASE = timedelta(seconds=60)
RELEASE_LEASE = timedelta(seconds=60)
BATCH = 50
RENEW = 10
"""Matches after which a judge prolongs its lease: they may take long, and a lost lease costs it its memory."""
CATCH_UP = 250
"""Earlier judgements after which it does so while it fills its memory."""
BURST = timedelta(minutes=1)
UNSENT = tuple(state for state in DeliveryState if state is not DeliveryState.SENT)


class Made(NamedTuple):
    """A judgement that is not stored yet, and what it is about."""

    pending: Pending
    judgement: Judgement


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
        self._sending = Sending(store, metrics, clock, owner)
        self.judges: Mapping[str, Judge] = {}
        self.watch(watchlists)

    def watch(self, watchlists: Sequence[Watchlist]) -> None:
        """Take a new set of watchlists, whole: one of the same entities keeps its memory, none is half replaced."""
        current = self.judges
        self.judges = {
            watchlist.id: (current[watchlist.id].amended(watchlist) if watchlist.id in current else None)
            or Judge(watchlist, self._novelty)
            for watchlist in watchlists
        }
        settle(self.metrics.novelty, [(watchlist.id, str(kind)) for watchlist in watchlists for kind in Kind])
        named = [
            (watchlist.id, entity.id, via)
            for watchlist in watchlists
            for entity in watchlist.entities.values()
            for via in (("name", "role") if entity.roles else ("name",))
        ]
        settle(self.metrics.matches, named)

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
            self._log_stored(poll, ingested)
        return stored

    def _count_entries(self, poll: Poll, ingested: Ingested) -> None:
        for result, count in (("new", len(ingested.new)), ("revised", len(ingested.revised)), ("seen", ingested.seen)):
            self.metrics.entries.labels(result).inc(count)
        for article in ingested.new:
            if article.published:
                self.metrics.article_lag.observe(max(0.0, (poll.at - article.published).total_seconds()))
        if poll.ok:
            self.metrics.last_success.labels("poll").set(poll.at.timestamp())

    def _log_stored(self, poll: Poll, ingested: Ingested) -> None:
        """Log each article that may ring; those that only fill the memory, as in a first poll, are one line."""
        now = self.clock()
        for article in (*ingested.new, *ingested.revised):
            if not poll.silences(article, now):
                log.info("stored", feed=poll.url, article=article.id, revision=article.revision)
        if silent := sum(poll.silences(article, now) for article in (*ingested.new, *ingested.revised)):
            log.info("stored silently", feed=poll.url, articles=silent)

    # T2

    def judge(self, name: str, at: Callable[[Pending], datetime] | None = None) -> int:
        """Judge what waits for one watchlist, in sequence; return how many were judged, 0 if another daemon does.

        `at` gives the time of each judgement; a replay passes the article's own.
        """
        judge = self.judges.get(name)
        if judge is None or (judge.past.started and not self._waits(judge)):
            return 0
        lease = self.store.acquire(f"watchlist:{name}", self.owner, JUDGE_LEASE)
        if lease is None:
            return 0
        try:
            self._catch_up(judge, lease)
            return self._turn(judge, lease, at or (lambda pending: self.clock()))
        except StoreError as error:
            judge.forget()  # it may know what the store does not
            if not isinstance(error, LeaseLost):
                raise
            log.warning("lease lost, another daemon judges now", watchlist=name)
            return 0

    def _waits(self, judge: Judge) -> bool:
        """Tell whether there is anything to do for a watchlist; looking costs no write."""
        watchlist = judge.watchlist
        known = self.store.versions(watchlist.id)
        return known is None or known.whole != watchlist.version or bool(self.store.pending(watchlist.id, 1))

    def _catch_up(self, judge: Judge, lease: Lease) -> None:
        """Bring the memory up to the last stored judgement; other entities first warm it from the store."""
        watchlist, past = judge.watchlist, judge.past
        known = self.store.versions(watchlist.id)
        if known is None or known.whole != watchlist.version or not known.entities:
            self._change(watchlist, known, lease)
            known = self.store.versions(watchlist.id)
        if not past.started:  # what came in while nobody had this watchlist loaded
            now = self.clock()
            self.store.catch_up(watchlist.id, now - self._warm, now, lease)
        past.started = True
        if known and past.generation != known.generation:
            judge.forget()
            past.generation = known.generation
        for judged in self._earlier(watchlist.id, watchlist.version, past.number, lease):
            judge.remember(judged.article, judged.findings, judged.novelty, judged.judged)
            past.number = judged.number

    def _change(self, watchlist: Watchlist, known: Versions | None, lease: Lease) -> None:
        """Take a watchlist that differs from what its stored memory was built for.

        Other entities need a memory of their own. Other rules only need to know what their readers could have read.
        """
        now, said = self.clock(), versions(watchlist)
        if known is None or (known.whole != said.whole and known.entities != said.entities):
            warmed = self.store.warm(watchlist.id, said, now - self._warm, now, lease)
            log.info("entities are new or changed, memory warms silently", watchlist=watchlist.id, articles=warmed)
            return
        changed = [rule for rule in watchlist.rules if known.rules.get(rule.name) != said.rules[rule.name]]
        changed = changed if known.whole != said.whole else []  # an older program stored no more than that
        told: dict[str, set[str]] = {rule.name: set() for rule in changed}
        for judged in self._earlier(watchlist.id, known.whole, 0, lease) if changed else ():
            if now - judged.judged <= self._novelty.max_age:
                for rule in changed:
                    told[rule.name] |= readable(rule, judged)
        self.store.amend(watchlist.id, said, told, now, lease)
        log.info("rules are changed, memory is kept", watchlist=watchlist.id, rules=list(told))

    def _earlier(self, watchlist: str, version: str, after: int, lease: Lease) -> Iterator[Judged]:
        """Yield the matches that are stored after that number, and keep the lease meanwhile."""
        while earlier := self.store.judged_after(watchlist, version, after, CATCH_UP):
            yield from earlier
            after = earlier[-1].number
            self.store.renew(lease, JUDGE_LEASE)  # a large memory takes longer than a lease lasts

    def _turn(self, judge: Judge, lease: Lease, at: Callable[[Pending], datetime]) -> int:
        """Judge what waits; return how much that was.

        Articles about nobody who is watched, and silent ones, are stored together: no alert hangs on them. Every other
        match is stored at once, with what waited before it.
        """
        waiting, silences = self.store.pending(judge.watchlist.id, BATCH), self.store.silences(self.clock())
        made: list[Made] = []
        matches, renewed = 0, self.clock()
        for pending in waiting:
            if made and made[-1].pending.silent and not pending.silent:
                self._record(judge, made, lease)
            judgement = self._judged(judge, pending, lease, silences, at(pending))
            if judgement is None:
                continue
            made.append(Made(pending, judgement))
            matches += judgement.novelty is not None
            if matches == RENEW or abs(self.clock() - renewed) > JUDGE_LEASE / 4:
                self.store.renew(lease, JUDGE_LEASE)
                matches, renewed = 0, self.clock()
            if judgement.novelty is None:
                continue
            if pending.silent:
                judge.remember(pending.article, judgement.findings, judgement.novelty, judgement.judged)
            else:
                self._record(judge, made, lease)
        self._record(judge, made, lease)
        return len(waiting)

    def _judged(
        self, judge: Judge, pending: Pending, lease: Lease, silences: Sequence[Silence], now: datetime
    ) -> Judgement | None:
        """Judge one article; what can't be judged is set aside, and None."""
        watchlist = judge.watchlist.id

        def told(rule: Rule, story: str, articles: Collection[str]) -> Told:
            since = None if rule.budget is None else day_start(rule, now)
            return self.store.told(watchlist, rule.name, story, articles, since)

        def calm(rule: Rule, article: Article, decision: Decision) -> Decision:
            if decision.action != "alert":
                return decision
            of_rule, of_feed = self.store.rang(watchlist, rule.name, article.feed, now - BURST)
            return calmed(calmed(decision, of_rule, now, self._flood), of_feed, now, self._flood)

        try:
            with self.metrics.judge_seconds.time():
                return judge.judge(pending, told, silences, now, calm)
        except StoreError:
            raise
        except Exception as error:
            log.exception("judgement failed", watchlist=watchlist, article=pending.article.id)
            self.store.fail(watchlist, pending.seq, f"{type(error).__name__}: {error}", lease)
            self.metrics.judgements.labels(watchlist, "failed").inc()
            self.metrics.errors.labels("judge").inc()
            return None

    def _record(self, judge: Judge, made: list[Made], lease: Lease) -> None:
        """Store judgements, and only then let the memory, the metrics and the log know; `made` is empty afterwards."""
        if not made:
            return
        numbers = [n for n in self.store.record([one.judgement for one in made], lease) if n is not None]
        if len(numbers) < len(made):  # judged before, by a daemon that had the lease in between
            raise LeaseLost(f"another daemon judged under the lease on {lease.name}")
        for number, (pending, judgement) in zip(numbers, made, strict=True):
            if judgement.novelty and not pending.silent:
                judge.remember(pending.article, judgement.findings, judgement.novelty, judgement.judged)
            judge.past.number = number
            self._count(judgement, silent=pending.silent)
            self._log(judgement, silent=pending.silent)
            self._heard(judgement)
        made.clear()

    def _count(self, judgement: Judgement, *, silent: bool) -> None:
        """Count a judgement; what only fills a memory is no news of anybody, however much it is."""
        metrics, name = self.metrics, judgement.watchlist
        metrics.judgements.labels(name, "judged").inc()
        metrics.last_success.labels("judge").set(judgement.judged.timestamp())
        for match in judgement.findings.matches if not silent else ():
            metrics.matches.labels(name, match.entity, match.via).inc()
        if judgement.novelty and not silent:
            metrics.novelty.labels(name, judgement.novelty.kind).inc()
        for decision in judgement.decisions:
            metrics.decisions.labels(name, decision.rule, decision.action, decision.reason).inc()

    def _log(self, judgement: Judgement, *, silent: bool) -> None:
        keys = {outgoing.alert.rule: outgoing.alert.key for outgoing in judgement.outgoing}
        for decision in judgement.decisions if not silent else ():
            log.info(
                "decided",
                watchlist=judgement.watchlist,
                rule=decision.rule,
                article=judgement.article,
                action=decision.action,
                reason=str(decision.reason),
                score=round(decision.score, 3),
                alert=keys.get(decision.rule),
            )

    def release_held(self) -> int:
        """Let go what was held until now: one by one after quiet hours, as one digest where the rule says so."""
        now = self.clock()
        if not self.store.held_due(now, 1) or self.store.acquire("held", self.owner, RELEASE_LEASE) is None:
            return 0
        held = self.store.held_due(now, 1000)
        self.store.release_held([one.alert.key for one in held if not one.digest], now)
        for one in held:
            if not one.digest:
                log.info("let go", alert=one.alert.key, article=one.alert.article.id)
        bundles: dict[tuple[str, str, datetime], list[HeldAlert]] = defaultdict(list)
        for one in held:
            if one.digest:
                bundles[one.alert.watchlist, one.alert.rule, one.due].append(one)
        for (_, _, due), bundle in bundles.items():
            whole = digest([one.alert for one in bundle], due)
            channels = tuple(dict.fromkeys(channel for one in bundle for channel in one.channels))
            self.store.release_digest(whole, [one.alert.key for one in bundle], channels, now)
            log.info("digest", alert=whole.key, rule=whole.rule, alerts=[one.alert.key for one in bundle])
        return len(held)

    # T3

    def send(self, name: str, limit: int = BATCH, going: Callable[[], bool] = lambda: True) -> int:
        """Send what is due on one channel, one message at a time; return how many were attempted.

        Alerts go first; with what is left of `limit`, messages with an old count of outlets are brought up to date.
        `going` is asked before each message.
        """
        return self._sending.send(self.channels[name], limit, going)

    # What the operator sees

    def gauge(self, feeds: Iterable[FeedState]) -> None:
        """Read the feeds' and the store's state into the gauges."""
        now, counts = self.clock(), self.store.pending_counts()
        self.metrics.database_bytes.set(self.store.size())
        judges = tuple(self.judges)
        settle(self.metrics.pending, [(name,) for name in judges])
        for name in judges:
            self.metrics.pending.labels(name).set(counts.get(name, 0))
        states = Counter(map(health, feeds))
        for name in HEALTH:
            self.metrics.feeds.labels(name).set(states[name])
        stats = self.store.outbox_stats()
        channels = self.channels.keys() | stats.keys()  # of a channel that is gone something may still wait
        settle(self.metrics.outbox, [(channel, str(state)) for channel in channels for state in UNSENT])
        settle(self.metrics.outbox_oldest, [(channel,) for channel in channels])
        for channel in channels:
            found = stats.get(channel)
            for state_name in UNSENT:
                self.metrics.outbox.labels(channel, state_name).set(found.states.get(state_name, 0) if found else 0)
            oldest = found.oldest_due if found else None
            self.metrics.outbox_oldest.labels(channel).set(max(0.0, (now - oldest).total_seconds()) if oldest else 0)
