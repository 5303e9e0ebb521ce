"""Every Prometheus metric of the program, in one place; each help text says what an operator does about it.

No address, title or secret ever becomes a label: labels are names from the operator's own files (watchlist, rule,
entity, channel) or members of closed sets.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
LAG_SECONDS = (60.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 24 * 3600.0, 7 * 24 * 3600.0)


def program_version() -> str:
    """Return the installed version, or `unknown` when run from a bare source tree."""
    try:
        return version("entity-monitor")
    except PackageNotFoundError:
        return "unknown"


def settle(metric: Counter | Gauge, series: Collection[tuple[str, ...]]) -> None:
    """Keep exactly the series of these labels: new ones begin at zero, those of what is no more go.

    What has no series before it first happens can't be seen to happen, nor never to: no rate starts from nothing.
    """
    (family,) = metric.collect()
    for labels in {tuple(sample.labels.values()) for sample in family.samples} - set(series):
        metric.remove(*labels)
    for labels in series:
        metric.labels(*labels)


class Metrics:
    """The metrics of one daemon, on a registry of their own so that several can live in one process."""

    def __init__(self) -> None:
        """Register everything, at zero."""
        self.registry = CollectorRegistry()
        self._feeds()
        self._judging()
        self._sending()
        self._health()

    def _feeds(self) -> None:
        reg = self.registry
        self.polls = Counter(
            "monitor_polls",
            "Polls by result; a growing error result: see `monitor feeds list`",
            ["result"],
            registry=reg,
        )
        self.poll_seconds = Histogram(
            "monitor_poll_seconds",
            "Time of a poll, fetch and parse; slow ones hold a worker: pause those feeds, or raise `polling.workers`",
            buckets=SECONDS,
            registry=reg,
        )
        self.entries = Counter(
            "monitor_entries", "Entries by what they were; none new for long: check the feeds", ["result"], registry=reg
        )
        self.article_lag = Histogram(
            "monitor_article_lag_seconds",
            "From publication to first sight; if it grows, poll more often or add workers",
            buckets=LAG_SECONDS,
            registry=reg,
        )
        self.feeds = Gauge(
            "monitor_feeds", "Feeds by state; failing ones: `monitor feeds list`", ["state"], registry=reg
        )
        self.feeds_stale = Gauge(
            "monitor_feeds_stale",
            "Feeds that have not answered for `operator.stale_hours`; `monitor feeds list` says why",
            registry=reg,
        )
        self.parser_kills = Counter(
            "monitor_parser_kills",
            "Parser workers killed for overrunning; the log names the feed: pause it with `monitor feeds pause`",
            registry=reg,
        )

    def _judging(self) -> None:
        reg = self.registry
        self.judgements = Counter(
            "monitor_judgements",
            "Articles judged, baselines and warmed ones too; failed ones are a bug: see the log",
            ["watchlist", "result"],
            registry=reg,
        )
        self.judge_seconds = Histogram(
            "monitor_judge_seconds",
            "Time to judge one article for one watchlist; if it grows: lower `novelty.memory_articles`",
            buckets=SECONDS,
            registry=reg,
        )
        self.matches = Counter(
            "monitor_matches",
            "Articles in which a watched entity was found, but no baseline; a sudden stop: silence or a broken alias",
            ["watchlist", "entity", "via"],
            registry=reg,
        )
        self.novelty = Counter(
            "monitor_novelty",
            "Matched articles by kind, but no baseline; all copies: a feed repeats itself",
            ["watchlist", "kind"],
            registry=reg,
        )
        self.decisions = Counter(
            "monitor_decisions",
            "What rules decided and why; too many alerts: raise the rule's `novelty`",
            ["watchlist", "rule", "action", "reason"],
            registry=reg,
        )
        self.pending = Gauge(
            "monitor_pending_judgements",
            "Articles stored but not judged; growing: the daemon is too slow",
            ["watchlist"],
            registry=reg,
        )

    def _sending(self) -> None:
        reg = self.registry
        self.deliveries = Counter(
            "monitor_deliveries",
            "Send attempts by result and reason; parked ones wait for `monitor alerts retry`",
            ["channel", "result", "reason"],
            registry=reg,
        )
        self.updates = Counter(
            "monitor_updates",
            "Sent messages brought up to date with further outlets, by result and reason; given up: the count is old",
            ["channel", "result", "reason"],
            registry=reg,
        )
        self.send_seconds = Histogram(
            "monitor_send_seconds",
            "Time of one send; near 20 s the receiver hangs: ask who runs it, or try `monitor doctor --send CHANNEL`",
            ["channel"],
            buckets=SECONDS,
            registry=reg,
        )
        self.alert_delay = Histogram(
            "monitor_alert_delay_seconds",
            "From alert written to its first send attempt; growing: the channel is slow or paced, use another too",
            buckets=SECONDS,
            registry=reg,
        )
        self.first_send = Histogram(
            "monitor_first_send_seconds",
            "From article stored to the first attempt to send its alert; above a second: `monitor_judge_seconds` and "
            "`monitor_send_seconds` say whether the daemon or the channel is slow",
            buckets=SECONDS,
            registry=reg,
        )
        self.outbox = Gauge(
            "monitor_outbox_deliveries",
            "Unsent deliveries by state; old pending ones: the channel is down",
            ["channel", "state"],
            registry=reg,
        )
        self.outbox_oldest = Gauge(
            "monitor_outbox_oldest_seconds", "Age of the oldest unsent delivery; alert on it", ["channel"], registry=reg
        )

    def _health(self) -> None:
        reg = self.registry
        self.errors = Counter(
            "monitor_errors", "Errors by the part they struck; each one is in the log", ["part"], registry=reg
        )
        self.last_success = Gauge(
            "monitor_last_success_timestamp_seconds",
            "When each step last worked; stale: it is stuck",
            ["step"],
            registry=reg,
        )
        self.reloads = Counter(
            "monitor_reloads", "Reloads by result; rejected ones: run `monitor check`", ["result"], registry=reg
        )
        self.operator_alerts = Counter(
            "monitor_operator_alerts",
            "Times that the operator's channel was told of trouble; see the topic",
            ["topic"],
            registry=reg,
        )
        self.reload_ok = Gauge(
            "monitor_config_last_reload_successful",
            "1 if the last reload was taken; 0: run `monitor check`",
            registry=reg,
        )
        self.reload_time = Gauge(
            "monitor_config_last_reload_success_timestamp_seconds",
            "When configuration was last taken; older than your last edit: run `monitor check`, then see the log",
            registry=reg,
        )
        self.database_bytes = Gauge(
            "monitor_database_bytes",
            "Size of the database, freed room included; growing for weeks: shorten `retention`",
            registry=reg,
        )
        self.scheduler_lag = Gauge(
            "monitor_scheduler_lag_seconds", "How late the last tick came; above seconds: overloaded", registry=reg
        )
        self.build = Info(
            "monitor_build",
            "Version of the running program; not what you installed: restart the daemon",
            registry=reg,
        )
        self.build.info({"version": program_version()})

    def render(self) -> bytes:
        """Return the text exposition of all metrics."""
        return generate_latest(self.registry)
