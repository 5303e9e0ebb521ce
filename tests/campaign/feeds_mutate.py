"""Mutated feeds against the parser: no exception escapes, none takes more than 5 s of CPU or 512 MB.

    python -m tests.campaign.feeds_mutate [--count 20000] [--seed 1] [--processes 1]

The corpus is the shared feed archive where it is present, and our own feeds and hostile inputs always. Each process
runs under the parser's memory limit; every input is reproducible from the seed and its number.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tarfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from monitor.feeds.jobs import run
from monitor.feeds.worker import MEMORY
from tests.feeds.builders import item, rss
from tests.feeds.hostile import CASES

DATA = Path(os.environ.get("MONITOR_EVAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
MAX_SEED = 60_000
MAX_INPUT = 400_000
CPU = 5.0
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


@dataclass
class Tally:
    """What a slice of the campaign came to."""

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


def part(first: int, count: int, seed: int) -> Tally:
    """Run a slice of the campaign in this process."""
    tally, seeds = Tally(), corpus()
    for number in range(first, first + count):
        body = mutate(seeds, number, seed)
        request = {"job": "feed", "content_type": None, "url": "https://news.example.org/rss", "known": []}
        started = time.process_time()
        try:
            answer = run(request, body)
            json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
        except BaseException as error:  # noqa: BLE001  # what escapes is what the campaign looks for
            tally.escaped.append(f"{number}: {error!r}")
            continue
        used = time.process_time() - started
        tally.worst = max(tally.worst, used)
        if used > CPU:
            tally.slow.append((used, number))
        tally.results[answer.get("reason", "read")] += 1
        if answer.get("reason") == "crash":
            tally.crashes[answer["message"][:100]] += 1
    tally.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return tally


def _limited(arguments: tuple[int, int, int]) -> Tally:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + (64 << 20), MEMORY + (64 << 20)))
    return part(*arguments)


def campaign(count: int, seed: int, processes: int) -> Tally:
    """Run the campaign in fresh processes and join their tallies."""
    size = min(10_000, -(-count // processes))
    slices = [(first, min(size, count - first), seed) for first in range(0, count, size)]
    total = Tally()
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        for done in pool.imap_unordered(_limited, slices):
            total.add(done)
    return total


def main() -> int:
    """Run and print; 1 if anything escaped, was slow, or took too much memory."""
    parser = argparse.ArgumentParser()
    for name, default in (("count", 20_000), ("seed", 1), ("processes", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    started = time.monotonic()
    total = campaign(asked.count, asked.seed, asked.processes)
    out = sys.stdout.write
    out(f"{sum(total.results.values())} mutated feeds in {time.monotonic() - started:.0f} s: {dict(total.results)}\n")
    out(f"escaped {len(total.escaped)}, beyond {CPU:.0f} s CPU {len(total.slow)}, worst {total.worst:.2f} s, ")
    out(f"peak {total.peak / 1024:.0f} MB\n")
    for message, number in total.crashes.most_common(8):
        out(f"  caught in the worker {number} times: {message}\n")
    for line in (*total.escaped[:10], *(f"input {number}: {used:.1f} s" for used, number in total.slow[:10])):
        out(f"  {line}\n")
    return 1 if total.escaped or total.slow or total.peak > 512 * 1024 else 0


if __name__ == "__main__":
    sys.exit(main())
