"""Runs articles as a stream through the real path on a scratch store, without sending: a backtest.

The stream is sorted stably by (published, file order); an undated article takes the time of the one before it. Each
article is judged at its own time.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from monitor.metrics import Metrics
from monitor.model import Article, Decision, Findings, Novelty, Watchlist
from monitor.novelty import NoveltySettings
from monitor.pipeline import Pipeline
from monitor.records import Draft, Judgement, Poll
from monitor.store import Store, StoredJudgement
from monitor.watchlist import versions

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


def in_stream_order(articles: Iterable[Article]) -> list[Article]:
    """Return the articles by time, each with `first_seen` set to its place in the stream."""
    clock, placed = EPOCH, []
    for article in articles:
        clock = article.published or clock
        placed.append(dataclasses.replace(article, first_seen=clock))
    return sorted(placed, key=lambda article: article.first_seen or EPOCH)


@contextmanager
def _stage(watchlists: Sequence[Watchlist], novelty: NoveltySettings | None) -> Iterator[tuple[Pipeline, _Heard]]:
    """Open a pipeline over a scratch store, with a place where its judgements are kept as they fall."""
    heard = _Heard()
    with (
        tempfile.TemporaryDirectory(prefix="monitor-replay-") as folder,
        Store.open(f"sqlite:///{Path(folder) / 'scratch.db'}", now=EPOCH, durable=False) as store,
    ):
        clock = heard.clock
        yield Pipeline(store, watchlists, {}, Metrics(), clock, owner="replay", novelty=novelty, heard=heard.add), heard


class _Heard:
    """Judgements of the batch in hand, by article in the order in which they fell, and the replay's clock."""

    def __init__(self) -> None:
        self.now = EPOCH
        self._judgements: dict[tuple[str, str], list[Judgement]] = {}

    def clock(self) -> datetime:
        return self.now

    def add(self, judgement: Judgement) -> None:
        self._judgements.setdefault((judgement.article, judgement.watchlist), []).append(judgement)

    def take(self, article: Article, watchlists: Sequence[Watchlist]) -> list[Judgement]:
        """Return each watchlist's next judgement of the article; none where its text was there before."""
        waiting = [self._judgements.get((article.id, watchlist.id), []) for watchlist in watchlists]
        return [judgements.pop(0) for judgements in waiting if judgements]


def replay(
    articles: Sequence[Article], watchlists: Sequence[Watchlist], novelty: NoveltySettings | None = None
) -> Iterator[Outcome]:
    """Judge the articles in stream order; yield one outcome each, in that order."""
    with _stage(watchlists, novelty) as (pipeline, heard):
        remaining = iter(in_stream_order(articles))
        while batch := list(islice(remaining, BATCH)):
            heard.now = batch[-1].first_seen or heard.now
            pipeline.ingest(_poll(batch, heard.now))
            for watchlist in watchlists:
                while pipeline.judge(watchlist.id, at=lambda pending: pending.article.first_seen or EPOCH):
                    pass
            yield from (_outcome(article, heard.take(article, watchlists)) for article in batch)


def replay_stored(
    live: Store, watchlist: Watchlist, novelty: NoveltySettings | None = None
) -> Iterator[tuple[StoredJudgement, Outcome]]:
    """Judge again what a store holds for one watchlist, in judgement order and at the times of then.

    Yields each stored judgement of this version with what it would be now; equal decisions mean that they are
    reproduced. The live store is only read. What was judged by earlier rules about the same entities is remembered, and
    was told when it was told; but cooldowns and budgets begin with the edit.
    """
    known = live.versions(watchlist.id)
    if known is None or known.whole != watchlist.version:
        return
    earlier = dataclasses.replace(watchlist, rules=(), version=f"before {watchlist.version}")
    with _stage([watchlist], novelty) as (pipeline, heard):
        for silence in live.all_silences():
            said = {name: getattr(silence, name) for name in ("watchlist", "entity", "rule", "source", "story")}
            pipeline.store.add_silence(
                until=silence.until, author=silence.author, comment=silence.comment, now=silence.until, **said
            )
        for stored in live.judgements(watchlist.id):
            if stored.generation != known.generation:
                continue
            heard.now = stored.judged
            current = stored.version == watchlist.version
            if current and pipeline.judges[watchlist.id].watchlist is earlier:
                _tell(pipeline.store, watchlist, live.told_before(watchlist.id, stored.judged), stored.judged)
            pipeline.watch([watchlist if current else earlier])
            before = None if current and not stored.silent else stored.judged + FOREVER
            pipeline.ingest(dataclasses.replace(_poll([stored.article], stored.judged), silent_before=before))
            pipeline.judge(watchlist.id)
            outcome = _outcome(stored.article, heard.take(stored.article, [watchlist]))
            if current:
                yield stored, outcome


def _tell(store: Store, watchlist: Watchlist, told: dict[str, set[str]], now: datetime) -> None:
    """Let the readers of the rules know what they knew when these came into force."""
    lease = store.acquire(f"watchlist:{watchlist.id}", "replay", timedelta(minutes=1))
    assert lease is not None, "nobody else judges in a scratch store"
    store.amend(watchlist.id, versions(watchlist), told, now, lease)


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
