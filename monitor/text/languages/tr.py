"""Turkish: endings after an apostrophe or without one, foreign names in Turkish spelling, titles that end in -ı.

After any apostrophe an ending is a word of its own and needs no rule. Without one (ERDOĞANIN, Fidana) it is glued to
the name: every case and its usual combinations are offered in every harmony, because a foreign name takes its ending
by ear. Folding makes ı, i and İ one letter, ğ and g, ş and s: what remains is little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import product
from types import MappingProxyType

from monitor.text.languages import CountryWords, Form, Grammar, Title
from monitor.text.languages.common import (
    another_given,
    country_words,
    data,
    grammar,
    initials_and_middle,
    office_titles,
    surname_forms,
    variants,
)

_VOWELS = "aeıioöuüâîû"
_WOMAN = ("ov", "ev", "in", "ın", "yn")  # Lavrova, Putina: a woman's surname rather than a bare dative
_WORDS = 500  # words kept with their endings
_HARMONIES = {"A": "ae", "I": "iu", "D": "dt"}  # folding has made ı an i and ü a u


class Turkish:
    """The Turkish language, as the matcher asks for it."""

    code = "tr"
    prefixes: Mapping[str, str] = MappingProxyType({})

    @cached_property
    def titles(self) -> frozenset[str]:
        """Words before a name that belong to the named person."""
        return frozenset(data("tr")["titles"])

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Given names in use in Turkish texts."""
        return frozenset(data("tr")["given_names"]) | {name.lower() for row in data("tr")["same"] for name in row}

    @cached_property
    def particles(self) -> frozenset[str]:
        """Parts of names too common to be looked up first."""
        return frozenset(data("tr")["particles"])

    @cached_property
    def grammar(self) -> Grammar:
        """The country stands before its title: Rusya Dışişleri Bakanı, Türkiye'nin Dışişleri Bakanı."""
        return grammar("tr", cased)

    def spellings(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield initials and names without their middle ones."""
        if kind == "person":
            yield from initials_and_middle(words, self.particles)
            yield from _compounds(words)

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterator[Form]:
        """Yield the last word with its endings, and other spellings of every word of a person's name."""
        word = words[index]
        spelled = {word: "", **(variants("tr", word) if kind == "person" else {})}
        for spelling, rule in spelled.items():
            if rule:
                yield Form(spelling, rule)
            if index == len(words) - 1:
                for form, said in endings(spelling):
                    yield Form(form, f"{rule}, {said}" if rule else said)

    def short_forms(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield the surname of a person; the second part of a double one included."""
        if kind == "person":
            yield from surname_forms(words, self.particles)

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Tell another given name by the list of given names, or another initial."""
        return another_given("tr", word, own, self.given_names)

    def stands_alone(self, surname: str, inside: bool, following: str = "") -> bool:
        """Trust no surname without its full name or other evidence."""
        return False

    def phrase_forms(self, phrase: str) -> Sequence[str]:
        """Return a title with every case ending."""
        return cased(phrase)

    def agrees(self, given: str, surname: str, form: str) -> bool:
        """Leave the question open: surnames have neither cases nor genders here."""
        return True

    def office_titles(self, office: str) -> tuple[Title, ...]:
        """Return an office's titles with every case ending, singular and plural."""
        return office_titles(office, "tr", _title_forms, _title_plurals)

    def country_words(self, country: str) -> CountryWords:
        """Return a country's names with endings, and its adjectives."""
        return country_words(country, "tr", _named, lambda text: ((text, ""),))


@lru_cache(_WORDS)
def endings(word: str) -> tuple[tuple[str, str], ...]:
    """Return a word with each ending glued to it, in every harmony, each with the ending's name."""
    vowel, possessive = word[-1:].lower() in _VOWELS, word.lower().endswith(("oğlu", "oglu"))
    found: dict[str, str] = {}
    for name, pattern in data("tr")["endings"].items():
        shape = pattern
        for buffer in ("(y)", "(n)"):
            shape = shape.replace(buffer, ("n" if possessive else buffer[1]) if vowel else "")
        if possessive and shape[:1] == "D":
            shape = "n" + shape
        places = [letter for letter in shape if letter in _HARMONIES]
        for choice in product(*(_HARMONIES[letter] for letter in places)):
            letters = iter(choice)
            ending = "".join(next(letters) if letter in _HARMONIES else letter for letter in shape)
            if not (ending == "a" and word.lower().endswith(_WOMAN)):
                found.setdefault(word + ending, f"ending: {name}")
    return tuple(found.items())


def cased(phrase: str) -> tuple[str, ...]:
    """Return a phrase with its possible endings; after a possessive ending a case begins with n."""
    forms = [phrase]
    if phrase[-1:].lower() in "ıiuü":
        for ending in ("n{I}n", "n{A}", "n{I}", "nd{A}", "nd{A}n", "yl{A}"):
            forms += [
                phrase + ending.replace("{I}", high).replace("{A}", low)
                for high, low in (("i", "e"), ("ı", "a"), ("u", "a"))
            ]
    else:
        forms += [form for form, _ in endings(phrase)]
    return tuple(dict.fromkeys(forms))


def _compounds(words: Sequence[str]) -> Iterator[Form]:
    """Write a surname on -oğlu as two words or as one."""
    last = words[-1]
    if last.lower() in ("oğlu", "oglu") and len(words) > 2:
        yield Form(" ".join((*words[:-2], words[-2] + last.lower())), "-oğlu written together")
    elif last.lower().endswith(("oğlu", "oglu")) and len(last) > 6:
        yield Form(" ".join((*words[:-1], last[:-4], last[-4:])), "-oğlu written apart")


def _title_forms(title: str) -> Iterator[tuple[str, str]]:
    for form in cased(title):
        yield form, "" if form == title else "another case"


def _title_plurals(title: str) -> Iterator[tuple[str, str]]:
    """Yield the plural of a title that ends in a possessive: Bakanı, Bakanları."""
    if title[-1:] not in "ıiuü":
        return
    stem = title[:-2] if title[-2:-1] == "s" and title[-3:-2] in _VOWELS else title[:-1]
    plural = stem + ("ları" if next((c for c in reversed(stem.lower()) if c in _VOWELS), "a") in "aıou" else "leri")
    for form in cased(plural):
        yield form, "plural"


def _named(name: str) -> Iterator[tuple[str, str]]:
    """Yield a country's name and its genitive; other endings never stand before a title."""
    yield name, ""
    yield from ((form, said) for form, said in endings(name) if said == "ending: genitive")


LANGUAGE = Turkish()
