"""Somebody else, something else: the signs by which a pattern that stands in the text does not mean its entity.

boilerplate · a street or club of that name · a father's name · another given name · an idiom · a surname behind it
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.matching.evidence import ARTICLE, Evidence
from monitor.matching.known import BOILERPLATE
from monitor.matching.lexicon import Grade
from monitor.matching.names import Found
from monitor.matching.scan import encode
from monitor.matching.scene import signs
from monitor.matching.sounds import similar
from monitor.matching.surnames import Surnames
from monitor.matching.titles import SPEAKERS
from monitor.model import Zone
from monitor.text.languages import language

ANOTHER = "another given name stands before it: "
GENERATION = "a father or son of that name: "
NAMESAKE = "a namesake: "
_PATRONYMIC = frozenset(encode(word) for word in ("بن", "ابن", "بنت"))
_SURNAME = 4  # letters from which a word with the article may be a surname

Check = Callable[[Found], str | None]


class Others:
    """Looks around a found pattern for signs of somebody or something else."""

    def __init__(self, evidence: Evidence, surnames: Surnames) -> None:
        """Take what is known about the article and its surnames."""
        self.evidence = evidence
        self.surnames = surnames
        self.world = evidence.world
        self.scene = evidence.scene
        always: tuple[Check, ...] = (self._zone, self._place, self._father, self._generation)
        self._of_full: tuple[Check, ...] = (*always, self._other_initial, self._speaker)
        self._of_short: tuple[Check, ...] = (
            *always, self._clan, self._given_name, self._relative, self._other_initial, self._idiom, self._goes_on
        )  # fmt: skip

    def sign(self, one: Found) -> str | None:
        """Return the first sign against a found pattern, in plain English."""
        checks = self._of_full if one.pattern.grade is Grade.FULL else self._of_short
        return next((why for check in checks if (why := check(one))), None)

    def _zone(self, one: Found) -> str | None:
        return BOILERPLATE if self.scene.zone(one.first) is Zone.BOILERPLATE else None

    def _previous(self, one: Found) -> bytes:
        return self.scene.before(one.first) if not one.skip and one.pattern.person else b""

    def _said_before(self, one: Found) -> str:
        return self.scene.surface(one.first - 1)

    def _place(self, one: Found) -> str | None:
        if self._previous(one) in signs(one.pattern.lang).places:
            return f"a place or institution: {self._said_before(one)}"
        return None

    def _father(self, one: Found) -> str | None:
        if self._previous(one) in _PATRONYMIC:
            return f"a father's or family's name: {self._said_before(one)}"
        return None

    def _generation(self, one: Found) -> str | None:
        if one.pattern.person and self.scene.after(one.last) in signs(one.pattern.lang).generation:
            return f"{GENERATION}{self.scene.surface(one.last + 1)}"
        return None

    def _clan(self, one: Found) -> str | None:
        if one.pattern.grade >= Grade.WEAK and self._previous(one) in signs(one.pattern.lang).kin:
            return f"a father's or family's name: {self._said_before(one)}"
        return None

    def _given_name(self, one: Found) -> str | None:
        """Tell somebody else by a given name before a surname; a misspelled one of the entity's own is none."""
        if not self._previous(one) or "\n" in self.scene.view.gap(one.first - 1):
            return None
        word, own = self._said_before(one), self.world.own[one.pattern.entity]
        if not language(one.pattern.lang).names_another(word, own):
            return None
        strong = one.pattern.grade is Grade.STRONG and one.pattern.lang == "ar"
        misspelled = strong and any(similar(encode(word), encode(name)) for name in own)
        return None if misspelled else f"{ANOTHER}{word}"

    def _relative(self, one: Found) -> str | None:
        if self.surnames.others_relative(one):
            return "somebody else's relative: another surname follows"
        if self.surnames.written_small(one):
            return "written with a small letter: a common word"
        return None

    def _other_initial(self, one: Found) -> str | None:
        """Tell somebody else by the initial before a surname, or before the initial that a name begins with."""
        initial = self.surnames.initial(one)
        if initial and language(one.pattern.lang).names_another(initial, self.world.own[one.pattern.entity]):
            return f"{ANOTHER}{initial}"
        return None

    def _speaker(self, one: Found) -> str | None:
        """Tell a namesake by a spokesman's title at a full name, where the entity holds an office and is none."""
        offices = self.world.offices.of_entity.get(one.pattern.entity)
        if not offices or any(office in SPEAKERS for office, _, _ in offices):
            return None
        if any(row.office in SPEAKERS for row in self.evidence.beside(one)):
            return f"{NAMESAKE}the title beside it is a spokesman's"
        return None

    def _idiom(self, one: Found) -> str | None:
        if one.pattern.grade < Grade.WEAK:
            return None
        words, idioms = self.scene.words, signs(one.pattern.lang).idioms
        for start in range(max(0, one.first - 2), one.first + 1):
            for _, bare in self.scene.titles.strip(words[start]):
                for length, idiom in idioms.starting(words, start, bare):
                    if start + length > one.first:
                        return f"part of a phrase: {idiom}"
        return None

    def _goes_on(self, one: Found) -> str | None:
        """Tell a given name by the surname that follows it, where the alias may be a given name too."""
        following = self.scene.after(one.last)
        if one.pattern.grade < Grade.WEAK or not following or not one.pattern.person or one.first != one.last:
            return None
        given = language(one.pattern.lang).names_another(self.scene.surface(one.last), frozenset())
        if following in _PATRONYMIC or (given and self._surname_follows(one, following)):
            return f"a given name: {self.scene.surface(one.last + 1)} follows it"
        return None

    def _surname_follows(self, one: Found, following: bytes) -> bool:
        marks = signs(one.pattern.lang)
        if following in marks.no_surname or following in marks.speech:
            return False
        own = self.world.own[one.pattern.entity]
        if language(one.pattern.lang).names_another(self.scene.surface(one.last + 1), own):
            return True
        if self.evidence.titled(one) or self.scene.before(one.first) in marks.relatives:
            return False
        article = following.startswith(ARTICLE) and len(following) > _SURNAME
        return article and not self._is_country(one.last + 1)

    def _is_country(self, word: int) -> bool:
        return any(True for _ in self.scene.titles.places.starting(self.scene.words, word))
