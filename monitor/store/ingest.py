"""T1: one poll becomes seen keys, articles and pending judgements, in one transaction. Any daemon, any thread.

    Poll -> keys and texts that are known -> plan (pure) -> rows

An article is known by any of its keys, and a revision is a text that it never had before: two feeds that carry the
same article in two wordings make one revision, not one at every poll. Two daemons that bring the same article at once
meet at the unique key; the later one's transaction is rolled back and planned anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from monitor.model import Article
from monitor.records import Draft, Ingested, Poll
from monitor.store.codec import ARTICLE
from monitor.store.engine import insert_or_skip
from monitor.store.faults import Conflict
from monitor.store.part import Part, chunks
from monitor.store.schema import articles, clean, feeds, judgements, seen, texts

_TRIES = 8
_KEY_BYTES = 400  # PostgreSQL indexes at most 2,704 bytes; a longer key is known by its hash

Texts = dict[str, tuple[int, datetime]]  # digest -> revision, when the article was first seen


@dataclass(slots=True)
class Plan:
    """What a poll adds to what is known."""

    new: list[Article] = field(default_factory=list)
    revised: list[Article] = field(default_factory=list)
    ordered: list[Article] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    texts: list[dict[str, Any]] = field(default_factory=list)
    seen: int = 0


class Ingest(Part):
    """The transaction of the pollers."""

    def ingest(self, poll: Poll, watchlists: Sequence[str], now: datetime) -> Ingested:
        """Store what a poll brought, with one pending judgement per watchlist, and the feed's new state.

        Drafts are taken in their order (oldest first), which becomes the arrival order. Articles older than
        `poll.silent_before` become silent judgements. The feed's claim ends. Raises StoreError; nothing is kept then.
        """
        drafts = [_cleaned(draft, poll, now) for draft in poll.drafts]
        for attempt in range(_TRIES):
            try:
                with self._db.write() as connection:
                    plan = plan_ingest(drafts, *_known(connection, drafts))
                    _write(connection, plan, poll, watchlists, now)
                return Ingested(tuple(plan.new), tuple(plan.revised), plan.seen)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")


def plan_ingest(drafts: Iterable[Draft], keys: Mapping[str, str], known: Mapping[str, Texts]) -> Plan:
    """Decide, without touching anything, which drafts are new, revised or seen.

    `keys` maps known identity keys to article ids, `known` article ids to their texts.
    """
    plan = Plan()
    owners = dict(keys)
    wordings = {article: dict(found) for article, found in known.items()}
    for draft in drafts:
        identity = next((owners[key] for key in draft.keys if key in owners), draft.article.id)
        found = wordings.setdefault(identity, {})
        for key in draft.keys:
            if key in keys:
                plan.touched.add(key)
            elif key not in owners:
                plan.keys[key] = owners[key] = identity
        if draft.digest in found:
            plan.seen += 1
            continue
        _add(plan, replace(draft.article, id=identity), draft.digest, found)
    return plan


def _add(plan: Plan, article: Article, digest: str, found: Texts) -> None:
    revision = max((number for number, _ in found.values()), default=-1) + 1
    assert article.first_seen is not None, "ingest sets it"
    first_seen = min((seen_at for _, seen_at in found.values()), default=article.first_seen)
    article = replace(article, revision=revision, first_seen=first_seen)
    found[digest] = (revision, first_seen)
    plan.texts.append({"article": article.id, "digest": digest, "revision": revision, "first_seen": first_seen})
    plan.ordered.append(article)
    (plan.revised if revision else plan.new).append(article)


def _known(connection: Connection, drafts: Sequence[Draft]) -> tuple[dict[str, str], dict[str, Texts]]:
    keys: dict[str, str] = {}
    for part in chunks(sorted({key for draft in drafts for key in draft.keys})):
        rows = connection.execute(select(seen.c.key, seen.c.article).where(seen.c.key.in_(part)))
        keys.update((row.key, row.article) for row in rows)
    wordings: dict[str, Texts] = {}
    for part in chunks(sorted({*keys.values(), *(draft.article.id for draft in drafts)})):
        for row in connection.execute(select(texts).where(texts.c.article.in_(part))):
            wordings.setdefault(row.article, {})[row.digest] = (row.revision, row.first_seen)
    return keys, wordings


def _write(connection: Connection, plan: Plan, poll: Poll, watchlists: Sequence[str], now: datetime) -> None:
    present = {"feed": poll.url, "last_present": now}
    fresh = [{"key": key, "article": plan.keys[key], **present} for key in sorted(plan.keys)]
    _insert_all(connection, seen, fresh)
    for keys in chunks(sorted(plan.touched)):
        connection.execute(update(seen).where(seen.c.key.in_(keys)).values(present))
    _insert_all(connection, texts, sorted(plan.texts, key=lambda row: (row["article"], row["digest"])))
    if plan.ordered:
        _store(connection, plan.ordered, poll, watchlists, now)
    _update_feed(connection, poll, len(plan.new), now)


def _insert_all(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    """Insert the rows in the order given (so that two daemons can't wait for each other); raise Conflict if beaten."""
    if not rows:
        return
    first = next(iter(table.primary_key.columns))
    done = connection.execute(insert_or_skip(connection, table).returning(first), rows).all()
    if len(done) < len(rows):
        raise Conflict("another daemon stored the same article at the same moment. Fix: none needed, it is tried again")


def _store(connection: Connection, found: list[Article], poll: Poll, watchlists: Sequence[str], now: datetime) -> None:
    rows = [
        {
            "id": article.id,
            "revision": article.revision,
            "feed": article.feed,
            "stored": now,
            "data": ARTICLE.dump(article),
        }
        for article in found
    ]
    # Sorting keeps the arrival numbers in the order of the drafts on both databases.
    statement = insert(articles).returning(articles.c.arrival, sort_by_parameter_order=True)
    arrivals = connection.scalars(statement, rows).all()
    waiting = [
        {
            "watchlist": watchlist,
            "arrival": arrival,
            "silent": poll.silent_before is not None and (article.at or now) < poll.silent_before,
            "state": "pending",
            "stored": now,
        }
        for arrival, article in zip(arrivals, found, strict=True)
        for watchlist in watchlists
    ]
    if waiting:
        connection.execute(insert(judgements), waiting)


def _update_feed(connection: Connection, poll: Poll, new: int, now: datetime) -> None:
    values: dict[str, Any] = {
        "last_poll": poll.at,
        "next_poll": poll.next_poll,
        "interval": poll.interval,
        "last_status": poll.status,
        "last_error": poll.error,
        "polls": feeds.c.polls + 1,
        "entries": feeds.c.entries + new,
        "claimed_by": None,
        "claimed_at": None,
        "claimed_until": None,
        "failures": 0 if poll.ok else feeds.c.failures + 1,
        "retired": case((feeds.c.retired.is_(True), True), else_=poll.gone),
    }
    if poll.moved_to:
        values["moved_to"] = poll.moved_to
    if new:
        values["last_new"] = poll.at
    if poll.ok:
        values |= {"last_success": poll.at, "baseline": False}
    if poll.ok and poll.result == "same":
        values |= {
            name: func.coalesce(getattr(poll, name), feeds.c[name]) for name in ("etag", "modified", "body_hash")
        }
    elif poll.ok:
        values |= {"etag": poll.etag, "modified": poll.modified, "body_hash": poll.body_hash, "present_at": now}
    connection.execute(update(feeds).where(feeds.c.url == poll.url).values(values))


def _cleaned(draft: Draft, poll: Poll, now: datetime) -> Draft:
    """Fill in what only the store knows, and replace what no database can hold."""
    article = draft.article
    values = ((item.name, getattr(article, item.name)) for item in fields(article))
    changed: dict[str, Any] = {name: clean(value) for name, value in values if isinstance(value, str)}
    article = replace(article, **changed | {"first_seen": article.first_seen or now})
    if article.feed is None:
        article = replace(article, feed=poll.url)
    return replace(
        draft, article=article, keys=tuple(_short(clean(key)) for key in draft.keys), digest=clean(draft.digest)
    )


def _short(key: str) -> str:
    raw = key.encode()
    return key if len(raw) <= _KEY_BYTES else f"sha256:{sha256(raw).hexdigest()}"
