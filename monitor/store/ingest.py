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

from sqlalchemy import BindParameter, Connection, Update, bindparam, case, func, insert, select, update

from monitor.model import Article
from monitor.records import Draft, Ingested, Poll
from monitor.store.codec import ARTICLE
from monitor.store.columns import clean
from monitor.store.part import Part, again, chunks
from monitor.store.schema import articles, feeds, judgements, seen, texts

_ARTICLE_FIELDS = tuple(item.name for item in fields(Article))
_KEY_BYTES = 400  # PostgreSQL indexes at most 2,704 bytes; a longer key is known by its hash

# Made once: a list of values costs more to put into a statement than to look up.
_INSERT = {table: insert(table) for table in (seen, texts, articles, judgements)}
_ASKED: BindParameter[str] = bindparam("asked", expanding=True)
_SEEN = select(seen.c.key, seen.c.article).where(seen.c.key.in_(_ASKED))
_TEXTS = select(texts).where(texts.c.article.in_(_ASKED))
_ARRIVED = select(articles.c.id, articles.c.revision, articles.c.arrival).where(articles.c.id.in_(_ASKED))
_TOUCH = update(seen).where(seen.c.key.in_(_ASKED))

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
    shared: int = 0


class Ingest(Part):
    """The transaction of the pollers."""

    def ingest(self, poll: Poll, watchlists: Sequence[str], now: datetime) -> Ingested:
        """Store what a poll brought, with one pending judgement per watchlist, and the feed's new state.

        Drafts are taken in their order (oldest first), which becomes the arrival order. Articles older than
        `poll.silent_before` become silent judgements. The feed's claim ends. Raises StoreError; nothing is kept then.
        """
        return self.ingest_all([poll], watchlists, now)[0]

    def ingest_all(self, polls: Sequence[Poll], watchlists: Sequence[str], now: datetime) -> list[Ingested]:
        """Store several polls in one transaction: all of them or, with StoreError, none."""
        cleaned = [(poll, [_cleaned(draft, poll, now) for draft in poll.drafts]) for poll in polls]
        return again(lambda: self._ingest_all(cleaned, watchlists, now))

    def _ingest_all(
        self, polls: Sequence[tuple[Poll, list[Draft]]], watchlists: Sequence[str], now: datetime
    ) -> list[Ingested]:
        with self._db.write() as connection:
            return [_ingest(connection, *one, watchlists, now) for one in polls]


def _ingest(
    connection: Connection, poll: Poll, drafts: Sequence[Draft], watchlists: Sequence[str], now: datetime
) -> Ingested:
    plan = plan_ingest(drafts, *_known(connection, drafts))
    _write(connection, plan, poll, watchlists, now)
    return Ingested(tuple(plan.new), tuple(plan.revised), plan.seen)


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
        if found and not owners.keys() >= set(draft.keys):
            plan.shared += 1  # a known article under a name that is new: another feed had it
        for key in draft.keys:
            if key in keys:
                plan.touched.add(key)
            elif key not in owners:
                plan.keys[key] = owners[key] = identity
        if draft.digest in found:
            plan.seen += 1
            continue
        _add(plan, draft.article, identity, draft.digest, found)
    return plan


def _add(plan: Plan, article: Article, identity: str, digest: str, found: Texts) -> None:
    revision = max((number for number, _ in found.values()), default=-1) + 1
    assert article.first_seen is not None, "ingest sets it"
    first_seen = min((seen_at for _, seen_at in found.values()), default=article.first_seen)
    if (identity, revision, first_seen) != (article.id, article.revision, article.first_seen):
        article = replace(article, id=identity, revision=revision, first_seen=first_seen)
    found[digest] = (revision, first_seen)
    plan.texts.append({"article": article.id, "digest": digest, "revision": revision, "first_seen": first_seen})
    plan.ordered.append(article)
    (plan.revised if revision else plan.new).append(article)


def _known(connection: Connection, drafts: Sequence[Draft]) -> tuple[dict[str, str], dict[str, Texts]]:
    keys: dict[str, str] = {}
    for part in chunks(sorted({key for draft in drafts for key in draft.keys})):
        keys.update((row.key, row.article) for row in connection.execute(_SEEN, {"asked": part}))
    wordings: dict[str, Texts] = {}
    for part in chunks(sorted({*keys.values(), *(draft.article.id for draft in drafts)})):
        for row in connection.execute(_TEXTS, {"asked": part}):
            wordings.setdefault(row.article, {})[row.digest] = (row.revision, row.first_seen)
    return keys, wordings


def _write(connection: Connection, plan: Plan, poll: Poll, watchlists: Sequence[str], now: datetime) -> None:
    present = {"feed": poll.url, "last_present": now}
    fresh = [{"key": key, "article": plan.keys[key], **present} for key in sorted(plan.keys)]
    # In the order of their keys, so that two daemons can't wait for each other; who comes second gets a Conflict.
    if fresh:
        connection.execute(_INSERT[seen], fresh)
    for keys in chunks(sorted(plan.touched)):
        connection.execute(_TOUCH.values(present), {"asked": keys})
    if plan.ordered:
        connection.execute(_INSERT[texts], sorted(plan.texts, key=lambda row: (row["article"], row["digest"])))
        _store(connection, plan.ordered, poll, watchlists, now)
    _update_feed(connection, poll, plan, now)


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
    connection.execute(_INSERT[articles], rows)
    if not watchlists:
        return
    # Numbered in the order of the drafts; asked for afterwards, because an INSERT that returns takes row by row.
    arrived = {}
    for ids in chunks(sorted({article.id for article in found})):
        for row in connection.execute(_ARRIVED, {"asked": ids}):
            arrived[row.id, row.revision] = row.arrival
    waiting = [
        {
            "watchlist": watchlist,
            "arrival": arrived[article.id, article.revision],
            "silent": poll.silences(article, now),
            "state": "pending",
            "stored": now,
        }
        for article in found
        for watchlist in watchlists
    ]
    connection.execute(_INSERT[judgements], waiting)


def _update_feed(connection: Connection, poll: Poll, plan: Plan, now: datetime) -> None:
    new = len(plan.new)
    values: dict[str, Any] = {
        "of": poll.url,
        "last_poll": poll.at,
        "next_poll": poll.next_poll,
        "interval": poll.interval,
        "last_status": poll.status,
        "last_error": poll.error,
        "entries": new,
        "shared": plan.shared,
        "seconds": poll.seconds,
        "retired": poll.gone,
        "moved_to": poll.moved_to,
        "last_new": poll.at if new else None,
    }
    if poll.ok:
        values |= {"last_success": poll.at, "etag": poll.etag, "modified": poll.modified, "body_hash": poll.body_hash}
        values["rhythm"] = poll.rhythm
    if poll.ok and poll.result != "same":
        values["present_at"] = now
    connection.execute(_POLLED[poll.ok and ("same" if poll.result == "same" else "document")], values)


def _polled(*taken: str, **values: Any) -> Update:
    """Return what a poll changes in its feed: what is taken from it, and what is kept where it brings nothing."""
    of = {name: bindparam(name, type_=feeds.c[name].type) for name in (*_TAKEN, *taken, *_KEPT)}
    left = {name: func.coalesce(of[name], feeds.c[name]) for name in _KEPT}
    return (
        update(feeds)
        .where(feeds.c.url == bindparam("of"))
        .values(
            {name: of[name] for name in (*_TAKEN, *taken)}
            | left
            | {
                "polls": feeds.c.polls + 1,
                "entries": feeds.c.entries + bindparam("entries"),
                "shared": feeds.c.shared + bindparam("shared"),
                "seconds": case(
                    (feeds.c.polls == 0, bindparam("seconds")), else_=0.8 * feeds.c.seconds + 0.2 * bindparam("seconds")
                ),
                "claimed_by": None,
                "claimed_at": None,
                "claimed_until": None,
                "retired": case((feeds.c.retired.is_(True), True), else_=bindparam("retired")),
            }
            | values
        )
    )


_TAKEN = ("last_poll", "next_poll", "interval", "last_status", "last_error")
_KEPT = ("moved_to", "last_new")
_DOCUMENT = ("etag", "modified", "body_hash", "rhythm")
_POLLED: Mapping[str | bool, Update] = {
    False: _polled(failures=feeds.c.failures + 1),
    "same": _polled("last_success", *_DOCUMENT, failures=0, baseline=False),
    "document": _polled("last_success", "present_at", *_DOCUMENT, failures=0, baseline=False),
}
"""By what a poll gave: nothing, what was known, a whole document."""


def _cleaned(draft: Draft, poll: Poll, now: datetime) -> Draft:
    """Fill in what only the store knows, and replace what no database can hold."""
    article = draft.article
    changed: dict[str, Any] = {}
    for name in _ARTICLE_FIELDS:
        value = getattr(article, name)
        if isinstance(value, str) and (whole := clean(value)) != value:
            changed[name] = whole
    if article.first_seen is None:
        changed["first_seen"] = now
    if article.feed is None:
        changed["feed"] = poll.url
    keys, digest = tuple(_short(clean(key)) for key in draft.keys), clean(draft.digest)
    if not changed and (keys, digest) == (draft.keys, draft.digest):
        return draft
    return Draft(keys=keys, digest=digest, article=replace(article, **changed))


def _short(key: str) -> str:
    raw = key.encode()
    return key if len(raw) <= _KEY_BYTES else f"sha256:{sha256(raw).hexdigest()}"
