"""What each rule's reader already knows, and what people do not want to be told: the state that a decision needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update

from monitor.model import Reason, Silence, Told
from monitor.store.part import Part, chunks, filled, roomy, slots
from monitor.store.schema import alerts, articles, decisions, judgements, silences, told

_SILENCE = tuple(column for column in silences.c if column.name != "created")


_MINE = (alerts.c.watchlist == bindparam("watchlist"), alerts.c.rule == bindparam("rule"))


@cache
def _known(count: int) -> Select[tuple[str]]:
    return select(told.c.article).where(
        told.c.watchlist == bindparam("watchlist"),
        told.c.rule == bindparam("rule"),
        told.c.article.in_(slots(count)),
    )


_LAST = (
    select(alerts.c.created, alerts.c.score)
    .where(*_MINE, alerts.c.story == bindparam("story"), alerts.c.digest.is_(False))
    .order_by(alerts.c.created.desc())
    .limit(1)
)
_TODAY = select(func.count()).where(
    *_MINE,
    alerts.c.created >= bindparam("day"),
    alerts.c.hold.is_(None) | alerts.c.hold_digest.is_(False),
    alerts.c.digest.is_(False),
)
_RANG = select(decisions.c.judged).where(
    decisions.c.judged >= bindparam("since"),
    (decisions.c.action == "alert") | (decisions.c.reason == Reason.FLOOD),
)
_RANG_RULE = _RANG.where(decisions.c.watchlist == bindparam("watchlist"), decisions.c.rule == bindparam("rule"))
_RANG_FEED = (
    _RANG.join(judgements, judgements.c.seq == decisions.c.seq)
    .join(articles, articles.c.arrival == judgements.c.arrival)
    .where(articles.c.feed == bindparam("feed"))
)


_BEFORE = select(func.max(alerts.c.created)).where(*_MINE, alerts.c.created <= bindparam("now"))


class Knowledge(Part):
    """Told articles and silences."""

    def last_told(self, watchlist: str, rule: str, now: datetime) -> datetime | None:
        """Return when the rule's latest alert was made, digests too, until now; None if there is none."""
        with self._db.read() as connection:
            found: datetime | None = connection.scalar(_BEFORE, {"watchlist": watchlist, "rule": rule, "now": now})
        return found

    def told(
        self, watchlist: str, rule: str, story: str, articles: Collection[str], day_start: datetime | None
    ) -> Told:
        """Return what this rule has told: which of `articles`, the story's last alert, and the day's alerts.

        `alerts_today` counts those that left at once or wait for waking: what leaves in a digest, and the digest
        itself, do not use up the budget. Without `day_start`, for a rule that has none, they are not counted.
        """
        mine = {"watchlist": watchlist, "rule": rule}
        with self._db.read() as connection:
            known: set[str] = set()
            for ids in chunks(sorted(articles)):
                known.update(connection.scalars(_known(roomy(ids)), mine | filled(ids)))
            last = connection.execute(_LAST, mine | {"story": story}).first()
            today = connection.execute(_TODAY, mine | {"day": day_start}).scalar_one() if day_start else 0
        return Told(frozenset(known), last.created if last else None, last.score if last else 0.0, today)

    def told_before(self, watchlist: str, now: datetime) -> dict[str, set[str]]:
        """Return, for each rule that told something, the articles that its reader knew by then."""
        found: dict[str, set[str]] = {}
        asked = select(told.c.rule, told.c.article).where(told.c.watchlist == watchlist, told.c.at <= now)
        with self._db.read() as connection:
            for row in connection.execute(asked):
                found.setdefault(row.rule, set()).add(row.article)
        return found

    def rang(
        self, watchlist: str, rule: str, feed: str | None, since: datetime
    ) -> tuple[list[datetime], list[datetime]]:
        """Return when alerts were decided since then, for the rule and for the feed, calmed ones included."""
        with self._db.read() as connection:
            by_rule = connection.scalars(_RANG_RULE, {"watchlist": watchlist, "rule": rule, "since": since}).all()
            by_feed = connection.scalars(_RANG_FEED, {"feed": feed, "since": since}).all() if feed is not None else ()
            return list(by_rule), list(by_feed)

    def silences(self, now: datetime) -> list[Silence]:
        """Return the silences in force, oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(*_SILENCE).where(silences.c.until > now).order_by(silences.c.id))
            return [_silence(row) for row in rows]

    def all_silences(self) -> list[Silence]:
        """Return every silence, the expired ones included, oldest first."""
        with self._db.read() as connection:
            return [_silence(row) for row in connection.execute(select(*_SILENCE).order_by(silences.c.id))]

    def add_silence(
        self,
        *,
        until: datetime,
        author: str,
        comment: str,
        now: datetime,
        watchlist: str | None = None,
        entity: str | None = None,
        rule: str | None = None,
        source: str | None = None,
        story: str | None = None,
    ) -> Silence:
        """Store a silence and return it with its id."""
        parts = {"watchlist": watchlist, "entity": entity, "rule": rule, "source": source, "story": story}
        words = {"until": until, "author": author, "comment": comment, **parts}
        with self._db.write() as connection:
            row = connection.execute(insert(silences).values(created=now, **words).returning(*_SILENCE)).one()
        return _silence(row)

    def expire_silence(self, silence: int, now: datetime) -> bool:
        """End a silence now; returns False if there is none of that id in force."""
        with self._db.write() as connection:
            ended = update(silences).where(silences.c.id == silence, silences.c.until > now).values(until=now)
            return connection.execute(ended).rowcount > 0


def _silence(row: Row[Any]) -> Silence:
    return Silence(**row._mapping)
