"""Questions that change nothing: for people, metrics and replay. Long answers come as iterators, in short reads each.

The next query for a page or a command belongs here; one that a transaction needs belongs beside that transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, select

from monitor.model import Article, Delivery
from monitor.store.codec import ALERT, ARTICLE, DECISIONS, FINDINGS, NOVELTY, STRINGS
from monitor.store.outbox import COLUMNS, delivery_of
from monitor.store.part import Part, chunks
from monitor.store.schema import alerts, articles, decisions, deliveries, feeds, judgements
from monitor.store.views import AlertRow, DecisionCount, Status, StoredJudgement

_BATCH = 500


class Reading(Part):
    """Everything that is only asked."""

    def alerts(
        self, since: datetime | None, until: datetime | None, limit: int, watchlist: str | None = None
    ) -> list[AlertRow]:
        """Return the latest alerts created in [since, until), newest first, with their deliveries."""
        asked = select(alerts).order_by(alerts.c.created.desc(), alerts.c.key).limit(limit)
        asked = asked if since is None else asked.where(alerts.c.created >= since)
        asked = asked if until is None else asked.where(alerts.c.created < until)
        asked = asked if watchlist is None else asked.where(alerts.c.watchlist == watchlist)
        with self._db.read() as connection:
            rows = connection.execute(asked).all()
            made = _deliveries(connection, [row.key for row in rows])
        return [_alert_row(row, made) for row in rows]

    def alert_row(self, key: str) -> AlertRow | None:
        """Return the alert of that key with its deliveries; else the only one whose key begins so; else None."""
        asked = select(alerts).where(alerts.c.key.startswith(key, autoescape=True))
        with self._db.read() as connection:
            rows = connection.execute(asked.order_by(alerts.c.key).limit(2)).all()
            made = _deliveries(connection, [row.key for row in rows])
        alone = rows and (len(rows) == 1 or rows[0].key == key)
        return _alert_row(rows[0], made) if alone else None

    def decisions(
        self, since: datetime | None = None, until: datetime | None = None, watchlist: str | None = None
    ) -> list[DecisionCount]:
        """Count the decisions judged in [since, until), by watchlist, rule, action and reason."""
        kind = (decisions.c.watchlist, decisions.c.rule, decisions.c.action, decisions.c.reason)
        asked = select(*kind, func.count()).group_by(*kind).order_by(*kind)
        asked = asked if since is None else asked.where(decisions.c.judged >= since)
        asked = asked if until is None else asked.where(decisions.c.judged < until)
        asked = asked if watchlist is None else asked.where(decisions.c.watchlist == watchlist)
        with self._db.read() as connection:
            return [DecisionCount(*row) for row in connection.execute(asked)]

    def articles_since(self, since: datetime | None = None) -> Iterator[Article]:
        """Yield the articles (every revision) stored since then, in the order of their arrival."""
        after = 0
        while True:
            asked = select(articles.c.arrival, articles.c.data).where(articles.c.arrival > after)
            asked = asked if since is None else asked.where(articles.c.stored >= since)
            with self._db.read() as connection:
                rows = connection.execute(asked.order_by(articles.c.arrival).limit(_BATCH)).all()
            if not rows:
                return
            yield from (ARTICLE.load(row.data) for row in rows)
            after = rows[-1].arrival

    def article(self, article: str) -> Article | None:
        """Return the latest revision of a stored article."""
        latest = select(articles.c.data).where(articles.c.id == article).order_by(articles.c.revision.desc()).limit(1)
        with self._db.read() as connection:
            data = connection.scalar(latest)
        return None if data is None else ARTICLE.load(data)

    def judgements(self, watchlist: str, after: int = 0) -> Iterator[StoredJudgement]:
        """Yield the judgements of a watchlist, every generation, in judgement order, after that number."""
        while True:
            with self._db.read() as connection:
                rows = connection.execute(
                    select(judgements, articles.c.data)
                    .join(articles, articles.c.arrival == judgements.c.arrival)
                    .where(judgements.c.watchlist == watchlist, judgements.c.number > after)
                    .order_by(judgements.c.number)
                    .limit(_BATCH)
                ).all()
            if not rows:
                return
            yield from (_judgement(row) for row in rows)
            after = rows[-1].number

    def judgements_of(self, article: str) -> list[tuple[str, StoredJudgement]]:
        """Return (watchlist, judgement) of every judgement made about an article: what explains an alert afterwards."""
        with self._db.read() as connection:
            rows = connection.execute(
                select(judgements, articles.c.data)
                .join(articles, articles.c.arrival == judgements.c.arrival)
                .where(articles.c.id == article, judgements.c.state == "judged")
                .order_by(judgements.c.watchlist, judgements.c.number)
            ).all()
        return [(row.watchlist, _judgement(row)) for row in rows]

    def new_per_day(self, now: datetime, days: float = 7.0) -> dict[str, float]:
        """Return each feed's new articles a day over the last days; its first poll, which brings old ones, apart."""
        first = (
            select(articles.c.feed, func.min(articles.c.stored).label("stored")).group_by(articles.c.feed).subquery()
        )
        since = now - timedelta(days=days)
        with self._db.read() as connection:
            rows = connection.execute(
                select(articles.c.feed, first.c.stored, func.count())
                .join(first, first.c.feed == articles.c.feed)
                .where(articles.c.revision == 0, articles.c.stored > first.c.stored, articles.c.stored > since)
                .group_by(articles.c.feed, first.c.stored)
            ).all()
        return {feed: count / max((now - max(begun, since)) / timedelta(days=1), 1.0) for feed, begun, count in rows}

    def status(self) -> Status:
        """Return the store in numbers."""
        with self._db.read() as connection:
            states = _counted(connection, judgements.c.watchlist, judgements.c.state)
            held = and_(alerts.c.hold.is_not(None), alerts.c.released.is_(None))
            return Status(
                feeds={row[0]: row[1] for row in connection.execute(_feed_counts())},
                articles=connection.execute(select(func.count()).select_from(articles)).scalar_one(),
                pending={row[0]: row[2] for row in states if row[1] == "pending"},
                failed={row[0]: row[2] for row in states if row[1] == "failed"},
                judged=sum(row[2] for row in states if row[1] == "judged"),
                alerts=connection.execute(select(func.count()).select_from(alerts)).scalar_one(),
                held=connection.execute(select(func.count()).where(held)).scalar_one(),
                deliveries={row[0]: row[1] for row in _counted(connection, deliveries.c.state)},
            )


def _counted(connection: Connection, *columns: Any) -> list[tuple[Any, ...]]:
    counted = select(*columns, func.count()).group_by(*columns).order_by(*columns)
    return [tuple(row) for row in connection.execute(counted)]


def _feed_counts() -> Any:
    condition = case(
        (feeds.c.retired.is_(True), "retired"),
        (feeds.c.paused.is_(True), "paused"),
        (feeds.c.failures > 0, "failing"),
        (feeds.c.last_success.is_(None), "new"),
        else_="fine",
    ).label("condition")
    return select(condition, func.count()).where(feeds.c.removed.is_(None)).group_by(condition)


def _deliveries(connection: Connection, keys: list[str]) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for some in chunks(keys):
        for row in connection.execute(select(*COLUMNS).where(deliveries.c.alert.in_(some)).order_by(deliveries.c.id)):
            found.setdefault(row.alert, []).append(delivery_of(row))
    return found


def _alert_row(row: Row[Any], made: dict[str, list[Delivery]]) -> AlertRow:
    return AlertRow(
        ALERT.load(row.data),
        STRINGS.load(row.channels),
        tuple(made.get(row.key, ())),
        row.hold,
        row.released,
        row.released_in,
    )


def _judgement(row: Row[Any]) -> StoredJudgement:
    return StoredJudgement(
        row.seq,
        row.number,
        row.version,
        row.generation,
        ARTICLE.load(row.data),
        row.silent,
        row.judged,
        FINDINGS.load(row.findings),
        None if row.novelty is None else NOVELTY.load(row.novelty),
        DECISIONS.load(row.decisions),
    )
