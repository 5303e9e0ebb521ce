"""T2: judgements, from pending to judged. Every write is made under the watchlist's lease.

    pending --record--> judged (numbered in judgement order)      pending --fail--> failed --requeue--> pending
    warm: other entities begin a new generation, whose memory is built from silent judgements
    amend: other rules keep it; what their readers could have read before counts as told

What a watchlist's memory is rebuilt from is its current generation, in the order of `number`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from monitor.records import Judged, Judgement, Lease, Outgoing, Pending, Versions
from monitor.store.codec import ALERT, ARTICLE, DECISIONS, FINDINGS, NAMED, NOVELTY, STRINGS
from monitor.store.counts import grow
from monitor.store.engine import insert_and_tell, insert_or_skip
from monitor.store.held import release_earlier
from monitor.store.outbox import enqueue
from monitor.store.part import Part, chunks, filled, guard, guarded, roomy, slots, vouching
from monitor.store.schema import alerts, articles, decisions, is_pending, judgements, leases, told, watchlists

_RESULT = ("number", "version", "generation", "judged", "findings", "novelty", "decisions")


_PENDING = tuple(  # each in the order of the index, which neither database can turn half round
    select(judgements.c.seq, judgements.c.silent, judgements.c.stored, articles.c.data)
    .join(articles, articles.c.arrival == judgements.c.arrival)
    .where(judgements.c.watchlist == bindparam("mine"), judgements.c.silent.is_(silent), is_pending(judgements.c.state))
    .order_by(judgements.c.seq)
    .limit(bindparam("most"))
    for silent in (True, False)
)


class Judgements(Part):
    """The transaction of the judges."""

    def pending(self, watchlist: str, limit: int) -> list[Pending]:
        """Return what waits for this watchlist: silent ones first (they warm the memory), then by arrival."""
        rows: list[Row[Any]] = []
        with self._db.read() as connection:
            for statement in _PENDING:
                rows += connection.execute(statement, {"mine": watchlist, "most": limit - len(rows)})
        return [Pending(row.seq, watchlist, ARTICLE.load(row.data), row.silent, row.stored) for row in rows]

    def pending_counts(self) -> dict[str, int]:
        """Return how many judgements wait, by watchlist; one without any is absent."""
        return self._counts("pending")

    def failed_counts(self) -> dict[str, int]:
        """Return how many judgements failed, by watchlist."""
        return self._counts("failed")

    def judged_after(self, watchlist: str, version: str, number: int, limit: int = 1000) -> list[Judged]:
        """Return what a memory is made of: the matches of this version's generation after `number`, in their order.

        Empty when the store's version is another one: then the memory is not this watchlist's.
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
                .where(
                    judgements.c.watchlist == watchlist,
                    judgements.c.number > number,
                    judgements.c.novelty.is_not(None),
                )
                .order_by(judgements.c.number)
                .limit(limit)
            ).all()
        return [
            Judged(
                row.number,
                ARTICLE.load(row.data),
                FINDINGS.load(row.findings),
                NOVELTY.load(row.novelty),
                row.judged,
            )
            for row in rows
        ]

    def record(self, made: Sequence[Judgement], lease: Lease) -> list[int | None]:
        """Write judgements of one watchlist with all that follows from them; return the number of each, in their order.

        None stands for one that was made before. Alerts whose key exists are not created again. Raises LeaseLost, and
        then nothing is written.
        """
        watchlist, version = made[0].watchlist, made[0].version
        with self._db.write() as connection:
            waiting = _waiting(connection, watchlist, [judgement.seq for judgement in made], lease)
            new = [judgement for judgement in made if judgement.seq in waiting]
            first, generation = _numbers(connection, watchlist, version, len(new))
            numbers = {judgement.seq: number for number, judgement in enumerate(new, first)}
            if new:
                rows = [_row(judgement, numbers[judgement.seq], generation) for judgement in new]
                connection.execute(_JUDGED, rows)
            _write_decisions(connection, new)
            _write_told(connection, ((watchlist, *known) for judgement in new for known in _knowledge(judgement)))
            for judgement in new:
                grow(connection, judgement)
                for outgoing in judgement.outgoing:
                    _write_alert(connection, outgoing, judgement.judged)
        return [numbers.get(judgement.seq) for judgement in made]

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

    def versions(self, watchlist: str) -> Versions | None:
        """Return what the stored memory was built for; None for a watchlist never seen."""
        asked = select(watchlists.c.version, watchlists.c.entities, watchlists.c.rules, watchlists.c.generation)
        with self._db.read() as connection:
            row = connection.execute(asked.where(watchlists.c.id == watchlist)).first()
        return None if row is None else Versions(row.version, row.entities, NAMED.load(row.rules), row.generation)

    def warm(self, watchlist: str, versions: Versions, since: datetime, now: datetime, lease: Lease) -> int:
        """Begin a new generation for other entities; return how many silent judgements now wait.

        Every stored article first seen since then (its latest revision) is judged anew and silently, in arrival
        order, and the silent judgements of earlier generations about it go; one that still waits for its real
        judgement keeps it. Raises LeaseLost.
        """
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{watchlist}")
            _begin_generation(connection, watchlist, versions, now)
            old = select(judgements.c.seq).where(
                judgements.c.watchlist == watchlist,
                judgements.c.silent.is_(True),
                judgements.c.arrival.in_(select(articles.c.arrival).where(articles.c.stored >= since)),
            )
            connection.execute(delete(decisions).where(decisions.c.seq.in_(old)))
            connection.execute(delete(judgements).where(judgements.c.seq.in_(old)))
            return _insert_silent(connection, watchlist, since, now)

    def amend(
        self, watchlist: str, versions: Versions, told: Mapping[str, Iterable[str]], now: datetime, lease: Lease
    ) -> None:
        """Take other rules for the same entities; the readers of each know the articles that `told` names.

        Raises LeaseLost, and then the store keeps the old ones.
        """
        with self._db.write() as connection:
            guard(connection, lease, f"watchlist:{watchlist}")
            connection.execute(update(watchlists).where(watchlists.c.id == watchlist).values(_said(versions)))
            _write_told(connection, ((watchlist, rule, article, now) for rule in told for article in told[rule]))

    def catch_up(self, watchlist: str, since: datetime, now: datetime, lease: Lease) -> int:
        """Take in what came while nobody had this watchlist loaded; return how many silent judgements now wait.

        Every stored article since then that the current generation neither judged nor waits for becomes a silent
        judgement: no warming would bring them. Raises LeaseLost.
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


def _begin_generation(connection: Connection, watchlist: str, versions: Versions, now: datetime) -> None:
    said = {**_said(versions), "warmed": now}
    again = update(watchlists).where(watchlists.c.id == watchlist)
    if connection.execute(again.values({**said, "generation": watchlists.c.generation + 1})).rowcount == 0:
        connection.execute(insert(watchlists).values({**said, "id": watchlist, "generation": 1, "last_number": 0}))


def _said(versions: Versions) -> dict[str, Any]:
    return {"version": versions.whole, "entities": versions.entities, "rules": NAMED.dump(versions.rules)}


_JUDGED = (
    update(judgements)
    .where(judgements.c.seq == bindparam("judgement"))
    .values({"state": "judged"} | {name: bindparam(name) for name in _RESULT})
)


def _row(judgement: Judgement, number: int, generation: int) -> dict[str, Any]:
    return {
        "judgement": judgement.seq,
        "number": number,
        "version": judgement.version,
        "generation": generation,
        "judged": judgement.judged,
        "findings": FINDINGS.dump(judgement.findings),
        "novelty": None if judgement.novelty is None else NOVELTY.dump(judgement.novelty),
        "decisions": DECISIONS.dump(judgement.decisions),
    }


@cache
def _still_waiting(count: int) -> Select[tuple[int]]:
    asked = select(judgements.c.seq).join(leases, true())
    mine = (judgements.c.seq.in_(slots(count)), judgements.c.watchlist == bindparam("mine"))
    return guarded(asked.where(*mine, is_pending(judgements.c.state)))


def _waiting(connection: Connection, watchlist: str, seqs: Collection[int], lease: Lease) -> set[int]:
    """Return which of these judgements are still to be made, under a lease that is held. Raises LeaseLost."""
    found: set[int] = set()
    for some in chunks(seqs):
        asked = {"mine": watchlist} | filled(some) | vouching(lease, f"watchlist:{watchlist}")
        found.update(connection.scalars(_still_waiting(roomy(some)), asked))
    if len(found) < len(seqs):  # because some were made, or because the lease is lost
        guard(connection, lease, f"watchlist:{watchlist}")
    return found


_TAKE = (
    update(watchlists)
    .where(watchlists.c.id == bindparam("mine"))
    .values(last_number=watchlists.c.last_number + bindparam("count", type_=BigInteger))
    .returning(watchlists.c.last_number, watchlists.c.generation, watchlists.c.version)
)


def _numbers(connection: Connection, watchlist: str, version: str, count: int) -> tuple[int, int]:
    """Take the next numbers for so many judgements; return the first of them, and the generation."""
    counted: Row[Any] | None = connection.execute(_TAKE, {"mine": watchlist, "count": count}).first()
    if counted is None:
        first = {"id": watchlist, "version": version, "generation": 1, "last_number": count}
        connection.execute(insert(watchlists).values(first))
        return 1, 1
    if counted.version != version:
        raise ValueError(f"watchlist {watchlist} was changed and not warmed before it judged")
    return counted.last_number - count + 1, counted.generation


_DECIDED = insert(decisions)


def _write_decisions(connection: Connection, made: Iterable[Judgement]) -> None:
    rows = [
        {
            "seq": judgement.seq,
            "rule": decision.rule,
            "watchlist": judgement.watchlist,
            "action": decision.action,
            "reason": decision.reason.value,
            "judged": judgement.judged,
        }
        for judgement in made
        for decision in judgement.decisions
    ]
    if rows:
        connection.execute(_DECIDED, rows)


def _knowledge(judgement: Judgement) -> Iterator[tuple[str, str, datetime]]:
    """Yield what is known after a judgement: the rule, the article, and since when."""
    for rule, known in judgement.told.items():
        for article in dict.fromkeys(known):
            yield rule, article, judgement.judged


def _write_told(connection: Connection, known: Iterable[tuple[str, str, str, datetime]]) -> None:
    rows = [dict(zip(("watchlist", "rule", "article", "at"), one, strict=True)) for one in known]
    if rows:
        connection.execute(insert_or_skip(connection, told), rows)


def _write_alert(connection: Connection, outgoing: Outgoing, now: datetime) -> None:
    alert = outgoing.alert
    row = {
        "key": alert.key,
        "watchlist": alert.watchlist,
        "rule": alert.rule,
        "story": alert.story,
        "article": alert.article.id,
        "digest": alert.is_digest,
        "score": alert.score,
        "created": alert.created,
        "channels": STRINGS.dump(outgoing.channels),
        "hold": outgoing.hold,
        "hold_digest": outgoing.digest,
        "data": ALERT.dump(alert),
    }
    made = connection.execute(insert_and_tell(connection, alerts), row).first()
    if made is not None and outgoing.hold is None:
        if alert.follows is not None:  # else this rule has no alert of the story that could be held
            release_earlier(connection, alert, now)
        enqueue(connection, alert, outgoing.channels, now)
