"""What a memory is made of: recent articles in full, all words and wordings as counts, older articles as sketches.

    ring       the last DETAIL articles in full
    postings   word -> the last few articles that hold it: the newest push the oldest out
    seen       words, wordings, and words said about an entity, of this generation and the last
    sketches   fingerprints of all remembered articles: a lossy table, the newest win

Every table has a fixed size, so that memory is bounded and a look-up costs the same however much is remembered.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.model import EntityNovelty, Kind
from monitor.novelty.common import prior
from monitor.novelty.redundancy import Finder, Floats, Own, Trace, distinct
from monitor.text.content import Keys

DETAIL = 2_000  # articles kept in full
GENERATION = 150  # articles after which a new generation of what was seen begins: as long as the labelled streams
SKETCH = 8  # fingerprints kept of an article for good
QUERY = 80  # words of a query, the rarest
_BUCKETS, _WIDTH = 1 << 14, 32
_BLOCK = 64  # articles of which only the greatest sum is ordered
_SEEN = 1 << 21
_COUNTS = 1 << 19
_BACKGROUND = 100.0  # how many articles the background corpus counts for
_LEAST = 1 << 12  # places for sketches at first; they are doubled before a fourth of them is taken
_TRIM = 4_096
_SPREAD = np.uint32(0x9E3779B1)
_MIX, _UNMIX = np.uint32(0x85EBCA6B), np.uint32(pow(0x85EBCA6B, -1, 1 << 32))
_KINDS = tuple(Kind)
Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kept:
    """One remembered article in full: its trace, when, from where, in which story, and what it was worth."""

    id: str
    at: datetime
    source: str
    story: str
    trace: Trace
    worth: Mapping[str, EntityNovelty]


@dataclass(frozen=True, slots=True)
class Recall:
    """What of a new article was seen before: of its words, pairs and shingles, and of its words about each entity."""

    words: Bits
    inner: Bits
    pairs: Bits
    shingles: Bits
    about: Mapping[str, Bits]


class Generations:
    """A set of 32-bit keys that holds what was added in this generation and the last, and may take a few keys for
    others: a byte a place, whose second bit stands for this generation and whose first for the last.
    """

    def __init__(self, size: int) -> None:
        """Make an empty table of that many places, a power of two."""
        self._mask = np.uint32(size - 1)
        self._marks = np.zeros(size, np.uint8)
        self.articles = 0

    def add(self, keys: Keys) -> None:
        """Add one article's keys."""
        self._marks[(keys * _SPREAD) & self._mask] = 2
        self.articles += 1

    def has(self, keys: Keys) -> Bits:
        """Tell of each key whether it was added in this generation or the last."""
        found: Bits = self._marks.take((keys * _SPREAD) & self._mask) > 0
        return found

    def turn(self) -> None:
        """Begin a new generation: what was added before the last is forgotten."""
        self._marks >>= 1
        self.articles = 0


class Archive:
    """The tables behind a memory. `add` and `forget` change it; everything else only reads."""

    def __init__(self, capacity: int) -> None:
        """Make empty tables for at most `capacity` articles."""
        self.capacity = capacity
        self.ring: OrderedDict[int, Kept] = OrderedDict()
        self.serial_of: dict[str, int] = {}
        self._ids: list[str] = []
        self._at = array("d")
        self._worth = array("B")
        self._base = 1
        self._first = 1
        self._most = 1 << max(12, math.ceil(math.log2(capacity * SKETCH)))
        self._sketch_serial = np.zeros(_LEAST, np.uint32)
        self._sketch_check = np.zeros(_LEAST, np.uint16)
        self._postings = np.zeros((_BUCKETS, _WIDTH), np.uint32)
        self._heads = np.zeros(_BUCKETS, np.uint8)
        self._seen = Generations(_SEEN)
        self._count = np.zeros(_COUNTS, np.uint16)
        self._about: dict[str, int] = {}
        self.finder = Finder()

    def __len__(self) -> int:
        """Count the remembered articles, revisions included."""
        return self._base + len(self._ids) - self._first

    def information(self, keys: Keys) -> Floats:
        """Return each word's information: the log of its rarity in the background corpus and in this memory."""
        counts = self._count[_place(keys, _COUNTS)]
        rarity = (_BACKGROUND + len(self.ring) + 1) / (prior(keys) * _BACKGROUND + counts + 0.3)
        result: Floats = np.maximum(np.log(rarity), 0.0).astype(np.float32)
        return result

    def nearest(self, queries: Iterable[tuple[Keys, Floats]], top: int) -> list[int]:
        """Return the serials of the articles that share most information with each query, best first, once each."""
        asked = [_rarest(*query) for query in queries]
        if not self.ring or not asked:
            return []
        oldest = next(iter(self.ring))
        span = self._base + len(self._ids) - oldest
        keys, weights = (np.concatenate(part) for part in zip(*asked, strict=True))
        # What has left the ring, and the empty places, fall beyond the span: all into one place, left out below.
        ages = np.minimum(self._postings.take(_place(keys, _BUCKETS), 0) - np.uint32(oldest), np.uint32(span))
        rows = np.repeat(np.arange(len(asked), dtype=np.uint32) * np.uint32(span + 1), [len(one) for one, _ in asked])
        ages += rows[:, None]
        sums = np.bincount(ages.ravel(), np.repeat(weights, _WIDTH), minlength=len(asked) * (span + 1))
        found: dict[int, None] = {}
        for best in _greatest(sums.reshape(len(asked), span + 1)[:, :span], top + 2):
            serials = [place + oldest for place in best]
            found.update(dict.fromkeys([serial for serial in serials if serial in self.ring][:top]))
        return list(found)

    def seen(self, wordings: Keys) -> Bits:
        """Tell of each word or wording (two or three words in a row) whether it was seen in the last generations."""
        return self._seen.has(wordings)

    def seen_about(self, entity: str, keys: Keys) -> Bits:
        """Tell of each word whether it was said about the entity in the last generations."""
        return self.seen(keys ^ _salt(entity))

    def recall(self, own: Own) -> Recall:
        """Tell what of an article was seen in the last generations, all in one look."""
        parts = [own.keys, own.inner, own.pairs, own.trace.shingles, *(own.keys ^ _salt(entity) for entity in own.said)]
        found = self.seen(np.concatenate(parts))
        borders = [0, *accumulate(map(len, parts))]
        words, inner, pairs, shingles, *about = (found[start:end] for start, end in pairwise(borders))
        return Recall(words, inner, pairs, shingles, dict(zip(own.said, about, strict=True)))

    def count_about(self, entity: str) -> int:
        """Count the articles ever added about the entity."""
        return self._about.get(entity, 0)

    def sketched(self, shingles: Keys) -> tuple[str, float, float, Kind] | None:
        """Return the older article that most fingerprints point to: its id, their share, its score and kind."""
        if not len(shingles) or self._first >= self._base + len(self._ids) - len(self.ring):
            return None
        places = (shingles * _SPREAD) & np.uint32(len(self._sketch_serial) - 1)
        hits = self._sketch_check[places] == (shingles >> np.uint32(16)).astype(np.uint16)
        counts = Counter(self._sketch_serial[places[hits]].tolist())
        for serial, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:3]:
            if serial >= self._first and serial not in self.ring:
                name, worth = self._ids[serial - self._base], self._worth[serial - self._base]
                share = min(1.0, count / min(SKETCH, len(shingles)))
                return name, share, (worth >> 3) / 31, _KINDS[worth & 7]
        return None

    def add(self, kept: Kept, own: Own) -> None:
        """Remember an article beside its earlier revisions: others may have copied what an edit took out."""
        serial = self._base + len(self._ids)
        self._ids.append(kept.id)
        self._at.append(kept.at.timestamp())
        best = max(kept.worth.values(), key=lambda one: one.score, default=None)
        self._worth.append(round(best.score * 31) << 3 | _KINDS.index(best.kind) if best else 0)
        self.serial_of[kept.id] = serial
        self._index(serial, own)
        self.ring[serial] = kept
        for entity in own.said:
            self._about[entity] = self._about.get(entity, 0) + 1
        if len(self.ring) > DETAIL:
            self._let_go(*self.ring.popitem(last=False))

    def _index(self, serial: int, own: Own) -> None:
        shingles = own.trace.shingles
        self._count[_place(own.keys, _COUNTS)] += 1
        buckets = distinct(_place(own.keys, _BUCKETS))
        self._postings[buckets, self._heads[buckets]] = serial
        self._heads[buckets] = (self._heads[buckets] + 1) % _WIDTH
        if self._seen.articles >= GENERATION:
            self._seen.turn()
        said = [own.keys[words > 0] ^ _salt(entity) for entity, words in own.said.items()]
        self._seen.add(np.concatenate([own.keys, own.pairs, shingles, *said]))
        mixed = shingles * _MIX
        chosen = np.sort(np.partition(mixed, SKETCH - 1)[:SKETCH] if len(mixed) > SKETCH else mixed) * _UNMIX
        if len(self) * SKETCH * 4 > len(self._sketch_serial) < self._most:
            # What is kept may belong in either half of a table twice as long, so it stands in both.
            self._sketch_serial = np.tile(self._sketch_serial, 2)
            self._sketch_check = np.tile(self._sketch_check, 2)
        spots = (chosen * _SPREAD) & np.uint32(len(self._sketch_serial) - 1)
        self._sketch_serial[spots] = serial
        self._sketch_check[spots] = (chosen >> np.uint32(16)).astype(np.uint16)

    def _let_go(self, serial: int, gone: Kept) -> None:
        self._count[_place(gone.trace.keys, _COUNTS)] -= 1
        if self.serial_of[gone.id] == serial:
            del self.serial_of[gone.id]

    def forget(self, before: datetime) -> None:
        """Forget what was remembered before a time, and the oldest of what is too much."""
        limit, end = before.timestamp(), self._base + len(self._ids)
        while self._first < end and (self._at[self._first - self._base] < limit or len(self) > self.capacity):
            if gone := self.ring.pop(self._first, None):
                self._let_go(self._first, gone)
            self._first += 1
        if self._first - self._base > _TRIM:
            cut = self._first - self._base
            del self._ids[:cut], self._at[:cut], self._worth[:cut]
            self._base = self._first


def _place(keys: Keys, size: int) -> npt.NDArray[np.uint32]:
    """Return each word's place in a table (a word key's last bit says only that it is one)."""
    places: npt.NDArray[np.uint32] = (keys >> np.uint32(1)) & np.uint32(size - 1)
    return places


def _rarest(keys: Keys, weights: Floats) -> tuple[Keys, Floats]:
    """Return the QUERY words that weigh most."""
    if len(keys) <= QUERY:
        return keys, weights
    rare = (-weights).argsort(kind="stable")[:QUERY]
    return keys[rare], weights[rare]


def _greatest(sums: npt.NDArray[Any], count: int) -> Iterator[list[int]]:
    """Give for each row the places of its greatest sums above zero, the greatest first, of equal ones the last.

    Only what is no less than the `count`th of the blocks' greatest is ordered: so many others are no less than it.
    """
    blocks = np.maximum.reduceat(sums, np.arange(0, sums.shape[1], _BLOCK), axis=1)
    blocks.sort(axis=1)
    least = blocks[:, -count] if blocks.shape[1] >= count else np.zeros(len(sums))
    for row, above in zip(sums, np.maximum(least, np.nextafter(0, 1)).tolist(), strict=True):
        among = (row >= above).nonzero()[0]
        best = sorted(zip(row[among].tolist(), among.tolist(), strict=True), reverse=True)[:count]
        yield [place for _, place in best]


@lru_cache(maxsize=4096)
def _salt(entity: str) -> np.uint32:
    value = 2166136261
    for byte in entity.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return np.uint32(value)
