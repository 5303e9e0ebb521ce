"""English: transliterations of foreign names, Arabic articles in them, middle names and initials.

A possessive ending is a word of its own, because an apostrophe ends a word; without an apostrophe it is offered as a
form. Names keep no cases, so that nearly all of this module is spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from monitor.text.fold import fold
from monitor.text.languages import CountryWords, Cues, Form, Grammar, Title
from monitor.text.languages.common import (
    ORDINALS,
    Uninflected,
    another_given,
    country_words,
    data,
    grammar,
    initials_and_middle,
    office_titles,
    surname_forms,
    variants,
)


class English(Uninflected):
    """The English language, as the matcher asks for it."""

    code = "en"
    prefixes: Mapping[str, str] = MappingProxyType({})

    @cached_property
    def titles(self) -> frozenset[str]:
        """Words before a name that belong to the named person."""
        return frozenset(data("en")["titles"])

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Given names in use in English texts, Turkish ones included that are no English words."""
        foreign = set(data("tr")["given_names"]) - set(data("en")["words"])
        own = {name.lower() for row in data("en")["same"] for name in row}
        return frozenset(data("en")["given_names"]) | frozenset(foreign | own)

    @cached_property
    def cues(self) -> Cues:
        """Words that tell a father from his son."""
        return Cues(generation=frozenset(data("en")["generation"]))

    @cached_property
    def particles(self) -> frozenset[str]:
        """Particles of names in small letters."""
        return frozenset(data("en")["particles"])

    @cached_property
    def grammar(self) -> Grammar:
        """A country stands before its title (Turkish, Turkey's) or after "of"."""
        return grammar("en")

    def spellings(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield names with another Arabic article or none, with initials, and without middle names."""
        if kind != "person":
            return
        words = [part for word in words for part in word.replace("-", " ").split()]
        yield from initials_and_middle(words, self.particles)
        articles = data("en")["articles"]
        for at, word in enumerate(words):
            if word.lower() in articles and at + 1 < len(words):
                bare = (*words[:at], *words[at + 1 :])
                if len(bare) > 1:
                    yield Form(" ".join(bare), "Arabic article left out")
                for other in articles:
                    if other != word.lower():
                        yield Form(" ".join((*words[:at], other, *words[at + 1 :])), "another Arabic article")
                    yield Form(
                        " ".join((*words[:at], other + words[at + 1].lower(), *words[at + 2 :])), "glued article"
                    )

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterator[Form]:
        """Yield other transliterations of a word, and its possessive as written without an apostrophe."""
        word = words[index]
        if index == len(words) - 1 and not word.endswith("s"):
            yield Form(word + "s", "possessive without apostrophe")
        if kind != "person" or word.lower() in self.particles or word.lower() in ORDINALS:
            return
        for spelling, rule in variants("en", fold(word).text.capitalize()).items():
            yield Form(spelling, rule)

    def short_forms(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield the surname of a person, with its particles and without them."""
        if kind == "person":
            yield from surname_forms(
                [part for word in words for part in word.replace("-", " ").split()], self.particles
            )

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Tell another given name by the list of given names, or another initial."""
        return another_given("en", word, own, self.given_names)

    def office_titles(self, office: str) -> tuple[Title, ...]:
        """Return an office's titles, singular and plural."""
        return office_titles(office, "en", lambda text: ((text, ""),), _plurals)

    def country_words(self, country: str) -> CountryWords:
        """Return a country's names and adjectives; a possessive ending is a word of its own."""
        return country_words(country, "en", _with_article, lambda text: ((text, ""),))


def _with_article(name: str) -> Iterator[tuple[str, str]]:
    yield name, ""


def _plurals(title: str) -> Iterator[tuple[str, str]]:
    """Yield a title's plural: the last word's, or that of the word before "of", "for" and "to"."""
    words = title.split()
    head = next((at for at, word in enumerate(words) if word in ("of", "for", "to")), len(words)) - 1
    noun = words[head]
    if noun.endswith("man"):
        plural = noun[:-3] + "men"
    elif noun.endswith("y") and noun[-2:-1] not in "aeiou":
        plural = noun[:-1] + "ies"
    else:
        plural = noun + "s"
    yield " ".join((*words[:head], plural, *words[head + 1 :])), "plural"


LANGUAGE = English()
