"""Feeds, entries and states for tests, in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import pytest

from monitor.errors import FetchError
from monitor.feeds.fetch import REASONS, Fetcher
from monitor.records import Feed, FeedState

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def a_feed(url: str = "https://news.example.org/rss", **more: Any) -> Feed:
    """Return a feed; one on loopback may be reached."""
    return Feed(url=url, **({"name": "Example", "allow_private": "127.0.0.1" in url} | more))


def a_state(url: str = "https://news.example.org/rss", **more: Any) -> FeedState:
    """Return the state of a feed that was never polled; `feed_…` arguments go to the feed."""
    own = {name.removeprefix("feed_"): more.pop(name) for name in list(more) if name.startswith("feed_")}
    values: dict[str, Any] = {"next_poll": NOW, "interval": timedelta(minutes=15)} | more
    return FeedState(feed=a_feed(url, **own), **values)


def item(number: int, title: str | None = None, **parts: str | None) -> str:
    """Return one RSS item, an hour older for each number; a part given as None is left out."""
    when = NOW - timedelta(hours=number)
    values: dict[str, str | None] = {
        "title": title or f"Ministers agree on point number {number}",
        "link": f"https://news.example.org/{number}.html",
        "guid": f"id-{number}",
        "pubDate": when.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "description": f"What was agreed on point number {number}, in short.",
    } | parts
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items() if value is not None)
    return f"<item>{inner}</item>"


def rss(*items: str, head: str = "<title>Example</title>", xml: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    """Return an RSS document."""
    return f'{xml}<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def reason(fetcher: Fetcher, url: str, **feed: object) -> str:
    """Return the reason that a fetch fails with."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(a_state(url, **{f"feed_{name}": value for name, value in feed.items()}), NOW)
    assert caught.value.reason in REASONS
    return caught.value.reason
