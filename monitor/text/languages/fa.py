"""Persian: endings written at a name with or without a zero-width non-joiner, compounds, and Persian renderings.

Folding has made Persian and Arabic letters one and has dropped the zero-width non-joiner, so that an ending behind one
looks glued. The ezafe is not written after a consonant; after a vowel it is ی.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from monitor.text.fold import fold
from monitor.text.languages import CountryWords, Form, Grammar, Title
from monitor.text.languages.common import (
    Uninflected,
    another_given,
    country_words,
    data,
    grammar,
    office_titles,
    surname_forms,
    variants,
)

_PLURALS = {"وزیر": ("وزرای", "وزیران"), "رئیس": ("روسای", "رؤسای"), "رییس": ("روسای",), "سفیر": ("سفرای", "سفیران")}
_NON_JOINER = "\u200c"


class Persian(Uninflected):
    """The Persian language, as the matcher asks for it."""

    code = "fa"
    prefixes: Mapping[str, str] = MappingProxyType({})

    @cached_property
    def titles(self) -> frozenset[str]:
        """Words before a name that belong to the named person."""
        return frozenset(fold(title).text for title in data("fa")["titles"])

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Given names in use in Persian texts, folded."""
        return frozenset(fold(name).text for name in data("fa")["given_names"])

    @cached_property
    def particles(self) -> frozenset[str]:
        """Parts of compound names too common to be looked up first, folded."""
        return frozenset(fold(name).text for name in data("fa")["particles"])

    @cached_property
    def grammar(self) -> Grammar:
        """The country stands behind its title: وزیر خارجه ترکیه."""
        return grammar("fa")

    def spellings(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield compounds written together and apart, and a name without its first part."""
        if kind != "person" or not all(word.strip(_NON_JOINER) for word in words):
            return
        compounding = data("fa")["compounding"]
        for at in range(len(words) - 2):
            if words[at] in compounding:
                yield Form(
                    " ".join((*words[:at], words[at] + words[at + 1], *words[at + 2 :])), "compound written together"
                )
        for at, word in enumerate(words):
            if _NON_JOINER in word:
                yield Form(
                    " ".join((*words[:at], word.replace(_NON_JOINER, " "), *words[at + 1 :])), "space for a non-joiner"
                )
            for first in compounding:
                rest = word[len(first) :].lstrip(_NON_JOINER)
                if word.startswith(first) and len(rest) > 2:
                    yield Form(" ".join((*words[:at], first, rest, *words[at + 1 :])), "compound written apart")
                    if at + 1 < len(words):
                        yield Form(" ".join((*words[:at], rest, *words[at + 1 :])), "first part of a compound left out")
        if len(words) > 1 and not words[-1].startswith("ال"):
            yield Form(" ".join((*words[:-1], "ال" + words[-1])), "with the Arabic article")
        if len(words) > 2:
            yield Form(" ".join(words[1:]), "first given name left out")
            yield Form(f"{words[0]} {words[-1]}", "middle name left out")

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterator[Form]:
        """Yield other renderings of every word, and the last word with its endings."""
        word = words[index]
        spelled = {word: "", **(variants("fa", word) if kind == "person" else {})}
        for spelling, rule in spelled.items():
            if rule:
                yield Form(spelling, rule)
            if index == len(words) - 1:
                for form, said in _endings(spelling):
                    yield Form(form, f"{rule}, {said}" if rule else said)

    def short_forms(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield the surname of a person."""
        if kind == "person":
            yield from surname_forms(words, self.particles)

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Tell another given name by the list of given names."""
        return another_given("fa", word, own, self.given_names)

    def office_titles(self, office: str) -> tuple[Title, ...]:
        """Return an office's titles, singular and plural."""
        return office_titles(office, "fa", lambda text: ((text, ""),), _plurals)

    def country_words(self, country: str) -> CountryWords:
        """Return a country's names and adjectives."""
        return country_words(country, "fa", lambda text: ((text, ""),), lambda text: ((text, ""),))


def _endings(word: str) -> Iterator[tuple[str, str]]:
    for name, rows in data("fa")["endings"].items():
        for ending in rows:
            yield word + ending, f"ending: {name}"


def _plurals(title: str) -> Iterator[tuple[str, str]]:
    """Yield a title's plural: broken where its first word has one, else with ها or ان."""
    first, _, rest = title.partition(" ")
    for plural in _PLURALS.get(first, (first + "های", first + "ان")):
        yield f"{plural} {rest}".strip(), "plural"


LANGUAGE = Persian()
