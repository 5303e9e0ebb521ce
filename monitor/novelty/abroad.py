"""The same story in another language, told by what can be compared without reading the words.

Two articles in different languages are linked when all of this agrees, and nothing less:

    entities   the same watched entities are reported on, not only mentioned
    date       at most SPAN lies between them
    numbers    those in the sentences about the entities: enough telling ones in common, at least half of the fewer
    denial     both headlines deny or reverse something or neither does (languages whose words for it are known)

A number is telling unless it has one digit or may be the year; one up to 31, which may be a day of the month, counts
half. A report without numbers is never linked: a missed link costs little, a wrong one hides a story.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import EntityNovelty, Kind
from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import Reading
from monitor.novelty.redundancy import Said
from monitor.text.content import term
from monitor.text.languages import primary

SPAN = timedelta(hours=48)
ENOUGH = 3  # telling numbers in common, a day of the month counting one and any other two
MAX_NUMBERS = 5_000
MAX_HOLDERS = 16  # accounts remembered for one number
_KNOWN = ("ar", "en", "ru")  # languages whose words of denial are listed
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")


@dataclass(frozen=True, slots=True)
class Account:
    """What an article tells in any language: about whom, when, with which numbers, and whether it denies something.

    `denies` is None where the language's words for it are not known.
    """

    language: str
    entities: frozenset[str]
    numbers: frozenset[str]
    at: datetime
    denies: bool | None

    def agrees(self, other: Account) -> bool:
        """Tell whether another account is the same story's in another language."""
        return (
            self.language != other.language
            and self.entities == other.entities
            and abs(self.at - other.at) <= SPAN
            and (common := weight(self.numbers & other.numbers)) >= ENOUGH
            and 2 * common >= min(weight(self.numbers), weight(other.numbers))
            and (None in (self.denies, other.denies) or self.denies == other.denies)
        )


def weight(numbers: Iterable[str]) -> int:
    """Return how much the numbers tell: one that may be a day of the month one, any other two."""
    return sum(1 if number.isdigit() and int(number) <= 31 else 2 for number in numbers)


def account(
    reading: Reading, said: Mapping[str, Said], entities: Mapping[str, EntityNovelty], at: datetime
) -> Account | None:
    """Return an article's account, None where it reports on nobody or its language is not known.

    `said` tells which sentences are about each entity.
    """
    language = primary(reading.article.lang)
    told = frozenset(name for name, one in entities.items() if one.kind is not Kind.BACKGROUND)
    if not language or not told:
        return None
    spoken = {number for name in told if name in said for number in said[name].sentences}
    found = {
        term(reading.spelled(place)).stem
        for sentence in (reading.sentences[number] for number in spoken)
        if sentence.numbers
        for place, tags in enumerate(sentence.tags, sentence.lo)
        if tags & Tag.NUMBER
    }
    values = {number.replace(".", "") if _THOUSANDS.fullmatch(number) else number for number in found}
    years = {str(at.year + step) for step in (-1, 0, 1)}
    denies = any(tag & Tag.NEGATION for one in reading.sentences if one.field == "title" for tag in one.tags)
    telling = frozenset(value for value in values if len(value) > 1 and value not in years)
    return Account(language, told, telling, at, denies if language in _KNOWN else None)


class Abroad:
    """The accounts that may be told again in another language, by their numbers; bounded, the newest stay."""

    def __init__(self) -> None:
        """Start with none."""
        self._holders: OrderedDict[str, tuple[tuple[Account, str], ...]] = OrderedDict()

    def find(self, one: Account | None) -> tuple[str, ...]:
        """Return the stories that tell the same in other languages, the one with most numbers in common first."""
        if one is None:
            return ()
        found: dict[str, int] = {}
        for number in sorted(one.numbers):
            for other, story in self._holders.get(number, ()):
                if one.agrees(other):
                    found[story] = max(found.get(story, 0), weight(one.numbers & other.numbers))
        return tuple(sorted(found, key=lambda story: (-found[story], story)))

    def add(self, one: Account | None, story: str) -> None:
        """Remember an account of a story."""
        for number in sorted(one.numbers) if one else ():
            assert one is not None
            # Most numbers have one holder: a tuple takes a tenth of a deque.
            self._holders[number] = (*self._holders.get(number, ()), (one, story))[-MAX_HOLDERS:]
            self._holders.move_to_end(number)
        while len(self._holders) > MAX_NUMBERS:
            self._holders.popitem(last=False)
