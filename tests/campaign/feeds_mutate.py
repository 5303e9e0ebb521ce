"""Mutated feeds against the whole reading path: no exception escapes, none takes more than 5 s of CPU or 512 MB.

    python -m tests.campaign.feeds_mutate [--count 20000] [--seed 1] [--processes 1] [--journal FILE]

Each input goes through a worker's job, over the border, and on to drafts, as a poll takes it; every fourth a second
time with half of its items known. With every hundredth a mutated web page is read too, for its text and for the feeds
that it names. The corpus is the shared feed archive where it is present, and our own feeds and
hostile inputs always. Each process runs under the parser's memory limit; every input is reproducible from the seed
and its number. With a journal, slices that are done are written there, and a later run goes on after them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import resource
import signal
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from monitor.feeds.article import drafts
from monitor.feeds.jobs import run
from monitor.feeds.parsed import Parsed
from monitor.feeds.worker import MEMORY
from monitor.records import Feed
from tests.feeds.builders import item, rss
from tests.feeds.hostile import CASES
from tests.feeds.hostile_pages import PAGES

DATA = Path(os.environ.get("MONITOR_EVAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
MAX_SEED = 60_000
MAX_INPUT = 400_000
CPU = 5.0
PEAK = 512 * 1024
SLICE = 10_000
NOW = datetime(2026, 11, 21, tzinfo=UTC)
FEED = Feed(url="https://news.example.org/rss", name="mutated")
# fmt: off
TOKENS = tuple(
    token.encode()
    for token in (
        "<", ">", "&", "&#", ";", "<!--", "-->", "<![CDATA[", "]]>", "<item>", "</item>", "<entry>", "</entry>",
        "<rss>", "</channel>", "<!DOCTYPE rss [", "<!ENTITY a '", "]>", "<?xml", "?>", 'encoding="', 'xml:base="',
        "<link", "<guid>", "<pubDate>", "9999999999", "\0", "\ufeff", "\u202e", "{", "}", "[", "]", '"', "\\", "\\u",
        "<title type='xhtml'>", "<author>", "@", "<category>", "<description>", "</", "/>", "=", "'", "<a href=",
        "<content mode='base64'>", "\n",
    )
)
# fmt: on


class Endless(BaseException):
    """An input used up its CPU time; no handler on the way may take this for the document's fault."""


@dataclass
class Tally:
    """What a slice of the campaign came to. `peak` is in KB."""

    results: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    escaped: list[str] = field(default_factory=list)
    slow: list[tuple[float, int]] = field(default_factory=list)
    worst: float = 0.0
    peak: int = 0

    def add(self, other: Tally) -> None:
        """Join another slice."""
        self.results += other.results
        self.crashes += other.crashes
        self.escaped += other.escaped
        self.slow += other.slow
        self.worst, self.peak = max(self.worst, other.worst), max(self.peak, other.peak)

    @property
    def broken(self) -> bool:
        """Tell whether a promise was broken; `limits` is an input that wanted more memory than a worker has."""
        return bool(self.escaped or self.slow or self.results["limits"] or self.peak > PEAK)

    @classmethod
    def of(cls, row: dict[str, Any]) -> Tally:
        """Read a slice back from the journal."""
        counted = {name: Counter(row[name]) for name in ("results", "crashes")}
        slow = [(used, number) for used, number in row["slow"]]
        return cls(**counted, escaped=row["escaped"], slow=slow, worst=row["worst"], peak=row["peak"])


def corpus() -> list[bytes]:
    """Return the seeds, none longer than a cap."""
    seeds = [rss(*(item(n) for n in range(k))).encode() for k in (1, 3, 20)]
    seeds += [body for body in (case.body() for case in CASES) if len(body) <= MAX_SEED]
    archive = DATA / "feeds.tar.gz"
    if archive.exists():
        with tarfile.open(archive) as files:
            for member in files:
                extracted = files.extractfile(member) if member.isfile() else None
                if extracted is not None:
                    seeds.append(extracted.read()[:MAX_SEED])
    return [seed for seed in seeds if seed]


def pages() -> list[bytes]:
    """Return the seeds of web pages."""
    return [body for body in (page.bytes() for page in PAGES) if 0 < len(body) <= MAX_SEED]


def mutate(seeds: list[bytes], number: int, seed: int) -> bytes:
    """Return one mutated feed: one to six changes of a seed."""
    chance = random.Random(f"{seed}:{number}")
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        data = _changed(data, seeds, chance)[:MAX_INPUT]
    return bytes(data)


def _changed(data: bytearray, seeds: list[bytes], chance: random.Random) -> bytearray:
    """Apply one change."""
    at = chance.randrange(len(data) + 1)
    to = min(len(data), at + int(chance.expovariate(1 / 200)))
    kind = chance.randrange(8)
    if kind == 0:
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256) if data else 0
        return data
    if kind == 1:
        return data[:at] + data[to:] or bytearray(b"<")
    if kind == 2:
        return data[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 10, 1000)) + data[at:]
    if kind == 3:
        return data[:at] + data[at:to] * chance.choice((2, 3, 10, 300)) + data[to:]
    if kind == 4:
        other = chance.choice(seeds)
        start = chance.randrange(len(other))
        return data[:at] + other[start : start + chance.choice((10, 100, 1000, 20_000))] + data[at:]
    if kind == 5:
        return data[: max(1, at)]
    if kind == 6:
        return bytearray(bytes(data).replace(chance.choice(TOKENS), chance.choice(TOKENS))) or bytearray(b">")
    return data[:at] + bytes(chance.randrange(256) for _ in range(chance.randint(1, 60))) + data[at:]


def read(body: bytes, known: list[str]) -> tuple[str, list[str], str]:
    """Take one document the whole way; return the reason or `read`, the marks of its items, and the message."""
    request = {"job": "feed", "content_type": None, "url": FEED.url, "known": known}
    answer = json.loads(json.dumps(run(request, body), ensure_ascii=False).encode("utf-8", "replace"))
    if "reason" in answer:
        return answer["reason"], [], answer["message"]
    parsed = Parsed.from_json(answer["ok"])
    drafts(parsed, FEED, NOW)
    return "read", parsed.marks, ""


def read_page(body: bytes) -> None:
    """Read a web page as `fulltext` and `discover` do; only what escapes or takes too long is of interest."""
    for job in ("page", "links"):
        answer = run({"job": job, "content_type": "text/html", "url": FEED.url}, body)
        json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
        if answer.get("reason") == "limits":
            raise MemoryError(answer["message"])


def part(first: int, count: int, seed: int) -> Tally:
    """Run a slice of the campaign in this process."""
    tally, seeds, sites = Tally(), corpus(), pages()
    for number in range(first, first + count):
        body = mutate(seeds, number, seed)
        started = time.process_time()
        try:
            with bounded():
                result, marks, message = read(body, [])
                if marks and number % 4 == 0:
                    read(body, marks[::2])
                if number % 100 == 0:
                    read_page(mutate(sites, number, seed))
        except (Exception, Endless) as error:  # noqa: BLE001  # what escapes is what the campaign looks for
            tally.escaped.append(f"{number}: {error!r}")
            continue
        finally:
            used = time.process_time() - started
            tally.worst = max(tally.worst, used)
            if used > CPU:
                tally.slow.append((used, number))
        tally.results[result] += 1
        if result == "crash":
            tally.crashes[message[:100]] += 1
    tally.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return tally


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """End one input that would never end by itself."""

    def end(number: int, frame: FrameType | None) -> None:
        raise Endless(f"more than {CPU} s of CPU")

    signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, CPU + 1, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limited(arguments: tuple[int, int, int]) -> tuple[int, int, Tally]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + (64 << 20), MEMORY + (64 << 20)))
    first, count, seed = arguments
    return first, count, part(first, count, seed)


def campaign(count: int, seed: int, processes: int, journal: Path | None = None) -> Iterator[Tally]:
    """Run the campaign in fresh processes; yield the joined tally after each slice, those of the journal first."""
    total, done = Tally(), set()
    for line in journal.read_text().splitlines() if journal and journal.exists() else ():
        row = json.loads(line)
        if row["seed"] == seed and row["first"] < count:
            done.add(row["first"])
            total.add(Tally.of(row))
    size = SLICE if journal else min(SLICE, -(-count // processes))
    todo = [(first, min(size, count - first), seed) for first in range(0, count, size) if first not in done]
    yield total
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        for first, number, tally in pool.imap_unordered(_limited, todo):
            total.add(tally)
            if journal:
                row = {"seed": seed, "first": first, "count": number, **vars(tally)}
                with journal.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            yield total


def report(total: Tally) -> str:
    """Return the figures as text."""
    lines = [
        f"{sum(total.results.values())} mutated feeds: {dict(total.results.most_common())}",
        f"escaped {len(total.escaped)}, beyond {CPU:.0f} s CPU {len(total.slow)}, worst {total.worst:.2f} s, "
        f"peak {total.peak / 1024:.0f} MB",
        *(f"  caught in the worker {count} times: {what}" for what, count in total.crashes.most_common(8)),
        *(f"  {line}" for line in total.escaped[:10]),
        *(f"  input {number}: {used:.1f} s" for used, number in total.slow[:10]),
    ]
    return "\n".join(lines)


def main() -> int:
    """Run and print; 1 if anything escaped, was slow, or took too much memory."""
    parser = argparse.ArgumentParser()
    for name, default in (("count", 20_000), ("seed", 1), ("processes", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--journal", type=Path)
    asked = parser.parse_args()
    started = time.monotonic()
    total = Tally()
    for total in campaign(asked.count, asked.seed, asked.processes, asked.journal):  # noqa: B007  # the last one counts
        pass
    print(f"{report(total)}\n{time.monotonic() - started:.0f} s")
    return 1 if total.broken else 0


if __name__ == "__main__":
    sys.exit(main())
