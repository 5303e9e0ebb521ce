"""The words of a language as the novelty judge needs them: met once, then found by a hash of their spelling.

All words of a text are looked up together. The table has a fixed size, and a word two places where it may stand: a new
one takes the place of the one of two that no text has held for longer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from monitor.novelty.lexicon import TAGS, Tag
from monitor.text.content import Keys, Places, Spans, term
from monitor.text.stopwords import OWN_STOP_WORDS

VOICES = ("page", "title", "lead", "near", "far", "after", "around", "sentence")
PAGE, TITLE, LEAD, NEAR, FAR, AFTER, AROUND, SENTENCE = range(len(VOICES))
BITS = 17  # of the number of places, each of 34 bytes: there is a table for each language
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
Numbers = npt.NDArray[np.uint64]
Weights = Mapping[str, Mapping[str, Mapping[str, float]]]


class Model:
    """A linear model over words: `places` says where in `weights` a word's stands; at 0 is that of all other words."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Give each word its place; the weight of the empty one is the constant."""
        self.constant = weights.get("", 0.0)
        self.places = {word: place for place, word in enumerate(weights, 1)}
        self.weights: Sequence[float] = (0.0, *weights.values())
        self.table = np.array(self.weights)


class Looked(NamedTuple):
    """What the words of a text are, in their order: keys (0: a stop word), tags, and their places in the models (a
    column each of VOICES).
    """

    keys: Keys
    tags: npt.NDArray[np.uint16]
    voices: npt.NDArray[np.uint16]


class Vocabulary:
    """The words of one language. `page`, `opening`, `context` and `sentence` are its models (see `lexical.py`)."""

    def __init__(self, models: Mapping[str, Mapping[str, float]], bits: int = BITS, language: str = "") -> None:
        """Begin empty, with the models of a language (without any, no word has a weight) and room for 2**bits words."""
        self._language = language
        self.speaks = bool(models)
        self.page, self.opening = Model(models.get("page", {})), Model(models.get("opening", {}))
        self.context, self.sentence = Model(models.get("context", {})), Model(models.get("sentence", {}))
        self._bits = bits
        self._hashes = np.zeros(1 << bits, np.uint64)
        self._met = np.zeros(1 << bits, np.uint32)  # in which text last
        self._keys = np.zeros(1 << bits, np.uint32)
        self._tags = np.zeros(1 << bits, np.uint16)
        self._voices = np.zeros((1 << bits, len(VOICES)), np.uint16)
        self._texts = 0
        self._lock = Lock()

    def look(self, text: str, spans: Spans) -> Looked:
        """Look up the words of a text. Thread-safe: the watchlists' judges share the table."""
        hashes = _hashes(spans)
        one = (hashes >> np.uint64(64 - self._bits)).astype(np.intp)
        two = (hashes >> np.uint64(8) & np.uint64((1 << self._bits) - 1)).astype(np.intp)
        with self._lock:
            return self._look(text, spans, hashes, one, two)

    def _look(self, text: str, spans: Spans, hashes: Numbers, one: Places, two: Places) -> Looked:
        """Look in both places of each word; learn what is new."""
        self._texts += 1
        places = np.where(self._hashes.take(one) == hashes, one, two)
        found = Looked(self._keys.take(places), self._tags.take(places), self._voices.take(places, 0))
        known = self._hashes.take(places) == hashes
        self._met[places[known]] = self._texts
        new = (~known).nonzero()[0]
        if len(new):
            places = np.where(self._met[one[new]] <= self._met[two[new]], one[new], two[new])
            self._hashes[places], self._met[places] = hashes[new], self._texts
            words = [text[start:end] for start, end in zip(spans.starts[new], spans.ends[new], strict=True)]
            made = {word: self._make(word) for word in dict.fromkeys(words)}
            keys, tags, voices = found
            keys[new], tags[new], voices[new] = zip(*(made[word] for word in words), strict=True)
            # Of two words for one place the last stays, here and in the hashes.
            self._keys[places], self._tags[places], self._voices[places] = keys[new], tags[new], voices[new]
        return found

    def _make(self, spelled: str) -> tuple[int, int, tuple[int, ...]]:
        form, stem, key, number = term(spelled, self._language)
        said = "#" if number else form
        tags = TAGS.get(form, 0) | (Tag.NUMBER if number else 0) | (Tag.AND if form[:1] == "و" else 0)
        page, opening, context = self.page.places, self.opening.places, self.context.places
        return key, tags, (
            page.get(said, 0), opening.get("T" + said, 0), opening.get("L" + said, 0),
            context.get("b" + form, 0), context.get("d" + form, 0), context.get("a" + form, 0),
            context.get("c" + stem, 0), self.sentence.places.get(stem, 0),
        )  # fmt: skip


def _hashes(spans: Spans) -> Numbers:
    """Hash the words: polynomials over their code points, from the sums over the text up to their borders."""
    codes, starts, ends = spans
    powers, inverse = _powers(1 << max(12, len(codes).bit_length()))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    result: Numbers = (sums[ends] - sums[starts]) * inverse[starts] | np.uint64(1)  # 0 is an empty place
    return result


@cache
def _powers(size: int) -> tuple[Numbers, Numbers]:
    """Return the powers of the base from 1 on, and those of its inverse from 0 on, modulo 2**64."""
    powers, inverse = (np.full(size, base, np.uint64) for base in (_BASE, pow(_BASE, -1, 1 << 64)))
    inverse[0] = 1
    return np.cumprod(powers), np.cumprod(inverse)


def weights() -> Weights:
    """Read the weights that the program comes with: language -> model -> word -> weight (`""` is the constant)."""
    loaded: Weights = json.loads((files("monitor.novelty") / "data" / "words.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _tables() -> Mapping[str, Vocabulary]:
    """Return the tables of the languages that have weights or stems of their own, and at "" that of all others."""
    models: Weights = {**{language: {} for language in ("", *OWN_STOP_WORDS)}, **weights()}
    return {language: Vocabulary(own, language=language) for language, own in models.items()}


def vocabulary(language: str) -> Vocabulary:
    """Return the table of a language, one for all memories of the process and for all languages that share it."""
    return _tables().get(language) or _tables()[""]
