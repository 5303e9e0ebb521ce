"""Speed and memory of the novelty judge on one core: `python -m tests.bench.bench_novelty [ARTICLES]`.

Fills a memory with matched development articles under ever new ids. At several sizes it prints how many articles a
second are scored and remembered; scored, decided, stored in SQLite and remembered (one transaction each); and the same
with the matching; what the process grew by, all modules loaded before; and the growth of the cost from the first size
to the last. Seconds are the processor's. Exit code 1 if a promise is broken: 500 articles a second at 100,000, growth
under 1.3 to the last size, 60 MB at 100,000.
"""

# ruff: noqa: E402 - numpy asks for the number of threads when it is loaded
from __future__ import annotations

import os

for _library in ("OMP", "OPENBLAS", "MKL"):  # before numpy is loaded: one core means one thread
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import gc
import gzip
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from monitor.matching import Matcher
from monitor.metrics import Metrics
from monitor.model import Article, EntityNovelty, Findings, Kind, Novelty, Watchlist
from monitor.novelty import Memory, NoveltySettings
from monitor.pipeline import Pipeline
from monitor.records import Draft, Poll
from monitor.store import Store
from monitor.watchlist import load
from tests.evaluation.novelty_data import ROOT, article_of

ROUNDS, SAMPLE = 5, 100
SIZES = (10_000, 100_000, 300_000)
START = datetime(2026, 1, 1, tzinfo=UTC)
LEAST_RATE, MOST_GROWTH, MOST_MEMORY = 500.0, 1.3, 60.0

Matched = tuple[Article, Findings]


def corpus(limit: int = 1_500) -> list[Matched]:
    """Return matched articles."""
    matcher = Matcher(load([ROOT / "watchlist-2015.yml"])[0])
    found = []
    with gzip.open(ROOT / "articles-2015.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            article = article_of(row)
            findings = matcher.match(article)
            if findings.matches:
                found.append((article, findings))
            if len(found) == limit:
                break
    return found


def resident() -> float:
    """Return this process's resident memory in MB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


class Stream:
    """Ever new articles out of a corpus, twenty seconds apart."""

    def __init__(self, articles: Sequence[Matched]) -> None:
        self._articles, self._chance, self._count = articles, random.Random(3), 0
        self.now = START

    def take(self) -> Matched:
        """Return the next article."""
        self._count, self.now = self._count + 1, self.now + timedelta(seconds=20)
        article, findings = self._chance.choice(self._articles)
        return replace(article, id=f"{article.id}-{self._count}", first_seen=self.now), findings


def fill(memory: Memory, stream: Stream, size: int) -> None:
    """Remember articles until the memory has seen that many."""
    for number in range(size):
        article, findings = stream.take()
        worth = {match.entity: EntityNovelty(0.5, Kind.FIRST) for match in findings.matches}
        memory.remember(article, findings, Novelty(0.5, Kind.FIRST, f"{number:016x}", entities=worth), stream.now)


def in_memory(memory: Memory, stream: Stream) -> float:
    """Return the processor seconds that it costs to score an article and remember it, in the best of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        taken = [(*stream.take(), stream.now) for _ in range(SAMPLE)]
        start = time.process_time()
        for article, findings, now in taken:
            memory.remember(article, findings, memory.assess(article, findings, now), now)
        rounds.append((time.process_time() - start) / SAMPLE)
    return min(rounds)


def through_the_store(memory: Memory, stream: Stream, watchlist: Watchlist, *, matched: bool) -> float:
    """Return what it costs to score an article, decide, store the judgement and remember it.

    Where it is not `matched` already, that is counted too.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{Path(folder) / 'bench.db'}", now=START) as store,
    ):
        line = Pipeline(store, [watchlist], {}, Metrics(), lambda: stream.now, owner="bench")
        line.judge(watchlist.id)
        judge = line.judges[watchlist.id]
        judge.past.memory = memory
        known: dict[str, Findings] = {}
        if matched:
            judge.read = lambda article: known[article.id]  # type: ignore[method-assign]

        rounds = []
        for _ in range(ROUNDS):
            taken = [stream.take() for _ in range(SAMPLE)]
            known.update((article.id, findings) for article, findings in taken)
            drafts = tuple(Draft((one.id,), one.id, one) for one, _ in taken)
            line.ingest(Poll("bench", stream.now, "new", stream.now, timedelta(hours=1), drafts))
            start = time.process_time()
            while line.judge(watchlist.id):
                pass
            rounds.append((time.process_time() - start) / SAMPLE)
        return min(rounds)


def main() -> None:
    """Print the table; tell which promise is broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    total = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    watchlist, stream = load([ROOT / "watchlist-2015.yml"])[0], Stream(corpus())
    settings = NoveltySettings(max_articles=total, max_age=timedelta(days=400))
    other = Memory(watchlist)
    fill(other, stream, 300)
    through_the_store(other, stream, watchlist, matched=False)  # what it loads is not the memory's
    del other
    before, memory, seen = resident(), Memory(watchlist, settings), 0
    costs: dict[int, float] = {}
    broken = []
    for size in [size for size in SIZES if size < total] + [total]:
        fill(memory, stream, size - seen)
        seen, grown = size, resident() - before
        costs[size] = cost = in_memory(memory, stream)
        stored, whole = (through_the_store(memory, stream, watchlist, matched=known) for known in (True, False))
        print(
            f"{size:7} remembered: {1 / cost:5.0f} articles/s scored and remembered, {1 / stored:5.0f} stored too, "
            f"{1 / whole:5.0f} matched too, +{grown:5.1f} MB", flush=True,
        )  # fmt: skip
        if size == 100_000:
            broken += [f"{1 / cost:.0f} articles a second"] if 1 / cost < LEAST_RATE else []
            broken += [f"{grown:.1f} MB"] if grown > MOST_MEMORY else []
    growth = costs[total] / min(costs.values())
    print(f"cost grows {growth:.2f} times from the cheapest size to {total}")
    broken += [f"growth {growth:.2f}"] if growth >= MOST_GROWTH else []
    if broken:
        sys.exit(f"promises broken: {', '.join(broken)}")


if __name__ == "__main__":
    main()
