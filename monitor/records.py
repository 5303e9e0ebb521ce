"""What feeds give and what crosses the store's border, named by its transaction. Frozen values, no logic.

T1 ingest: Feed -> FeedState -> Entry -> Poll (with its Drafts) -> Ingested
T2 judge:  Pending -> Judgement (with its Outgoing alerts); Judged is what a memory is rebuilt from
T3 send:   Delivery (in model.py) -> sent, retry or parked; Update -> what was sent shows a story's new count
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from monitor.model import Alert, Article, Decision, Findings, Novelty


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as its operator describes it. `country` is ISO 3166 alpha-2; `every` the wished interval."""

    url: str
    name: str
    lang: str | None = None
    country: str | None = None
    kind: str | None = None
    tags: tuple[str, ...] = ()
    every: timedelta | None = None
    fulltext: bool = False
    backfill: Literal["none", "24h", "all"] = "none"
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str | None = None
    paused: bool = False
    allow_private: bool = False
    state_owned: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as the feed gave it: text without markup, addresses absolute, dates parsed but not yet clamped."""

    guid: str | None
    url: str | None
    title: str
    summary: str | None
    body: str | None
    published: datetime | None
    published_raw: str | None
    lang: str | None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a feed's document says of when to ask for it: seconds, hours in UTC, days from Monday."""

    ttl: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed with what earlier polls learned. `baseline` is true until one poll has succeeded.

    `entries` counts the new articles that it brought, `shared` those that were known already, mostly from another
    feed; `seconds` is what a poll takes, the last ones counting most.
    """

    feed: Feed
    next_poll: datetime
    interval: timedelta
    baseline: bool = True
    etag: str | None = None
    modified: str | None = None
    body_hash: str | None = None
    rhythm: Rhythm = Rhythm()
    failures: int = 0
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    moved_to: str | None = None
    retired: bool = False
    polls: int = 0
    entries: int = 0
    shared: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """An article whose identity the store still has to settle.

    `keys` are its identity keys, strongest first (guid scoped to its feed, canonical address, title and date):
    any key seen before makes it the same article. `digest` is a hash of its readable text; another one under the
    same key is a revision. `article.id` is what the article will be called if none of its keys is known.
    """

    keys: tuple[str, ...]
    digest: str
    article: Article


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll of one feed came to, ready to be written in one transaction with its articles.

    `result` is one of new, same (304 or unchanged bytes), or the reason of a FetchError or ParseError.
    `silent_before`: articles published (or, undated, first seen) before it enter the memory without alerting.
    `notes` are losses that an operator should know of: unreadable letters, a false charset, a cut feed, odd dates.
    """

    url: str
    at: datetime
    result: str
    next_poll: datetime
    interval: timedelta
    drafts: tuple[Draft, ...] = ()
    status: int | None = None
    etag: str | None = None
    modified: str | None = None
    body_hash: str | None = None
    rhythm: Rhythm = Rhythm()
    error: str | None = None
    moved_to: str | None = None
    gone: bool = False
    silent_before: datetime | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether the feed answered as a feed should."""
        return self.error is None

    def silences(self, article: Article, now: datetime) -> bool:
        """Tell whether an article only fills the memory."""
        return self.silent_before is not None and (article.at or now) < self.silent_before


@dataclass(frozen=True, slots=True)
class Ingested:
    """What T1 did: the articles that were new or revised, in the order in which they will be judged."""

    new: tuple[Article, ...] = ()
    revised: tuple[Article, ...] = ()
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Versions:
    """What a watchlist says, as hashes: all of it, its entities, and each of its rules by name.

    `generation` counts how often the stored memory was begun anew.
    """

    whole: str
    entities: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    generation: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """One article waiting for one watchlist's judgement. A silent one warms the memory and never alerts."""

    seq: int
    watchlist: str
    article: Article
    silent: bool
    stored: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """An earlier match as a memory needs it; `number` grows with the order of judgements."""

    number: int
    article: Article
    findings: Findings
    novelty: Novelty
    judged: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An alert with its channels. With `hold` it waits until then; `digest` says it leaves with others, as one."""

    alert: Alert
    channels: tuple[str, ...]
    hold: datetime | None = None
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that T2 writes at once. `told` maps a rule's name to article ids its reader now knows."""

    seq: int
    watchlist: str
    version: str
    article: str
    revision: int
    judged: datetime
    findings: Findings
    novelty: Novelty | None
    decisions: tuple[Decision, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """A message that shows an old count of outlets: the delivery that sent it, and its receipt.

    `attempts` of telling the new count have failed since `since`.
    """

    delivery: int
    alert: str
    receipt: str
    attempts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do one kind of work (`watchlist:x`, `channel:x`) until `expires`, in database time.

    `token` grows each time the lease changes hands, so that a late writer is recognised.
    """

    name: str
    owner: str
    token: int
    expires: datetime
