"""What the store's reading methods return beyond the records of the three transactions. Frozen values, no logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.model import Alert, Article, Decision, Delivery, Findings, Novelty


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """An alert that waits until `due`; with `digest` it leaves with others of its rule, as one."""

    alert: Alert
    channels: tuple[str, ...]
    digest: bool
    due: datetime


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with what became of it. `hold` and `released` are None for one that left at once."""

    alert: Alert
    channels: tuple[str, ...]
    deliveries: tuple[Delivery, ...] = ()
    hold: datetime | None = None
    released: datetime | None = None
    released_in: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelStats:
    """One channel's outbox: deliveries by state, and when the oldest that is not yet sent or parked was due."""

    channel: str
    states: Mapping[str, int]
    oldest_due: datetime | None = None

    @property
    def waiting(self) -> int:
        """Return how many deliveries are still to be made."""
        return sum(self.states.get(state, 0) for state in ("pending", "sending", "retry"))


@dataclass(frozen=True, slots=True)
class DecisionCount:
    """How often one rule came to one decision for one reason."""

    watchlist: str
    rule: str
    action: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """A judgement as it was made, with everything needed to explain or to repeat it."""

    seq: int
    number: int
    version: str
    generation: int
    article: Article
    silent: bool
    judged: datetime
    findings: Findings
    novelty: Novelty | None
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The store in numbers. `feeds` counts by condition, `pending` and `failed` judgements by watchlist."""

    feeds: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0
    pending: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    judged: int = 0
    alerts: int = 0
    held: int = 0
    deliveries: Mapping[str, int] = field(default_factory=dict)
