"""Thousands of feeds, a part of them hostile, slow or dead, polled for simulated hours: nobody healthy waits.

    python -m tests.campaign.feeds_scale [--feeds 10000] [--hours 2] [--threads 48] [--tick 30] [--deadline 3]

Every feed has a loopback address of its own. Time is simulated in ticks: what is due is really polled over HTTP and
really parsed; when that takes longer than the tick, the simulated clock runs late by as much. Printed are the healthy
feeds' gaps against their interval, memory (PSS over all processes) and open files along the way, and the results.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import heapq
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.feeds.fetch import Fetcher
from monitor.feeds.pace import Pace
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll
from monitor.records import Feed, FeedState, Poll
from tests.bench.feeds_site import document
from tests.feeds.hostile import CASES

BEGIN = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
EVERY = timedelta(minutes=15)
ENTRIES = 30


def kind_of(number: int) -> str:
    """Return what a feed is: 5 % hostile, 5 % slow, 10 % dead, the rest healthy."""
    place = number % 20
    return {0: "hostile", 1: "slow", 2: "dead", 3: "failing"}.get(place, "healthy")


class Site:
    """All feeds on one port; the clock is set by the campaign."""

    def __init__(self, latency: float) -> None:
        self.clock = 0
        self.latency = latency
        self.hostile = [body for body in (case.body() for case in CASES) if len(body) < 300_000]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests on one connection until it ends."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                if path.startswith("/clock/"):
                    self.clock = int(path.rsplit("/", 1)[1])
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                else:
                    await self.answer(int(path.rsplit("/", 1)[1]), head.lower(), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side is done with us, or the campaign is
        finally:
            writer.close()

    async def answer(self, number: int, head: str, writer: asyncio.StreamWriter) -> None:
        """Answer as the feed's kind does."""
        kind = kind_of(number)
        if kind == "failing":
            writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
            return
        if kind == "slow" and number % 200 == 1:  # a tenth of the slow ones never ends
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                writer.write(b"<")
                await writer.drain()
                await asyncio.sleep(0.2)
        await asyncio.sleep(self.latency if kind == "slow" else 0)
        newest = ENTRIES + self.clock // (3600 + 60 * (number % 600))  # one new entry in one to eleven hours
        tag = f'"{newest}"'
        if f"if-none-match: {tag}" in head:
            writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode())
            return
        body = (
            self.hostile[number // 20 % len(self.hostile)] if kind == "hostile" else document(number, ENTRIES, newest)
        )
        writer.write(f"HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


async def serve(latency: float) -> None:
    """Serve on every loopback address until stdin ends."""
    server = await asyncio.start_server(Site(latency).handle, "0.0.0.0", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@dataclass
class Figures:
    """What is measured on the way."""

    gaps: list[float] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    polls: int = 0
    drafts: int = 0


def pss(pids: tuple[int, ...]) -> float:
    """Return the proportional memory of processes in MB."""
    total = 0
    for pid in (os.getpid(), *pids):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


class Campaign:
    """The daemon's polling loop in simulated time."""

    def __init__(self, feeds: int, port: int, fetcher: Fetcher, pool: ParserPool, threads: int) -> None:
        chance = random.Random(1)
        self.states: dict[int, FeedState] = {}
        self.fetcher, self.pool, self.port = fetcher, pool, port
        self.executor = ThreadPoolExecutor(threads)
        self.figures = Figures()
        self.asked: dict[int, datetime] = {}
        for number in range(feeds):
            place = 9 if kind_of(number) == "dead" else port
            url = f"http://127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}:{place}/feed/{number}"
            feed = Feed(url=url, name=str(number), allow_private=True, every=EVERY)
            first = BEGIN + EVERY * chance.random()
            self.states[number] = FeedState(feed=feed, next_poll=first, interval=EVERY)
        self.queue = [(state.next_poll, number) for number, state in self.states.items()]
        heapq.heapify(self.queue)

    def tick(self, now: datetime) -> None:
        """Poll all that is due, and wait for it."""
        due = []
        while self.queue and self.queue[0][0] <= now:
            due.append(heapq.heappop(self.queue)[1])
        done = self.executor.map(lambda number: poll(self.states[number], self.fetcher, self.pool, now), due)
        for number, one in zip(due, done, strict=True):
            self.record(number, one, now)
            heapq.heappush(self.queue, (one.next_poll, number))

    def record(self, number: int, done: Poll, now: datetime) -> None:
        """Keep the state as a store does, and the figures."""
        old = self.states[number]
        if kind_of(number) == "healthy" and number in self.asked:
            self.figures.gaps.append((now - self.asked[number]) / (old.next_poll - self.asked[number]))
        self.asked[number] = now
        self.figures.results[f"{kind_of(number)}: {done.result}"] += 1
        self.figures.polls += 1
        self.figures.drafts += len(done.drafts)
        self.states[number] = dataclasses.replace(
            old, next_poll=done.next_poll, interval=done.interval, etag=done.etag, modified=done.modified,
            body_hash=done.body_hash, moved_to=done.moved_to, last_poll=now, last_error=done.error,
            failures=0 if done.ok else old.failures + 1, baseline=old.baseline and not done.ok,
            last_success=now if done.ok else old.last_success,
        )  # fmt: skip

    def run(self, hours: float, tick: float) -> Figures:
        """Let the hours pass, tick by tick."""
        now, sample = BEGIN, 0
        while now < BEGIN + timedelta(hours=hours):
            self.set_clock(int((now - BEGIN).total_seconds()))
            started = time.monotonic()
            self.tick(now)
            now += timedelta(seconds=max(tick, time.monotonic() - started))
            sample += 1
            if sample % 10 == 0:
                self.figures.memory.append(pss(self.pool.pids()))
                self.figures.handles.append(sum(1 for _ in Path("/proc/self/fd").iterdir()))
        self.executor.shutdown()
        return self.figures

    def set_clock(self, seconds: int) -> None:
        """Tell the site what time it is."""
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/clock/{seconds}").close()


def report(figures: Figures, seconds: float) -> str:
    """Return the figures as text."""
    gaps = sorted(figures.gaps) or [0.0]
    third = max(1, len(figures.memory) // 3)
    lines = [
        f"{figures.polls} polls, {figures.drafts} drafts in {seconds:.0f} s; {dict(figures.results.most_common())}",
        f"healthy gaps against their interval: median {gaps[len(gaps) // 2]:.3f}, "
        f"p99 {gaps[int(len(gaps) * 0.99)]:.3f}, worst {gaps[-1]:.3f} ({len(gaps)} gaps)",
        f"memory (PSS, all processes): first third at most {max(figures.memory[:third], default=0):.0f} MB, "
        f"last third at most {max(figures.memory[-third:], default=0):.0f} MB",
        f"open files: first third at most {max(figures.handles[:third], default=0)}, "
        f"last third at most {max(figures.handles[-third:], default=0)}",
    ]
    return "\n".join(lines)


def campaign(
    feeds: int, hours: float, *, threads: int = 48, tick: float = 30.0, deadline: float = 3.0, latency: float = 1.0
) -> tuple[Figures, float]:
    """Start the site and run; return the figures and the seconds that it really took."""
    command = [sys.executable, "-m", "tests.campaign.feeds_scale", "--serve", str(latency)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port = int(server.stdout.readline())
        with ParserPool(2) as pool, Fetcher(pace=Pace(), seconds=deadline) as fetcher:
            started = time.monotonic()
            figures = Campaign(feeds, port, fetcher, pool, threads).run(hours, tick)
            seconds = time.monotonic() - started
        server.stdin.close()
    return figures, seconds


def main() -> None:
    """Run as asked, and print."""
    parser = argparse.ArgumentParser()
    for name, default in (("feeds", 10_000), ("hours", 2.0), ("threads", 48), ("tick", 30.0), ("deadline", 3.0)):
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--serve", type=float)
    asked = parser.parse_args()
    if asked.serve is not None:
        asyncio.run(serve(asked.serve))
        return
    figures, seconds = campaign(
        asked.feeds, asked.hours, threads=asked.threads, tick=asked.tick, deadline=asked.deadline
    )
    sys.stdout.write(report(figures, seconds) + "\n")


if __name__ == "__main__":
    main()
