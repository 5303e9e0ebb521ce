"""Finding: every place in a view where a pattern stands, with the rules by which its words were recognised.

    words -> hits on anchors -> readings of the word (particle, form, sound) -> neighbours compared -> Found

A found pattern says only that the letters are there. Whether they mean the entity is decided in `context.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.matching.lexicon import WITHOUT_CAPITALS, Grade, Lexicon, Pattern, Slot, common_words
from monitor.matching.neighbours import Neighbours
from monitor.matching.scan import View, encode
from monitor.matching.sounds import BOTH, RENDERING, VOWEL, one_letter_off, similar, skeleton
from monitor.text.fold import fold
from monitor.text.languages import Language, language

_GAP = re.compile(r"[\s\u00a0\u200b-\u200f\u202a-\u202e\u2066-\u2069\"“”„«»'‘’()\[\]_ـ]*|[-–]")
_MOST_INSERTED = 4  # words of a patronymic or middle names between two words of a name
_CACHE = 20_000
_INITIAL = 2  # letters of an initial, after which a full stop does not end a name
_HEADLINE = 6  # words on each side among which a small one shows that this is no headline in capitals
_SPACES = (" ", "\u00a0", "\u202f")
TYPO = "one letter differs in a long name"
DOUBLED = "a doubled letter written once or twice"
_SHORTEST = 4  # letters that a word needs to be recognised although it differs
_FOREIGN = 5  # letters from which two given names that sound alike are one foreign name, not two Arabic ones
_WAW = encode("و")
_WAW_WAW = _WAW + _WAW
_ARTICLE = encode("ال")
COORDINATED = "two given names share one surname"
INSERTED = "patronymic or middle name skipped"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a word: a slot, the glued letters before it, and the rules that led there."""

    slot: int
    skip: int = 0
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern in the text: words `first` to `last`, without `skip` letters glued before the first."""

    pattern: Pattern
    first: int
    last: int
    skip: int
    rules: tuple[str, ...]


class Finder:
    """Finds a lexicon's patterns. Keeps what it learned about words, which repeat: pure memory, no state."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Prepare for a lexicon."""
        self.lexicon = lexicon
        self._readings: dict[bytes, tuple[Reading, ...]] = {}
        self._compared: dict[tuple[bytes, int, bool], str | None] = {}
        self._beside: dict[tuple[bytes, int], bool] = {}
        self._patronymics = {encode(word) for word in ("بن", "ابن", "بنت", "bin", "ibn", "bint")}
        self._neighbours = self._index_neighbours() if lexicon.long else None

    def hits(self, view: View) -> list[int]:
        """Return the words of a view that may belong to a name: the only step that every article pays for."""
        known, quick, leads = self._readings, self.lexicon.quick, self.lexicon.leads
        if not self.lexicon.by_sound and not self.lexicon.lean:
            return [place for place, word in enumerate(view.words) if word in quick and self.readings(word)]
        if not self.lexicon.by_sound:
            return [
                place
                for place, word in enumerate(view.words)
                if (word in quick or (word[0] in leads and word[1:] in quick)) and self.readings(word)
            ]
        found = [place for place, word in enumerate(view.words) if known.get(word, True)]
        return [place for place in found if self.readings(view.words[place])]

    def find(self, view: View, hits: list[int]) -> list[Found]:
        """Return every pattern at every hit, the same place and entity once, by its best pattern."""
        best: dict[tuple[int, int, int], Found] = {}
        for found in self._of_long_list(view, hits) if self.lexicon.long else self._of_short_list(view, hits):
            if found.pattern.shared and not _same_letters(view, found):
                continue
            key = (found.pattern.entity, found.first, found.last)
            known = best.get(key)
            if known is None or _rank(found) < _rank(known):
                best[key] = found
        return sorted(best.values(), key=lambda found: (found.first, -found.last))

    def _of_short_list(self, view: View, hits: list[int]) -> Iterator[Found]:
        """Compare every pattern of every hit with the words around it."""
        patterns, anchored = self.lexicon.patterns, self.lexicon.anchored
        for place in hits:
            for reading in self.readings(view.words[place]):
                for number in anchored.get(reading.slot, ()):
                    if self._possible(view, place, patterns[number]):
                        found = self._extend(view, place, reading, patterns[number])
                        if found is not None:
                            yield found

    def _of_long_list(self, view: View, hits: list[int]) -> Iterator[Found]:
        """Look patterns up by two words at once; short forms only of people who were found, or hold an office."""
        patterns, neighbours = self.lexicon.patterns, self._neighbours
        assert neighbours is not None
        spoken_of = set(self.lexicon.in_office)
        for place in hits:
            for reading in self.readings(view.words[place]):
                for number in neighbours.at(view, place, reading.slot):
                    found = self._extend(view, place, reading, patterns[number])
                    if found is not None:
                        spoken_of.add(found.pattern.entity)
                        yield found
        if not spoken_of:
            return
        for place in hits:
            for reading in self.readings(view.words[place]):
                for number in neighbours.short(reading.slot):
                    if patterns[number].entity in spoken_of:
                        found = self._extend(view, place, reading, patterns[number])
                        if found is not None:
                            yield found

    def _index_neighbours(self) -> Neighbours:
        insertable = set(self._patronymics)
        for lang in {pattern.lang for pattern in self.lexicon.patterns} & set(WITHOUT_CAPITALS):
            insertable |= common_words(language(lang))
        return Neighbours(self.lexicon, insertable, self._patronymics)

    def _possible(self, view: View, place: int, pattern: Pattern) -> bool:
        """Refuse at a glance what the words beside an anchor rule out; Arabic script only, which has no capitals."""
        if len(pattern.slots) == 1 or pattern.lang not in WITHOUT_CAPITALS:
            return True
        step = -1 if pattern.anchor else 1
        at = place + step
        if not 0 <= at < len(view.words):
            return False
        word, slot = view.words[at], pattern.slots[pattern.anchor + step]
        key = (word, slot)
        known = self._beside.get(key)
        if known is None:
            if len(self._beside) >= _CACHE:
                self._beside.clear()
            known = self._beside[key] = self._may_stand(word, pattern, pattern.anchor + step)
        return known or (step < 0 and at > 0 and view.words[at - 1] in self._patronymics)

    def _may_stand(self, word: bytes, pattern: Pattern, slot_at: int) -> bool:
        """Tell whether a word may be a pattern's, or one inserted before it."""
        if self._same(word, pattern, slot_at) is not None or word in self._patronymics or len(word) == 1:
            return True
        return pattern.person and word in common_words(language(pattern.lang))

    def readings(self, word: bytes) -> tuple[Reading, ...]:
        """Return every way to read a word as an anchor: as it is, without glued particles, or by its sound."""
        known = self._readings.get(word)
        if known is None:
            if len(self._readings) >= _CACHE:
                self._readings.clear()
            known = self._readings[word] = tuple(self._read(word))
        return known

    def _read(self, word: bytes) -> Iterator[Reading]:
        lexicon = self.lexicon
        exact = lexicon.by_form.get(word, ()) if word in lexicon.quick else ()
        for slot in exact:
            yield Reading(slot, 0, _rules(lexicon.slots[slot].forms[word]))
        if exact:
            return
        if word in lexicon.quick or (word[0] in lexicon.leads and word[1:] in lexicon.quick):
            yield from self._without_particles(word)
        else:
            yield from self._by_sound(word)

    def _without_particles(self, word: bytes) -> Iterator[Reading]:
        lexicon = self.lexicon
        for lang in lexicon.prefixes:
            for particle, restored, meaning in lexicon.prefixes_of(lang):
                if not word.startswith(particle):
                    continue
                rest = restored + word[len(particle) :]
                for slot in lexicon.by_form.get(rest, ()):
                    rule = lexicon.slots[slot].forms[rest]
                    skip = len(particle) - (1 if restored else 0)
                    yield Reading(slot, skip, (f"prefix: {meaning}", *_rules(rule)))

    def _by_sound(self, word: bytes) -> Iterator[Reading]:
        for slot in self.lexicon.by_sound.get(skeleton(word), ()):
            rule = self._compare(word, slot, False)
            if rule and rule != TYPO:
                yield Reading(slot, 0, (rule,))

    def _extend(self, view: View, place: int, reading: Reading, pattern: Pattern) -> Found | None:
        """Compare the words around a hit with the rest of a pattern."""
        if reading.skip and pattern.anchor:
            return None
        rules, first, last = list(reading.rules), place, place
        skip = reading.skip
        for slot_at in range(pattern.anchor - 1, -1, -1):
            step = self._neighbour(view, first, -1, pattern, slot_at)
            if step is None:
                return None
            first, skip, said = step
            rules.extend(said)
        for slot_at in range(pattern.anchor + 1, len(pattern.slots)):
            step = self._neighbour(view, last, 1, pattern, slot_at)
            if step is None:
                return None
            last = step[0]
            rules.extend(step[2])
        if not self._believable(pattern, reading, rules, view.words[place]):
            return None
        return Found(pattern, first, last, skip, tuple(dict.fromkeys(rules)))

    def _believable(self, pattern: Pattern, reading: Reading, rules: list[str], word: bytes) -> bool:
        """Refuse what differs in too many ways: a second differing word, or one beside a patronymic."""
        differing = [rule for rule in rules if rule in (TYPO, RENDERING, VOWEL, BOTH)]
        if len(differing) > max(1, len(pattern.slots) - 1):
            return False
        if differing and (INSERTED in rules or rules.count(TYPO) > 1):
            return False
        if not differing or len(pattern.slots) > 1:
            return True
        base = self.lexicon.slots[reading.slot].base
        return pattern.grade is not Grade.WEAK and similar(word, base, strict=True) is not None

    def _neighbour(
        self, view: View, place: int, step: int, pattern: Pattern, slot_at: int
    ) -> tuple[int, int, tuple[str, ...]] | None:
        """Find a pattern's next word beside `place`, over a patronymic if need be: (word, skip, rules) or None."""
        inserted: list[str] = []
        at = place + step
        for _ in range(_MOST_INSERTED + 1):
            if not 0 <= at < len(view.words) or not _joined(view, min(at, at - step)):
                return None
            same = self._same(view.words[at], pattern, slot_at)
            if same is not None and self._is_initial(view, at, pattern, slot_at):
                return at, same[0], (*same[1], *inserted)
            shared = self._coordinated(view, at, step, pattern, slot_at) if not inserted else None
            if shared is not None:
                return shared
            if not pattern.person or len(pattern.slots) > 3 or not self._insertable(view, at, pattern):
                return None
            inserted = [INSERTED]
            at += step
        return None

    def _is_initial(self, view: View, at: int, pattern: Pattern, slot_at: int) -> bool:
        """Tell whether a word stands as an initial does, where the name has one: many are prepositions too."""
        if len(self.lexicon.slots[pattern.slots[slot_at]].base) > 1:
            return True
        words = pattern.alias.replace("-", " ").split()
        if len(words) != len(pattern.slots) or not words[slot_at][:1].isupper():
            return True
        return view.text[view.span(at, at)[0]].isupper() and view.gap(at)[:1] in (".", "'", "’")

    def _coordinated(
        self, view: View, at: int, step: int, pattern: Pattern, slot_at: int
    ) -> tuple[int, int, tuple[str, ...]] | None:
        """Read one surname for two given names (Jack and Jill X): the first of them is a conjunction further away."""
        joint, far = (at - 1, at - 2) if step < 0 else (at, at + 2)
        knows = language(pattern.lang)
        if not pattern.person or not (0 <= far < len(view.words)) or view.words[joint] not in _conjunctions(knows):
            return None
        other = at if step < 0 else at + 1
        start, end = view.span(other, other)
        written = view.text[start:end]
        if not written[:1].isupper() or not knows.names_another(written, frozenset()):
            return None
        if not all(view.gap(place) == " " for place in range(min(at, far), max(at, far))):
            return None
        same = self._same(view.words[far], pattern, slot_at)
        return None if same is None else (far, same[0], (*same[1], COORDINATED))

    def _insertable(self, view: View, at: int, pattern: Pattern) -> bool:
        word = view.words[at]
        start, end = view.span(at, at)
        written = view.text[start:end]
        if written[:1].isupper():  # in a script with capitals they tell a middle name or initial from a word
            given = len(word) == 1 or language(pattern.lang).names_another(written, frozenset())
            return given or not all_capitals(view, at)
        if written[:1].islower():
            return word in self._patronymics
        if word in self._patronymics or len(word) == 1:
            return True
        return word in common_words(language(pattern.lang)) or (at > 0 and view.words[at - 1] in self._patronymics)

    def _same(self, word: bytes, pattern: Pattern, slot_at: int) -> tuple[int, tuple[str, ...]] | None:
        """Compare a word with a pattern's slot: (glued letters, rules), or None if it is another word."""
        slot = self.lexicon.slots[pattern.slots[slot_at]]
        if word in slot.forms:
            return 0, _rules(slot.forms[word])
        if slot_at == 0:
            for particle, restored, meaning in self.lexicon.prefixes_of(slot.lang):
                if word.startswith(particle):
                    rest = restored + word[len(particle) :]
                    if rest in slot.forms:
                        return len(particle) - (1 if restored else 0), (f"prefix: {meaning}", *_rules(slot.forms[rest]))
        rule = self._alike(word, pattern, slot_at)
        if rule is not None:
            return 0, (rule,)
        return self._alike_behind_particle(word, pattern) if slot_at == 0 else None

    def _alike_behind_particle(self, word: bytes, pattern: Pattern) -> tuple[int, tuple[str, ...]] | None:
        """Compare a name's first word with another spelling of it behind a glued particle."""
        for particle, restored, meaning in self.lexicon.prefixes_of(pattern.lang):
            rest = word[len(particle) :]
            if not restored and len(rest) > 3 and word.startswith(particle):
                rule = self._alike(rest, pattern, 0)
                if rule:
                    return len(particle), (f"prefix: {meaning}", rule)
        return None

    def _alike(self, word: bytes, pattern: Pattern, slot_at: int) -> str | None:
        """Return the rule by which a word is another spelling of a slot's, a mistyped one included."""
        number = pattern.slots[slot_at]
        loose = len(pattern.slots) > 2
        key = (word, number, loose)
        if key not in self._compared:
            if len(self._compared) >= _CACHE:
                self._compared.clear()
            self._compared[key] = self._compare(word, number, loose)
        rule = self._compared[key]
        if rule == TYPO and (len(pattern.slots) < 3 and len(word) < 6):
            return None
        return rule

    def _fixed(self, word: bytes, slot: Slot, loose: bool) -> bool:
        """Tell whether a word is no other spelling: too short, with the article, a form, or a short given name.

        What looks like the article may begin a foreign given name, as Alexander's: another given name is compared.
        """
        if min(len(word), len(slot.base)) < _SHORTEST or word in self.lexicon.by_form:
            return True
        common = common_words(language(slot.lang))
        if slot.base.startswith(_ARTICLE) and not (slot.base in common and word in common):
            return True
        return not loose and len(slot.base) < _FOREIGN and slot.base in common

    def _compare(self, word: bytes, number: int, loose: bool) -> str | None:
        slot = self.lexicon.slots[number]
        if slot.lang == "ar" and word.replace(_WAW_WAW, _WAW) == slot.base.replace(_WAW_WAW, _WAW):
            return DOUBLED
        if self._fixed(word, slot, loose):
            return None
        rule = similar(word, slot.base, loose) if slot.lang == "ar" else None
        if word in common_words(language(slot.lang)):
            return rule if rule == RENDERING or min(len(word), len(slot.base)) >= _FOREIGN else None
        if rule:
            return rule
        return TYPO if one_letter_off(word, slot.base) else None


def all_capitals(view: View, at: int) -> bool:
    """Tell whether the words around are capitalised anyway, as in a headline: then a capital says nothing."""
    near = range(max(0, at - _HEADLINE), min(len(view.words), at + _HEADLINE + 1))
    return not any(len(view.words[place]) > 3 and view.text[view.span(place, place)[0]].islower() for place in near)


def _conjunctions(knows: Language) -> frozenset[bytes]:
    known = _CONJUNCTIONS.get(knows.code)
    if known is None:
        known = _CONJUNCTIONS[knows.code] = frozenset(encode(word) for word in knows.grammar.conjunctions)
    return known


_CONJUNCTIONS: dict[str, frozenset[bytes]] = {}


def _rules(rule: str) -> tuple[str, ...]:
    return (rule,) if rule else ()


def _same_letters(view: View, found: Found) -> bool:
    """Compare a name in a script whose letters share bytes with what stands in the text."""
    start, end = view.span(found.first, found.last, found.skip)
    return fold(view.text[start:end]).text.split() == fold(found.pattern.alias).text.split()


def _rank(found: Found) -> tuple[int, int]:
    return int(found.pattern.grade), len(found.rules)


def _joined(view: View, before: int) -> bool:
    """Tell whether two neighbouring words can belong to one name: nothing but space or quotation marks between."""
    gap = view.gap(before)
    if gap[:1] == "." and len(view.words[before]) <= _INITIAL:
        gap = gap[1:]
        return not gap or gap in _SPACES
    if gap == "+" and view.words[before].isdigit() and view.words[before + 1].isdigit():
        return True  # a format that is named by its members: 3+3
    return gap == " " or (bool(_GAP.fullmatch(gap)) and gap.count("\n") < 2)


__all__ = ["INSERTED", "TYPO", "Finder", "Found", "Grade", "Reading", "all_capitals"]
