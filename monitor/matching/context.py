"""Who is meant: whether a pattern that stands in the text means the entity, and the evidence for either answer.

    found -> inside a longer name? -> somebody else's name, a place, an idiom? -> trusted on its own? -> evidence

What an author calls strong needs no evidence, only the absence of signs for somebody else. A weak word or our own
shortening needs the full name, the role, a title beside it, or words that place the article in the entity's world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.matching.lexicon import Grade, Lexicon, Pattern
from monitor.matching.names import COORDINATED, Found
from monitor.matching.roles import Office, Offices
from monitor.matching.scan import encode
from monitor.matching.sounds import similar
from monitor.matching.scene import Scene, Signs, signs
from monitor.matching.surnames import Surnames
from monitor.matching.titles import Phrases
from monitor.model import Entity, Zone
from monitor.text.fold import fold
from monitor.text.languages import INFLECTED, KIN, language

BOILERPLATE = "stands in boilerplate: a list of other articles, tags or navigation"
_LONG = 7  # letters from which a word that only sounds like a strong name is that name
_ENOUGH = 2  # words about an entity's country that make up for a missing cue at a word with the article
_PATRONYMIC = frozenset(encode(word) for word in ("بن", "ابن", "بنت"))
_ARTICLE = encode("ال")
_INNER = "part of a longer name: "
_GENERATION = "a father or son of that name: "
_ANOTHER = "another given name stands before it: "
_NAMESAKE = "a namesake: "
_SPEAKERS = ("spokesman", "presidential spokesman", "foreign ministry spokesman", "government spokesman")


@dataclass(slots=True)
class Verdict:
    """What was decided about one found pattern, and why."""

    found: Found
    accepted: bool
    why: str


@dataclass(slots=True)
class World:
    """What does not change between articles: who is who on the watchlist."""

    lexicon: Lexicon
    offices: Offices
    own: list[frozenset[str]]
    support: list[dict[str, Phrases[str]]]
    against: list[dict[str, Phrases[str]]]

    def worth(self, found: list[Found]) -> list[Found]:
        """Leave out surnames of people whom nothing else in the article speaks of: they could never be accepted.

        Nothing else: no better name of theirs was found, they hold no office by which the text could mean them, and
        the script has no capitals by which a surname could be told from a word.
        """
        spoken_of = {one.pattern.entity for one in found if not _lone(one.pattern)}
        offices = self.offices.of_entity
        return [
            one
            for one in found
            if one.pattern.entity in spoken_of or one.pattern.entity in offices or one.pattern.lang in _CAPITALS
        ]

    @classmethod
    def of(cls, lexicon: Lexicon) -> World:
        """Prepare a lexicon's entities."""
        entities = lexicon.entities
        return cls(
            lexicon,
            Offices(entities),
            [_own_words(entity) for entity in entities],
            [_phrases(entity.support) for entity in entities],
            [_phrases(entity.against) for entity in entities],
        )


_CAPITALS = ("ru", "tr", "en")  # where a surname alone may be clear by itself


def _own_words(entity: Entity) -> frozenset[str]:
    return frozenset(word for alias in entity.aliases for word in fold(alias.text).text.split())


def _phrases(words: Mapping[str, tuple[str, ...]]) -> dict[str, Phrases[str]]:
    return {lang: Phrases((text, text) for text in texts) for lang, texts in words.items()}


def _lone(pattern: Pattern) -> bool:
    return pattern.grade >= Grade.SHORT and len(pattern.slots) == 1


@dataclass(slots=True)
class State:
    """What is known about the article so far: which entities are named beyond doubt, and by which evidence."""

    named: dict[int, str] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)
    places: dict[int, list[int]] = field(default_factory=dict)


def without_inner(found: list[Found]) -> tuple[list[Found], list[Verdict]]:
    """Drop what is part of a longer name: silently of the entity's own, with a reason of another's."""
    kept: list[Found] = []
    inner: list[Verdict] = []
    long = [one for one in found if one.last > one.first]
    for one in found:
        around = [other for other in long if other.first <= one.first and _inside(one, other)]
        outer = around[0] if around else None
        if outer is None or any(_both_named(one, other) for other in around):
            kept.append(one)
        elif outer.pattern.entity != one.pattern.entity and one.pattern.grade is not Grade.GIVEN:
            inner.append(Verdict(one, False, f"{_INNER}{outer.pattern.alias}"))
    return kept, inner


def _both_named(one: Found, other: Found) -> bool:
    """Tell two people of one surname ("Jack and Jill X", "X's son Jack") from one person's longer name."""
    if one.pattern.entity == other.pattern.entity:
        return False
    return other.pattern.rule == KIN or (COORDINATED in other.rules and one.pattern.grade is Grade.FULL)


def _inside(one: Found, other: Found) -> bool:
    longer = other.last - other.first > one.last - one.first
    return longer and other.first <= one.first and one.last <= other.last


class Judge:
    """Decides about the found patterns of one article."""

    def __init__(self, world: World, scene: Scene, state: State) -> None:
        """Take what is known about the watchlist, the article, and what was decided so far."""
        self.world = world
        self.scene = scene
        self.state = state
        self._context: dict[int, tuple[int, str]] = {}
        self.surnames = Surnames(world.lexicon, scene)

    def sure(self, found: list[Found]) -> tuple[list[Verdict], list[Found]]:
        """Decide what needs no evidence, and return the rest; whoever is accepted here is named in the article."""
        decided: list[Verdict] = []
        open_: list[Found] = []
        for one in found:
            if one.pattern.grade is Grade.GIVEN:
                open_.append(one)
                continue
            why = self.blocked(one)
            if why:
                decided.append(Verdict(one, False, why))
                if why.startswith((_ANOTHER, _GENERATION, _NAMESAKE)):
                    self.surnames.give(one.pattern.entity, why.rpartition(": ")[2], one.first)
            elif one.pattern.grade <= Grade.STRONG and not self._soft(one) and not self._given_to_another(one):
                decided.append(Verdict(one, True, f"named: {one.pattern.alias}"))
                self.state.named.setdefault(one.pattern.entity, f"{one.pattern.alias} stands in the article")
                self.state.places.setdefault(one.pattern.entity, []).append(one.first)
            else:
                open_.append(one)
        for entity in self.surnames.clear(one for one in open_ if one.pattern.entity not in self.state.named):
            self.state.named.setdefault(entity, "the article gives this surname to nobody else")
        return decided, open_

    def _given_to_another(self, one: Found) -> bool:
        """Tell whether a strong surname was introduced as somebody else's: then it needs evidence too."""
        entity, pattern = one.pattern.entity, one.pattern
        if pattern.grade is Grade.FULL or pattern.lang != "ar" or entity in self.state.named:
            return False
        return self.surnames.shared(entity) and not self._titled(one)

    def give_away(self, inner: list[Verdict]) -> None:
        """Note whose surnames stand inside other people's full names."""
        for verdict in inner:
            given = verdict.why.removeprefix(_INNER).split()[0]
            self.surnames.give(verdict.found.pattern.entity, given, verdict.found.first)

    def _soft(self, one: Found) -> bool:
        """Tell whether a strong name was recognised only by its sound: then it needs evidence like a short form."""
        differs = one.first == one.last and any("vowel" in rule or "sound" in rule for rule in one.rules)
        return differs and len(self.scene.words[one.first]) < _LONG

    def _respelled(self, one: Found) -> bool:
        """Tell whether a weak word was only recognised by another transliteration of it."""
        if one.pattern.lang == "ar" or one.pattern.grade is not Grade.WEAK or one.first != one.last:
            return False
        return any(rule != INFLECTED and not rule.startswith(("ending", "prefix", "possessive")) for rule in one.rules)

    def blocked(self, one: Found) -> str | None:
        """Return the sign by which a found pattern is in boilerplate or means something or somebody else."""
        scene, pattern = self.scene, one.pattern
        if scene.zone(one.first) is Zone.BOILERPLATE:
            return BOILERPLATE
        marks = signs(pattern.lang)
        previous = scene.before(one.first) if not one.skip else b""
        if previous in marks.places and pattern.person:
            return f"a place or institution: {scene.surface(one.first - 1)}"
        if previous in _PATRONYMIC and pattern.person:
            return f"a father's or family's name: {scene.surface(one.first - 1)}"
        following = scene.after(one.last)
        if following in marks.generation and pattern.person:
            return f"{_GENERATION}{scene.surface(one.last + 1)}"
        if pattern.grade is Grade.FULL:
            return self._other_initial(one) or self._speaker(one)
        if previous and pattern.person:
            if previous in marks.kin and pattern.grade >= Grade.WEAK:
                return f"a father's or family's name: {scene.surface(one.first - 1)}"
            word = scene.surface(one.first - 1)
            same_line = "\n" not in scene.view.gap(one.first - 1)
            if same_line and self._another(one, word):
                return f"{_ANOTHER}{word}"
        if self.surnames.others_relative(one):
            return "somebody else's relative: another surname follows"
        if self.surnames.written_small(one):
            return "written with a small letter: a common word"
        initial = self._other_initial(one)
        if initial:
            return initial
        idiom = self._idiom(one, marks)
        if idiom:
            return f"part of a phrase: {idiom}"
        return self._goes_on(one, marks)

    def _another(self, one: Found, word: str) -> bool:
        """Tell somebody else's given name before a surname from the entity's own, which may be misspelled."""
        own = self.world.own[one.pattern.entity]
        if not language(one.pattern.lang).names_another(word, own):
            return False
        strong = one.pattern.grade is Grade.STRONG and one.pattern.lang == "ar"
        return not (strong and any(similar(encode(word), encode(name)) for name in own))

    def _other_initial(self, one: Found) -> str | None:
        """Tell somebody else by the initial before a surname, or before the initial that a name begins with."""
        initial = self.surnames.initial(one)
        if initial and language(one.pattern.lang).names_another(initial, self.world.own[one.pattern.entity]):
            return f"{_ANOTHER}{initial}"
        return None

    def _speaker(self, one: Found) -> str | None:
        """Tell a namesake by a spokesman's title at a full name, where the entity holds an office and is none."""
        offices = self.world.offices.of_entity.get(one.pattern.entity)
        if not offices or any(office in _SPEAKERS for office, _, _ in offices):
            return None
        for row in self._beside(one):
            if row.office in _SPEAKERS:
                return f"{_NAMESAKE}the title beside it is a spokesman's"
        return None

    def _idiom(self, one: Found, marks: Signs) -> str | None:
        if one.pattern.grade < Grade.WEAK:
            return None
        words = self.scene.words
        for start in range(max(0, one.first - 2), one.first + 1):
            for _, bare in self.scene.titles.strip(words[start]):
                for length, idiom in marks.idioms.starting(words, start, bare):
                    if start + length > one.first:
                        return idiom
        return None

    def _goes_on(self, one: Found, marks: Signs) -> str | None:
        """Tell a given name by the surname that follows it, where the alias may be a given name too."""
        pattern = one.pattern
        following = self.scene.after(one.last)
        if pattern.grade < Grade.WEAK or not following or not pattern.person or one.first != one.last:
            return None
        if following in _PATRONYMIC:
            return f"a given name: {self.scene.surface(one.last + 1)} follows it"
        word = self.scene.surface(one.last)
        if not language(pattern.lang).names_another(word, frozenset()):
            return None
        if self._titled(one) or self.scene.before(one.first) in marks.relatives:
            return None
        if following in marks.no_surname or following in marks.speech:
            return None
        if following.startswith(_ARTICLE) and len(following) > 4 and not self._is_country(one.last + 1):
            return f"a given name: {self.scene.surface(one.last + 1)} follows it"
        if language(pattern.lang).names_another(self.scene.surface(one.last + 1), self.world.own[pattern.entity]):
            return f"a given name: {self.scene.surface(one.last + 1)} follows it"
        return None

    def _is_country(self, word: int) -> bool:
        return any(True for _ in self.scene.titles.places.starting(self.scene.words, word))

    def weigh(self, open_: list[Found]) -> list[Verdict]:
        """Decide what needs evidence: first what has it beside it, then the rest by what that established."""
        decided: list[Verdict] = []
        waiting: list[Found] = []
        for one in open_:
            given = one.pattern.grade is Grade.GIVEN
            why = self._given_alone(one) if given else self._beside_evidence(one)
            if not why and (given or (self._soft(one) and one.pattern.entity not in self.state.named)):
                continue  # anybody's given name, or a word that sounds alike: no rejection worth telling
            if why:
                decided.append(Verdict(one, True, why))
                self.state.named.setdefault(one.pattern.entity, f"{one.pattern.alias} is titled in the article")
            else:
                waiting.append(one)
        for one in waiting:
            decided.append(self._elsewhere(one))
        return self._shared(decided)

    def _beside_evidence(self, one: Found) -> str | None:
        """Return evidence that stands directly at a name: its own title, or a cue together with the context."""
        title = self._titled(one)
        if title:
            return title
        if self._soft(one) or (one.pattern.grade is Grade.SHORT and one.first == one.last):
            return None
        amount, context = self.context(one.pattern.entity)
        cue = self._ruler(one) or (None if self.surnames.shared(one.pattern.entity) else self._speaking(one))
        if not amount or not cue or self._against(one):
            return None
        honoured = not one.skip and self.scene.before(one.first) in signs(one.pattern.lang).honorifics
        enough = amount > 1 or honoured or self._common(one.pattern) != "bare"
        return f"{cue}, and the article speaks of {context}" if enough else None

    def _given_alone(self, one: Found) -> str | None:
        """Return the evidence that a given name alone means its ruler: the regime of X, and no surname after it."""
        scene, marks = self.scene, signs(one.pattern.lang)
        previous, following = scene.before(one.first), scene.after(one.last)
        if one.skip or not any(bare in marks.regime for _, bare in scene.titles.strip(previous)):
            return None
        if scene.zone(one.first) is Zone.BOILERPLATE or not self.context(one.pattern.entity)[0]:
            return None
        if following and following not in marks.no_surname:
            own = self.world.own[one.pattern.entity]
            if following.startswith(_ARTICLE) or language(one.pattern.lang).names_another(scene.surface(one.last + 1), own):
                return None
        return f"{scene.surface(one.first - 1)} stands before the given name alone"

    def _elsewhere(self, one: Found) -> Verdict:
        """Decide by what the rest of the article says about the entity."""
        entity = one.pattern.entity
        known = self.state.named.get(entity) or self.state.roles.get(entity)
        if known:
            return Verdict(one, True, known)
        if self.surnames.with_family(one):
            return Verdict(one, True, "the family's surname stands in the same sentence")
        if one.pattern.rule == KIN:
            return Verdict(one, False, "a relative's given name, and the family's surname is not in the sentence")
        if self.surnames.shared(entity) and one.pattern.person:
            return Verdict(one, False, "the article gives this surname to somebody else")
        against = self._against(one)
        if against:
            return Verdict(one, False, f"against it: {against} in the same sentence")
        amount, context = self.context(entity)
        common = self._common(one.pattern)
        if self._soft(one) or self._respelled(one) or (one.pattern.grade is Grade.SHORT and one.first == one.last):
            return Verdict(one, False, "a short form, and neither the full name nor the role stands in the article")
        if not amount:
            return Verdict(one, False, "nothing else in the article speaks of it")
        if not common or (common == "definite" and (amount >= _ENOUGH or self._context_in_sentence(one))):
            return Verdict(one, True, f"the article speaks of {context}")
        return Verdict(one, False, "also a common word, and nothing beside it says that a person is meant")

    def _context_in_sentence(self, one: Found) -> bool:
        """Tell whether the sentence itself speaks of the entity's world."""
        scene, entity = self.scene, one.pattern.entity
        first, last = scene.sentence(one.first)
        support = self.world.support[entity].get(scene.lang)
        if support is not None and any(True for at in range(first, last) for _ in self._phrase(support, at)):
            return True
        countries = {country for _, country, _ in self.world.offices.of_entity.get(entity, ())}
        return any(country in countries for at in range(first, last) for country in self.scene.country_at(at))

    def _common(self, pattern: Pattern) -> str:
        """Tell whether a pattern is also a word of the language: "", "definite" (with the article) or "bare"."""
        words = b" ".join(encode(word) for word in pattern.alias.split())
        if words not in signs(pattern.lang).common:
            return ""
        return "definite" if words.startswith(_ARTICLE) else "bare"

    def _titled(self, one: Found) -> str | None:
        """Return the entity's own title if it stands beside the name."""
        held = {(office, country) for office, country, _ in self.world.offices.of_entity.get(one.pattern.entity, ())}
        if not held:
            return None
        for row in self._beside(one):
            if row.meanings & {"deputy", "under"}:
                continue
            if "speaks-for" in row.meanings and not self.scene.before(one.first):
                continue
            if row.country is None and any(word in signs(one.pattern.lang).vague for word in self._title_words(row)):
                continue
            if any(row.office == office and row.country in (None, country) for office, country in held):
                return f"a title of theirs stands beside it: {self._text(row.first, row.last)}"
        return None

    def _title_words(self, row: Office) -> Iterable[bytes]:
        yield from (bare for _, bare in self.scene.titles.strip(self.scene.words[row.first]))

    def _beside(self, one: Found) -> Iterable[Office]:
        """Yield the offices whose title stands directly before a name (honorifics between) or directly after it."""
        scene = self.scene
        start = one.first
        while scene.before(start, comma=True) in scene.titles.honorifics and start > one.first - 3:
            start -= 1
        for row in scene.offices:
            ends_here = row.last + 1 in range(start, one.first + 1) and not one.skip
            if ends_here and scene.before(row.last + 1, comma=True):
                yield row
            elif row.first == one.last + 1 and scene.after(one.last, comma=True) and not row.skip and row.country:
                yield row

    def _ruler(self, one: Found) -> str | None:
        """Return the sign before a name that a person of power is meant: an honorific, or a noun like regime, visit."""
        scene, marks = self.scene, signs(one.pattern.lang)
        previous = scene.before(one.first) if not one.skip else b""
        if previous in marks.honorifics or any(bare in marks.power for _, bare in scene.titles.strip(previous)):
            return f"{scene.surface(one.first - 1)} stands before it"
        return None

    def _speaking(self, one: Found) -> str | None:
        """Return the sign beside a name that a person speaks or acts."""
        scene, marks = self.scene, signs(one.pattern.lang)
        previous = scene.before(one.first) if not one.skip else b""
        if previous and any(bare in marks.speech for _, bare in scene.titles.strip(previous)):
            return f"{scene.surface(one.first - 1)} stands before it"
        following = scene.after(one.last)
        if following and following in marks.speech:
            return f"{scene.surface(one.last + 1)} follows it"
        if one.last + 1 < len(scene.words) and scene.view.gap(one.last).lstrip("\"”»’ ")[:1] == ":":
            return "it is quoted as speaking"
        return None

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

    def _phrase(self, phrases: Phrases[str], at: int) -> Iterable[str]:
        if self.scene.words[at] not in self.scene.titles.begins(phrases):
            return
        for _, bare in self.scene.titles.strip(self.scene.words[at]):
            for _, text in phrases.starting(self.scene.words, at, bare):
                yield text
                return

    def _against(self, one: Found) -> str | None:
        phrases = self.world.against[one.pattern.entity].get(self.scene.lang)
        supported = self.scene.lang in self.world.support[one.pattern.entity] and self.context(one.pattern.entity)[0]
        if phrases is None or supported:
            return None
        first, last = self.scene.sentence(one.first)
        return next((text for at in range(first, last) for text in self._phrase(phrases, at)), None)

    def _shared(self, decided: list[Verdict]) -> list[Verdict]:
        """Leave a span that several entities share to the one that was named last before it."""
        spans: dict[tuple[int, int], list[Verdict]] = {}
        for verdict in decided:
            if verdict.accepted:
                spans.setdefault((verdict.found.first, verdict.found.last), []).append(verdict)
        for rivals in spans.values():
            if len(rivals) > 1:
                best = max(rivals, key=lambda verdict: self._nearness(verdict, decided))
                for verdict in rivals:
                    if verdict is not best:
                        verdict.accepted = False
                        verdict.why = f"{best.found.pattern.alias} is meant, who was named last before it"
        return decided

    def _nearness(self, verdict: Verdict, decided: list[Verdict]) -> int:
        entity, first = verdict.found.pattern.entity, verdict.found.first
        if self._titled(verdict.found):
            return first
        return max((at for at in self.state.places.get(entity, ()) if at < first), default=-1)

    def _text(self, first: int, last: int) -> str:
        start, end = self.scene.view.span(first, last)
        return self.scene.view.text[start:end]
