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
from monitor.text.content import Keys

Floats = npt.NDArray[np.float32]
_P, _Q = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the memory keeps of an article in full. All but `spread` and `owner` are sorted and without repeats.

    `spread` holds the content words in the order of the text, `owner` the sentence of each of `count` sentences.
    """

    keys: Keys
    title: Keys
    spread: Keys
    owner: npt.NDArray[np.uint16]
    said: Mapping[str, Keys]
    shingles: Keys
    pairs: Keys
    count: int


def _pairs(keys: Keys) -> Keys:
    return (keys[:-1] * _P) ^ (keys[1:] * _Q)


def _shingles(keys: Keys) -> Keys:
    return ((keys[:-2] * _P) ^ keys[1:-1]) * _Q ^ (keys[2:] * _P)


def trace(reading: Reading, said: Mapping[str, Sequence[int]]) -> Trace:
    """Make the trace of an article; `said` maps an entity to its candidate sentences' numbers."""
    sequences = [words.keys[words.keys != 0] for words in reading.words.values()]
    parts = [reading.keys(number) for number in range(len(reading.sentences))]
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
        len(parts),
    )


def line_pairs(reading: Reading, lines: Sequence[int]) -> tuple[Keys, npt.NDArray[np.intp]]:
    """Return the pairs of successive content words of each line, and the line (its place) of each pair."""
    parts = [_pairs(reading.keys(number)) for number in lines]
    empty = np.empty(0, np.uint32)
    return np.concatenate([*parts, empty]), np.repeat(np.arange(len(parts)), [len(p) for p in parts])


def within(words: Keys, other: Keys) -> npt.NDArray[np.bool_]:
    """Tell for each of `words` whether the sorted `other` holds it."""
    if not len(other):
        return np.zeros(len(words), np.bool_)
    places = np.searchsorted(other, words)
    found: npt.NDArray[np.bool_] = other[np.minimum(places, len(other) - 1)] == words
    return found


def rows(words: Keys, owner: npt.NDArray[np.uint16], spread: Keys, count: int) -> Floats:
    """Return a matrix with a row a sentence: 1 where it holds the word."""
    result = np.zeros((count, len(words)), np.float32)
    if len(words) and len(spread):
        places, there = locate(words, spread)
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


@dataclass(frozen=True, slots=True)
class Beside:
    """An article's words laid beside the kept traces: which of them each trace, its title and its sentences hold."""

    own: Trace
    information: Floats
    traces: Sequence[Trace]
    matrix: Floats
    held: Floats
    titles: Floats
    sentences: Floats
    first: npt.NDArray[np.intp]


def locate(words: Keys, flat: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return for each of `flat` its place among `words`, and whether it is there at all.

    A table of 65,536 places is much faster than a search; of two words in one place (one pair in hundreds of articles)
    the last counts.
    """
    table = np.zeros(1 << 16, np.intp)
    table[(words >> np.uint32(1)) & np.uint32(0xFFFF)] = np.arange(len(words))
    places = table[(flat >> np.uint32(1)) & np.uint32(0xFFFF)]
    return places, words[places] == flat


def hold(words: Keys, others: Sequence[Keys]) -> Floats:
    """Return a matrix with a row for each of `others`: 1 where it holds the word of the (sorted) `words`."""
    result = np.zeros((len(others), len(words)), np.float32)
    if len(words) and others:
        flat = np.concatenate(others)
        places, there = locate(words, flat)
        result[np.repeat(np.arange(len(others)), [len(o) for o in others])[there], places[there]] = 1
    return result


def lay(own: Trace, information: Floats, traces: Sequence[Trace]) -> Beside:
    """Lay an article beside the traces; `information` is that of `own.keys`."""
    words = own.keys
    counts = [max(t.count, 1) for t in traces]
    first = np.cumsum([0, *counts])[:-1]
    sentences = np.zeros((sum(counts), len(words)), np.float32)
    if len(words) and traces:
        flat = np.concatenate([t.spread for t in traces])
        owner = np.concatenate([t.owner.astype(np.intp) + start for t, start in zip(traces, first, strict=True)])
        places, there = locate(words, flat)
        sentences[owner[there], places[there]] = 1
    held = hold(words, [t.keys for t in traces])
    titles = hold(words, [t.title for t in traces])
    return Beside(
        own, information, traces, rows(words, own.owner, own.spread, own.count), held, titles, sentences, first
    )


def compare(entity: str, lines: Sequence[int], beside: Beside) -> Overlaps:
    """Compare one entity's lines with the traces."""
    own, information, held = beside.own, beside.information, beside.held
    words, traces = own.keys, beside.traces
    matrix = beside.matrix[list(lines)]
    weighted = matrix * information
    mass = weighted.sum(1)
    safe = np.maximum(mass, np.float32(1e-6))[:, None]
    empty = words[:0]
    said = hold(words, [t.said.get(entity, empty) for t in traces])
    back = np.array([len(t.said.get(entity, empty)) for t in traces], np.float32)
    window = within(words, own.said.get(entity, empty)) * information
    title = within(words, own.title) * information
    if len(traces):
        sentence = np.maximum.reduceat(weighted @ beside.sentences.T, beside.first, axis=1) / safe
    else:
        sentence = np.zeros((len(lines), 0), np.float32)

    def share(part: Floats, of: Floats) -> Floats:
        total = part.sum()
        result: Floats = (of @ part) / total if total else np.ones(len(of), np.float32)
        return result

    return Overlaps(
        share(information, held), share(title, held), share(title, beside.titles), share(window, held),
        share(window, said), said.sum(1) / np.maximum(back, 1), weighted @ held.T / safe, weighted @ said.T / safe,
        sentence, matrix, mass, held,
    )  # fmt: skip
