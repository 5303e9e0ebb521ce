"""Was it said before? An article's candidate sentences against what the memory holds.

Overlap is measured as containment: the share of a sentence's information (inverse document frequency of its content
words) that is found in earlier material. Containment, unlike similarity, survives cutting and padding. Everything is
a few matrix products over the words of the new article, so that the cost does not depend on the memory's size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.novelty.reading import Reading

Keys = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]
_P, _Q = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the memory keeps of an article in full. All but `spread` and `owner` are sorted and without repeats.

    `spread` holds the content words in the order of the text, `owner` the sentence of each.
    """

    keys: Keys
    title: Keys
    spread: Keys
    owner: npt.NDArray[np.uint16]
    said: Mapping[str, Keys]
    shingles: Keys
    pairs: Keys


def _pairs(keys: Keys) -> Keys:
    return (keys[:-1] * _P) ^ (keys[1:] * _Q)


def _shingles(keys: Keys) -> Keys:
    return ((keys[:-2] * _P) ^ keys[1:-1]) * _Q ^ (keys[2:] * _P)


def trace(reading: Reading, said: Mapping[str, Sequence[int]]) -> Trace:
    """Make the trace of an article; `said` maps an entity to its candidate sentences' numbers."""
    sequences = [np.array([t.key for t in w.terms if t.key], np.uint32) for w in reading.words.values()]
    parts = [np.fromiter(s.keys, np.uint32, len(s.keys)) for s in reading.sentences]
    empty = np.empty(0, np.uint32)
    title = [p for p, s in zip(parts, reading.sentences, strict=True) if s.field == "title"]
    return Trace(
        np.unique(np.concatenate([*parts, empty])),
        np.unique(np.concatenate([*title, empty])),
        np.concatenate([*parts, empty]),
        np.repeat(np.arange(len(parts), dtype=np.uint16), [len(p) for p in parts]),
        {e: np.unique(np.concatenate([*(parts[n] for n in numbers), empty])) for e, numbers in said.items()},
        np.unique(np.concatenate([*(_shingles(s) for s in sequences), empty])),
        np.unique(np.concatenate([*(_pairs(s) for s in sequences), empty])),
    )


def line_pairs(reading: Reading, lines: Sequence[int]) -> tuple[Keys, npt.NDArray[np.intp]]:
    """Return the pairs of successive content words of each line, and the line (its place) of each pair."""
    parts: list[Keys] = []
    for number in lines:
        sentence = reading.sentences[number]
        terms = reading.words[sentence.field].terms[sentence.lo : sentence.hi]
        parts.append(_pairs(np.array([t.key for t in terms if t.key], np.uint32)))
    empty = np.empty(0, np.uint32)
    return np.concatenate([*parts, empty]), np.repeat(np.arange(len(parts)), [len(p) for p in parts])


def within(words: Keys, other: Keys) -> npt.NDArray[np.bool_]:
    """Tell for each of `words` whether the sorted `other` holds it."""
    if not len(other):
        return np.zeros(len(words), np.bool_)
    places = np.searchsorted(other, words)
    found: npt.NDArray[np.bool_] = other[np.minimum(places, len(other) - 1)] == words
    return found


def rows(words: Keys, owner: npt.NDArray[np.uint16], spread: Keys) -> Floats:
    """Return a matrix with a row a sentence: 1 where it holds the word."""
    count = int(owner[-1]) + 1 if len(owner) else 1
    result = np.zeros((count, len(words)), np.float32)
    if len(words) and len(spread):
        places = np.minimum(np.searchsorted(words, spread), len(words) - 1)
        there = words[places] == spread
        result[owner[there], places[there]] = 1
    return result


@dataclass(frozen=True, slots=True)
class Overlaps:
    """How much of the article, its title, one entity's window and each of its lines was said before (0..1).

    `by_article`, `by_window` and `by_sentence` have a row a line; `nearest` is the place among the compared traces of
    the one that holds most of the window, `nearest_article` of the one that holds most of the article.
    """

    article: Floats
    title: Floats
    title_title: Floats
    window: Floats
    window_said: Floats
    window_back: Floats
    by_article: Floats
    by_window: Floats
    by_sentence: Floats
    lines: Floats
    mass: Floats
    held: Floats


def compare(entity: str, own: Trace, lines: Sequence[int], weights: Floats, traces: Sequence[Trace]) -> Overlaps:
    """Compare one entity's lines with the traces; `weights` are the information of `own.keys`."""
    words = own.keys
    matrix = rows(words, own.owner, own.spread)[list(lines)] if len(words) else np.zeros((len(lines), 0), np.float32)
    weighted = matrix * weights
    mass = weighted.sum(1)
    safe = np.maximum(mass, 1e-6)[:, None]
    held = np.array([within(words, t.keys) for t in traces], np.float32).reshape(len(traces), len(words))
    said = np.array([within(words, t.said.get(entity, t.keys[:0])) for t in traces], np.float32).reshape(held.shape)
    titles = np.array([within(words, t.title) for t in traces], np.float32).reshape(held.shape)
    window = (within(words, own.said[entity]) if entity in own.said else np.zeros(len(words), np.bool_)) * weights
    title = within(words, own.title) * weights
    sentence = np.zeros((len(lines), len(traces)), np.float32)
    for place, other in enumerate(traces):
        if held[place].any():
            full = rows(words, other.owner, other.spread)
            sentence[:, place] = (weighted @ full.T).max(1) / safe[:, 0]
    back = np.array([len(t.said.get(entity, ())) for t in traces], np.float32)

    def share(part: Floats, of: Floats) -> Floats:
        total = float(part.sum())
        return (of @ part) / total if total else np.ones(len(of), np.float32)

    return Overlaps(
        share(weights, held), share(title, held), share(title, titles), share(window, held), share(window, said),
        said.sum(1) / np.maximum(back, 1), weighted @ held.T / safe, weighted @ said.T / safe, sentence, matrix, mass, held,
    )  # fmt: skip
