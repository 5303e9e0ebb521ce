"""How well novelty does on the labelled streams: `python -m tests.evaluation.novelty [--shipped] [--json]`.

Without an option it reports the held-out scores that `novelty_train validate` left in the cache: every stream judged
by heads that have not seen it, pooled. `--shipped` runs the program as it is, which has seen these streams: a check
that the whole path works, not an estimate. Three baselines are computed in the same run. Alerts per new fact = alerts
divided by new articles (first or development) alerted.
"""

# ruff: noqa: PLC0415 - what only one step needs (and only development installs) is imported there
from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.tally import standing
from tests.evaluation.novelty_data import NEW, WATCHED, Labelled, matched_streams

KINDS = ("copy", "retelling", "background")
RECALLS = (0.99, 0.98, 0.97, 0.95, 0.9, 0.8)
HIDDEN_MIX = {"copy": 0.20, "retelling": 0.37, "background": 0.41}
"""Articles per new fact by kind where alerting on everything gives 1.98, as estimated from the published baselines."""


@dataclass(frozen=True)
class Pooled:
    """Scores of articles with their labels; an article's score is the best of its watched entities'."""

    stream: np.ndarray
    kind: np.ndarray
    score: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Mapping], scores: Iterable[float]) -> Pooled:
        """Pool entity rows (with stream, id, kind) into articles."""
        best: dict[tuple[str, str], tuple[str, float]] = {}
        for row, score in zip(rows, scores, strict=True):
            key = row["stream"], row["id"]
            best[key] = (row["kind"], max(float(score), best.get(key, ("", -1.0))[1]))
        return cls(
            np.array([k[0] for k in best]),
            np.array([v[0] for v in best.values()]),
            np.array([v[1] for v in best.values()]),
        )

    @property
    def new(self) -> np.ndarray:
        """Select the first and development articles."""
        return np.isin(self.kind, NEW)

    def take(self, chosen: np.ndarray) -> Pooled:
        """Return some of the articles."""
        return Pooled(self.stream[chosen], self.kind[chosen], self.score[chosen])

    def threshold(self, recall: float) -> float:
        """Return the highest threshold that alerts on that share of the new articles."""
        ranked = np.sort(self.score[self.new])[::-1]
        return float(ranked[int(np.ceil(recall * len(ranked))) - 1])

    def at(self, threshold: float) -> dict[str, float]:
        """Return recall, alerts per new fact (here, and reweighted to another mix), and stopped shares by kind."""
        fares = standing(self.score.tolist(), self.kind.tolist(), threshold)
        mixed = 1 + sum(HIDDEN_MIX[k] * (1 - fares.stopped[k]) for k in KINDS) / max(fares.recall, 1e-9)
        return {"recall": fares.recall, "alerts_per_new": fares.alerts_per_new, "mixed": mixed, **fares.stopped}


def intervals(pooled: Pooled, recall: float, rounds: int = 500) -> dict[str, tuple[float, float]]:
    """Bootstrap over articles within streams: 95 % intervals at the recall, the threshold found anew each time."""
    chance = np.random.default_rng(7)
    places = [np.flatnonzero(pooled.stream == s) for s in np.unique(pooled.stream)]
    found = []
    for _ in range(rounds):
        sample = pooled.take(np.concatenate([chance.choice(p, len(p)) for p in places]))
        found.append(sample.at(sample.threshold(recall)))
    return {k: tuple(np.quantile([f[k] for f in found], (0.025, 0.975)).tolist()) for k in ("alerts_per_new", "mixed")}


def line(name: str, values: Mapping[str, float]) -> str:
    """Return one line of the report."""
    stopped = "stopped: copies {copy:.2f} retellings {retelling:.2f} background {background:.2f}".format(**values)
    return (
        f"{name:26} recall {values['recall']:.3f}  alerts/new {values['alerts_per_new']:.2f}"
        f"  mixed {values['mixed']:.2f}  {stopped}"
    )


def summary(pooled: Pooled) -> str:
    """Return the curve, the intervals at 97 %, and each stream at the threshold that gives 97 % overall."""
    lines = [line("everything", pooled.at(-1.0))]
    lines += [line(f"at recall {r:.0%}", pooled.at(pooled.threshold(r))) for r in RECALLS]
    lines.append(f"95 % intervals at 97 %: {intervals(pooled, 0.97)}")
    cut = pooled.threshold(0.97)
    lines += [line(f"  {s}", pooled.take(pooled.stream == s).at(cut)) for s in dict.fromkeys(pooled.stream)]
    return "\n".join(lines)


def shipped(names: Sequence[str] = tuple(WATCHED)) -> Pooled:
    """Judge the streams with the program as it comes."""
    from monitor.novelty import Memory

    rows, scores = [], []
    for name, (watchlist, labelled) in matched_streams(names).items():
        memory = Memory(watchlist)
        for one in labelled:
            at = one.article.published
            assert at is not None
            novelty = memory.assess(one.article, one.findings, at)
            memory.remember(one.article, one.findings, novelty, at)
            watched = [novelty.entities[e].score for e in WATCHED[name] if e in novelty.entities]
            if watched and one.kind != "not":
                rows.append({"stream": name, "id": one.article.id, "kind": one.kind})
                scores.append(max(watched))
    return Pooled.of(rows, scores)


def _text(one: Labelled) -> str:
    return " ".join(filter(None, (one.article.title, one.article.summary, one.article.body)))


def baselines() -> dict[str, Pooled]:
    """Score each article by one minus its greatest likeness to an earlier one, in three ways that peers ship."""
    rows: list[dict] = []
    likeness: dict[str, list[float]] = {"85 % overlap": [], "MinHash 0.8": [], "TF-IDF nearest": []}
    for name, (_, labelled) in matched_streams().items():
        used = [o for o in labelled if o.kind != "not" and {m.entity for m in o.findings.matches} & set(WATCHED[name])]
        rows += [{"stream": name, "id": o.article.id, "kind": o.kind} for o in used]
        texts = [_text(o).split() for o in used]
        for key, found in (
            ("85 % overlap", _overlap(texts)),
            ("MinHash 0.8", _minhash(texts)),
            ("TF-IDF nearest", _tfidf(texts)),
        ):
            likeness[key] += found
    return {key: Pooled.of(rows, [1 - v for v in values]) for key, values in likeness.items()}


def _overlap(texts: list[list[str]]) -> list[float]:
    sets = [set(t) for t in texts]
    return [max((len(s & e) / max(min(len(s), len(e)), 1) for e in sets[:i]), default=0.0) for i, s in enumerate(sets)]


def _minhash(texts: list[list[str]]) -> list[float]:
    from rensa import RMinHash

    hashes = []
    for text in texts:
        one = RMinHash(num_perm=128, seed=42)
        one.update(text)
        hashes.append(one)
    return [max((h.jaccard(e) for e in hashes[:i]), default=0.0) for i, h in enumerate(hashes)]


def _tfidf(texts: list[list[str]]) -> list[float]:
    from collections import Counter
    from math import log, sqrt

    counts: Counter[str] = Counter()
    vectors: list[dict[str, float]] = []
    result = []
    for text in texts:
        counts.update(set(text))
        raw = {w: (1 + log(n)) * log((len(vectors) + 2) / counts[w] + 1) for w, n in Counter(text).items()}
        norm = sqrt(sum(v * v for v in raw.values())) or 1.0
        vector = {w: v / norm for w, v in raw.items()}
        result.append(max((sum(v * e.get(w, 0.0) for w, v in vector.items()) for e in vectors), default=0.0))
        vectors.append(vector)
    return result


def main() -> None:
    """Print the report."""
    if "--shipped" in sys.argv:
        pooled = shipped()
        print(line("shipped at 0.5 (seen)", pooled.at(0.5)))
        print(summary(pooled))
        return
    from tests.evaluation.novelty_train import held_out

    pooled = held_out()
    if "--json" in sys.argv:
        print(json.dumps({str(r): pooled.at(pooled.threshold(r)) for r in RECALLS}))
        return
    print(summary(pooled))
    for name, other in baselines().items():
        fixed = {"85 % overlap": 0.15, "MinHash 0.8": 0.2}.get(name)
        if fixed is not None:
            print(line(f"{name} as shipped", other.at(fixed)))
        print(line(f"{name} at 97 %", other.at(other.threshold(0.97))))


if __name__ == "__main__":
    main()
