"""What stands at an address right now, as articles to explain: a feed's entries, or one article's page."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from urllib.parse import urlsplit

from monitor.errors import FetchError, InputError, ParseError
from monitor.feeds.article import drafts
from monitor.feeds.fetch import Fetcher, Response
from monitor.feeds.language import language
from monitor.feeds.parse import ParserPool
from monitor.model import Article
from monitor.records import Feed
from monitor.wire import parse_time


def articles_at(url: str, now: datetime, *, allow_private: bool = False) -> tuple[Article, ...]:
    """Fetch and read the feed or page at this address, oldest entry first; nothing is stored.

    Raises InputError with the reason where neither is to be had there.
    """
    feed = Feed(url=url, name=url, allow_private=allow_private)
    with ParserPool(1) as pool, Fetcher() as fetcher:
        try:
            response = fetcher.fetch(url, feed, now, {"Accept": "*/*"})
            try:
                parsed = pool.parse(response.body, response.content_type, response.url)
            except ParseError as error:
                if error.reason != "html":
                    raise
                return (_page(response, pool, now),)
        except (FetchError, ParseError) as error:
            raise InputError(f"{url}: {error}. Fix: give the address of a feed or an article, or a file") from error
        return tuple(draft.article for draft in drafts(parsed, feed, now, ()))


def _page(response: Response, pool: ParserPool, now: datetime) -> Article:
    """Read an article's page in the worker. Raises ParseError."""
    job = {"job": "page", "content_type": response.content_type, "url": response.url}
    page = pool.run(job, response.body)
    article = Article(
        id=response.url,
        source=(urlsplit(response.url).hostname or "").removeprefix("www."),
        url=response.url,
        published=parse_time(page["published"]),
        lang=None,
        title=str(page["title"]),
        body=str(page["text"]),
        first_seen=now,
    )
    return dataclasses.replace(article, lang=language(f"{article.title} {article.body}"[:4000], None, None))
