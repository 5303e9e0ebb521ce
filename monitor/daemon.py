"""The daemon: a scheduler, threads and parser processes around the path, signals, reload and readiness.

    APScheduler --tick--> poll threads --> T1     wakes the judge
    judge thread (all watchlists in turn) --> T2  wakes the channels
    one thread a channel --> T3

A thread that meets an unexpected error stops the whole daemon with exit code 3, so that the service manager starts it
afresh; a store that fails for a while is waited for.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import IO

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.config import Config
from monitor.errors import ConfigError, StoreBusy, StoreError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from monitor.metrics import Metrics
from monitor.pipeline import Clock, Pipeline
from monitor.records import FeedState, Poll
from monitor.store import Store
from monitor.web.server import Server

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds between looks at the due queue."""
CLAIM = timedelta(seconds=120)
"""How long a claimed feed is ours: longer than a fetch and a parse may take together."""
LOCK_WAIT = 5.0
"""Seconds that one transaction waits for a locked database before its work is put off."""
STUCK = 120.0
"""Seconds without a turn after which a loop counts as stuck."""


def utc_now() -> datetime:
    """Return the time; the one place where the program reads the clock."""
    return datetime.now(UTC)


class Loop(threading.Thread):
    """A thread that works while there is work, then waits to be woken or for `every` seconds."""

    def __init__(
        self,
        name: str,
        work: Callable[[], int],
        every: float,
        failed: Callable[[str, Exception], bool],
        *,
        pace: float = 0.0,
    ) -> None:
        """`work` returns how much it did; `failed` is told of an error and says whether to go on.

        `pace` is the least number of seconds from one turn that did something to the next.
        """
        super().__init__(name=name, daemon=True)
        self._work, self._every, self._failed, self._pace = work, every, failed, pace
        self._wake, self._stopped = threading.Event(), threading.Event()
        self.turned = monotonic()

    def run(self) -> None:
        """Turn until stopped."""
        while not self._stopped.is_set():
            self.turned = monotonic()
            self._wake.clear()
            try:
                busy = self._work() > 0
            except Exception as error:  # noqa: BLE001 - judged by `failed`: the store's troubles pass, a bug stops the daemon
                if not self._failed(self.name, error):
                    return
                busy = False
            if busy:
                self._stopped.wait(self._pace)
            else:
                self._wake.wait(self._every)

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the work in hand and end."""
        self._stopped.set()
        self._wake.set()


class Daemon:
    """Everything that `monitor run` starts, and stops again in order."""

    def __init__(self, config: Config, *, clock: Clock = utc_now, reload: Callable[[], Config] | None = None) -> None:
        """Open the store and bind the port. Raises MonitorError; nothing runs before `start`."""
        self.config, self.clock = config, clock
        self._load = reload or (lambda: config)
        self.metrics = Metrics()
        with ExitStack() as stack:
            self._open(stack)
            self._closing = stack.pop_all()
        self._pollers = ThreadPoolExecutor(config.settings.polling.workers, thread_name_prefix="poll")
        self._polling = threading.Semaphore(config.settings.polling.workers)
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._judging = Loop("judge", self._judge, 5.0, self._failed)
        self._sending = [
            Loop(f"send-{name}", partial(self.pipeline.send, name, 1), 2.0, self._failed, pace=channel.interval)
            for name, channel in config.channels.items()
        ]
        self._stop = threading.Event()
        self._ticked = monotonic()
        self._rejected = ""
        self.crash: Exception | None = None

    def _open(self, stack: ExitStack) -> None:
        """Open everything that must be closed again, in the reverse order."""
        settings, polling = self.config.settings, self.config.settings.polling
        alone = _only_daemon(settings.database)
        if alone:
            stack.enter_context(alone)
        # Parser processes start before any thread does.
        self.parsers = stack.enter_context(ParserPool(polling.parsers))
        self.fetcher = stack.enter_context(
            Fetcher(
                contact=polling.contact,
                secret=lambda name: settings.secret(name).get_secret_value(),
                pace=Pace(polling.per_host),
                seconds=polling.timeout,
            )
        )
        self.store = stack.enter_context(Store.open(settings.database, now=self.clock(), lock_wait=LOCK_WAIT))
        self.store.sync_feeds(self.config.feeds, self.clock())
        for channel in self.config.channels.values():
            stack.callback(channel.close)
        # Alone on its file, a daemon that was killed takes up its own leases at once; others have names of their own.
        owner = "the-daemon" if alone else f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self.store.abandon(owner)
        stack.callback(self.store.abandon, owner)
        self.pipeline = Pipeline(
            self.store,
            self.config.watchlists,
            self.config.channels,
            self.metrics,
            self.clock,
            owner=owner,
            novelty=self.config.novelty,
        )
        self.server = Server(settings.http.listen, self.metrics.render, self.alive, self.ready)
        stack.callback(self.server.close)

    def start(self) -> None:
        """Start every loop; returns at once."""
        self.server.start()
        for loop in (self._judging, *self._sending):
            loop.start()
        every = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler.add_job(
            self._guarded(self._tick), "interval", seconds=TICK, id="tick", next_run_time=utc_now(), **every
        )
        self._scheduler.add_job(self._guarded(self._release), "interval", seconds=5, id="held", **every)
        self._scheduler.add_job(self._guarded(self.pipeline.gauge), "interval", seconds=10, id="gauge", **every)
        self._scheduler.start()
        self.metrics.reload_ok.set(1)
        self.metrics.reload_time.set(self.clock().timestamp())
        notify("READY=1\nSTATUS=polling")
        log.info(
            "ready", feeds=len(self.config.feeds), watchlists=len(self.config.watchlists), http=self.server.address
        )

    def stop(self) -> None:
        """Stop in the order of the path: no new polls, then what was ingested is judged, then sends in hand finish."""
        notify("STOPPING=1")
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._pollers.shutdown(wait=True, cancel_futures=True)
        for loop in (self._judging, *self._sending):
            loop.stop()
        for loop in (self._judging, *self._sending):
            if loop.is_alive():
                loop.join()
        self._closing.close()
        log.info("stopped")

    def run(self) -> None:
        """Start, serve until SIGTERM or SIGINT (SIGHUP reloads), stop. Raises what crashed a loop, if one did."""
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)
        try:
            self.start()
            self._stop.wait()
        finally:
            self.stop()
        if self.crash:
            raise self.crash

    def reload(self) -> bool:
        """Take the files as they are now, whole, or keep the last good version and say why."""
        notify("RELOADING=1")
        try:
            config = self._load()
        except ConfigError as error:
            self._rejected = str(error)
            self.metrics.reloads.labels("rejected").inc()
            self.metrics.reload_ok.set(0)
            log.error("reload rejected, the last good version stays", problems=str(error))
            notify("READY=1\nSTATUS=last reload rejected, see the log")
            return False
        self.store.sync_feeds(config.feeds, self.clock())
        self.pipeline.watch(config.watchlists)
        self._rejected = ""
        self.metrics.reloads.labels("taken").inc()
        self.metrics.reload_ok.set(1)
        self.metrics.reload_time.set(self.clock().timestamp())
        self._judging.wake()
        log.info("reloaded", watchlists=len(config.watchlists), feeds=len(config.feeds))
        notify("READY=1\nSTATUS=polling")
        return True

    def alive(self) -> dict[str, str]:
        """Name the loops that do not turn."""
        now = monotonic()
        loops = (self._judging, *self._sending)
        wrong = {loop.name: "dead" for loop in loops if not loop.is_alive()}
        wrong |= {loop.name: "stuck" for loop in loops if loop.is_alive() and now - loop.turned > STUCK}
        if not self._scheduler.running:
            wrong["scheduler"] = "not running"
        return wrong

    def ready(self) -> dict[str, str]:
        """Name what keeps the daemon from doing its job; a rejected reload is named too, though the old one serves."""
        wrong = {}
        try:
            self.store.check()
        except StoreError as error:
            wrong["store"] = str(error)
        if not self.pipeline.judges:
            wrong["watchlists"] = "none loaded"
        if self._rejected:
            wrong["reload"] = self._rejected
        return wrong

    def _tick(self) -> None:
        """Hand due feeds to free poll threads."""
        # Not asked of the scheduler: it holds its lock while it waits for this very job at shutdown.
        ticked, self._ticked = self._ticked, monotonic()
        self.metrics.scheduler_lag.set(max(0.0, self._ticked - ticked - TICK))
        free = 0
        while free < self.config.settings.polling.workers and self._polling.acquire(blocking=False):
            free += 1
        claimed = self.store.claim_due(self.pipeline.owner, self.clock(), free, CLAIM) if free else []
        if not self.alive():  # the scheduler turned, the store was written, every loop turns
            notify("WATCHDOG=1")
        for _ in range(free - len(claimed)):
            self._polling.release()
        for state in claimed:
            self._pollers.submit(self._poll, state)

    def _poll(self, state: FeedState) -> None:
        try:
            poll = self.pipeline.fetch(state, self.fetcher, self.parsers)
            self.metrics.parser_kills.set(self.parsers.replaced)
            self._ingest(poll)
        except Exception as error:  # noqa: BLE001 - judged by `_failed`, like every loop's
            self._failed("poll", error)
        finally:
            self._polling.release()

    def _ingest(self, poll: Poll) -> None:
        """Store a poll; while the store fails, try again as long as the feed is ours. Later it is polled anew."""
        until = monotonic() + CLAIM.total_seconds() / 2
        while True:
            try:
                self.pipeline.ingest(poll)
            except StoreError as error:
                self._failed("poll", error)
                if monotonic() > until or self._stop.wait(1.0):
                    return
            else:
                self._judging.wake()
                return

    def _judge(self) -> int:
        judged = sum(self.pipeline.judge(name) for name in self.pipeline.judges)
        if judged:
            for loop in self._sending:
                loop.wake()
        return judged

    def _release(self) -> None:
        if self.pipeline.release_held():
            for loop in self._sending:
                loop.wake()

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
        self.metrics.errors.labels(part.split("-", 1)[0]).inc()
        if isinstance(error, StoreError):
            log.error("store failed, trying again", part=part, error=str(error))
            return True
        log.error("unexpected error, the daemon stops", part=part, exc_info=error)
        self.crash = error
        self._stop.set()
        return False

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _on_reload(self, number: int, frame: FrameType | None) -> None:
        # Off the main thread: a signal handler must not wait for the store.
        threading.Thread(target=self.reload, name="reload").start()


def _only_daemon(database: str) -> IO[str] | None:
    """Take the lock beside an SQLite file; raise StoreBusy where another daemon has it. Other stores use leases."""
    prefix = "sqlite:///"
    if not database.startswith(prefix):
        return None
    path = Path(database.removeprefix(prefix)).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StoreBusy(
            f"another daemon uses {database}. Fix: stop it, or give several daemons one PostgreSQL database"
        ) from error
    return lock


def notify(state: str) -> None:
    """Tell systemd (sd_notify's datagram protocol); without a service manager, do nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.connect("\0" + address[1:] if address.startswith("@") else address)
        out.sendall(state.encode())
