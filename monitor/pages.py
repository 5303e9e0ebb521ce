"""What stands at an address right now, as articles to explain: a feed's entries."""

from __future__ import annotations

from datetime import datetime

from monitor.errors import InputError
from monitor.feeds.fetch import Fetcher
from monitor.feeds.parse import ParserPool
from monitor.feeds.poll import poll
from monitor.feeds.schedule import START
from monitor.model import Article
from monitor.records import Feed, FeedState


def articles_at(url: str, now: datetime, *, allow_private: bool = False) -> tuple[Article, ...]:
    """Fetch and parse the feed at this address, oldest entry first; nothing is stored.

    Raises InputError with the reason where no feed is to be had there.
    """
    state = FeedState(Feed(url=url, name=url, allow_private=allow_private), next_poll=now, interval=START)
    with ParserPool(1) as pool, Fetcher() as fetcher:
        found = poll(state, fetcher, pool, now)
    if found.error:
        raise InputError(f"{url}: {found.error}. Fix: give the address of a feed, or a JSONL file")
    return tuple(draft.article for draft in found.drafts)
