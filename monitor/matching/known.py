"""What is known while an article is read: who is who on the watchlist, and what was decided so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.matching.lexicon import WITHOUT_CAPITALS, Grade, Lexicon, Pattern
from monitor.matching.names import COORDINATED, Found
from monitor.matching.roles import Offices
from monitor.matching.titles import Phrases
from monitor.model import Entity
from monitor.text.fold import fold
from monitor.text.languages import KIN

BOILERPLATE = "stands in boilerplate: a list of other articles, tags or navigation"
INNER = "part of a longer name: "


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
            if one.pattern.entity in spoken_of
            or one.pattern.entity in offices
            or one.pattern.lang not in WITHOUT_CAPITALS
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
            inner.append(Verdict(one, False, f"{INNER}{outer.pattern.alias}"))
    return kept, inner


def _both_named(one: Found, other: Found) -> bool:
    """Tell two people of one surname ("Jack and Jill X", "X's son Jack") from one person's longer name."""
    if one.pattern.entity == other.pattern.entity:
        return False
    return other.pattern.rule == KIN or (COORDINATED in other.rules and one.pattern.grade is Grade.FULL)


def _inside(one: Found, other: Found) -> bool:
    longer = other.last - other.first > one.last - one.first
    return longer and other.first <= one.first and one.last <= other.last
