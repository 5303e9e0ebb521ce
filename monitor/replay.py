"""Runs articles as a stream through the real path on a scratch store, without sending: a backtest.

The stream is sorted stably by (published, file order); an undated article takes the time of the one before it. Each
article is judged at its own time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from monitor.metrics import Metrics
from monitor.model import Article, Decision, Findings, Novelty, Watchlist
from monitor.novelty import NoveltySettings
from monitor.pipeline import Pipeline
from monitor.records import Draft, Judgement, Poll
from monitor.store import Store

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 200
FOREVER = timedelta(days=3650)


@dataclass(slots=True)
class Outcome:
    """What became of one article: per watchlist its findings, novelty and decisions."""

    article: Article
    findings: list[Findings] = field(default_factory=list)
    novelty: dict[str, Novelty] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """Counts over a whole replay."""

    articles: int = 0
    matched: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one article."""
        self.articles += 1
        self.matched += bool(outcome.novelty)
        self.kinds.update(str(novelty.kind) for novelty in outcome.novelty.values())
        self.actions.update(f"{decision.action}: {decision.reason}" for decision in outcome.decisions)


def in_stream_order(articles: Iterable[Article]) -> list[Article]:
    """Return the articles by time, each with `first_seen` set to its place in the stream."""
    clock, placed = EPOCH, []
    for article in articles:
        clock = article.published or clock
        placed.append(dataclasses.replace(article, first_seen=clock))
    return sorted(placed, key=lambda article: article.first_seen or EPOCH)


def replay(
    articles: Sequence[Article], watchlists: Sequence[Watchlist], novelty: NoveltySettings | None = None
) -> Iterator[Outcome]:
    """Judge the articles in stream order; yield one outcome each, in that order."""
    stream = in_stream_order(articles)
    start = stream[0].first_seen if stream else EPOCH
    now = start or EPOCH
    with (
        tempfile.TemporaryDirectory(prefix="monitor-replay-") as folder,
        Store.open(f"sqlite:///{Path(folder) / 'scratch.db'}", now=now, durable=False) as store,
    ):
        heard: dict[str, list[Judgement]] = {}
        pipeline = Pipeline(
            store,
            watchlists,
            {},
            Metrics(),
            lambda: now,
            owner="replay",
            novelty=novelty,
            heard=lambda judgement: heard.setdefault(judgement.article, []).append(judgement),
        )
        remaining = iter(stream)
        while batch := list(islice(remaining, BATCH)):
            now = batch[-1].first_seen or now
            heard.clear()
            pipeline.ingest(_poll(batch, now))
            for watchlist in watchlists:
                while pipeline.judge(watchlist.id, at=lambda pending: pending.article.first_seen or EPOCH):
                    pass
            yield from (_outcome(article, heard.get(article.id, [])) for article in batch)


def _poll(batch: Sequence[Article], now: datetime) -> Poll:
    """Dress articles of a file as what a poll brings: their ids are their identity."""
    drafts = tuple(Draft((f"id:{article.id}",), _digest(article), article) for article in batch)
    return Poll("replay", now, "new", now + FOREVER, FOREVER, drafts)


def _digest(article: Article) -> str:
    text = "\0".join((article.title, article.summary or "", article.body or ""))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _outcome(article: Article, judgements: Sequence[Judgement]) -> Outcome:
    outcome = Outcome(article)
    for judgement in judgements:
        outcome.findings.append(judgement.findings)
        outcome.decisions.extend(judgement.decisions)
        if judgement.novelty:
            outcome.novelty[judgement.watchlist] = judgement.novelty
    return outcome
