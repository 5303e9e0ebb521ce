"""Was it said before? An article's candidate sentences against what the memory holds.

Overlap is measured as containment: the share of a sentence's information (inverse document frequency of its content
words) that is found in earlier material. Containment, unlike similarity, survives cutting and padding. Every kept word
is looked up among the new article's words once; the rest are sums over the words found, so that the cost does not
depend on the memory's size.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from monitor.novelty.reading import Reading
from monitor.text.content import Keys, Places

Floats = npt.NDArray[np.float32]
N = TypeVar("N", bound=np.integer[Any])
_P, _Q = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_TABLE = 1 << 16
_UPPER = int(sys.byteorder == "little")


class Said(NamedTuple):
    """Which sentences of an article speak of an entity, and how many different words they hold."""

    sentences: tuple[int, ...]
    words: int


UNSAID = Said((), 0)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the memory keeps of an article in full: its sentences' content words and its wording.

    `spread` holds each sentence's words, without repeats, `owner` the sentence of each; there are `count` sentences,
    of which the first `titles` are the headline. `keys`, the whole article's words, and `shingles` are sorted and
    without repeats.
    """

    keys: Keys
    spread: Keys
    owner: npt.NDArray[np.uint16]
    count: int
    titles: int
    said: Mapping[str, Said]
    shingles: Keys

    def about(self, entity: str) -> Keys:
        """Return the words said about the entity, sorted and without repeats."""
        said = self.said.get(entity, UNSAID)
        return distinct(self.spread[np.isin(self.owner, said.sentences)])


@dataclass(frozen=True, slots=True)
class Own:
    """A new article, ready to be compared: `matrix` has a row a sentence, 1 where it holds the word of `keys`.

    `keys` and `pairs` (of successive words) are sorted and without repeats; `title` and `said` select among `keys`.
    `inner` are the pairs inside sentences, in their order and with repeats, `within` the sentence of each.
    """

    trace: Trace
    keys: Keys
    matrix: Floats
    title: Floats
    said: Mapping[str, Floats]
    pairs: Keys
    inner: Keys
    within: Places


def distinct(keys: npt.NDArray[N]) -> npt.NDArray[N]:
    """Return the keys sorted and without repeats."""
    ordered = np.sort(keys)
    return ordered[_firsts(ordered)]


def _ranked(keys: npt.NDArray[N]) -> tuple[npt.NDArray[N], Places]:
    """Return the keys sorted and without repeats, and the place of each of the keys among them."""
    order = keys.argsort()
    ordered = keys[order]
    first = _firsts(ordered)
    ranks = np.empty(len(keys), np.intp)
    ranks[order] = first.cumsum() - 1
    return ordered[first], ranks


def _firsts(ordered: npt.NDArray[N]) -> npt.NDArray[np.bool_]:
    """Tell of each of the sorted keys whether it differs from the one before it."""
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return first


def _pairs(keys: Keys) -> Keys:
    return (keys[:-1] * _P) ^ (keys[1:] * _Q)


def _shingles(keys: Keys) -> Keys:
    return ((keys[:-2] * _P) ^ keys[1:-1]) * _Q ^ (keys[2:] * _P)


def own(reading: Reading, lines: Mapping[str, Sequence[int]]) -> Own:
    """Make an article ready; `lines` maps an entity to its candidate sentences' numbers."""
    words, count = reading.words, len(reading.sentences)
    places = words.keys.nonzero()[0]
    content = words.keys[places]
    text = places.searchsorted(words.starts.searchsorted(list(words.begins.values()))).searchsorted(
        np.arange(len(places)), side="right"
    )
    row = _sentence_of(places, reading)
    inside = row >= 0
    flat, rows = content[inside], row[inside]
    keys, ranks = _ranked(flat)
    cells = distinct(rows * len(keys) + ranks)
    matrix = _table(cells, count, len(keys))
    owner, held = np.divmod(cells, max(len(keys), 1))
    titles = len([1 for sentence in reading.sentences if sentence.field == "title"])
    said = {entity: _any(matrix[list(numbers)]) for entity, numbers in lines.items()}
    trace = Trace(
        keys, keys[held], owner.astype(np.uint16), count, titles,
        {entity: Said(tuple(lines[entity]), int(np.add.reduce(among))) for entity, among in said.items()},
        distinct(_shingles(content)[text[2:] == text[:-2]]),
    )  # fmt: skip
    pairs = _pairs(content)
    inner = (row[1:] == row[:-1]) & inside[1:]
    return Own(
        trace, keys, matrix, _any(matrix[:titles]), said,
        distinct(pairs[text[1:] == text[:-1]]), pairs[inner], row[1:][inner],
    )  # fmt: skip


def _sentence_of(places: Places, reading: Reading) -> Places:
    """Return the sentence that each of these words stands in, -1 for none."""
    borders = np.array([border for one in reading.sentences for border in (one.lo, one.hi)], np.intp)
    after = borders.searchsorted(places, side="right")  # odd inside a sentence: its begin lies behind, its end ahead
    return np.where(after & 1, after >> 1, -1)


def _any(rows: Floats) -> Floats:
    """Return 1 for each column in which some row holds 1."""
    result: Floats = np.maximum.reduce(rows, 0, initial=0)
    return result


def within(words: Keys, other: Keys) -> npt.NDArray[np.bool_]:
    """Tell for each of `words` whether the sorted `other` holds it."""
    if not len(other):
        return np.zeros(len(words), np.bool_)
    places = np.searchsorted(other, words)
    found: npt.NDArray[np.bool_] = other[np.minimum(places, len(other) - 1)] == words
    return found


class Finder:
    """Finds keys among a few hundred others. Its table of 65,536 places is much faster than a search."""

    def __init__(self) -> None:
        """Make the table, which every look-up uses again."""
        self._table = np.zeros(_TABLE, np.uint16)

    def find(self, among: Keys, flat: Keys) -> tuple[Places, Places]:
        """Return which of `flat` are there, and their places in `among`, which is without repeats.

        Of two that fall into one slot of the table the last is found by it, the others by comparison.
        """
        slots = _slots(among)
        order = np.arange(1, len(among) + 1, dtype=np.uint16)
        self._table[slots] = order
        places = self._table.take(_slots(flat))
        hidden = (self._table[slots] != order).nonzero()[0]
        self._table[slots] = 0
        for place in hidden.tolist():
            places[flat == among[place]] = place + 1
        where = places.nonzero()[0]
        found = places[where].astype(np.intp) - 1
        sure = among[found] == flat[where]
        return where[sure], found[sure]


def _slots(keys: Keys) -> npt.NDArray[np.uint16]:
    """Return the upper halves of the keys, without a copy."""
    halves: npt.NDArray[np.uint16] = np.ascontiguousarray(keys).view(np.uint16)[_UPPER::2]
    return halves


@dataclass(frozen=True, slots=True)
class Overlaps:
    """How much of the article, one entity's window and each of its lines was said before (0..1).

    All but the lines' have a value a compared trace; `by_article`, `by_window` and `by_sentence` have a row a line.
    """

    article: Floats
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
    """An article's words laid beside the kept traces.

    Each find is one word in one kept sentence: `word` says which of the article's, `sentence` which of all compared
    sentences, `cell` its place in a table of traces by words. `first` is each trace's first sentence, of `sentences`
    in all; `article` the share of the article's information that each trace holds.
    """

    own: Own
    information: Floats
    traces: Sequence[Trace]
    word: Places
    sentence: Places
    cell: Places
    first: Places
    sentences: int
    article: Floats
    held: Floats
    titles: Floats
    common: Places


def lay(own: Own, information: Floats, traces: Sequence[Trace], finder: Finder) -> Beside:
    """Lay an article beside the traces; `information` is that of `own.keys`. `common` counts shared shingles."""
    rows, columns = len(traces), len(own.keys)
    borders = [0, *accumulate([max(trace.count, 1) for trace in traces])]
    first = np.array(borders[:-1], np.intp)
    where, word = finder.find(own.keys, _joined([trace.spread for trace in traces], np.uint32))
    counts = _counts(where, [len(trace.spread) for trace in traces])
    owner = _joined([trace.owner for trace in traces], np.uint16).take(where)
    cell = (np.arange(rows) * columns).repeat(counts) + word
    headline = owner < np.array([trace.titles for trace in traces], np.uint16).repeat(counts)
    shared, _ = finder.find(own.trace.shingles, _joined([trace.shingles for trace in traces], np.uint32))
    held = _table(cell, rows, columns)
    return Beside(
        own, information, traces, word, first.repeat(counts) + owner, cell, first, borders[-1],
        _share(information, held), held, _table(cell[headline], rows, columns),
        _counts(shared, [len(trace.shingles) for trace in traces]),
    )  # fmt: skip


def _joined(arrays: Sequence[npt.NDArray[Any]], kind: type[np.unsignedinteger[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0, kind)


def _counts(where: Places, sizes: Sequence[int]) -> Places:
    """Count how many of the (sorted) places in joined arrays of these sizes fall into each array."""
    upto = where.searchsorted([0, *accumulate(sizes)])
    return upto[1:] - upto[:-1]


def _table(cells: Places, rows: int, columns: int) -> Floats:
    """Return a table with a 1 in these cells."""
    result = np.zeros(rows * columns, np.float32)
    result[cells] = 1
    return result.reshape(rows, columns)


def compare(entity: str, lines: Sequence[int], beside: Beside) -> Overlaps:
    """Compare one entity's lines with the traces."""
    own, information, held, traces = beside.own, beside.information, beside.held, beside.traces
    matrix = own.matrix[list(lines)]
    weighted = matrix * information
    mass = np.add.reduce(weighted, 1)
    safe = np.maximum(mass, np.float32(1e-6))[:, None]
    spoken = [trace.said.get(entity, UNSAID) for trace in traces]
    about = np.zeros(beside.sentences, np.bool_)
    about[[start + n for start, one in zip(beside.first.tolist(), spoken, strict=True) for n in one.sentences]] = True
    said = _table(beside.cell[about[beside.sentence]], len(traces), len(own.keys))
    back = np.array([max(one.words, 1) for one in spoken], np.float32)
    window = own.said[entity] * information
    return Overlaps(
        beside.article, _share(window, held), _share(window, said), np.add.reduce(said, 1) / back,
        weighted @ held.T / safe, weighted @ said.T / safe,
        _by_sentence(weighted, beside) / safe, matrix, mass, held,
    )  # fmt: skip


def _share(part: Floats, of: Floats) -> Floats:
    """Return the share of a part's information that each row holds; all of one that holds none."""
    total = np.add.reduce(part)
    result: Floats = (of @ part) / total if total else np.ones(len(of), np.float32)
    return result


def _by_sentence(weighted: Floats, beside: Beside) -> Floats:
    """Return for each line and trace the most information that one of the trace's sentences shares with the line."""
    sentences = beside.sentences
    if not sentences:
        return np.zeros((len(weighted), 0), np.float32)
    ours = weighted.any(0).take(beside.word).nonzero()[0]
    shares = weighted.take(beside.word[ours], axis=1)
    cells = np.arange(len(weighted))[:, None] * sentences + beside.sentence[ours]
    sums = np.bincount(cells.ravel(), shares.ravel(), minlength=len(weighted) * sentences)
    result: Floats = np.maximum.reduceat(sums.reshape(len(weighted), sentences), beside.first, axis=1)
    return result.astype(np.float32)
