"""Real daemons for campaigns, forked from a process that has read and compiled everything and has no threads.

A start takes a moment instead of two seconds, and may be given a clock that runs faster, and a point to die at. Beyond
that it is `monitor run`: only the waits between looks at an idle store are shorter.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace

import httpx
import psycopg  # noqa: F401 - loaded once for all
from pydantic import SecretStr

from monitor import pipeline, sending
from monitor.channels import net
from monitor.channels.registry import build
from monitor.config import load_config
from monitor.daemon import daemon, polling, senders
from monitor.feeds import parse, worker
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.logs import set_up_logs
from monitor.metrics import Metrics
from monitor.model import Alias, Article, Condition, Entity, Rule, Watchlist
from monitor.records import Draft, Feed, Poll
from monitor.store import Store, engine
from tests.campaign.failpoints import arm

_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(["tests.campaign.warmed"])


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that showed `base` at the epoch second `origin` and runs `speed` times as fast as the machine's."""

    base: datetime
    origin: float
    speed: float = 1.0

    @classmethod
    def running(cls, speed: float) -> Clock:
        """Start one now."""
        origin = time.time()
        return cls(datetime.fromtimestamp(origin, UTC), origin, speed)

    def __call__(self) -> datetime:
        return self.base + timedelta(seconds=(time.time() - self.origin) * self.speed)


@dataclass(frozen=True, slots=True)
class Life:
    """One start of a daemon. It dies at its `point` when it `passes` that for the n-th time.

    `environment` is what it gets besides ours. `edits` are files to write a moment after the start, with a SIGHUP to
    itself. `lease` is how many seconds leases and claims last, instead of a minute and more.
    """

    config: Path
    clock: Clock
    environment: Mapping[str, str] = field(default_factory=dict)
    point: str | None = None
    passes: int = 1
    edits: tuple[tuple[Path, str], ...] = ()
    edit_after: float = 0.1
    lease: float | None = None


def start(life: Life) -> BaseProcess:
    """Start a daemon; its log is `daemon.log` beside its settings."""
    process = _WARM.Process(target=_be, args=(life,))
    process.start()
    return process


def warm_up() -> None:
    """Go the whole path once, so that what is read and compiled on the way is there in every process forked from here.

    Nothing is left open, and no thread is started.
    """
    set_up_logs("json", "error")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    anna = Entity("anna", "Anna Orlova", aliases=(Alias("آنا أورلوفا", "ar"), Alias("Anna Orlova", "en")))
    rule = Rule("all", Condition(all=("anna",)), ("console",), at_least=0)
    lists = [Watchlist("w", "W", {"anna": anna}, (rule,), version="1")]
    article = Article("a", "s", None, now, "ar", "آنا أورلوفا تفتتح الجسر", "قالت آنا أورلوفا إن الجسر سيفتتح غدا.")
    with Store.open("sqlite://", now=now) as store, Fetcher(contact=None, secret=str, pace=Pace(1), seconds=1.0):
        store.sync_feeds([Feed("https://example.org/feed", "f")], now)
        (state,) = store.claim_due("me", now, 1, timedelta(minutes=1))
        line = pipeline.Pipeline(store, lists, {}, Metrics(), lambda: now, owner="me")
        drafts = (Draft(("k",), "d", article),)
        line.ingest(Poll(state.feed.url, now, "new", now, timedelta(minutes=1), drafts))
        line.judge("w")
    settings = {"type": "webhook", "url": "https://example.org/hook"}
    build("hook", settings, SecretStr).close()
    net._trusted()
    trusted = httpx.create_ssl_context(trust_env=False)
    httpx.create_ssl_context = lambda **_: trusted  # one for all forks: to read the authorities takes a tenth of a life


def _be(life: Life) -> None:
    """Be `monitor run`, with its output in a log."""
    log = os.open(life.config.with_name("daemon.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(life.environment)
    parse._Worker = _Forked  # type: ignore[misc]
    daemon.TICK, daemon.RELEASE, senders.EVERY = 0.1, 0.15, 0.1
    if life.lease:
        lease = timedelta(seconds=life.lease)
        pipeline.JUDGE_LEASE = pipeline.RELEASE_LEASE = sending.SEND_LEASE = polling.CLAIM = lease
        sending.SEND_DEADLINE = life.lease * 0.4
        engine.IDLE = life.lease / 2
    if life.point:
        arm(life.point, life.passes)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    config = load_config(life.config)
    set_up_logs("json", "warning")
    running = daemon.Daemon(config, clock=life.clock, reload=lambda: load_config(life.config))
    if life.edits:
        threading.Timer(life.edit_after, _edit, (life,)).start()
    running.run()


def _edit(life: Life) -> None:
    for path, text in life.edits:
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    os.kill(os.getpid(), signal.SIGHUP)


class _Forked(parse._Worker):
    """A parser forked from the daemon before it has threads: a new interpreter takes longer than a daemon lives."""

    def __init__(self) -> None:
        from_us, to_us = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            _parse(from_us[0], to_us[1])
        os.close(from_us[0])
        os.close(to_us[1])
        self._in, self._out = from_us[1], to_us[0]
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._jobs, self._ending = 0, threading.Lock()
        self._process = _Child(pid, self._in, self._out)  # type: ignore[assignment]


def _parse(reads: int, writes: int) -> None:
    """Be a parser until the daemon ends."""
    try:
        os.dup2(reads, 0)
        os.dup2(writes, 1)
        os.closerange(3, 1024)  # above all the database's lock
        worker.limit()
        with open(0, "rb") as source, open(1, "wb") as sink:
            worker.serve(source, sink)
    finally:
        os._exit(0)


class _Child:
    """The part of `subprocess.Popen` that the pool uses."""

    def __init__(self, pid: int, writes: int, reads: int) -> None:
        self.pid, self._code = pid, None
        self.stdin = SimpleNamespace(close=lambda: os.close(writes))
        self.stdout = SimpleNamespace(close=lambda: os.close(reads))

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float = 10.0) -> int:
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("parser", timeout)
            time.sleep(0.001)
        return code
