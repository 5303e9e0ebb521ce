"""Polling speed: feeds on loopback with latency, polled by threads as the daemon polls them.

    python -m tests.bench.bench_feeds [--feeds 500] [--entries 30] [--latency 100] [--threads 40] [--workers 2]

Prints polls a second of a first poll, of a second poll with 304, and of one with one new entry; CPU of this process
and of its workers; and the same documents parsed by feedparser alone, which is the wall.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import os
import resource
import subprocess
import sys
import time
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser

from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll
from monitor.records import Feed, FeedState, Poll
from tests.bench.feeds_site import document

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Round:
    """One round over all feeds: wall seconds, CPU seconds of our processes, results."""

    seconds: float
    cpu: float
    worker_cpu: float
    results: dict[str, int]
    drafts: int

    def line(self, name: str, feeds: int) -> str:
        """Return the round as a line of the report."""
        return (
            f"{name:<22} {feeds / self.seconds:8.1f} polls/s   CPU a poll: {1000 * self.cpu / feeds:6.2f} ms here, "
            f"{1000 * self.worker_cpu / feeds:6.2f} ms in workers   {self.results} {self.drafts} drafts"
        )


def worker_cpu(pool: ParserPool) -> float:
    """Return the CPU seconds that the pool's processes have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pool.pids())
    return sum((int(one[11]) + int(one[12])) / ticks for one in fields)


def after(state: FeedState, done: Poll) -> FeedState:
    """Return the state as a store keeps it."""
    return dataclasses.replace(
        state, etag=done.etag, modified=done.modified, body_hash=done.body_hash, baseline=False,
        last_poll=done.at, last_success=done.at,
    )  # fmt: skip


def run(states: list[FeedState], fetcher: Fetcher, pool: ParserPool, threads: int, now: datetime) -> Round:
    """Poll every feed once; the states are advanced in place."""
    before, workers = resource.getrusage(resource.RUSAGE_SELF), worker_cpu(pool)
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as executor:
        polls = list(executor.map(lambda state: poll(state, fetcher, pool, now), states))
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    states[:] = [after(state, done) for state, done in zip(states, polls, strict=True)]
    results: dict[str, int] = {}
    for done in polls:
        results[done.result] = results.get(done.result, 0) + 1
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Round(seconds, cpu, worker_cpu(pool) - workers, results, sum(len(done.drafts) for done in polls))


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


def measure(feeds: int, entries: int, latency: float, threads: int, workers: int) -> dict[str, Round]:
    """Start the site, poll three rounds, and return them by name."""
    command = [sys.executable, "-m", "tests.bench.feeds_site", str(feeds), str(entries), str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port = int(server.stdout.readline())
        base = f"http://127.0.0.1:{port}"
        states = [
            FeedState(
                feed=Feed(url=f"{base}/feed/{number}", name=str(number), allow_private=True),
                next_poll=NOW,
                interval=timedelta(minutes=15),
            )
            for number in range(feeds)
        ]
        with ParserPool(workers) as pool, Fetcher(pace=Pace(connections=threads, gap=0)) as fetcher:
            rounds = {"first": run(states, fetcher, pool, threads, NOW)}
            rounds["304"] = run(states, fetcher, pool, threads, NOW + timedelta(minutes=15))
            urllib.request.urlopen(f"{base}/round/1").close()
            rounds["one new entry"] = run(states, fetcher, pool, threads, NOW + timedelta(minutes=30))
        server.stdin.close()
    return rounds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    for name, default in (("feeds", 500), ("entries", 30), ("latency", 100), ("threads", 40), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    rounds = measure(asked.feeds, asked.entries, asked.latency, asked.threads, asked.workers)
    for name, one in rounds.items():
        print(one.line(name, asked.feeds))
    plain, bare = wall(asked.feeds, asked.entries)
    print(f"feedparser alone: {1000 * plain:.1f} ms a feed; without sanitiser {1000 * bare:.1f} ms")


if __name__ == "__main__":
    main()
