"""Evidence: what in an article speaks for an entity where its name alone does not say enough.

its own title beside the name · an honorific or a word of power before it · a verb of saying · words of its world
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.matching.analyser import Known, known_as
from monitor.matching.known import World
from monitor.matching.lexicon import WITHOUT_CAPITALS, Grade, Pattern, common_words
from monitor.matching.names import Found
from monitor.matching.roles import Office
from monitor.matching.scan import encode
from monitor.matching.scene import Scene, signs
from monitor.matching.titles import Phrases
from monitor.model import Zone
from monitor.text.languages import INFLECTED, language

ARTICLE = encode("ال")
_DIFFERENT, _SEVERAL = 2, 3  # words of an author's, mentions of a country, that make up for a missing cue
_LONG = 7  # letters from which a word that only sounds like a strong name is that name


class Evidence:
    """What one article says beside names and about their entities' worlds."""

    def __init__(self, world: World, scene: Scene) -> None:
        """Take the watchlist and the article."""
        self.world = world
        self.scene = scene
        self._context: dict[int, tuple[int, str]] = {}

    def soft(self, one: Found) -> bool:
        """Tell whether a strong name was recognised only by its sound: then it needs evidence like a short form."""
        differs = one.first == one.last and any("vowel" in rule or "sound" in rule for rule in one.rules)
        return differs and len(self.scene.words[one.first]) < _LONG

    def respelled(self, one: Found) -> bool:
        """Tell whether a weak word was only recognised by another transliteration of it."""
        if one.pattern.lang == "ar" or one.pattern.grade is not Grade.WEAK or one.first != one.last:
            return False
        return any(rule != INFLECTED and not rule.startswith(("ending", "prefix", "possessive")) for rule in one.rules)

    def common(self, pattern: Pattern) -> str:
        """Tell whether a pattern is also a word of the language: "", "definite" (with the article) or "bare"."""
        words = b" ".join(encode(word) for word in pattern.alias.split())
        if pattern.lang in WITHOUT_CAPITALS and words in common_words(language(pattern.lang)):
            return "bare"
        if words not in signs(pattern.lang).common:
            return ""
        return "definite" if words.startswith(ARTICLE) else "bare"

    def witness(self, one: Found) -> Known:
        """Return as what camel-tools' analyser knows a weak Arabic word as it stands here, where it is installed.

        Of a given name it can only say that it is a name, not whose: then it says nothing.
        """
        pattern, arabic = one.pattern, one.pattern.lang == self.scene.lang == "ar"
        if not arabic or pattern.grade is not Grade.WEAK or one.first != one.last:
            return Known.NOTHING
        if encode(pattern.alias) in common_words(language(pattern.lang)):
            return Known.NOTHING
        return known_as(self._text(one.first, one.last, one.skip))

    def titled(self, one: Found) -> str | None:
        """Return the entity's own title if it stands beside the name."""
        held = {(office, country) for office, country, _ in self.world.offices.of_entity.get(one.pattern.entity, ())}
        if not held:
            return None
        for row in self.beside(one):
            if row.meanings & {"deputy", "under"}:
                continue
            if "speaks-for" in row.meanings and not self.scene.before(one.first):
                continue
            if row.country is None and any(word in signs(one.pattern.lang).vague for word in self._title_words(row)):
                continue
            if any(row.office == office and row.country in (None, country) for office, country in held):
                return f"a title of theirs stands beside it: {self._text(row.first, row.last)}"
        return None

    def _title_words(self, row: Office) -> Iterator[bytes]:
        yield from (bare for _, bare in self.scene.titles.strip(self.scene.words[row.first]))

    def beside(self, one: Found) -> Iterator[Office]:
        """Yield the offices whose title stands directly before a name (honorifics between) or directly after it."""
        scene = self.scene
        start = one.first
        while scene.before(start, comma=True) in scene.titles.honorifics and start > one.first - 3:
            start -= 1
        for row in scene.offices:
            if row.last + 1 in range(start, one.first + 1) and not one.skip and scene.before(row.last + 1, comma=True):
                yield row
            follows = row.first == one.last + 1 and not row.skip and row.country
            if follows and scene.after(one.last, comma=True):
                yield row

    def ruler(self, one: Found) -> str | None:
        """Return the sign before a name that a person of power is meant: an honorific, or a noun like regime, visit."""
        scene, marks = self.scene, signs(one.pattern.lang)
        previous = scene.before(one.first) if not one.skip else b""
        if previous in marks.honorifics or any(bare in marks.power for _, bare in scene.titles.strip(previous)):
            return f"{scene.surface(one.first - 1)} stands before it"
        return None

    def speaking(self, one: Found) -> str | None:
        """Return the sign beside a name that a person speaks or acts."""
        scene, marks = self.scene, signs(one.pattern.lang)
        previous = scene.before(one.first) if not one.skip else b""
        if previous and any(bare in marks.speech for _, bare in scene.titles.strip(previous)):
            return f"{scene.surface(one.first - 1)} stands before it"
        following = scene.after(one.last)
        if following and following in marks.speech:
            return f"{scene.surface(one.last + 1)} follows it"
        if one.last + 1 < len(scene.words) and scene.view.gap(one.last).lstrip('"”»’ ')[:1] == ":":
            return "it is quoted as speaking"
        return None

    def given_alone(self, one: Found) -> str | None:
        """Return the evidence that a given name alone means its ruler: the regime of X, and no surname after it."""
        scene, marks = self.scene, signs(one.pattern.lang)
        previous, following = scene.before(one.first), scene.after(one.last)
        if one.skip or not any(bare in marks.regime for _, bare in scene.titles.strip(previous)):
            return None
        if scene.zone(one.first) is Zone.BOILERPLATE or not self.context(one.pattern.entity)[0]:
            return None
        if following and following not in marks.no_surname:
            own = self.world.own[one.pattern.entity]
            if following.startswith(ARTICLE) or language(one.pattern.lang).names_another(
                scene.surface(one.last + 1), own
            ):
                return None
        return f"{scene.surface(one.first - 1)} stands before the given name alone"

    def context(self, entity: int) -> tuple[int, str]:
        """Return how many words of the article place it in an entity's world, and which world that is."""
        known = self._context.get(entity)
        if known is None:
            known = self._context[entity] = self._count_context(entity)
        return known

    def _count_context(self, entity: int) -> tuple[int, str]:
        scene = self.scene
        support = self.world.support[entity].get(scene.lang)
        if support is not None:
            said = dict.fromkeys(text for at in range(len(scene.words)) for text in self._phrase(support, at))
            return len(said), ", ".join(said)
        countries = {country for _, country, _ in self.world.offices.of_entity.get(entity, ())}
        amount = sum(scene.countries[country] for country in countries)
        return amount, ", ".join(sorted(countries))

    def placed(self, one: Found) -> bool:
        """Tell whether an article places a word with the article in its entity's world so well that it needs no cue.

        Different words of the author's, or several of the country, or one in the same sentence. For somebody whose
        offices are all of another time no such words are enough: their country is spoken of anyway.
        """
        entity = one.pattern.entity
        offices = self.world.offices
        if entity in offices.of_entity and not any(True for _ in offices.held(entity, self.scene.day)):
            return False
        supported = self.scene.lang in self.world.support[entity]
        return self.context(entity)[0] >= (_DIFFERENT if supported else _SEVERAL) or self.in_sentence(one)

    def in_sentence(self, one: Found) -> bool:
        """Tell whether the sentence itself speaks of the entity's world."""
        scene, entity = self.scene, one.pattern.entity
        first, last = scene.sentence(one.first)
        support = self.world.support[entity].get(scene.lang)
        if support is not None and any(True for at in range(first, last) for _ in self._phrase(support, at)):
            return True
        countries = {country for _, country, _ in self.world.offices.of_entity.get(entity, ())}
        return any(country in countries for at in range(first, last) for country in self.scene.country_at(at))

    def _phrase(self, phrases: Phrases[str], at: int) -> Iterator[str]:
        if self.scene.words[at] not in self.scene.titles.begins(phrases):
            return
        for _, bare in self.scene.titles.strip(self.scene.words[at]):
            for _, text in phrases.starting(self.scene.words, at, bare):
                yield text
                return

    def against(self, one: Found) -> str | None:
        """Return the watchlist's word against a name in its sentence; where its support words stand, they win."""
        phrases = self.world.against[one.pattern.entity].get(self.scene.lang)
        supported = self.scene.lang in self.world.support[one.pattern.entity] and self.context(one.pattern.entity)[0]
        if phrases is None or supported:
            return None
        first, last = self.scene.sentence(one.first)
        return next((text for at in range(first, last) for text in self._phrase(phrases, at)), None)

    def _text(self, first: int, last: int, skip: int = 0) -> str:
        start, end = self.scene.view.span(first, last, skip)
        return self.scene.view.text[start:end]
