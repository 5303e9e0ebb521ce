"""Small values to store: each with just what a test is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Alert, Article, Decision, Delivery, Findings, Kind, Match, Mention, Novelty, Reason, Zone
from monitor.records import Draft, Feed, Judgement, Lease, Outgoing, Pending, Poll
from monitor.store import Store
from tests.postgres import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FEED = "https://news.example/feed"
OTHER = "https://other.example/feed"


def article(name: str, **changes: Any) -> Article:
    values: dict[str, Any] = {
        "url": f"https://news.example/{name}",
        "published": NOW,
        "lang": "ar",
        "title": f"خبر {name}",
    }
    return Article(id=name, source="news.example", **values | changes)


def draft(name: str, digest: str = "text", keys: tuple[str, ...] | None = None, **changes: Any) -> Draft:
    return Draft(keys or (f"guid:{name}", f"url:{name}"), f"{name}-{digest}", article(name, **changes))


def poll(*drafts: Draft, url: str = FEED, at: datetime = NOW, **changes: Any) -> Poll:
    values: dict[str, Any] = {"result": "new", "next_poll": at + HOUR, "interval": HOUR, "status": 200}
    return Poll(url=url, at=at, drafts=drafts, **values | changes)


def feed(url: str = FEED, **changes: Any) -> Feed:
    return Feed(url, "A feed", **changes)


def novelty(story: str = "story") -> Novelty:
    return Novelty(0.75, Kind.FIRST, story, reasons=("nothing like it before",), added=("قال إنه سيزور دمشق",))


def findings() -> Findings:
    mention = Mention("title", 0, 3, "خبر", "خبر", Zone.TITLE, steps=("folded",))
    return Findings((Match("w", "lavrov", "name", (mention,), ("full name",)),))


def alert(key: str, story: str = "story", created: datetime = NOW, **changes: Any) -> Alert:
    values: dict[str, Any] = {"watchlist": "w", "rule": "r", "severity": "high", "score": 0.75, "kind": Kind.FIRST}
    return Alert(
        key=key,
        created=created,
        article=article(key),
        story=story,
        names={"lavrov": "Sergei Lavrov"},
        matches=findings().matches,
        **values | changes,
    )


def judgement(pending: Pending, *outgoing: Outgoing, **changes: Any) -> Judgement:
    decision = Decision(pending.watchlist, "r", "alert", Reason.NEW, ("lavrov",), 0.75, Kind.FIRST)
    values: dict[str, Any] = {
        "version": "v1",
        "judged": NOW,
        "findings": findings(),
        "novelty": novelty(),
        "decisions": (decision,),
    }
    return Judgement(
        seq=pending.seq,
        watchlist=pending.watchlist,
        article=pending.article.id,
        revision=pending.article.revision,
        outgoing=outgoing,
        **values | changes,
    )


def lease(store: Store, name: str, owner: str = "me", ttl: timedelta = HOUR) -> Lease:
    held = store.acquire(name, owner, ttl)
    assert held is not None
    return held


def send(store: Store, *outgoing: Outgoing, at: datetime = NOW) -> Lease:
    """Judge one new article for each alert, in order; return the watchlist's lease."""
    held = lease(store, "watchlist:w")
    names = [f"article-{item.alert.key}" for item in outgoing]
    store.ingest(poll(*(draft(name) for name in names)), ["w"], at)
    waiting = {item.article.id: item for item in store.pending("w", 10_000)}
    for name, item in zip(names, outgoing, strict=True):
        store.record([judgement(waiting[name], item, judged=at)], held)
    return held


def deliveries(store: Store, keys: Iterable[str]) -> list[Delivery]:
    rows = [store.alert_row(key) for key in keys]
    return [delivery for row in rows if row is not None for delivery in row.deliveries]
