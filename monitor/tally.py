"""What a stream of judged articles came to, counted: the one place of this arithmetic, for replay and evaluation.

Where the archive is labelled (an article's `label.kind`), the labels say what was worth an alert: alerts per new fact
are the articles alerted, divided by the new ones (first or development) among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.model import Article, Decision, Kind, Novelty

NEW = (Kind.FIRST, Kind.DEVELOPMENT)
STOPPABLE = (Kind.COPY, Kind.RETELLING, Kind.BACKGROUND)
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Standing:
    """How labelled articles fare at one threshold: shares in 0..1; a kind that does not occur is stopped wholly."""

    recall: float
    alerts_per_new: float
    stopped: Mapping[str, float]


def standing(scores: Sequence[float], kinds: Sequence[str], threshold: float) -> Standing:
    """Return how the articles with these scores and labelled kinds fare where `threshold` and more alert."""
    seen, alerted = Counter(kinds), Counter(k for s, k in zip(scores, kinds, strict=True) if s >= threshold)
    new, hits = sum(seen[kind] for kind in NEW), sum(alerted[kind] for kind in NEW)
    return Standing(
        hits / new if new else 1.0,
        alerted.total() / max(hits, 1),
        {str(kind): 1 - alerted[kind] / seen[kind] if seen[kind] else 1.0 for kind in STOPPABLE},
    )


@dataclass(slots=True)
class Tally:
    """Counts over a whole stream. `labels` maps an article's id to its labelled kind, where it has one.

    `alerts` counts what a rule let through (at once or held) by the kind it had for the rule; `scores` are those of
    the articles with a watched entity, the best over the watchlists; `labelled` pairs them with their labels.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    articles: int = 0
    matched: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    scores: list[float] = field(default_factory=list)
    stories: set[str] = field(default_factory=set)
    linked: set[str] = field(default_factory=set)
    outlets: set[str] = field(default_factory=set)
    agencies: Counter[str] = field(default_factory=Counter)
    labelled: list[tuple[float, str]] = field(default_factory=list)

    def add(self, article: Article, novelty: Mapping[str, Novelty], decisions: Sequence[Decision]) -> None:
        """Count one article with what each watchlist made of it."""
        self.articles += 1
        self.matched += bool(novelty)
        self.kinds.update(str(one.kind) for one in novelty.values())
        self.actions.update(f"{decision.action}: {decision.reason}" for decision in decisions)
        self.alerts.update(str(one.kind or "none") for one in decisions if one.action != "suppress")
        if not novelty:
            return
        score = max(one.score for one in novelty.values())
        self.scores.append(score)
        self.stories.update(one.story for one in novelty.values())
        self.linked.update(one.story for one in novelty.values() if one.linked)
        self.outlets.add(article.source)
        self.agencies.update(credit for credit in {one.agency for one in novelty.values()} if credit)
        if article.id in self.labels:
            self.labelled.append((score, self.labels[article.id]))

    def curve(self) -> list[tuple[float, int]]:
        """Return how many articles would alert at each threshold, one rule on anybody watched, no cooldown."""
        return [(threshold, sum(score >= threshold for score in self.scores)) for threshold in THRESHOLDS]

    def fares(self, threshold: float) -> Standing:
        """Return how the labelled articles fare at a threshold."""
        return standing([score for score, _ in self.labelled], [kind for _, kind in self.labelled], threshold)
