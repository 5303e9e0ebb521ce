"""Was it said before? An article's candidate sentences against what the memory holds.

Overlap is measured as containment: the share of a sentence's information (inverse document frequency of its content
words) that is found in earlier material. Containment, unlike similarity, survives cutting and padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.novelty.reading import Reading

SHINGLE = 3


def shingles(reading: Reading) -> frozenset[int]:
    """Return keys of every three successive content words, field by field: the fingerprint of the wording."""
    result: set[int] = set()
    for words in reading.words.values():
        keys = [t.key for t in words.terms if t.key]
        result.update(hash((a, b, c)) & 0xFFFFFFFF for a, b, c in zip(keys, keys[1:], keys[2:], strict=False))
    return frozenset(result)


def pairs(reading: Reading, number: int) -> frozenset[int]:
    """Return keys of every two successive content words of one sentence."""
    sentence = reading.sentences[number]
    keys = [t.key for t in reading.words[sentence.field].terms[sentence.lo : sentence.hi] if t.key]
    return frozenset(hash((a, b)) & 0xFFFFFFFF for a, b in zip(keys, keys[1:], strict=False))


@dataclass(frozen=True, slots=True)
class Trace:
    """What the memory keeps of an article in full."""

    id: str
    source: str
    keys: frozenset[int]
    title: frozenset[int]
    sentences: tuple[frozenset[int], ...]
    said: Mapping[str, frozenset[int]]
    shingles: frozenset[int]
    pairs: frozenset[int]
    numbers: frozenset[int]
    story: str = ""


def trace(reading: Reading, said: Mapping[str, Sequence[int]], story: str = "") -> Trace:
    """Make the trace of an article; `said` maps an entity to its candidate sentences' numbers."""
    sentences = tuple(s.keys for s in reading.sentences)
    return Trace(
        reading.article.id,
        reading.article.source,
        frozenset().union(*sentences),
        frozenset().union(*(s.keys for s in reading.sentences if s.field == "title")),
        sentences,
        {e: frozenset().union(*(sentences[n] for n in numbers)) for e, numbers in said.items()},
        shingles(reading),
        frozenset().union(*(pairs(reading, n) for n in range(len(sentences)))),
        frozenset().union(*(s.numbers for s in reading.sentences)),
        story,
    )


class Weights:
    """Information of a word: log of its rarity in a background corpus and in the memory itself."""

    def __init__(self, idf) -> None:
        self._idf = idf
        self._cache: dict[int, float] = {}

    def of(self, key: int) -> float:
        value = self._cache.get(key)
        if value is None:
            value = self._cache[key] = self._idf(key)
        return value

    def mass(self, keys: Iterable[int]) -> float:
        of = self.of
        return sum(of(k) for k in keys)

    def contained(self, keys: frozenset[int], within: frozenset[int], mass: float | None = None) -> float:
        total = self.mass(keys) if mass is None else mass
        return self.mass(keys & within) / total if total else 1.0
