"""Full text for feeds that give a teaser: the page is fetched under the feed's guards and read in a worker.

Only what is new since the last success is fetched, a bounded number of pages a poll and for a bounded time, the newest
first; a page that fails or is left out leaves the teaser as it is. The draft's digest stays that of the feed's own
text, so that a page's changing frame is no revision.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

from monitor.errors import FetchError, ParseError
from monitor.feeds.article import first_words
from monitor.feeds.fetch import Fetcher
from monitor.records import Draft, FeedState
from monitor.text import dates

MAX_PAGES = 20
SECONDS = 45.0
"""After this time no further page is begun: the feed's other articles wait for the last one."""
LONG_ENOUGH = 1_200
OVERLAP = timedelta(hours=1)
_ACCEPT = {"Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"}


class Worker(Protocol):
    """What reading a page needs of the parser pool."""

    def run(self, head: dict[str, Any], body: bytes) -> Any:
        """Do one job in a worker. Raises ParseError."""


def complete(
    drafts: tuple[Draft, ...], state: FeedState, fetcher: Fetcher, pool: Worker, now: datetime
) -> tuple[Draft, ...]:
    """Return the drafts, those that are new and short with the text of their pages."""
    began, left = monotonic(), MAX_PAGES
    result = []
    for draft in reversed(drafts):  # the newest first, where there are too many
        if left > 0 and monotonic() - began < SECONDS and _wanted(draft, state):
            left -= 1
            result.append(_with_page(draft, state, fetcher, pool, now))
        else:
            result.append(draft)
    return tuple(reversed(result))


def _wanted(draft: Draft, state: FeedState) -> bool:
    """Tell whether a draft's page is worth a request: it has one, says little itself, and is no history."""
    article = draft.article
    if article.url is None or len(article.body or "") >= LONG_ENOUGH:
        return False
    if state.baseline or state.last_success is None:
        return state.feed.backfill != "none"
    return article.published is None or article.published >= state.last_success - OVERLAP


def _with_page(draft: Draft, state: FeedState, fetcher: Fetcher, pool: Worker, now: datetime) -> Draft:
    """Fetch and read one page; the draft stays as it is where that fails or gives less."""
    article = draft.article
    assert article.url is not None
    try:
        response = fetcher.fetch(article.url, state.feed, now, _ACCEPT)
        job = {"job": "page", "content_type": response.content_type, "url": response.url}
        page = pool.run(job, response.body)
    except (FetchError, ParseError):
        return draft  # the teaser is an article too, and the next entry may fare better
    text = str(page["text"])
    if len(text) <= len(article.body or ""):
        return draft
    published = article.published
    if published is None and page["published"]:
        published = dates.clamp(datetime.fromisoformat(page["published"]), page["published"], now).at
    summary = article.summary or article.body
    # A title that was made of the teaser gives way to the page's own.
    title = str(page["title"]) if article.title == first_words(summary or "") else ""
    whole = dataclasses.replace(article, title=title or article.title, body=text, summary=summary, published=published)
    return dataclasses.replace(draft, article=whole)
