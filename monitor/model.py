"""The domain's words as frozen values, in the order in which the path meets them. No I/O, no clock, no logic.
What comes before an article (feed, entry) and what crosses the store's border stands in `records.py`.

    Article | Mention -> Match, Rejection -> Findings | Novelty | Decision -> Alert -> Delivery
    Watchlist: Entity (Alias, Role), Rule (Condition)

All times are aware datetimes in UTC. Offsets are code points of the field as given, so that
`article.text(mention.field)[mention.start:mention.end] == mention.surface` always holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

Field = Literal["title", "summary", "body"]
FIELDS: tuple[Field, ...] = ("title", "summary", "body")
Via = Literal["name", "role"]
Action = Literal["alert", "hold", "suppress"]


@dataclass(frozen=True, slots=True)
class Article:
    """An entry made readable. `id` is its identity over all feeds; a changed text is a new `revision` of it.
    `published_raw` is the date as its feed wrote it, where it could not be used so.
    """

    id: str
    source: str
    url: str | None
    published: datetime | None
    lang: str | None
    title: str
    summary: str | None = None
    body: str | None = None
    first_seen: datetime | None = None
    revision: int = 0
    country: str | None = None
    feed: str | None = None
    published_raw: str | None = None

    def text(self, name: Field) -> str:
        """Return the field's text as given; an absent field is the empty string."""
        return str(getattr(self, name) or "")

    @property
    def at(self) -> datetime | None:
        """The time that roles are judged by: the publisher's where known, else when we first saw it."""
        return self.published or self.first_seen


@dataclass(frozen=True, slots=True)
class Alias:
    """One spelling as its author wrote it. A weak one is also a common word and needs evidence."""

    text: str
    lang: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """Either `office` and `of` (keys of our own data), or `titles` per language; `until` is exclusive, None is open."""

    office: str | None = None
    of: str | None = None
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None

    def held_on(self, day: date) -> bool:
        """Tell whether the role was held on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something that is watched; `kind` is person, organisation, place or process."""

    id: str
    name: str
    kind: str = "person"
    aliases: tuple[Alias, ...] = ()
    roles: tuple[Role, ...] = ()
    support: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    against: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """A node of a rule's `when`: every part of it must hold. Leaves are entity ids."""

    all: tuple[str | Condition, ...] = ()
    any: tuple[str | Condition, ...] = ()
    none: tuple[str | Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Entities that must stand together: within one sentence (`words` None) or within that many words."""

    entities: tuple[str, ...]
    words: int | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day (local to `timezone`, IANA) in which alerts are held, not dropped. May cross midnight."""

    start: str
    end: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Digest:
    """Times of the day, `HH:MM` local to `timezone` (IANA), at which held alerts leave as one."""

    at: tuple[str, ...]
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which matches alert, how novel they must be, and where to. `places`: line and column of each channel's name."""

    name: str
    when: Condition
    send_to: tuple[str, ...]
    near: Near | None = None
    via: Literal["name", "role", "either"] = "either"
    languages: tuple[str, ...] = ()
    sources_any: tuple[str, ...] = ()
    sources_none: tuple[str, ...] = ()
    at_least: float = 0.5
    kinds: tuple[Kind, ...] = ()
    each_language: Literal["every", "first"] = "every"
    cooldown: timedelta | None = None
    budget: int | None = None
    quiet: Quiet | None = None
    digest: Digest | None = None
    severity: str = "normal"
    revisions: Literal["alert", "ignore"] = "ignore"
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A test that stands beside a watchlist: in this text, exactly these entities are found."""

    article: Article
    expect: tuple[str, ...]
    why: str = ""
    alerts: tuple[str, ...] | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A file of entities and rules. `id` is the file's stem; `version` a hash of what it says."""

    id: str
    title: str
    entities: Mapping[str, Entity]
    rules: tuple[Rule, ...] = ()
    tests: tuple[Expectation, ...] = ()
    version: str = ""
    file: str = ""


class Zone(StrEnum):
    """Where in the article a mention stands. What stands in boilerplate is never accepted."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Mention:
    """One span of one field, with the alias (or title) that it stands for and the steps that led there."""

    field: Field
    start: int
    end: int
    surface: str
    alias: str
    zone: Zone
    via: Via = "name"
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An entity accepted in an article. `via` is name if any mention is a name."""

    watchlist: str
    entity: str
    via: Via
    mentions: tuple[Mention, ...]
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A span that looks like an entity and is not, with the reason."""

    watchlist: str
    entity: str
    field: Field
    start: int
    end: int
    surface: str
    why: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What one watchlist's matcher read in one article."""

    matches: tuple[Match, ...] = ()
    rejected: tuple[Rejection, ...] = ()


class Kind(StrEnum):
    """How an article relates to what its reader has already seen about the entity."""

    FIRST = "first"
    DEVELOPMENT = "development"
    RETELLING = "retelling"
    COPY = "copy"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Part:
    """One measured part of a score: its value (0..1) and the weight it was given."""

    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class EntityNovelty:
    """The score for one entity. `of` is what a copy or retelling repeats, `of_…` its worth to who never saw it."""

    score: float
    kind: Kind
    of: str | None = None
    of_score: float = 0.0
    of_kind: Kind | None = None
    reasons: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Novelty:
    """How new an article is for one watchlist: the best of its entities, its story, and why.

    `story` is a hash of (watchlist, first article). `linked` are stories that it bridges, `parallel` those that tell
    the same in other languages; `first_in` is its language if it is the first there. `outlets` counts the independent
    outlets of the story, this one included; an agency's copies are one.
    """

    score: float
    kind: Kind
    story: str
    nearest: str | None = None
    reasons: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    entities: Mapping[str, EntityNovelty] = field(default_factory=dict)
    linked: tuple[str, ...] = ()
    outlets: int = 1
    agency: str | None = None
    parallel: tuple[str, ...] = ()
    first_in: str | None = None


class Reason(StrEnum):
    """Why a rule alerted, held or suppressed: a closed set, stored and counted."""

    NEW = "new"
    NOT_NOVEL = "not-novel"
    KIND = "kind"
    LANGUAGE = "language"
    BASELINE = "baseline"
    COOLDOWN = "cooldown"
    SILENCED = "silenced"
    REVISION = "revision"
    BUDGET = "budget"
    QUIET = "quiet"
    DIGEST = "digest"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule has told its reader of one story: `articles` (shown, or repeating one shown), in `languages`."""

    articles: frozenset[str] = frozenset()
    last_alert: datetime | None = None
    last_score: float = 0.0
    alerts_today: int = 0
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Silence:
    """A person's wish not to be told, until a time. Absent parts match everything."""

    id: int
    until: datetime
    author: str
    comment: str
    watchlist: str | None = None
    entity: str | None = None
    rule: str | None = None
    source: str | None = None
    story: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one rule does about one article, judged by `entities`, the ones that satisfied its `when`."""

    watchlist: str
    rule: str
    action: Action
    reason: Reason
    entities: tuple[str, ...] = ()
    score: float = 0.0
    kind: Kind | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One message about one story for one rule; everything that a channel needs to say it, and nothing to look up.

    `key` is unique, stable over every retry; a digest has its own, and `items`. The story's last left at `follows`.
    """

    key: str
    watchlist: str
    rule: str
    severity: str
    created: datetime
    article: Article
    story: str
    kind: Kind
    score: float
    names: Mapping[str, str]
    matches: tuple[Match, ...]
    reasons: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    nearest: str | None = None
    outlets: int = 1
    agency: str | None = None
    items: tuple[Alert, ...] = ()
    follows: datetime | None = None
    first_in: str | None = None

    @property
    def is_digest(self) -> bool:
        """Tell whether this alert gathers held ones."""
        return bool(self.items)


class DeliveryState(StrEnum):
    """Where a delivery stands; the outbox module draws the transitions."""

    PENDING = "pending"
    SENDING = "sending"
    RETRY = "retry"
    SENT = "sent"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on its way to one channel. `receipt` is what the channel answered (a Slack thread's time stamp)."""

    id: int
    alert: str
    channel: str
    story: str
    state: DeliveryState
    attempts: int
    due: datetime
    created: datetime
    receipt: str | None = None
    error: str | None = None
