"""Speed and memory of the novelty judge: `OMP_NUM_THREADS=1 python -m tests.bench.bench_novelty [ARTICLES]`.

Fills a memory with matched development articles under ever new ids, and prints the cost of assess and remember
together at several sizes, and how much the process grew.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.matching import Matcher
from monitor.model import Article, EntityNovelty, Findings, Kind, Novelty
from monitor.novelty import Memory, NoveltySettings
from monitor.watchlist import load
from tests.evaluation.novelty_data import ROOT, article_of

SAMPLE = 200


def corpus(limit: int = 1_500) -> list[tuple[Article, Findings]]:
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
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def main() -> None:
    """Print the table."""
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    articles, chance = corpus(), random.Random(3)
    watchlist = load([ROOT / "watchlist-2015.yml"])[0]
    warm = Memory(watchlist)
    for article, findings in articles[:300]:
        warm.assess(article, findings, datetime(2026, 1, 1, tzinfo=UTC))
    before = resident()
    memory = Memory(watchlist, NoveltySettings(max_articles=max(total, 100_000), max_age=timedelta(days=400)))
    marks = {10_000, 30_000, 100_000, 300_000} | {total}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(1, total + 1):
        article, findings = articles[chance.randrange(len(articles))]
        article, now = replace(article, id=f"{article.id}-{number}"), now + timedelta(seconds=20)
        plain = Novelty(0.5, Kind.FIRST, f"{number:016x}", entities={
            match.entity: EntityNovelty(0.5, Kind.FIRST) for match in findings.matches})  # fmt: skip
        memory.remember(article, findings, plain, now)
        if number in marks:
            start = time.process_time()
            for one, found in chance.sample(articles, SAMPLE):
                now += timedelta(seconds=20)
                fresh = replace(one, id=f"{one.id}-{number}-m")
                memory.remember(fresh, found, memory.assess(fresh, found, now), now)
            cost = (time.process_time() - start) / SAMPLE
            grown = resident() - before
            print(f"{number:7} remembered: {1 / cost:6.0f} articles/s  {cost * 1e3:5.2f} ms  +{grown:6.1f} MB")


if __name__ == "__main__":
    main()
