"""The daemon: a scheduler, threads and parser processes around the path, signals, reload and readiness.

    APScheduler --tick--> poll threads --> T1     wakes the judge
    judge thread (all watchlists in turn) --> T2  wakes the channels
    one thread a channel --> T3
    reload thread, upkeep thread

A thread that meets an unexpected error stops the whole daemon with exit code 3, so that the service manager starts it
afresh; a store that fails for a while is waited for.
"""

from __future__ import annotations

import os
import queue
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC
from time import monotonic
from types import FrameType

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.config import Config
from monitor.daemon.loop import Loop
from monitor.daemon.polling import Polling
from monitor.daemon.reload import EVERY as LOOK_EVERY
from monitor.daemon.reload import Source, needs_restart
from monitor.daemon.senders import Senders
from monitor.daemon.service import fetcher_of, notify, only_daemon, probe_every, settle_memory, utc_now
from monitor.daemon.upkeep import EVERY as UPKEEP_EVERY
from monitor.daemon.upkeep import Upkeep
from monitor.errors import ConfigError, LeaseLost, MonitorError, StoreBusy, StoreError
from monitor.feeds.parse import ParserPool
from monitor.metrics import Metrics
from monitor.pipeline import Clock, Pipeline
from monitor.store import Store
from monitor.web.server import Server

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds between looks at the due queue."""
GAUGE = 15.0
"""Seconds between looks at what the metrics show of the store: as often as Prometheus usually asks."""
RELEASE = 5.0
"""Seconds between looks at the held alerts."""
LOCK_WAIT = 5.0
"""Seconds that one transaction waits for a locked database before its work is put off."""
STUCK = 120.0
"""Seconds without a turn after which a loop counts as stuck."""
TROUBLE = 10.0
"""Seconds for which a store that failed counts as failing: longer than any loop waits before it tries again."""
GRACE = 4.0
"""Seconds that a stop waits for what is in hand; the rest is let go, and taken up by the next start."""
LOOK_UP = 1.0
"""Seconds after which the main thread sees a signal that the system gave to another thread."""
GIVE_BACK = 2.0
"""Seconds that a stop waits to give back its leases: with a scheduled job that waits for a lock, under ten in all."""


class Daemon:
    """Everything that `monitor run` starts, and stops again in order."""

    def __init__(self, config: Config, *, clock: Clock = utc_now, reload: Callable[[], Config] | None = None) -> None:
        """Open the store and bind the port. Raises MonitorError; nothing runs before `start`.

        `reload` reads the configuration anew; without it nothing is reloaded.
        """
        self.config, self.clock = config, clock
        self.metrics = Metrics()
        with ExitStack() as stack:
            self._open(stack)
            self._closing = stack.pop_all()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._judging = Loop("judge", self._judge, 5.0, self._failed)
        threads = config.settings.polling.workers
        self._polling = Polling(
            self.pipeline, self.fetcher, self.parsers, threads, self._failed, self._judging.wake, self._store_fails
        )
        self._senders = Senders(self.pipeline, config, self._failed)
        owner = self.pipeline.owner
        self._upkeep = Upkeep(self.store, self.metrics, clock, owner, self._senders.wake, self._ill)
        self._reloading = Loop("reload", self._look, LOOK_EVERY, self._failed)
        self._source = Source(config, reload or (lambda: self.config), self._reloading.wake)
        self._caring = Loop("upkeep", self._care, UPKEEP_EVERY, self._failed)
        self._asked, self._one_reload = threading.Event(), threading.Lock()
        self._stop, self._abandoned = threading.Event(), False
        self._signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._ticked, self._wrote, self._probe = monotonic(), 0.0, probe_every()
        self._rejected = ""
        self._trouble: tuple[float, str] | None = None
        self.crash: Exception | None = None

    def _open(self, stack: ExitStack) -> None:
        """Open everything that must be closed again, in the reverse order."""
        settings = self.config.settings
        alone = only_daemon(settings.database)
        if alone:
            stack.enter_context(alone)
        # Parser processes start before any thread does.
        self.parsers = stack.enter_context(ParserPool(settings.polling.parsers))
        self.fetcher = stack.enter_context(fetcher_of(settings))
        self.store = stack.enter_context(Store.open(settings.database, now=self.clock(), lock_wait=LOCK_WAIT))
        self.store.sync_feeds(self.config.feeds, self.clock())
        # Alone on its file, a daemon that was killed takes up its own leases at once; others have names of their own.
        owner = "the-daemon" if alone else f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.store.abandon(owner)
        stack.callback(self._abandon, owner)
        self.pipeline = Pipeline(
            self.store,
            self.config.watchlists,
            self.config.channels,
            self.metrics,
            self.clock,
            owner=owner,
            novelty=self.config.novelty,
            flood=settings.alerts.flood,
        )
        settle_memory()
        stack.callback(self._close_channels)
        token = settings.secret(settings.http.token) if settings.http.token else None
        self.server = Server(settings.http.listen, self.metrics.render, self.alive, self.ready, token=token)
        stack.callback(self.server.close)

    def start(self) -> None:
        """Start every loop; returns at once."""
        self.server.start()
        self._senders.start()
        for loop in (self._judging, self._reloading, self._caring):
            loop.start()
        every = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler.add_job(
            self._guarded(self._tick), "interval", seconds=TICK, id="tick", next_run_time=utc_now(), **every
        )
        self._scheduler.add_job(self._guarded(self._release), "interval", seconds=RELEASE, id="held", **every)
        self._scheduler.add_job(self._guarded(self._gauge), "interval", seconds=GAUGE, id="gauge", **every)
        self._scheduler.start()
        self._source.start()
        self.metrics.reload_ok.set(1)
        self.metrics.reload_time.set(self.clock().timestamp())
        notify(f"READY=1\nSTATUS={self._status()}")
        log.info(
            "ready", feeds=len(self.config.feeds), watchlists=len(self.config.watchlists), http=self.server.address
        )

    def stop(self) -> None:
        """Stop in the order of the path: no new polls, then what was ingested is judged, then sends in hand finish.

        What is not finished after `GRACE` is let go: every step is one transaction, so that it happens at the next
        start as if it had never begun.
        """
        notify("STOPPING=1\nSTATUS=finishing what is in hand")
        until = monotonic() + GRACE
        self._stop.set()
        self._source.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._polling.stop()
        done = self._polling.join(until)
        loops = (self._judging, self._reloading, self._caring)
        for loop in loops:
            loop.stop()
        self._senders.stop()
        for loop in loops:
            if loop.is_alive():
                loop.join(max(0.0, until - monotonic()))
        done = self._senders.join(until) and not any(loop.is_alive() for loop in loops) and done
        self._abandoned = True
        if not done:
            log.warning("some work in hand was let go; the next start takes it up", after=GRACE)
        self._closing.close()
        log.info("stopped")

    def run(self) -> None:
        """Start, serve until SIGTERM or SIGINT (SIGHUP reloads), stop. Raises MonitorError if a loop crashed."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self.start()
            while self._next_signal() == signal.SIGHUP:
                self._asked.set()
                self._reloading.wake()
        finally:
            self.stop()
        if self.crash:
            what = type(self.crash).__name__
            raise MonitorError(f"the daemon stopped over an unexpected {what}, which is in the log") from self.crash

    def reload(self) -> bool:
        """Take the files as they are now, whole, or keep the last good version and say why.

        Runs beside everything else: matchers are compiled before one assignment makes them the ones that judge, and
        a judge thread in the middle of an article finishes it with those that it began with.
        """
        with self._one_reload:
            notify("RELOADING=1\nSTATUS=reading watchlists, feeds and channels")
            try:
                config = self._source.read()
                self.pipeline.watch(config.watchlists)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever can't be read or compiled leaves the old version at work
                self._reject(error)
                return False
            self._take(config)
            settle_memory()
            return True

    def _take(self, config: Config) -> None:
        replaced = self._senders.take(config)
        waits = needs_restart(self.config.settings, config.settings)
        self.config = config
        self.store.sync_feeds(config.feeds, self.clock())
        self._rejected = self._upkeep.rejected = ""
        self.metrics.reloads.labels("taken").inc()
        self.metrics.reload_ok.set(1)
        self.metrics.reload_time.set(self.clock().timestamp())
        self._judging.wake()
        log.info("reloaded", watchlists=len(config.watchlists), feeds=len(config.feeds), channels=replaced)
        if waits:
            log.warning("changed settings that hold after a restart only", settings=waits)
        notify(f"READY=1\nSTATUS={self._status()}")

    def _reject(self, error: Exception) -> None:
        """Say everywhere that the files are wrong; the last good version serves on."""
        self._rejected = self._upkeep.rejected = str(error) or type(error).__name__
        self.metrics.reloads.labels("rejected").inc()
        self.metrics.reload_ok.set(0)
        bug = None if isinstance(error, ConfigError) else error
        log.error("reload rejected, the last good version stays", problems=self._rejected, exc_info=bug)
        notify("READY=1\nSTATUS=last reload rejected, the version before it is at work: see the log")
        self._caring.wake()

    def _look(self) -> int:
        """Reload if SIGHUP asked for it or the files changed."""
        if self._asked.is_set() or self._source.differs():
            self._asked.clear()
            try:
                self.reload()
            except StoreError:
                self._asked.set()  # once more, when the store answers
                raise
        return 0

    def alive(self) -> dict[str, str]:
        """Name the loops that do not turn."""
        now = monotonic()
        loops = (self._judging, self._reloading, self._caring, *tuple(self._senders.loops.values()))
        wrong = {loop.name: "dead" for loop in loops if not loop.is_alive() and not loop.stopped.is_set()}
        wrong |= {loop.name: "stuck" for loop in loops if loop.is_alive() and now - loop.turned > STUCK}
        if not self._scheduler.running:
            wrong["scheduler"] = "not running"
        elif now - self._ticked > STUCK:
            wrong["scheduler"] = "stuck"
        return wrong

    def _ill(self) -> object:
        """Say what keeps the daemon from its work, as far as it is known without trying anything."""
        return self.alive() or self._store_fails()

    def ready(self) -> tuple[dict[str, str], dict[str, str]]:
        """Name what keeps the daemon from its job; and what does not, but should be known: a rejected reload."""
        wrong = {}
        if trouble := self._store_fails():
            wrong["store"] = trouble
        try:
            self.store.check()
        except StoreError as error:
            self._note(error)
            wrong["store"] = str(error)
        if not self.pipeline.judges:
            wrong["watchlists"] = "none loaded"
        return wrong, {"reload": self._rejected} if self._rejected else {}

    def _note(self, error: StoreError) -> None:
        """Keep what the store failed with; a lock, and a lease that went to another, may pass at once."""
        if not isinstance(error, StoreBusy | LeaseLost):
            self._trouble = monotonic(), str(error)

    def _store_fails(self) -> str:
        """Say what the store failed with lately: a damaged or almost full one may take a small write and no article."""
        if self._trouble is None or monotonic() - self._trouble[0] > TROUBLE:
            return ""
        return self._trouble[1]

    def _status(self) -> str:
        return f"{len(self.config.feeds)} feeds, {len(self.config.watchlists)} watchlists, http {self.server.address}"

    def _tick(self) -> None:
        """Hand due feeds to free poll threads; none while the store fails, so that nothing is fetched in vain."""
        # Not asked of the scheduler: it holds its lock while it waits for this very job at shutdown.
        ticked, self._ticked = self._ticked, monotonic()
        self.metrics.scheduler_lag.set(max(0.0, self._ticked - ticked - TICK))
        if self._stop.is_set():
            return
        if not self._polling.turn():
            if self._ticked - self._wrote < self._probe:
                return
            self.store.check()  # nothing was claimed: the watchdog wants a write nevertheless
        self._wrote = self._ticked
        if not self.alive():  # the scheduler turned, the store was written, every loop turns
            notify("WATCHDOG=1")

    def _judge(self) -> int:
        judged = sum(self.pipeline.judge(name) for name in self.pipeline.judges)
        if judged:
            self._senders.wake()
        return judged

    def _care(self) -> int:
        return self._upkeep.turn(self.config.settings, tuple(self.pipeline.judges))

    def _release(self) -> None:
        if self.pipeline.release_held():
            self._senders.wake()

    def _gauge(self) -> None:
        feeds = self.store.feed_states()
        self.pipeline.gauge(feeds)
        self._upkeep.gauge(feeds)

    def _guarded(self, job: Callable[[], None]) -> Callable[[], None]:
        """Wrap a scheduled job so that its errors are judged like a loop's."""

        def run() -> None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - judged by `_failed`
                self._failed("scheduler", error)

        return run

    def _failed(self, part: str, error: Exception) -> bool:
        """Wait out the store's troubles; stop the daemon for anything that should not happen."""
        if self._abandoned:  # let go at the stop, what it worked on is closed
            return False
        self.metrics.errors.labels(part.split("-", 1)[0]).inc()
        if isinstance(error, StoreError):
            self._note(error)
            log.error("store failed, trying again", part=part, error=str(error))
            return True
        log.error("unexpected error, the daemon stops", part=part, exc_info=error)
        self.crash = error
        self._stop.set()
        self._signals.put(signal.SIGTERM)
        return False

    def _abandon(self, owner: str) -> None:
        """Give back leases and claims; a store that does not answer takes them back by itself when they run out."""
        try:
            self.store.abandon(owner, GIVE_BACK)
        except StoreError as error:
            log.warning("leases could not be given back; they run out by themselves", error=str(error))

    def _close_channels(self) -> None:
        for channel in self.pipeline.channels.values():
            channel.close()

    def _next_signal(self) -> int:
        """Wait for a signal.

        Its handler runs in this thread, the main one; but the system may give the signal to any thread, and that wakes
        no other. So this one looks up now and then.
        """
        while True:
            with suppress(queue.Empty):
                return self._signals.get(timeout=LOOK_UP)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # A simple queue is made for this: an event's or condition's lock could be held by the very code interrupted.
        self._signals.put(number)
