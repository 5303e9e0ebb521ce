"""Russian: names in six cases, surnames alone, people of one family told apart; titles and countries declined.

A capital letter tells a name from a word, so that another given name before a surname is recognised without a list
of given names; the dictionary says which capitalised words are no names (countries, months, the first of a sentence).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache, cached_property, lru_cache
from types import MappingProxyType

from monitor.text.languages import INFLECTED, CountryWords, Cues, Form, Grammar, Title, ru_names
from monitor.text.languages.common import country_words, data, grammar, office_titles
from monitor.text.languages.ru_declension import (
    declined_given,
    declined_surname,
    declined_words,
    gender_of,
    in_dictionary,
    known_as,
    parses,
    relative_forms,
    shown_gender,
)
from monitor.text.languages.world import countries

_WORDS = 20_000  # words of texts whose reading is remembered
_ADJECTIVAL = ("ский", "цкий", "ской", "ская", "цкая", "ный", "ной", "ная", "ый", "ая")
_CASE = INFLECTED
_ALIKE = 0.75  # two given names this similar are one name in two transliterations
_GENITIVE = {"gen.m": "masc", "gen.f": "femn", "gen.n": "neut"}


@cache
def phrase(text: str, number: str = "sing") -> frozenset[str]:
    """Return all cases of a phrase whose declining words carry a `*`; one without any declines as a whole."""
    words = tuple(word.rstrip("*") for word in text.split())
    heads = frozenset(at for at, word in enumerate(text.split()) if word.endswith("*"))
    return declined_words(words, heads or frozenset(range(len(words))), number)


def _declined(text: str) -> Iterable[str]:
    """Decline a phrase's adjectives and its first noun; what follows the noun is a genitive and stays."""
    words = text.split()
    heads = []
    for at, word in enumerate(words):
        heads.append(at)
        if (
            words[at + 1 : at + 2] != ["и"]
            and word != "и"
            and any("NOUN" in parse.tag and "nomn" in parse.tag for parse in parses(word)[:2])
        ) or not in_dictionary(word):
            break
    number = "plur" if "plur" in parses(words[0])[0].tag and "sing" not in parses(words[0])[0].tag else "sing"
    return declined_words(tuple(words), frozenset(heads), number)


class Russian:
    """The Russian language, as the matcher asks for it."""

    code = "ru"
    prefixes: Mapping[str, str] = MappingProxyType({})

    @cached_property
    def titles(self) -> frozenset[str]:
        """Words before a name that belong to the named person, in every case."""
        return frozenset(form for title in data("ru")["titles"] for form in phrase(title))

    @cached_property
    def given_names(self) -> frozenset[str]:
        """Given names of the data; others are recognised by their capital (see `names_another`)."""
        return frozenset(name for row in data("ru")["same"] for name in row)

    @cached_property
    def cues(self) -> Cues:
        """Words for relatives and for generations of one name, in every case."""
        relatives = {form for kin in data("ru")["kin"] for form in phrase(kin)}
        generation = {form for word in data("ru")["generation"] for form in (word, *_common(word))}
        return Cues(relatives=frozenset(relatives), generation=frozenset(generation))

    @property
    def particles(self) -> frozenset[str]:
        """Particles of foreign names."""
        return ru_names.particles()

    @cached_property
    def grammar(self) -> Grammar:
        """Adjectives stand before a title, genitives after it."""
        return grammar("ru", _declined)

    def spellings(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield initials, the surname first, skipped middle names, glued particles, shortened titles."""
        if kind == "person":
            yield from ru_names.spellings(words)

    def inflect(self, words: Sequence[str], index: int, kind: str) -> Iterator[Form]:
        """Yield the cases of one word, of its other spellings too."""
        word = words[index]
        if kind != "person":
            yield from (Form(form, _CASE) for form in sorted(_common(word)))
            return
        if word in data("ru")["kin"]:
            yield from (Form(form, _CASE) for form in sorted(self.cues.relatives))
            return
        if word.lower() in ru_names.particles() or ru_names.is_initial(word):
            return
        if ru_names.is_ordinal(word):
            yield from (Form(form, _CASE) for form in sorted(_common(word)) if not word.isupper())
            return
        for spelling, rule in {word: "", **ru_names.variants(word)}.items():
            if rule:
                yield Form(spelling, rule)
            for form in sorted(self._cases(words, index, spelling)):
                yield Form(form, f"{rule}, {_CASE}" if rule else _CASE)

    def _cases(self, words: Sequence[str], index: int, spelling: str) -> frozenset[str]:
        if spelling[:1].islower():
            return _common(spelling)
        if words[0][:1].islower() or (index < len(words) - 1 and not words[index + 1].endswith("-")):
            return declined_given(spelling) | (_common(spelling) if words[0][:1].islower() else frozenset())
        if index == 0:
            return declined_surname(spelling, "both") | (declined_given(spelling) if len(words) > 1 else frozenset())
        given = next((part for part in words if not ru_names.is_initial(part)), words[0])
        gender = "both" if ru_names.is_initial(given) else gender_of(given)
        return declined_surname(spelling, gender)

    def short_forms(self, words: Sequence[str], kind: str) -> Iterator[Form]:
        """Yield the surname of a person."""
        if kind == "person":
            yield from ru_names.short_forms(words)

    def names_another(self, word: str, own: frozenset[str]) -> bool:
        """Tell another given name, or another initial, by its capital; a word that the dictionary knows is no name."""
        if not word[:1].isupper() or (len(word) > 2 and word.isupper()):
            return False
        lowered = word.lower().replace("ё", "е")
        if word.endswith("."):
            return not any(name.startswith(lowered[:-1]) for name in own)
        if len(word) == 1 or (len(word) == 2 and not known_as(word, "Name")):
            return False
        if lowered in _own_forms(own) or any(
            name + "." == lowered or (len(name) == 1 and lowered.startswith(name)) for name in own
        ):
            return False
        if lowered in self.titles or not _may_be_given(word):
            return False
        return not any(SequenceMatcher(None, lowered, form).ratio() >= _ALIKE for form in _own_forms(own))

    def stands_alone(self, surname: str, inside: bool, following: str = "") -> bool:
        """Trust a surname that thousands do not bear; one that is a common word by its capital inside a sentence."""
        if known_as(surname, "Name") and not known_as(surname, "Surn"):
            return False
        if surname.lower().endswith(_ADJECTIVAL) and following.islower() and "NOUN" in parses(following)[0].tag:
            return False
        return len(surname) > 2 and surname not in data("ru")["common_surnames"] and (inside or not _is_word(surname))

    def phrase_forms(self, phrase: str) -> Iterable[str]:
        """Return every case of a title: of its adjectives and its first noun."""
        return _declined(phrase)

    def agrees(self, given: str, surname: str, form: str) -> bool:
        """Compare the form with the cases of a man's or a woman's surname, by the given name's gender."""
        gender = shown_gender(given)
        return gender is None or form.lower() in relative_forms(surname, gender)

    def office_titles(self, office: str) -> tuple[Title, ...]:
        """Return every case of an office's titles, in the singular and in the plural."""
        return _office_titles(office)

    def country_words(self, country: str) -> CountryWords:
        """Return a country's names and adjectives in every case."""
        return country_words(country, "ru", _names, _adjectives)


@cache
def _common(word: str) -> frozenset[str]:
    """Return the cases of a common word or of a place, both numbers' where it is an adjective."""
    found = set(declined_words((word,), frozenset({0}), "sing"))
    for parse in parses(word)[:1]:
        if "ADJF" in parse.tag:
            found |= {form.word for form in parse.lexeme if "ADJF" in form.tag}
        if "plur" in parse.tag:
            found |= declined_words((word,), frozenset({0}), "plur")
    if not known_as(word, "NOUN", "ADJF"):
        found |= declined_surname(word, "both")
    return frozenset(found - {word})


@cache
def _own_forms(own: frozenset[str]) -> frozenset[str]:
    forms = set(own)
    for name in own:
        capital = name.capitalize()
        forms |= {form.lower() for form in declined_given(capital)} if len(name) > 1 and name.isalpha() else set()
        forms |= {other.lower() for other in ru_names.variants(capital)}
    return frozenset(forms)


@lru_cache(_WORDS)
def _may_be_given(word: str) -> bool:
    """Tell whether a capitalised word can be a given name: the dictionary says so, or knows no such word."""
    if known_as(word, "Name", "Patr"):
        return True
    return not in_dictionary(word) and all("а" <= letter <= "ё" for letter in word.lower())


def _office_titles(key: str) -> tuple[Title, ...]:
    return tuple(
        replace(title, text=text, country=place or title.country)
        for title in office_titles(key, "ru", _singular, _plural)
        for text, place in _placed(title.text)
    )


def _singular(text: str) -> Iterator[tuple[str, str]]:
    plain = text.replace("*", "")
    for form in sorted(phrase(text)):
        yield form, "" if form == plain else _CASE


def _plural(text: str) -> Iterator[tuple[str, str]]:
    if "{" in text:  # a plural takes its countries behind it: главы МИД России и Турции
        return
    for form in sorted(phrase(text, "plur") - phrase(text)):
        yield form, "plural"


def _placed(text: str) -> Iterator[tuple[str, str | None]]:
    """Put every country's adjective into a title that takes it inside: (title, country)."""
    for slot, gender in _GENITIVE.items():
        if "{" + slot + "}" in text:
            for key, adjective in _genitives(gender):
                yield text.replace("{" + slot + "}", adjective), key
            return
    yield text, None


@cache
def _is_word(surname: str) -> bool:
    return any(
        not any(part in parse.tag for part in ("Surn", "Name", "Geox", "Patr"))
        for parse in (parses(surname) if in_dictionary(surname) else ())
        if "nomn" in parse.tag and "sing" in parse.tag
    )


@cache
def _genitives(gender: str) -> tuple[tuple[str, str], ...]:
    """Return every country's adjective in the genitive, for titles that take it inside."""
    rows = []
    for found in {id(found): found for found in countries().values()}.values():
        for adjective in found.words.get("ru", {}).get("adj", ()):
            form = parses(adjective)[0].inflect({"sing", "gent", gender})
            if form is not None:
                rows.append((found.key, str(form.word)))
    return tuple(rows)


def _names(name: str) -> Iterator[tuple[str, str]]:
    for form in _phrase_cases(name):
        yield form, "" if form == name else _CASE


def _adjectives(name: str) -> Iterator[tuple[str, str]]:
    yield name, ""
    for form in sorted(_common(name)):
        yield form, _CASE


def _phrase_cases(name: str) -> Iterator[str]:
    yield name
    yield from sorted(set(_declined(name)) - {name})
    if " " not in name and not name.isupper():
        yield from sorted(_common(name) - set(_declined(name)))


LANGUAGE = Russian()
