"""Polling speed: the same feeds on loopback with latency, polled by our daemon's threads and by the peers.

    python -m tests.bench.bench_feeds [--feeds 500] [--entries 30] [--latency 100] [--threads 40] [--parsers 2]
                                      [--peers PYTHON] [--repeat 1]

Three rounds each: the first poll, one answered with 304, one with one new entry. Ours is the path as the daemon takes
it: claims, fetches with the usual pace, parser processes, and every article with its pending judgement in a durable
SQLite store. PYTHON is an interpreter that has `reader` and `rss2email` (in an environment of their own: `pip install
reader rss2email sgmllib3k`); without it they are left out. Prints polls a second, CPU, ratios, and feedparser alone on
the same documents, which is the wall; exit code 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import feedparser
import structlog

from monitor.daemon.polling import Polling
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from monitor.metrics import Metrics
from monitor.model import Watchlist
from monitor.pipeline import Pipeline
from monitor.records import Feed
from monitor.store import Store
from tests.bench.feeds_site import document, url

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ROUNDS = ("first", "304", "one new entry")
RATIOS = {"first": 2.0, "304": 1.5, "one new entry": 5.0}
UNCHANGED_CPU = 0.004
SHARE = 1.4


@dataclass(frozen=True)
class Round:
    """One round over all feeds: wall seconds, CPU seconds of all processes, entries stored by its end."""

    seconds: float
    cpu: float
    entries: int


@dataclass
class Figures:
    """What a run gave: each contender's rounds by name, once a repeat, and feedparser's own seconds a feed."""

    feeds: int
    rounds: dict[str, dict[str, list[Round]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    versions: dict[str, str] = field(default_factory=dict)
    walls: list[tuple[float, float]] = field(default_factory=list)

    def rate(self, who: str, name: str) -> float:
        """Return the median of polls a second."""
        return statistics.median(self.feeds / one.seconds for one in self.rounds[who][name])

    def cpu(self, who: str, name: str) -> float:
        """Return the median of CPU seconds a poll."""
        return statistics.median(one.cpu / self.feeds for one in self.rounds[who][name])

    def wall(self) -> float:
        """Return the CPU seconds a feed that feedparser takes by itself."""
        return statistics.median(plain for plain, _ in self.walls)

    def broken(self) -> list[str]:
        """Return the promises that were not kept."""
        wrong = [
            f"{name}: {self.rate('ours', name) / self.rate('reader', name):.2f} times reader's rate, not {least}"
            for name, least in RATIOS.items()
            if "reader" in self.rounds and self.rate("ours", name) < least * self.rate("reader", name)
        ]
        if self.cpu("ours", "304") >= UNCHANGED_CPU:
            wrong.append(f"an unchanged poll takes {1000 * self.cpu('ours', '304'):.1f} ms of CPU")
        if self.cpu("ours", "first") > SHARE * self.wall():
            wrong.append(f"the whole path takes {self.cpu('ours', 'first') / self.wall():.2f} times feedparser's own")
        return wrong

    def report(self) -> str:
        """Return the figures as text."""
        lines = []
        for who in self.rounds:
            for name in ROUNDS:
                times = "" if who == "ours" else f"   ours {self.rate('ours', name) / self.rate(who, name):5.1f} times"
                lines.append(
                    f"{who:<16} {name:<14} {self.rate(who, name):7.1f} polls/s   "
                    f"{1000 * self.cpu(who, name):6.2f} ms of CPU a poll{times}"
                )
        plain, bare = (1000 * statistics.median(one[kind] for one in self.walls) for kind in (0, 1))
        share = 1000 * self.cpu("ours", "first")
        lines.append(f"feedparser alone: {plain:.1f} ms a feed, {bare:.1f} without its sanitiser")
        lines.append(
            f"our whole path on new entries: {share / plain:.2f} times that, {share / bare:.2f} times the latter"
        )
        return "\n".join((*lines, *(f"NOT KEPT: {one}" for one in self.broken())))


class Ours:
    """Our polling threads on a store of their own, with a clock that is set."""

    def __init__(self, feeds: list[Feed], directory: Path, threads: int, parsers: int) -> None:
        self.now, self.feeds = NOW, feeds
        self._threads, self._parsers, self._directory = threads, parsers, directory
        self._stored = threading.Semaphore(0)
        self.failures: list[Exception] = []

    @contextmanager
    def started(self) -> Iterator[Ours]:
        """Open everything that the daemon opens for polling."""
        with (
            ParserPool(self._parsers) as self._pool,
            Fetcher(pace=Pace()) as fetcher,
            Store.open(f"sqlite:///{self._directory}/monitor.db", now=NOW) as self._store,
        ):
            self._store.sync_feeds(self.feeds, NOW)
            desk = Watchlist(id="desk", title="Desk", entities={})
            pipeline = Pipeline(self._store, [desk], {}, Metrics(), lambda: self.now, owner="bench")
            # The daemon's workers are long-lived: they have read something before the clock runs.
            with ThreadPoolExecutor(self._parsers) as executor:
                list(executor.map(lambda _: self._pool.parse(document(0, 1, 1), None, ""), range(self._parsers)))
            self._polling = Polling(pipeline, fetcher, self._pool, self._threads, self._failed, self._stored.release)
            yield self
            self._polling.stop()
            self._polling.join(time.monotonic() + 60)
        assert not self.failures, self.failures

    def _failed(self, part: str, error: Exception) -> bool:
        self.failures.append(error)
        return True

    def round(self) -> Round:
        """Poll every feed once."""
        before, started = self._cpu(), time.perf_counter()
        self._polling.turn()
        for _ in self.feeds:
            while not self._stored.acquire(timeout=1):
                self._polling.turn()
        seconds, cpu = time.perf_counter() - started, self._cpu() - before
        self.now += timedelta(hours=1)
        return Round(seconds, cpu, self._store.status().articles)

    def _cpu(self) -> float:
        """Return the CPU seconds of this process and of the parsers."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        ticks = os.sysconf("SC_CLK_TCK")
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._pool.pids())
        return own.ru_utime + own.ru_stime + sum((int(one[11]) + int(one[12])) / ticks for one in stats)


@contextmanager
def peer(python: str, name: str, urls: list[str], directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a peer's side; it has prepared itself when its version stands on its output."""
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    environment.pop("PYTHONPATH", None)
    command = [python, str(Path(__file__).with_name("feeds_peers.py")), name, str(directory)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(urls) + "\n")
        process.stdin.flush()
        yield process
        process.stdin.close()


def peer_round(process: subprocess.Popen[str]) -> Round:
    """Let a peer poll every feed once."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return Round(**json.loads(process.stdout.readline()))


def walls(feeds: int, entries: int, processes: int) -> list[tuple[float, float]]:
    """Return what `wall` gives in so many processes at once: two busy threads of one core are slower than one."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(wall, [feeds] * processes, [entries] * processes))


def wall(feeds: int, entries: int) -> tuple[float, float]:
    """Return CPU seconds a feed that feedparser alone takes: as it comes, and without sanitising."""
    documents = [document(feed, entries, entries) for feed in range(min(feeds, 25))]
    times = []
    for options in ({}, {"sanitize_html": False, "resolve_relative_uris": False}):
        started = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for one in documents:
                feedparser.parse(io.BytesIO(one), **options)
        times.append((time.process_time() - started) / len(documents))
    return times[0], times[1]


class Site:
    """The server in a process of its own."""

    def __init__(self, feeds: int, entries: int, latency: float) -> None:
        command = [sys.executable, "-m", "tests.bench.feeds_site", str(feeds), str(entries), str(latency)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.urls = [url(self.port, number) for number in range(feeds)]

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def set_round(self, number: int) -> None:
        """Let every feed have that many new entries."""
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/round/{number}").close()


def measure(
    feeds: int, entries: int, latency: float, threads: int, parsers: int, peers: str | None = None, repeat: int = 1
) -> Figures:
    """Start the site, let everybody poll three rounds, and return the figures."""
    figures = Figures(feeds)
    names = ["ours", *(("reader", "rss2email") if peers else ())]
    with Site(feeds, entries, latency) as site:
        ours = [Feed(url=one, name=one, allow_private=True) for one in site.urls]
        for who in names * repeat:
            with tempfile.TemporaryDirectory() as directory:
                if who == "ours":
                    figures.walls += walls(feeds, entries, parsers)
                    with Ours(ours, Path(directory), threads, parsers).started() as contender:
                        _rounds(site, figures, who, contender.round)
                    figures.walls += walls(feeds, entries, parsers)  # before and after: the machine may do other things
                else:
                    assert peers is not None
                    with peer(peers, who, site.urls, Path(directory)) as process:
                        assert process.stdout is not None
                        figures.versions[who] = json.loads(process.stdout.readline())
                        _rounds(site, figures, who, lambda one=process: peer_round(one))
    return figures


def _rounds(site: Site, figures: Figures, who: str, poll: Callable[[], Round]) -> None:
    """Let one contender poll its three rounds."""
    for number, name in enumerate(ROUNDS):
        site.set_round(number // 2)
        figures.rounds[who][name].append(poll())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    for name, default in (("feeds", 500), ("entries", 30), ("latency", 100), ("threads", 40), ("parsers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--peers")
    parser.add_argument("--repeat", type=int, default=1)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if asked.peers is None:
        print("no --peers: reader and rss2email are left out")
    figures = measure(**vars(asked))
    print(figures.report())
    return 1 if figures.broken() else 0


if __name__ == "__main__":
    sys.exit(main())
