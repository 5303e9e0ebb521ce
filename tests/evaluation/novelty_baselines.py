"""Three ways to know a repetition that others ship, and the program as it comes, on the labelled streams.

A baseline's score is one minus an article's greatest likeness to an earlier one of its stream, over words as they are
written: so it can be asked at every threshold, as the program can.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt

import numpy as np

from monitor.novelty import Memory
from tests.evaluation.novelty_data import WATCHED, Labelled, matched_streams
from tests.evaluation.novelty_scores import Pooled

PERMUTATIONS = 128
BANDS, HEIGHT = 9, 13
"""What MinHash LSH takes at a likeness of 0.8 with 128 permutations (the fewest false finds and misses together): two
articles are compared if all 13 numbers of one of the 9 bands agree."""
PRIME = (1 << 31) - 1


def baselines() -> dict[str, tuple[Pooled, float | None]]:
    """Return each baseline's scores, with the threshold that it comes with, if any."""
    rows: list[tuple[str, str, str]] = []
    found: dict[str, list[float]] = {name: [] for name in BASELINES}
    for name, (_, labelled) in matched_streams().items():
        used = [one for one in labelled if _counts(one)]
        rows += [(name, one.article.id, one.kind) for one in used]
        texts = [
            " ".join(filter(None, (one.article.title, one.article.summary, one.article.body))).split() for one in used
        ]
        for key, (likeness, _) in BASELINES.items():
            found[key] += [1 - value for value in likeness(texts)]
    return {
        key: (Pooled.of((*row, score) for row, score in zip(rows, found[key], strict=True)), cut)
        for key, (_, cut) in BASELINES.items()
    }


def judged(names: Sequence[str] = tuple(WATCHED)) -> Pooled:
    """Judge the streams with the program as it comes, which has learned from them."""
    rows: list[tuple[str, str, str, float]] = []
    for name, (watchlist, labelled) in matched_streams(names).items():
        memory = Memory(watchlist)
        for one in labelled:
            at = one.article.published
            assert at is not None
            novelty = memory.assess(one.article, one.findings, at)
            memory.remember(one.article, one.findings, novelty, at)
            if _counts(one):
                score = max(novelty.entities[entity].score for entity in WATCHED[name] if entity in novelty.entities)
                rows.append((name, one.article.id, one.kind, score))
    return Pooled.of(rows)


def _counts(one: Labelled) -> bool:
    return one.kind != "not" and not {match.entity for match in one.findings.matches}.isdisjoint(WATCHED[one.stream])


def _overlap(texts: list[list[str]]) -> Iterator[float]:
    """Yield the greatest share of the smaller one's words that two articles have in common."""
    sets = [set(text) for text in texts]
    for place, one in enumerate(sets):
        yield max((len(one & e) / max(min(len(one), len(e)), 1) for e in sets[:place]), default=0.0)


def _minhash(texts: list[list[str]]) -> Iterator[float]:
    """Yield the greatest estimated Jaccard likeness to an earlier article that a band gives as a candidate."""
    chance = np.random.default_rng(42)
    times, plus = chance.integers(1, PRIME, (2, PERMUTATIONS, 1), np.int64)
    buckets: list[defaultdict[bytes, list[int]]] = [defaultdict(list) for _ in range(BANDS)]
    borders = list(pairwise(range(0, BANDS * HEIGHT + 1, HEIGHT)))
    signatures = []
    for place, text in enumerate(texts):
        words = np.array(sorted({zlib.crc32(word.encode()) % PRIME for word in text} or {0}), np.int64)
        own = ((times * words + plus) % PRIME).min(axis=1)
        bands = [bucket[own[lo:hi].tobytes()] for bucket, (lo, hi) in zip(buckets, borders, strict=True)]
        candidates = {other for band in bands for other in band}
        yield max((float((own == signatures[other]).mean()) for other in candidates), default=0.0)
        signatures.append(own)
        for band in bands:
            band.append(place)


def _tfidf(texts: list[list[str]]) -> Iterator[float]:
    """Yield the greatest cosine to an earlier article; a word is as rare as the stream so far has it."""
    counts: Counter[str] = Counter()
    vectors: list[dict[str, float]] = []
    for text in texts:
        counts.update(set(text))
        raw = {w: (1 + log(n)) * log((len(vectors) + 2) / counts[w] + 1) for w, n in Counter(text).items()}
        norm = sqrt(sum(v * v for v in raw.values())) or 1.0
        vector = {w: v / norm for w, v in raw.items()}
        yield max((sum(v * e.get(w, 0.0) for w, v in vector.items()) for e in vectors), default=0.0)
        vectors.append(vector)


BASELINES: Mapping[str, tuple[Callable[[list[list[str]]], Iterator[float]], float | None]] = {
    "85 % overlap": (_overlap, 0.15),
    "MinHash LSH 0.8": (_minhash, 0.2),
    "TF-IDF nearest": (_tfidf, None),
}
"""Each with the threshold that it comes with: less new than that is a repetition."""
