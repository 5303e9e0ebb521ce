"""Thousands of feeds, a part of them hostile, slow or dead, polled for simulated hours: nobody healthy waits.

    python -m tests.campaign.feeds_scale [--feeds 10000] [--hours 2] [--threads 48] [--tick 30] [--deadline 3]
                                         [--cores 1]

The daemon's poll threads, parser processes and store, held to so many cores; the site has the rest of the machine. Most
feeds have a loopback address of their own; each fortieth feed shares its host with nine others. Time is simulated in
ticks: what is due is really polled over HTTP, parsed and stored; when that takes longer than the tick, the simulated
clock runs late by as much. Printed are the healthy feeds' gaps against their interval, memory (PSS over all processes)
and open files along the way, the results, and what the site saw of our manners. Exit code 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from monitor.daemon.polling import Polling
from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from monitor.metrics import Metrics
from monitor.model import Watchlist
from monitor.pipeline import Clock, Pipeline
from monitor.records import Feed, FeedState, Poll
from monitor.store import Store
from tests.bench.feeds_site import document
from tests.feeds.hostile import CASES

BEGIN = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
EVERY = timedelta(minutes=15)
ENTRIES = 30
PER_HOST = 1
MOST = 300.0  # megabytes that all processes may hold, beyond what was there before
FLAT = 1.1  # the last third of memory and of open files against the first
FORGOTTEN = 2.0  # intervals without a poll, at the end


def kind_of(number: int) -> str:
    """Return what a feed is: 5 % hostile, 5 % slow, 10 % dead, the rest healthy."""
    place = number % 20
    return {0: "hostile", 1: "slow", 2: "dead", 3: "failing"}.get(place, "healthy")


def host_of(number: int) -> int:
    """Return whose host a feed stands on: its own, or for one in four healthy tens one that ten of them share."""
    return number // 400 * 400 + 4 if number % 40 == 4 else number


def url_of(number: int, port: int) -> str:
    """Return a feed's address; nobody listens for a dead one."""
    host = host_of(number)
    place = 9 if kind_of(number) == "dead" else port
    return f"http://127.{1 + (host >> 16)}.{host >> 8 & 255}.{host & 255}:{place}/feed/{number}"


@dataclass
class Manners:
    """What the site saw of us: requests, the most at once to one host, those that came too soon, and validators."""

    requests: int = 0
    most_at_once: int = 0
    too_soon: int = 0
    told_to_wait: int = 0
    with_validators: int = 0
    without_validators: int = 0
    agents: list[str] = field(default_factory=list)


class Site:
    """All feeds on one port; the clock is set by the campaign."""

    def __init__(self, latency: float) -> None:
        self.clock = 0
        self.latency = latency
        self.hostile = [body for body in (case.body() for case in CASES) if len(body) < 300_000]
        self.manners = Manners()
        self.under_way: Counter[int] = Counter()
        self.wait_until: dict[int, int] = {}
        self.has_tag: set[int] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection until it ends."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                if path.startswith("/clock/"):
                    self.clock = int(path.rsplit("/", 1)[1])
                    body = json.dumps(dataclasses.asdict(self.manners)).encode()
                    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                else:
                    await self.watched(int(path.rsplit("/", 1)[1]), head.lower(), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side is done with us, or the campaign is
        finally:
            writer.close()

    async def watched(self, number: int, head: str, writer: asyncio.StreamWriter) -> None:
        """Answer, and note how we were asked."""
        host, manners = host_of(number), self.manners
        self.under_way[host] += 1
        manners.requests += 1
        manners.most_at_once = max(manners.most_at_once, self.under_way[host])
        manners.too_soon += self.clock < self.wait_until.get(number, 0)
        agent = head.partition("\r\nuser-agent: ")[2].partition("\r\n")[0]
        if agent not in manners.agents[:5]:
            manners.agents.append(agent)
        if number in self.has_tag and kind_of(number) == "healthy":
            told = "if-none-match: " in head and "if-modified-since: " in head
            manners.with_validators += told
            manners.without_validators += not told
        try:
            await self.answer(number, head, writer)
        finally:
            self.under_way[host] -= 1

    async def answer(self, number: int, head: str, writer: asyncio.StreamWriter) -> None:
        """Answer as the feed's kind does."""
        kind = kind_of(number)
        if kind == "failing":
            writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
            return
        if kind == "healthy" and number % 50 == 9 and number not in self.wait_until and self.clock > 1800:
            self.wait_until[number] = self.clock + 2700
            self.manners.told_to_wait += 1
            writer.write(b"HTTP/1.1 429 Slowly\r\nRetry-After: 2700\r\nContent-Length: 0\r\n\r\n")
            return
        if kind == "slow" and number % 200 == 1:  # a tenth of the slow ones never ends
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b"<")
                await writer.drain()
                await asyncio.sleep(0.2)
        await asyncio.sleep(self.latency if kind == "slow" else 0)
        newest = ENTRIES + self.clock // (3600 + 60 * (number % 600))  # one new entry in one to eleven hours
        tag = f'ETag: "{newest}"\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT'
        self.has_tag.add(number)
        if f'if-none-match: "{newest}"' in head:
            writer.write(f"HTTP/1.1 304 Not Modified\r\n{tag}\r\n\r\n".encode())
            return
        body = (
            self.hostile[number // 20 % len(self.hostile)] if kind == "hostile" else document(number, ENTRIES, newest)
        )
        writer.write(f"HTTP/1.1 200 OK\r\n{tag}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


async def serve(latency: float) -> None:
    """Serve on every loopback address until stdin ends."""
    server = await asyncio.start_server(Site(latency).handle, "0.0.0.0", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@dataclass
class Figures:
    """What is measured on the way. A gap ends with a poll, or, `open`, with the campaign: overdue and not polled.

    Megabytes: `before` it began (a test's process holds much of its own), and on the way.
    """

    gaps: list[float] = field(default_factory=list)
    open: list[float] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    before: float = 0.0
    memory: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    manners: Manners = field(default_factory=Manners)
    polls: int = 0
    drafts: int = 0

    def p99(self) -> float:
        """Return how late the hundredth of the healthy feeds is that waits longest."""
        gaps = sorted([*self.gaps, *self.open]) or [0.0]
        return gaps[int(len(gaps) * 0.99)]

    def broken(self) -> list[str]:
        """Return the promises that were not kept."""
        manners, forgotten = self.manners, sum(gap > FORGOTTEN for gap in self.open)
        memory, handles = growth(self.memory), growth(self.handles)
        added = max(self.memory, default=0.0) - self.before
        wrong = {
            f"p99 of the healthy gaps is {self.p99():.2f} intervals": self.p99() > 1.2,
            f"memory reached {added:.0f} MB more than before": added > MOST,
            f"memory grew to {memory:.2f} of what it was": memory > FLAT,
            f"open files grew to {handles:.2f} of what they were": handles > FLAT,
            f"{forgotten} healthy feeds were not asked again": forgotten > 0,
            f"{manners.most_at_once} requests at once to one host": manners.most_at_once > PER_HOST,
            f"{manners.too_soon} requests before Retry-After was over": manners.too_soon > 0,
            f"{manners.without_validators} requests without validators": manners.without_validators > 0,
        }
        return [what for what, is_so in wrong.items() if is_so]


def growth(samples: Sequence[float]) -> float:
    """Return what the last third reaches at most against the first: 1 is flat."""
    third = len(samples) // 3
    return max(samples[-third:]) / max(samples[:third]) if third else 1.0


def pss(pids: tuple[int, ...]) -> float:
    """Return the proportional memory of processes in MB."""
    total = 0
    for pid in (os.getpid(), *pids):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


class Watched(Pipeline):
    """The path, with every poll noted on its way to the store."""

    def __init__(self, store: Store, figures: Figures, clock: Clock) -> None:
        super().__init__(store, [Watchlist(id="desk", title="Desk", entities={})], {}, Metrics(), clock, owner="scale")
        self.figures = figures

    def fetch(self, state: FeedState, fetcher: Fetcher, pool: ParserPool) -> Poll:
        """Poll, and keep the figures."""
        done = super().fetch(state, fetcher, pool)
        kind, figures = kind_of(int(state.feed.name)), self.figures
        if kind == "healthy" and state.last_poll is not None:
            figures.gaps.append((done.at - state.last_poll) / (state.next_poll - state.last_poll))
        figures.results[f"{kind}: {done.result}"] += 1
        figures.polls += 1
        figures.drafts += len(done.drafts)
        return done


class Campaign:
    """The daemon's polling in simulated time."""

    def __init__(self, feeds: int, port: int, fetcher: Fetcher, pool: ParserPool, store: Store, threads: int) -> None:
        self.now, self.port, self.pool, self.store = BEGIN, port, pool, store
        self.figures, self.failures = Figures(before=pss(())), list[Exception]()
        chance = random.Random(1)
        configured = [
            Feed(url=url_of(number, port), name=str(number), allow_private=True, every=EVERY) for number in range(feeds)
        ]
        store.sync_feeds(configured, BEGIN)
        for feed in configured:  # as if they had been added one after another
            store.poll_now(feed.url, BEGIN + EVERY * chance.random())
        pipeline = Watched(store, self.figures, lambda: self.now)
        self.polling = Polling(pipeline, fetcher, pool, threads, self._failed, lambda: None)

    def _failed(self, part: str, error: Exception) -> bool:
        self.failures.append(error)
        return True

    def tick(self) -> None:
        """Poll all that is due, and wait for it."""
        while ((due := self.store.next_feed_due()) is not None and due <= self.now) or not self.polling.idle:
            self.polling.turn()
            time.sleep(0.02)

    def run(self, hours: float, tick: float) -> Figures:
        """Let the hours pass, tick by tick."""
        sample = 0
        while self.now < BEGIN + timedelta(hours=hours):
            self.set_clock(int((self.now - BEGIN).total_seconds()))
            started = time.monotonic()
            self.tick()
            self.now += timedelta(seconds=max(tick, time.monotonic() - started))
            if self.now >= BEGIN + timedelta(minutes=5 * sample):
                self.figures.memory.append(pss(self.pool.pids()))
                self.figures.handles.append(sum(1 for _ in Path("/proc/self/fd").iterdir()))
                sample += 1
        self.set_clock(int((self.now - BEGIN).total_seconds()))
        self.figures.open = [gap for state in self.store.feed_states() if (gap := self.overdue(state)) > 1]
        self.polling.stop()
        self.polling.join(time.monotonic() + 60)
        assert not self.failures, self.failures
        return self.figures

    def overdue(self, state: FeedState) -> float:
        """Return how long a healthy feed has not been asked, in intervals; one that never was counts from its turn."""
        if kind_of(int(state.feed.name)) != "healthy":
            return 0.0
        if state.last_poll is None:
            return 1 + (self.now - state.next_poll) / EVERY
        return (self.now - state.last_poll) / (state.next_poll - state.last_poll)

    def set_clock(self, seconds: int) -> None:
        """Tell the site what time it is, and hear what it saw."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/clock/{seconds}") as answer:
            self.figures.manners = Manners(**json.load(answer))


def report(figures: Figures, seconds: float) -> str:
    """Return the figures as text."""
    gaps = sorted(figures.gaps) or [0.0]
    third = max(1, len(figures.memory) // 3)
    manners = figures.manners
    lines = [
        f"{figures.polls} polls, {figures.drafts} drafts in {seconds:.0f} s; {dict(figures.results.most_common())}",
        f"healthy gaps against their interval: median {gaps[len(gaps) // 2]:.3f}, "
        f"p99 {figures.p99():.3f}, worst {gaps[-1]:.3f} ({len(gaps)} gaps), "
        f"{len(figures.open)} feeds overdue at the end, by up to {max(figures.open, default=0):.3f}",
        f"memory (PSS, all processes): first third at most {max(figures.memory[:third], default=0):.0f} MB, "
        f"last third at most {max(figures.memory[-third:], default=0):.0f} MB",
        f"open files: first third at most {max(figures.handles[:third], default=0)}, "
        f"last third at most {max(figures.handles[-third:], default=0)}",
        f"seen by the site: {manners.requests} requests, at most {manners.most_at_once} at once to a host, "
        f"{manners.told_to_wait} told to wait and {manners.too_soon} asked too soon, "
        f"{manners.with_validators} of {manners.with_validators + manners.without_validators} with both validators, "
        f"as {manners.agents}",
        *(f"NOT KEPT: {one}" for one in figures.broken()),
    ]
    return "\n".join(lines)


def campaign(
    feeds: int,
    hours: float,
    *,
    threads: int = 48,
    tick: float = 30.0,
    deadline: float = 3.0,
    latency: float = 1.0,
    cores: int = 0,
) -> tuple[Figures, float]:
    """Start the site and run; return the figures and the seconds that it really took. `cores` 0: all there are."""
    command = [sys.executable, "-m", "tests.campaign.feeds_scale", "--serve", str(latency)]
    root, allowed = Path(__file__).parents[2], os.sched_getaffinity(0)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port = int(server.stdout.readline())
        os.sched_setaffinity(0, sorted(allowed)[-cores:])
        try:
            with (
                tempfile.TemporaryDirectory() as directory,
                ParserPool(2) as pool,
                Fetcher(contact="https://example.org/bot", pace=Pace(PER_HOST), seconds=deadline) as fetcher,
                Store.open(f"sqlite:///{directory}/monitor.db", now=BEGIN) as store,
            ):
                started = time.monotonic()
                figures = Campaign(feeds, port, fetcher, pool, store, threads).run(hours, tick)
                seconds = time.monotonic() - started
        finally:
            os.sched_setaffinity(0, allowed)
        server.stdin.close()
    return figures, seconds


def main() -> int:
    """Run as asked, and print."""
    parser = argparse.ArgumentParser()
    for name, default in (("feeds", 10_000), ("hours", 2.0), ("threads", 48), ("tick", 30.0), ("deadline", 3.0)):
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--serve", type=float)
    asked = parser.parse_args()
    if asked.serve is not None:
        asyncio.run(serve(asked.serve))
        return 0
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures, seconds = campaign(
        asked.feeds, asked.hours, threads=asked.threads, tick=asked.tick, deadline=asked.deadline, cores=asked.cores
    )
    print(report(figures, seconds))
    return 1 if figures.broken() else 0


if __name__ == "__main__":
    sys.exit(main())
