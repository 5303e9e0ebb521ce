"""What a stream of judged articles came to, counted: the one place of this arithmetic, for replay and evaluation.

Where the archive is labelled (an article's `label.kind`), the labels say what was worth an alert: alerts per new fact
are the articles alerted, divided by the new ones (first or development) among them. All figures come from sequences of
one length that say of each article its score, its labelled kind, and whether it alerted:

    fares(kinds, alerted)              how what alerted fares: recall, alerts per new fact, the share stopped by kind
    standing(scores, kinds, 0.5)       the same where 0.5 and more alert
    recall_curve(scores, kinds)        the same at the thresholds that give each recall
    intervals(scores, kinds, 0.5)      how far a standing may be chance: 95 % intervals by bootstrap, the same each run
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from monitor.model import Article, Decision, Kind, Novelty

NEW = (Kind.FIRST, Kind.DEVELOPMENT)
STOPPABLE = (Kind.COPY, Kind.RETELLING, Kind.BACKGROUND)
DEFAULT = 0.5
"""The threshold of a rule that names none."""
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
RECALL = 0.97
"""The recall at which figures are compared."""
RECALLS = (0.99, 0.98, 0.97, 0.95, 0.9, 0.8)
ROUNDS = 500
"""Samples that an interval is read off."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How labelled articles fare: shares in 0..1; a kind that does not occur is stopped wholly."""

    recall: float
    alerts_per_new: float
    stopped: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the curve: the recall asked for, the highest threshold that gives it, and how that fares."""

    recall: float
    threshold: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Intervals:
    """95 % intervals of what a `Standing` says, each as (low, high)."""

    recall: tuple[float, float]
    alerts_per_new: tuple[float, float]
    stopped: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a summary: how the labelled articles fare as the rules decided, at a threshold, or at a recall.

    `at` is the threshold or the recall asked for; `threshold` is None for the rules, which have their own.
    """

    by: Literal["rules", "threshold", "recall"]
    at: float | None
    threshold: float | None
    standing: Standing
    intervals: Intervals | None = None


def fares(kinds: Sequence[str], alerted: Sequence[bool]) -> Standing:
    """Return how articles of these labelled kinds fare if just these alert."""
    seen, rung = Counter(kinds), Counter(kind for kind, rings in zip(kinds, alerted, strict=True) if rings)
    new, hits = sum(seen[kind] for kind in NEW), sum(rung[kind] for kind in NEW)
    return Standing(
        hits / new if new else 1.0,
        rung.total() / max(hits, 1),
        {str(kind): 1 - rung[kind] / seen[kind] if seen[kind] else 1.0 for kind in STOPPABLE},
    )


def standing(scores: Sequence[float], kinds: Sequence[str], threshold: float) -> Standing:
    """Return how the articles with these scores and labelled kinds fare where `threshold` and more alert."""
    return fares(kinds, [score >= threshold for score in scores])


def threshold_for(scores: Sequence[float], kinds: Sequence[str], recall: float) -> float:
    """Return the highest threshold that alerts on that share of the new articles; infinite if there are none."""
    ranked = sorted((score for score, kind in zip(scores, kinds, strict=True) if kind in NEW), reverse=True)
    return ranked[max(math.ceil(recall * len(ranked)), 1) - 1] if ranked else math.inf


def recall_curve(scores: Sequence[float], kinds: Sequence[str], recalls: Sequence[float] = RECALLS) -> list[Point]:
    """Return what each recall costs, in the order given."""
    cuts = [threshold_for(scores, kinds, recall) for recall in recalls]
    return [Point(at, cut, standing(scores, kinds, cut)) for at, cut in zip(recalls, cuts, strict=True)]


def intervals(
    scores: Sequence[float],
    kinds: Sequence[str],
    at: float,
    *,
    by: Literal["threshold", "recall"] = "threshold",
    streams: Sequence[str] = (),
) -> Intervals:
    """Bootstrap over articles, within their streams where these are named; the same input gives the same intervals.

    They alert `at` a threshold, or `by` recall at the one that gives it, which is then found anew in each sample.
    Raises ValueError for no articles.
    """
    if not scores:
        raise ValueError("there are no articles to draw from")
    chance = np.random.default_rng(7)
    score, kind, stream = np.asarray(scores), np.asarray(kinds), np.asarray(streams or [""] * len(kinds))
    places = [np.flatnonzero(stream == name) for name in np.unique(stream)]
    found = []
    for _ in range(ROUNDS):
        sample = np.concatenate([chance.choice(place, len(place)) for place in places])
        drawn, of = score[sample].tolist(), kind[sample].tolist()
        found.append(standing(drawn, of, threshold_for(drawn, of, at) if by == "recall" else at))
    return Intervals(
        _middle([one.recall for one in found]),
        _middle([one.alerts_per_new for one in found]),
        {str(name): _middle([one.stopped[name] for one in found]) for name in STOPPABLE},
    )


def _middle(values: Sequence[float]) -> tuple[float, float]:
    """Return the bounds of the middle 95 % of values."""
    low, high = np.quantile(values, (0.025, 0.975)).tolist()
    return low, high


@dataclass(slots=True)
class Tally:
    """Counts over a whole stream. `labels` maps an article's id to its labelled kind, where it has one.

    `alerts` counts what a rule let through (at once or held) by the kind it had for the rule; `scores` are those of
    the articles with a watched entity, the best over the watchlists; `labelled` holds the score, the label, and whether
    a rule let it through.
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
    labelled: list[tuple[float, str, bool]] = field(default_factory=list)

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
            alerted = any(one.action != "suppress" for one in decisions)
            self.labelled.append((score, self.labels[article.id], alerted))

    def curve(self) -> list[tuple[float, int]]:
        """Return how many articles would alert at each threshold, one rule on anybody watched, no cooldown."""
        return [(threshold, sum(score >= threshold for score in self.scores)) for threshold in THRESHOLDS]

    def rows(self) -> list[Row]:
        """Return how the labelled articles fare: as the rules decided, over thresholds, over recall; none without.

        Intervals, which take their time, stand where they are asked for most.
        """
        if not self.labelled:
            return []
        scores, kinds, alerted = zip(*self.labelled, strict=True)
        ruled = intervals([float(rings) for rings in alerted], kinds, 1.0)
        rows = [Row("rules", None, None, fares(kinds, alerted), ruled)]
        for at in THRESHOLDS:
            chance = intervals(scores, kinds, at) if at == DEFAULT else None
            rows.append(Row("threshold", at, at, standing(scores, kinds, at), chance))
        for point in recall_curve(scores, kinds):
            chance = intervals(scores, kinds, point.recall, by="recall") if point.recall == RECALL else None
            rows.append(Row("recall", point.recall, point.threshold, point.standing, chance))
        return rows
