"""Looking up by two words: how long watchlists stay fast.

On a list of thousands of names most words of a text are part of some name, and comparing every name at every such word
would cost more than everything else together. So names of several words are found by their anchor and the word beside
it at once, and short forms are looked at only for people of whom the text says more. The price: on such lists the words
of a name must be spelled as one of their known forms.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from monitor.matching.lexicon import WITHOUT_CAPITALS, Grade, Lexicon
from monitor.matching.scan import View

_MEMORY = 20_000  # words whose particles are remembered
_MOST_INSERTED = 4  # words of a patronymic or middle names between two words of a name


class Neighbours:
    """Patterns by anchor and neighbour, by anchor alone, and short forms apart."""

    def __init__(self, lexicon: Lexicon, insertable: Collection[bytes], patronymics: Collection[bytes]) -> None:
        """Index a lexicon; `insertable` words may stand inside a name, and whatever follows one of `patronymics`."""
        self._insertable = insertable
        self._patronymics = patronymics
        self._pairs: dict[int, dict[bytes, list[int]]] = {}
        self._alone: dict[int, list[int]] = {}
        self._short: dict[int, list[int]] = {}
        for number, pattern in enumerate(lexicon.patterns):
            anchor = pattern.slots[pattern.anchor]
            if len(pattern.slots) == 1 or pattern.lang not in WITHOUT_CAPITALS:
                lone = pattern.grade is Grade.SHORT and pattern.lang in WITHOUT_CAPITALS
                (self._short if lone else self._alone).setdefault(anchor, []).append(number)
                continue
            beside = pattern.anchor - 1 if pattern.anchor else 1
            for form in lexicon.slots[pattern.slots[beside]].forms:
                self._pairs.setdefault(anchor, {}).setdefault(form, []).append(number)
        langs = {pattern.lang for pattern in lexicon.patterns} & set(WITHOUT_CAPITALS)
        self._particles = tuple(row[:2] for lang in sorted(langs) for row in lexicon.prefixes_of(lang))
        self._bare: dict[bytes, tuple[bytes, ...]] = {}

    def at(self, view: View, place: int, slot: int) -> Sequence[int]:
        """Return the patterns that may stand around an anchor, short forms left out."""
        alone, pairs = self._alone.get(slot, ()), self._pairs.get(slot)
        if pairs is None:
            return alone
        beside = [*self._beside(view, place, pairs, -1), *self._beside(view, place, pairs, 1)]
        return [*alone, *beside] if beside else alone

    def short(self, slot: int) -> Collection[int]:
        """Return the short forms that an anchor is by itself."""
        return self._short.get(slot, ())

    def _beside(self, view: View, place: int, pairs: dict[bytes, list[int]], step: int) -> Sequence[int]:
        found: list[int] = []
        words, at = view.words, place + step
        for _ in range(_MOST_INSERTED + 1):
            if not 0 <= at < len(words):
                break
            word = words[at]
            for bare in self._bare.get(word) or self._without_particles(word):
                if bare in pairs:
                    found += pairs[bare]
            if word not in self._insertable and not (step < 0 and at > 0 and words[at - 1] in self._patronymics):
                break
            at += step
        return found

    def _without_particles(self, word: bytes) -> tuple[bytes, ...]:
        """Return a word as it is and without each particle that it may carry; remembered, because words repeat."""
        if len(self._bare) >= _MEMORY:
            self._bare.clear()
        rests = [
            restored + word[len(particle) :] for particle, restored in self._particles if word.startswith(particle)
        ]
        self._bare[word] = found = (word, *rests)
        return found
