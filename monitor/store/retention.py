"""What may be forgotten, and when: articles with their judgements, told rows, counts, identity keys. Never an alert.

A key is kept while its entry stands in its feed, and 30 days more. It stands there as long as the feed's last whole
document had it: a feed that answers "unchanged", or not at all, for months still has its entries.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, delete, exists, or_, select

from monitor.store.part import Part
from monitor.store.schema import articles, decisions, feeds, judgements, seen, stories, texts, told

_BATCH = 500  # rows a transaction, so that nobody waits long for a purge


class Retention(Part):
    """Forgetting, in small transactions."""

    def purge(
        self,
        before_articles: datetime,
        now: datetime,
        seen_grace: timedelta = timedelta(days=30),
        watched: Collection[str] | None = None,
    ) -> int:
        """Delete articles stored before that time, unless they still wait for a judgement; return how many.

        What waits for a watchlist that is not among `watched` waits in vain: nobody judges for it any more. Keys go
        once their entries have been out of their feeds for `seen_grace`.
        """
        gone = 0
        while batch := self._articles(before_articles, watched):
            gone += batch
        while self._told(before_articles):
            pass
        while self._stories(before_articles):
            pass
        while self._keys(now - seen_grace):
            pass
        while self._texts():
            pass
        return gone

    def _articles(self, before: datetime, watched: Collection[str] | None) -> int:
        waiting = exists().where(judgements.c.arrival == articles.c.arrival, judgements.c.state == "pending")
        if watched is not None:
            waiting = waiting.where(judgements.c.watchlist.in_(watched))
        old = select(articles.c.arrival).where(articles.c.stored < before, ~waiting).order_by(articles.c.arrival)
        with self._db.write() as connection:
            arrivals = _batch(connection, old)
            seqs = select(judgements.c.seq).where(judgements.c.arrival.in_(arrivals))
            connection.execute(delete(decisions).where(decisions.c.seq.in_(seqs)))
            connection.execute(delete(judgements).where(judgements.c.arrival.in_(arrivals)))
            connection.execute(delete(articles).where(articles.c.arrival.in_(arrivals)))
        return len(arrivals)

    def _told(self, before: datetime) -> int:
        with self._db.write() as connection:
            ids = _batch(connection, select(told.c.article).where(told.c.at < before).distinct())
            connection.execute(delete(told).where(told.c.article.in_(ids), told.c.at < before))
        return len(ids)

    def _stories(self, before: datetime) -> int:
        """Forget the counts of stories that nobody has joined since then."""
        with self._db.write() as connection:
            ids = _batch(connection, select(stories.c.story).where(stories.c.at < before).distinct())
            connection.execute(delete(stories).where(stories.c.story.in_(ids), stories.c.at < before))
        return len(ids)

    def _keys(self, before: datetime) -> int:
        stands = exists().where(
            feeds.c.url == seen.c.feed,
            or_(feeds.c.removed.is_(None), feeds.c.removed >= before),
            feeds.c.present_at <= seen.c.last_present,
        )
        with self._db.write() as connection:
            keys = _batch(connection, select(seen.c.key).where(seen.c.last_present < before, ~stands))
            connection.execute(delete(seen).where(seen.c.key.in_(keys)))
        return len(keys)

    def _texts(self) -> int:
        """Forget the wordings of articles that neither a key nor a stored article knows any more."""
        known = or_(exists().where(seen.c.article == texts.c.article), exists().where(articles.c.id == texts.c.article))
        with self._db.write() as connection:
            ids = _batch(connection, select(texts.c.article).where(~known).distinct())
            connection.execute(delete(texts).where(texts.c.article.in_(ids)))
        return len(ids)


def _batch(connection: Connection, asked: Select[tuple[object]]) -> list[object]:
    return list(connection.scalars(asked.limit(_BATCH)))
