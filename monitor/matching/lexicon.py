"""A watchlist compiled for reading: every name as a row of words, every word with the forms it may take.

    Entity -> aliases, other spellings, short forms -> Pattern (a row of slots) -> Slot (a word and its forms)

A text is not searched for names but looked up word by word: `quick` holds every form of every pattern's anchor, the
word of it that is rarest in a text, so that the cost of reading does not grow with the number of names. Only at a hit
are the words around it compared with the rest of the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from monitor.matching.scan import SHARED, encode
from monitor.matching.sounds import skeleton
from monitor.model import Alias, Entity, Watchlist
from monitor.text.languages import GIVEN_ALONE, Form, Language, language

_MOST_BY_EAR = 4000  # words of names up to which a first word may be recognised by its sound; with more, most would be
WITHOUT_CAPITALS = ("ar", "fa")  # languages whose script tells no name from a word
_CONTEXT_FREE = ("ar", "fa")  # languages in which a word's forms do not depend on the rest of its name
_MOST_SPELLED_OUT = 50_000  # patterns up to which forms with conjunctions are kept: reading is faster, memory is spent
_COMBINES = 3  # other particles before which a conjunction may stand
_MANY = 3000  # entities up to which names with misplaced spaces are kept too
_FEW = 300  # entities up to which a common given name may be looked up
_SHORT = 3  # letters up to which a word is too frequent to be looked up if there is a better one
_LONG = 6  # letters from which a word is rare enough; beyond it the later word, mostly the surname, is preferred


_APART = re.compile(r"[\s\-'’ʼ]+")  # what parts the words of a name, as the view does


class Grade(IntEnum):
    """How far a pattern can be trusted on its own, best first."""

    FULL = 0  # several words of a name
    STRONG = 1  # one word that its author calls unmistakable
    WEAK = 2  # also a common word, or a name of others: needs evidence
    SHORT = 3  # our own shortening: counts where the full name or the role stands in the article
    GIVEN = 4  # a given name alone: counts only where a word of power or a title stands before it


@dataclass(slots=True)
class Slot:
    """One word of names: its base form, and the rule behind each other form (empty for the base form)."""

    base: bytes
    lang: str
    forms: dict[bytes, str]
    sound: bytes


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name as a row of slots. `rule` is empty for what the watchlist's author wrote."""

    entity: int
    alias: str
    lang: str
    grade: Grade
    slots: tuple[int, ...]
    anchor: int
    rule: str = ""
    person: bool = True
    shared: bool = False  # in a script whose letters share bytes: compared once more, letter by letter


class Lexicon:
    """All patterns of one watchlist with the indexes that find them."""

    def __init__(self, watchlist: Watchlist) -> None:
        """Compile every entity's names."""
        self.entities: tuple[Entity, ...] = tuple(watchlist.entities.values())
        self.in_office = {number for number, entity in enumerate(self.entities) if entity.roles}
        self.patterns: list[Pattern] = []
        self.slots: list[Slot] = []
        self.by_form: dict[bytes, tuple[int, ...]]
        self.by_sound: dict[bytes, tuple[int, ...]]
        self.anchored: dict[int, list[int]] = {}
        self.quick: set[bytes] = set()
        self.lean: bool  # too many names to keep every form with every particle
        self.long: bool  # too many names to compare each one with the words around a hit
        self.leads: set[int] = set()  # letters that may stand glued before every other particle
        self.prefixes: dict[str, tuple[tuple[bytes, bytes, str], ...]] = {}
        self._known: dict[tuple[bytes, str, bool, str, tuple[str, ...]], int] = {}
        self._slot_ids: dict[tuple[bytes, str, frozenset[bytes]], int] = {}
        for number, entity in enumerate(self.entities):
            self._add_entity(number, entity)
        self._known.clear()
        self._slot_ids.clear()
        self._index()

    def _add_entity(self, number: int, entity: Entity) -> None:
        seen: dict[tuple[bytes, ...], Grade] = {}
        written = [(alias, _grade(alias)) for alias in entity.aliases]
        for alias, grade in written:
            self._add(number, entity, alias, Form(alias.text, ""), grade, seen)
        for alias, grade in written:
            knows = language(alias.lang)
            words = alias.text.split()
            if grade is Grade.FULL or len(words) > 1:
                for form in knows.spellings(words, entity.kind):
                    if len(self.entities) > _MANY and "space" in form.rule:
                        continue
                    vague = self._of_given_names(form, knows)
                    self._add(number, entity, alias, form, Grade.SHORT if vague else grade, seen)
        for alias, grade in written:
            words = alias.text.split()
            if grade is Grade.FULL:
                for form in language(alias.lang).short_forms(words, entity.kind):
                    if form.rule != GIVEN_ALONE:
                        self._add(number, entity, alias, form, Grade.SHORT, seen)
                    elif entity.roles and len(self.entities) <= _FEW:
                        self._add(number, entity, alias, form, Grade.GIVEN, seen)

    def _add(
        self, number: int, entity: Entity, alias: Alias, form: Form, grade: Grade, seen: dict[tuple[bytes, ...], Grade]
    ) -> None:
        """Add one spelling of an entity's name, unless it is there already."""
        words = tuple(encode(form.text).split())
        if not words or words in seen:
            return
        seen[words] = grade
        knows = language(alias.lang)
        plain = _APART.split(form.text)
        aligned = plain if len(plain) == len(words) else [""] * len(words)
        slots = tuple(
            self._slot(word, knows, *_whole(aligned, place, form), entity.kind) for place, word in enumerate(words)
        )
        shared = any(letter >= SHARED for word in words for letter in word)
        for anchor in _anchors(words, knows, grade, len(self.entities) <= _FEW):
            self.patterns.append(
                Pattern(number, form.text, alias.lang, grade, slots, anchor, form.rule, entity.kind == "person", shared)
            )

    def _of_given_names(self, form: Form, knows: Language) -> bool:
        """Tell whether a shortened name holds nothing but given names, which many people bear together."""
        common = common_words(knows)
        shortened = "left out" in form.rule and "space" not in form.rule and knows.code in WITHOUT_CAPITALS
        return shortened and all(word in common for word in encode(form.text).split())

    def _slot(self, word: bytes, knows: Language, words: list[str], place: int, kind: str) -> int:
        rest = () if knows.code in _CONTEXT_FREE else tuple(words)
        known = self._known.get((word, knows.code, place > 0, kind, rest))
        if known is None:
            known = self._known[word, knows.code, place > 0, kind, rest] = self._new_slot(
                word, knows, words, place, kind
            )
        return known

    def _new_slot(self, word: bytes, knows: Language, words: list[str], place: int, kind: str) -> int:
        slot = Slot(word, knows.code, {word: ""}, skeleton(word))
        if words[place]:
            for form in knows.inflect(words, place, kind):
                slot.forms.setdefault(encode(form.text), form.rule)
        slot.forms.pop(b"", None)
        key = (word, knows.code, frozenset(slot.forms))  # a man's surname and a woman's may share only their base
        found = self._slot_ids.get(key)
        if found is not None:
            return found
        self.slots.append(slot)
        self._slot_ids[key] = len(self.slots) - 1
        return len(self.slots) - 1

    def _index(self) -> None:
        """Build the look-up tables once every pattern is known."""
        by_form: dict[bytes, list[int]] = {}
        for number, slot in enumerate(self.slots):
            for form in slot.forms:
                by_form.setdefault(form, []).append(number)
        self.by_form = {form: tuple(numbers) for form, numbers in by_form.items()}
        by_sound: dict[bytes, list[int]] = {}
        self.long = len(self.slots) > _MOST_BY_EAR
        self.lean = len(self.patterns) > _MOST_SPELLED_OUT
        for number, pattern in enumerate(self.patterns):
            anchor = pattern.slots[pattern.anchor]
            known = self.anchored.setdefault(anchor, [])
            known.append(number)
            slot = self.slots[anchor]
            if not self.long and slot.sound:
                heard = by_sound.setdefault(slot.sound, [])
                if anchor not in heard:
                    heard.append(anchor)
            self.quick.update(slot.forms)
            if pattern.anchor == 0:
                self.quick.update(self.prefixed(slot))
        self.by_sound = {sound: tuple(numbers) for sound, numbers in by_sound.items()}

    def prefixed(self, slot: Slot) -> Iterable[bytes]:
        """Yield a slot's forms with particles before them; on the longest lists readers strip conjunctions."""
        for prefix, restored, _ in self.prefixes_of(slot.lang):
            if self.lean and prefix[0] in self.leads:
                continue
            kept = len(restored)
            for form in slot.forms:
                if len(form) > kept + 1 and (not kept or form.startswith(restored)):
                    yield prefix + form[kept:]

    def prefixes_of(self, lang: str) -> tuple[tuple[bytes, bytes, str], ...]:
        """Return a language's glued particles: as written, what to put back in their place, what they mean."""
        known = self.prefixes.get(lang)
        if known is None:
            rows = []
            for written, meaning in language(lang).prefixes.items():
                particle, _, restored = written.partition(">")
                rows.append((encode(particle), encode(restored), meaning))
            known = self.prefixes[lang] = tuple(sorted(rows, key=lambda row: -len(row[0])))
            particles = {row[0] for row in rows}
            self.leads |= {
                one[0]
                for one in particles
                if len(one) == 1 and sum(one + two in particles for two in particles) >= _COMBINES
            }
        return known


def _whole(words: list[str], place: int, form: Form) -> tuple[list[str], int]:
    """Return the words that a form's word inflects with, and its place among them."""
    if words[place] in form.within:
        return list(form.within), form.within.index(words[place])
    return words, place


def _grade(alias: Alias) -> Grade:
    if alias.weak:
        return Grade.WEAK
    return Grade.FULL if len(encode(alias.text).split()) > 1 else Grade.STRONG


def _anchors(words: tuple[bytes, ...], knows: Language, grade: Grade, few: bool) -> list[int]:
    """Choose the words to look up: the longest that is no common part of names, the later one of equals.

    A long name gets a second one, so that it is found where the first is mistyped: a common given name only on a short
    list, because looking up every Muhammad for thousands of names costs more than a mistyped surname is worth.
    """
    common = common_words(knows)
    rows = ((word not in common, min(len(word), _LONG), place) for place, word in enumerate(words))
    ranked = sorted(rows, reverse=True)
    if grade is Grade.SHORT and len(words) > 1 and not ranked[0][0] and not few:
        return []  # two given names without a surname
    chosen = [ranked[0][2]]
    if grade is Grade.FULL and len(words) > 1 and (ranked[1][0] or (few and len(words) > 2)) and ranked[1][1] > _SHORT:
        chosen.append(ranked[1][2])
    return chosen


_COMMON: dict[str, frozenset[bytes]] = {}


def common_words(knows: Language) -> frozenset[bytes]:
    """Return a language's given names and name particles as the view writes them."""
    known = _COMMON.get(knows.code)
    if known is None:
        known = _COMMON[knows.code] = frozenset(encode(name) for name in knows.given_names | knows.particles)
    return known
