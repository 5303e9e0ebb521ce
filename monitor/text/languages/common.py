"""What the language modules share: their YAML files, grammar, offices and countries, and spelling variants.

A language passes `Inflect`, the function that gives all forms of a phrase; everything else is the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_args

from monitor.text.fold import fold
from monitor.text.languages import CountryWords, Form, Grammar, Meaning, Qualifier, Title
from monitor.text.languages.world import country, load_data, office

Inflect = Callable[[str], Iterable[str]]
Inflected = Callable[[str], Iterable[tuple[str, str]]]
"""From a base form to (form, rule), the base form included with an empty rule."""

ORDINALS = frozenset(["ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi"])
"""Rulers' numbers, in small letters."""
FATHERS = frozenset(["bin", "ibn", "bint", "бин", "ибн", "бинт", "بن", "ابن", "بنت"])
"""Particles before a father's name, in small letters."""
_MOST_VARIANTS = 40  # a limit for freak names; the usual name has five to fifteen
_SHORTEST = 4  # letters below which two different names are too easily one letter apart


@cache
def data(lang: str) -> Mapping[str, Any]:
    """Return a language's own file, read once."""
    found: Mapping[str, Any] = load_data(f"{lang}.yml")
    return found


def as_written(text: str) -> tuple[str, ...]:
    """Return a word that never changes, as the only form it has."""
    return (text,)


def grammar(lang: str, inflect: Inflect = as_written) -> Grammar:
    """Build a language's `Grammar` from the `grammar` part of its file; `inflect` gives all forms of a phrase."""
    given = data(lang)["grammar"]
    return Grammar(
        country_before=bool(given.get("country_before")),
        country_after=bool(given.get("country_after")),
        reach=int(given["reach"]),
        after_link=bool(given.get("after_link")),
        names_in_list=bool(given.get("names_in_list", True)),
        adjective_after=bool(given.get("adjective_after", True)),
        name_before=bool(given.get("name_before", True)),
        linkers=frozenset(given.get("linkers", ())),
        conjunctions=frozenset(given.get("conjunctions", ())),
        qualifiers=tuple(_qualifiers(given, inflect)),
        counterparts=tuple(
            Title(form, lang, rule="counterpart")
            for text in given.get("counterparts", ())
            for form in dict.fromkeys((text, *inflect(text)))
        ),
    )


def _qualifiers(given: Mapping[str, Any], inflect: Inflect) -> Iterator[Qualifier]:
    for meaning in get_args(Meaning):
        sides = given.get(meaning) or {}
        for side in ("before", "after"):
            for text in sides.get(side, ()):
                for form in dict.fromkeys((text, *inflect(text))):
                    yield Qualifier(form, meaning, before=side == "before", after=side == "after")


def office_titles(key: str, lang: str, singular: Inflected, plural: Inflected) -> tuple[Title, ...]:
    """Return every form of an office's titles in a language, from the data; a plural speaks of two or more."""
    found = office(key)
    if found is None:
        return ()
    rows: list[tuple[str, str | None, bool]] = [(text, None, False) for text in found.titles.get(lang, ())]
    rows += [(text, None, True) for text in found.short.get(lang, ())]
    rows += [(text, place, False) for place, by in found.only.items() for text in by.get(lang, ())]
    titles: dict[tuple[str, str, str | None], Title] = {}
    for text, place, short in rows:
        for form, rule in singular(text):
            titles.setdefault((_as_read(form), "one", place), Title(form, lang, "one", place, short, rule))
        for form, rule in plural(text) if not short else ():
            titles.setdefault((_as_read(form), "many", place), Title(form, lang, "many", place, short, rule))
    return tuple(titles.values())


def _as_read(form: str) -> str:
    """Return a title as the matcher reads it: a hyphen is a space."""
    return form.replace("-", " ").lower()


def country_words(key: str, lang: str, names: Inflected, adjectives: Inflected) -> CountryWords:
    """Return how a language speaks of a country, from the data, every form included."""
    found = country(key)
    words = found.words.get(lang, {}) if found else {}

    def forms(parts: tuple[str, ...], inflected: Inflected) -> tuple[Form, ...]:
        return tuple(Form(*row) for part in parts for text in words.get(part, ()) for row in inflected(text))

    return CountryWords(
        forms(("names",), names), forms(("adj",), adjectives), forms(("capital", "seat"), names)
    )  # demonyms speak of people, not of the state


@cache
def same_names(lang: str) -> Mapping[str, tuple[str, ...]]:
    """Return the given names that are one and the same: each with its family, from the data."""
    return {name: tuple(row) for row in data(lang).get("same", ()) for name in row}


@cache
def _rules(lang: str, second: bool) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    rows = (row for row in data(lang).get("variants", ()) if not (second and row.get("alone")))
    return tuple((re.compile(row["pattern"]), row["to"], row["rule"]) for row in rows)


@cache
def variants(lang: str, word: str) -> Mapping[str, str]:
    """Return other spellings of one word of a name, each with its rule.

    Given names that are one and the same stand in a table. Transliterations follow the rules of the data, one at a
    time or two together.
    """
    found = dict.fromkeys(same_names(lang).get(word, ()), "another form of the given name")
    if len(word) >= _SHORTEST - 1 and not found:
        first = _applied(lang, word.lower(), second=False)
        for spelling, rule in first.items():
            found.setdefault(spelling.capitalize(), rule)
        for spelling, rule in first.items() if len(word) > _SHORTEST else ():
            for both, other in _applied(lang, spelling, second=True).items():
                if both != word.lower() and len(found) < _MOST_VARIANTS:
                    found.setdefault(both.capitalize(), rule if rule == other else f"{rule}, {other}")
    found.pop(word, None)
    return found


def _applied(lang: str, word: str, *, second: bool) -> dict[str, str]:
    """Apply each rule at each place; for a `second` change, leave out those that only make sense alone."""
    found: dict[str, str] = {}
    for pattern, to, rule in _rules(lang, second):
        for match in pattern.finditer(word):
            spelling = word[: match.start()] + match.expand(to) + word[match.end() :]
            if spelling != word and len(spelling) >= _SHORTEST - 1:
                found.setdefault(spelling, rule)
    return found


def initials_and_middle(words: Sequence[str], particles: frozenset[str]) -> Iterator[Form]:
    """Yield a person's name with an initial for the given name, and without the names in the middle."""
    if len(words) < 2 or len(words[0].rstrip(".")) < 2:
        return
    surname = _surname(words, particles)
    yield Form(f"{words[0][0]}. {surname}", "initial and surname")
    if f"{words[0]} {surname}" != " ".join(words):
        yield Form(f"{words[0]} {surname}", "middle name left out")
        yield Form(" ".join(words[1:]), "first given name left out")


def surname_forms(words: Sequence[str], particles: frozenset[str]) -> Iterator[Form]:
    """Yield a person's surname with its particles, and alone."""
    if len(words) < 2:
        return
    if words[-1].lower() in ORDINALS:
        if len(words[-2]) > 2:
            yield Form(words[-2], "name without number")
        return
    surname = _surname(words, particles)
    alone = () if words[-2].lower() in FATHERS else (words[-1],)  # what follows "son of" is the father's name
    for form in dict.fromkeys((surname, *alone)):
        if len(form) > 2:
            yield Form(form, "surname alone")


def _surname(words: Sequence[str], particles: frozenset[str]) -> str:
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in particles:
        start -= 1
    return " ".join(words[start:])


class Uninflected:
    """What a language answers whose names and titles have neither cases nor genders."""

    def stands_alone(self, surname: str, inside: bool, following: str = "") -> bool:
        """Trust no surname without its full name or other evidence."""
        return False

    def phrase_forms(self, phrase: str) -> Sequence[str]:
        """Offer no other form: a title does not inflect here."""
        return ()

    def agrees(self, given: str, surname: str, form: str) -> bool:
        """Leave the question open: surnames have neither cases nor genders here."""
        return True


def another_given(lang: str, word: str, own: frozenset[str], given: frozenset[str]) -> bool:
    """Tell whether a word before a surname is somebody else's given name or initial.

    One that is only another spelling of the entity's own is not.
    """
    folded = fold(word).text
    if folded.endswith("."):
        return word[:1].isupper() and not any(name.startswith(folded[:-1]) for name in own)
    if word[:1].islower() or folded in own or folded not in _folded(given):
        return False
    return not any(folded == fold(other).text for name in own for other in variants(lang, name.capitalize()))


@cache
def _folded(names: frozenset[str]) -> frozenset[str]:
    return frozenset(fold(name).text for name in names)
