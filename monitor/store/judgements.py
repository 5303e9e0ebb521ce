"""T2: judgements, from pending to judged. Every write is made under the watchlist's lease.

    pending --record--> judged (numbered in judgement order)      pending --fail--> failed --requeue--> pending
    warm: a new version of the watchlist begins a new generation; its memory is built from silent judgements

What a watchlist's memory is rebuilt from is its current generation, in the order of `number`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, literal, or_, select, true, update

from monitor.records import Judged, Judgement, Lease, Outgoing, Pending
from monitor.store.codec import ALERT, ARTICLE, DECISIONS, FINDINGS, NOVELTY, STRINGS
from monitor.store.counts import grow
from monitor.store.engine import insert_or_skip
from monitor.store.held import release_earlier
from monitor.store.outbox import enqueue
from monitor.store.part import Part, guard
from monitor.store.schema import alerts, articles, decisions, is_pending, judgements, told, watchlists


class Judgements(Part):
    """The transaction of the judges."""

    def pending(self, watchlist: str, limit: int) -> list[Pending]:
        """Return what waits for this watchlist: silent ones first (they warm the memory), then by arrival."""
        rows: list[Row[Any]] = []
        with self._db.read() as connection:
            for silent in (True, False):  # each in the order of the index, which neither database can turn half round
                rows += connection.execute(
                    select(judgements.c.seq, judgements.c.silent, judgements.c.stored, articles.c.data)
                    .join(articles, articles.c.arrival == judgements.c.arrival)
                    .where(
                        judgements.c.watchlist == watchlist,
                        judgements.c.silent.is_(silent),
                        is_pending(judgements.c.state),
                    )
                    .order_by(judgements.c.seq)
                    .limit(limit - len(rows))
                )
        return [Pending(row.seq, watchlist, ARTICLE.load(row.data), row.silent, row.stored) for row in rows]

    def pending_counts(self) -> dict[str, int]:
        """Return how many judgements wait, by watchlist; one without any is absent."""
        return self._counts("pending")

    def failed_counts(self) -> dict[str, int]:
        """Return how many judgements failed, by watchlist."""
        return self._counts("failed")

    def judged_after(self, watchlist: str, version: str, number: int, limit: int = 1000) -> list[Judged]:
        """Return the judgements of this version's generation after `number`, in judgement order.

        Empty when the store's version is another one: then the watchlist has to be warmed first.
        """
        with self._db.read() as connection:
            rows = connection.execute(
                select(
                    judgements.c.number,
                    judgements.c.findings,
                    judgements.c.novelty,
                    judgements.c.judged,
                    articles.c.data,
                )
                .join(articles, articles.c.arrival == judgements.c.arrival)
                .join(
                    watchlists,
                    and_(
                        watchlists.c.id == judgements.c.watchlist,
                        watchlists.c.version == version,
                        watchlists.c.generation == judgements.c.generation,
                    ),
                )
                .where(judgements.c.watchlist == watchlist, judgements.c.number > number)
                .order_by(judgements.c.number)
                .limit(limit)
            ).all()
        return [
            Judged(
                row.number,
                ARTICLE.load(row.data),
                FINDINGS.load(row.findings),
                None if row.novelty is None else NOVELTY.load(row.novelty),
                row.judged,
            )
            for row in rows
        ]

    def record(self, judgement: Judgement, lease: Lease) -> int | None:
        """Write a judgement with all that follows from it; return its number, or None if it was made before.

        Alerts whose key exists are not created again. Raises LeaseLost, and then nothing is written.
        """
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{judgement.watchlist}")
            if not _is_pending(connection, judgement):
                return None
            number, generation = _next_number(connection, judgement)
            connection.execute(
                update(judgements)
                .where(judgements.c.seq == judgement.seq)
                .values(
                    state="judged",
                    number=number,
                    version=judgement.version,
                    generation=generation,
                    judged=judgement.judged,
                    findings=FINDINGS.dump(judgement.findings),
                    novelty=None if judgement.novelty is None else NOVELTY.dump(judgement.novelty),
                    decisions=DECISIONS.dump(judgement.decisions),
                )
            )
            _write_decisions(connection, judgement)
            _write_told(connection, judgement)
            grow(connection, judgement)
            for outgoing in judgement.outgoing:
                _write_alert(connection, outgoing, judgement.judged)
            return number

    def fail(self, watchlist: str, seq: int, error: str, lease: Lease) -> None:
        """Set a judgement aside with its error, so that the next ones go on. Raises LeaseLost."""
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{watchlist}")
            connection.execute(
                update(judgements)
                .where(judgements.c.seq == seq, judgements.c.watchlist == watchlist, judgements.c.state == "pending")
                .values(state="failed", error=error)
            )

    def requeue_failed(self, watchlist: str, lease: Lease) -> int:
        """Make failed judgements pending again, as after a mended watchlist or program. Raises LeaseLost."""
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{watchlist}")
            again = update(judgements).where(judgements.c.watchlist == watchlist, judgements.c.state == "failed")
            return connection.execute(again.values(state="pending", error=None)).rowcount

    def watchlist_version(self, watchlist: str) -> str | None:
        """Return the version that the stored memory was built for; None for a watchlist never seen."""
        with self._db.read() as connection:
            version: str | None = connection.scalar(select(watchlists.c.version).where(watchlists.c.id == watchlist))
        return version

    def warm(self, watchlist: str, version: str, since: datetime, now: datetime, lease: Lease) -> int:
        """Begin a new generation for a changed watchlist; return how many silent judgements now wait.

        Every stored article first seen since then (its latest revision) is judged anew and silently, in arrival
        order; one that still waits for its real judgement keeps it. Raises LeaseLost.
        """
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{watchlist}")
            _begin_generation(connection, watchlist, version, now)
            recent = select(articles.c.arrival).where(articles.c.stored >= since)
            connection.execute(
                delete(judgements).where(
                    judgements.c.watchlist == watchlist,
                    is_pending(judgements.c.state),
                    judgements.c.silent.is_(True),
                    judgements.c.arrival.in_(recent),
                )
            )
            return _insert_silent(connection, watchlist, since, now)

    def catch_up(self, watchlist: str, since: datetime, now: datetime, lease: Lease) -> int:
        """Take in what came while nobody had this watchlist loaded; return how many silent judgements now wait.

        Every stored article since then that the current generation neither judged nor waits for becomes a silent
        judgement: the version is the same, so that no warming would bring them. Raises LeaseLost.
        """
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{watchlist}")
            return _insert_silent(connection, watchlist, since, now, keep_judged=True)

    def _counts(self, state: str) -> dict[str, int]:
        with self._db.read() as connection:
            rows = connection.execute(
                select(judgements.c.watchlist, func.count())
                .where(judgements.c.state == state)
                .group_by(judgements.c.watchlist)
            )
            return {row[0]: row[1] for row in rows}


def _insert_silent(
    connection: Connection, watchlist: str, since: datetime, now: datetime, *, keep_judged: bool = False
) -> int:
    later, other = articles.alias(), judgements.alias()
    generation = select(watchlists.c.generation).where(watchlists.c.id == watchlist).scalar_subquery()
    done = (
        or_(other.c.state != "judged", other.c.generation == generation) if keep_judged else is_pending(other.c.state)
    )
    when = literal(now, judgements.c.stored.type)
    wanted = (
        select(literal(watchlist), articles.c.arrival, true(), literal("pending"), when)
        .where(
            articles.c.stored >= since,
            ~exists().where(later.c.id == articles.c.id, later.c.revision > articles.c.revision),
            ~exists().where(other.c.watchlist == watchlist, other.c.arrival == articles.c.arrival, done),
        )
        .order_by(articles.c.arrival)
    )
    columns = ["watchlist", "arrival", "silent", "state", "stored"]
    connection.execute(insert(judgements).from_select(columns, wanted))
    waiting = (judgements.c.watchlist == watchlist, is_pending(judgements.c.state), judgements.c.silent.is_(True))
    return connection.execute(select(func.count()).where(*waiting)).scalar_one()


def _begin_generation(connection: Connection, watchlist: str, version: str, now: datetime) -> None:
    again = (
        update(watchlists)
        .where(watchlists.c.id == watchlist)
        .values(version=version, generation=watchlists.c.generation + 1, warmed=now)
    )
    if connection.execute(again).rowcount == 0:
        first: Mapping[str, Any] = {
            "id": watchlist,
            "version": version,
            "generation": 1,
            "last_number": 0,
            "warmed": now,
        }
        connection.execute(insert(watchlists).values(first))


def _is_pending(connection: Connection, judgement: Judgement) -> bool:
    state = connection.scalar(
        select(judgements.c.state).where(
            judgements.c.seq == judgement.seq, judgements.c.watchlist == judgement.watchlist
        )
    )
    return bool(state == "pending")


def _next_number(connection: Connection, judgement: Judgement) -> tuple[int, int]:
    counted: Row[tuple[int, int, str]] | None = connection.execute(
        update(watchlists)
        .where(watchlists.c.id == judgement.watchlist)
        .values(last_number=watchlists.c.last_number + 1)
        .returning(watchlists.c.last_number, watchlists.c.generation, watchlists.c.version)
    ).first()
    if counted is None:
        first: Mapping[str, Any] = {
            "id": judgement.watchlist,
            "version": judgement.version,
            "generation": 1,
            "last_number": 1,
        }
        connection.execute(insert(watchlists).values(first))
        return 1, 1
    if counted.version != judgement.version:
        raise ValueError(f"watchlist {judgement.watchlist} was changed and not warmed before it judged")
    return counted.last_number, counted.generation


def _write_decisions(connection: Connection, judgement: Judgement) -> None:
    rows = [
        {
            "seq": judgement.seq,
            "rule": decision.rule,
            "watchlist": judgement.watchlist,
            "action": decision.action,
            "reason": decision.reason.value,
            "judged": judgement.judged,
        }
        for decision in judgement.decisions
    ]
    if rows:
        connection.execute(insert(decisions), rows)


def _write_told(connection: Connection, judgement: Judgement) -> None:
    rows = [
        {"watchlist": judgement.watchlist, "rule": rule, "article": article, "at": judgement.judged}
        for rule, known in judgement.told.items()
        for article in dict.fromkeys(known)
    ]
    if rows:
        connection.execute(insert_or_skip(connection, told), rows)


def _write_alert(connection: Connection, outgoing: Outgoing, now: datetime) -> None:
    alert = outgoing.alert
    made = connection.execute(
        insert_or_skip(connection, alerts)
        .values(
            key=alert.key,
            watchlist=alert.watchlist,
            rule=alert.rule,
            story=alert.story,
            article=alert.article.id,
            digest=alert.is_digest,
            score=alert.score,
            created=alert.created,
            channels=STRINGS.dump(outgoing.channels),
            hold=outgoing.hold,
            hold_digest=outgoing.digest,
            data=ALERT.dump(alert),
        )
        .returning(alerts.c.key)
    ).first()
    if made is not None and outgoing.hold is None:
        release_earlier(connection, alert, now)
        enqueue(connection, alert, outgoing.channels, now)
