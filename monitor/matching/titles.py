"""Titles and countries of one language, compiled for reading: which words may begin one, and what each phrase says.

Everything here comes from the program's data (`text.languages.world`) through the language module. Deputies, spokesmen
and offices that nobody on the watchlist holds are compiled too: they decide whom a title near them does not mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

from monitor.matching.scan import encode, written
from monitor.text.languages import CountryWords, Language, Meaning, Number, Qualifier, Title, language, world

T = TypeVar("T")
FEMININE = "feminine"
SPEAKERS = ("spokesman", "presidential spokesman", "foreign ministry spokesman", "government spokesman")
_MEMORY = 20_000  # words whose particles are remembered
_NOWHERE: frozenset[str] = frozenset()
Words = tuple[bytes, ...]


class Phrases(Generic[T]):
    """Rows of words with what they mean, found by their first or last word, longest first.

    `first` and `last` hold the lengths of the phrases that begin or end with a word: one look-up for each length,
    however many phrases share the word.
    """

    def __init__(self, rows: Iterable[tuple[str, T]]) -> None:
        """Compile phrases; the first meaning of equal phrases with equal values is kept."""
        self.values: dict[Words, tuple[T, ...]] = {}
        self.begins: dict[str, frozenset[bytes]] = {}  # per language whose particles may be glued; see `Titles.begins`
        seen: dict[bytes, bytes] = {}  # tens of thousands of phrases share their words and their meanings
        meant: dict[tuple[T, ...], tuple[T, ...]] = {}
        for text, value in rows:
            words = tuple(seen.setdefault(word, word) for word in written(text).split())
            known = self.values.get(words, ())
            if words and value not in known:
                now = (*known, value)
                self.values[words] = meant.setdefault(now, now)
        self.first = self._lengths(0)
        self.last = self._lengths(-1)

    def _lengths(self, end: int) -> dict[bytes, tuple[int, ...]]:
        lengths: dict[bytes, set[int]] = {}
        for words in self.values:
            lengths.setdefault(words[end], set()).add(len(words))
        alike: dict[tuple[int, ...], tuple[int, ...]] = {}
        found = ((word, tuple(sorted(known, reverse=True))) for word, known in lengths.items())
        return {word: alike.setdefault(known, known) for word, known in found}

    def starting(self, words: Sequence[bytes], at: int, first: bytes | None = None) -> Iterator[tuple[int, T]]:
        """Yield (length, value) of every phrase that starts at a word; `first` replaces that word if it is given."""
        begin = words[at] if first is None else first
        for length in self.first.get(begin, ()):
            if at + length <= len(words):
                for value in self.values.get((begin, *words[at + 1 : at + length]), ()):
                    yield length, value

    def ending(self, words: Sequence[bytes], at: int) -> Iterator[tuple[int, T]]:
        """Yield (length, value) of every phrase whose last word is word `at`."""
        for length in self.last.get(words[at], ()):
            if at + 1 >= length:
                for value in self.values.get(tuple(words[at + 1 - length : at + 1]), ()):
                    yield length, value


@dataclass(frozen=True, slots=True)
class Heading:
    """What a title phrase says. Without an office it takes the office named before it (a counterpart).

    `never` are countries in which the phrase means something else (the British chancellor heads no government).
    """

    office: str | None
    number: Number = "one"
    country: str | None = None
    short: bool = False
    words: int = 1
    feminine: bool = False
    never: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """What a country phrase says: which country, and whether by name, adjective or capital."""

    country: str
    part: str


class Titles:
    """One language's titles, countries and qualifiers as the view writes them."""

    def __init__(self, knows: Language) -> None:
        """Compile a language."""
        grammar = knows.grammar
        self.code = knows.code
        self.grammar = grammar
        self._openings: dict[frozenset[str], frozenset[bytes]] = {}
        self._stripped: dict[bytes, tuple[tuple[int, bytes], ...]] = {}
        self.headings: Phrases[Heading] = Phrases(_headings(knows))
        self.places: Phrases[Place] = Phrases(_places(knows))
        self.qualifiers: Phrases[Qualifier] = Phrases((row.text, row) for row in grammar.qualifiers)
        self.linkers = frozenset(encode(word) for word in grammar.linkers)
        self.conjunctions = frozenset(encode(word) for word in grammar.conjunctions)
        self.article = encode(grammar.article)
        self.of = encode(grammar.of)
        self.bodies = frozenset(encode(word) for word in grammar.bodies)
        self.honorifics = frozenset(encode(word) for word in knows.titles)
        self.prefixes = tuple(
            (encode(written.partition(">")[0]), encode(written.partition(">")[2])) for written in knows.prefixes
        )
        self.quick = self.begins(self.headings)
        self.countries = self.begins(self.places)

    def begins(self, phrases: Phrases[T]) -> frozenset[bytes]:
        """Return every word that may begin one of some phrases, glued particles included; made once for each."""
        known = phrases.begins.get(self.code)
        if known is None:
            known = phrases.begins[self.code] = self._begins(phrases)
        return known

    def _begins(self, phrases: Phrases[T]) -> frozenset[bytes]:
        return frozenset(self._with_particles(phrases.first))

    def opening(self, offices: frozenset[str]) -> frozenset[bytes]:
        """Return every word at which a title has to be read if only some offices matter.

        Those are the first words of their titles, of counterparts and of spokesmen, and of every longer title with one
        of these words inside, because a word there is not a title of its own.
        """
        known = self._openings.get(offices)
        if known is None:
            wanted = {None, *SPEAKERS, *offices}
            rows = self.headings.values.items()
            first = {words[0] for words, values in rows if any(row.office in wanted for row in values)}
            around = {words[0] for words, _ in rows if not first.isdisjoint(words)}
            known = self._openings[offices] = frozenset(self._with_particles(first | around))
        return known

    def words_of(self, countries: Collection[str]) -> frozenset[bytes]:
        """Return every word that may begin a phrase for one of some countries, or a title that names one itself."""
        names = {
            words[0] for words, rows in self.places.values.items() if any(row.country in countries for row in rows)
        }
        own = {
            words[0] for words, rows in self.headings.values.items() if any(row.country in countries for row in rows)
        }
        return frozenset(self._with_particles(names | own))

    def _with_particles(self, words: Collection[bytes]) -> Iterator[bytes]:
        yield from words
        for word in words:
            for particle, restored in self.prefixes:
                if word.startswith(restored):
                    yield particle + word[len(restored) :]

    def strip(self, word: bytes) -> tuple[tuple[int, bytes], ...]:
        """Return (letters skipped, word without them) for the word as it is and without each particle it may carry."""
        known = self._stripped.get(word)
        if known is None:
            if len(self._stripped) >= _MEMORY:
                self._stripped.clear()
            known = self._stripped[word] = ((0, word), *self._without_particles(word))
        return known

    def _without_particles(self, word: bytes) -> Iterator[tuple[int, bytes]]:
        for particle, restored in self.prefixes:
            if word.startswith(particle) and len(word) > len(particle) + 1:
                yield len(particle) - (1 if restored else 0), restored + word[len(particle) :]


@cache
def titles(lang: str) -> Titles:
    """Return the compiled titles of a language, made when first asked for."""
    return Titles(language(lang))


def _headings(knows: Language) -> Iterator[tuple[str, Heading]]:
    for office in dict.fromkeys(found.key for found in world.offices().values()):
        for title in knows.office_titles(office):
            words, feminine = len(title.text.split()), title.rule == FEMININE
            never = _never(office, knows.code, title.text)
            yield title.text, Heading(office, title.number, title.country, title.short, words, feminine, never)
    for title in knows.grammar.counterparts:
        yield title.text, Heading(None, title.number, feminine=title.rule == FEMININE)


def _never(key: str, lang: str, text: str) -> frozenset[str]:
    """Return the countries in which a title of an office means something else."""
    found = world.office(key)
    if found is None or not found.never:
        return _NOWHERE
    read = encode(text)
    return frozenset(
        place for place, by in found.never.items() if read in {encode(title) for title in by.get(lang, ())}
    )


def _places(knows: Language) -> Iterator[tuple[str, Place]]:
    for country in dict.fromkeys(found.key for found in world.countries().values()):
        words: CountryWords = knows.country_words(country)
        for part, forms in (("name", words.names), ("adjective", words.adjectives), ("place", words.places)):
            for form in forms:
                yield form.text, Place(country, part)


__all__ = ["Heading", "Meaning", "Phrases", "Place", "Title", "Titles", "titles"]
