"""From a site's address to its feeds: those that it declares, those that it links, those that usually exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urljoin

from monitor.errors import FetchError, ParseError
from monitor.feeds.canonical import feed_key
from monitor.feeds.fetch import Fetcher, Response
from monitor.feeds.parsed import Parsed
from monitor.records import Feed

MAX_TRIED = 10
USUAL = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/ar/rss.xml")


class Parser(Protocol):
    """What discovery needs of the parser pool."""

    def parse(self, body: bytes, content_type: str | None, url: str) -> Parsed:
        """Read a feed. Raises ParseError."""

    def run(self, head: dict[str, Any], body: bytes) -> Any:
        """Do another job in a worker. Raises ParseError."""


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was read: its final address, what it calls itself, and how much it holds."""

    url: str
    title: str
    lang: str | None
    entries: int


def discover(
    url: str, fetcher: Fetcher, pool: Parser, now: datetime, *, allow_private: bool = False
) -> tuple[Found, ...]:
    """Return the feeds at an address, best first: itself if it is one. Raises FetchError if it can't be fetched."""
    feed = Feed(url=url, name=url, allow_private=allow_private)
    response = fetcher.fetch(url, feed, now, {"Accept": "*/*"})
    own = _read(response, pool)
    if own is not None:
        return (own,)
    job = {"job": "links", "content_type": response.content_type, "url": response.url}
    try:
        named = [str(link["url"]) for link in pool.run(job, response.body)]
    except ParseError:
        named = []
    found = _tried(named[:MAX_TRIED], feed, fetcher, pool, now)
    if not found:
        found = _tried([urljoin(response.url, path) for path in USUAL], feed, fetcher, pool, now)
    return tuple(found)


def _tried(urls: list[str], feed: Feed, fetcher: Fetcher, pool: Parser, now: datetime) -> list[Found]:
    """Fetch each candidate and keep those that are feeds, once each."""
    found: dict[str, Found] = {}
    for url in urls:
        try:
            one = _read(fetcher.fetch(url, feed, now, {"Accept": "*/*"}), pool)
        except FetchError:
            continue  # a candidate that fails is no candidate
        if one is not None:
            found.setdefault(feed_key(one.url), one)
    return list(found.values())


def _read(response: Response, pool: Parser) -> Found | None:
    """Return the feed in an answer, or None."""
    try:
        parsed = pool.parse(response.body, response.content_type, response.url)
    except ParseError:
        return None
    return Found(response.url, parsed.title, parsed.lang, len(parsed.entries))
