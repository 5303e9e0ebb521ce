"""Arabic titles and country words in all the forms in which sentences need them.

A base form such as وزير الخارجية gives the construct (وزير خارجية, followed by a country's name), the feminine, the
dual in both cases (وزيرا, وزيري) and the plural (وزراء); الرئيس gives رئيس, الرئيسان, الرئيسين, الرؤساء, رؤساء.
An adjective gives the definite, feminine, dual and plural forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from monitor.text.languages import CountryWords, Form, Grammar, Number, Qualifier, Title, world

_ARTICLE = "ال"


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = world.load_data("ar.yml")
    return data


def _bare(word: str) -> str:
    return word[len(_ARTICLE) :] if word.startswith(_ARTICLE) and len(word) > 4 else word


def _feminine(word: str) -> str:
    return word if word.endswith(("ة", "ى")) else word + "ة"


def _heads(head: str) -> Iterator[tuple[str, Number, str]]:
    """Yield a title's head (without the article) in its forms, with the number that each speaks of."""
    yield head, "one", ""
    yield _feminine(head), "one", "feminine"
    stem = head[:-1] + "ت" if head.endswith("ة") else head
    yield from ((stem + ending, "two", "dual") for ending in ("ا", "ي", "ان", "ين"))
    plural = _data()["plurals"].get(head)
    yield from ((form, "many", "plural") for form in ([plural] if plural else [head + "و", head + "ي", head + "ون"]))
    if not plural:
        yield head + "ين", "many", "plural"


def office_titles(office: str) -> tuple[Title, ...]:
    """Return every form of an office's title; see the module's docstring."""
    found = world.office(office)
    if found is None:
        return ()
    forms: dict[tuple[str, str | None], Title] = {}
    for base in found.titles.get("ar", ()):
        for title in _title_forms(base, None):
            forms.setdefault((title.text, None), title)
    for base in found.short.get("ar", ()):
        for title in _title_forms(base, None):
            forms.setdefault((title.text, None), replace(title, short=True))
    for country, titles in found.only.items():
        for base in titles.get("ar", ()):
            for title in _title_forms(base, country):
                if title.number == "one":
                    forms.setdefault((title.text, country), title)
    return tuple(forms.values())


def _title_forms(base: str, country: str | None) -> Iterator[Title]:
    head, *rest = base.split()
    bare = _bare(head)
    definite = bare != head
    endings = [rest]
    if rest and rest[0].startswith(_ARTICLE):
        endings.append([_bare(rest[0]), *rest[1:]])
    for form, number, rule in _heads(bare):
        for ending in endings:
            phrase = " ".join((form, *ending))
            yield Title(phrase, "ar", number, country, rule=rule)
            if definite:
                yield Title(f"{_ARTICLE}{phrase}", "ar", number, country, rule=rule)


def country_words(country: str) -> CountryWords:
    """Return how Arabic speaks of a country: names, adjectives in all forms, capital and seat of power."""
    found = world.country(country)
    words = found.words.get("ar") if found else None
    if not words:
        return CountryWords()
    adjectives: dict[str, Form] = {}
    for base in words["adj"]:
        for form in _adjective_forms(base):
            adjectives.setdefault(form.text, form)
    return CountryWords(
        names=tuple(Form(name, "") for name in words["names"]),
        adjectives=tuple(adjectives.values()),
        places=tuple(Form(place, "") for part in ("capital", "seat") for place in words[part]),
    )


def _adjective_forms(base: str) -> Iterator[Form]:
    for ending, rule in (("", ""), ("ة", "feminine"), ("ان", "dual"), ("ين", "dual or plural"), ("ون", "plural")):
        yield Form(base + ending, rule)
        yield Form(_ARTICLE + base + ending, rule)
    yield Form(base + "تين", "dual")
    yield Form(_ARTICLE + base + "تين", "dual")


def phrase_forms(phrase: str) -> Iterator[str]:
    """Yield a title in an author's own words with other names of its country, and with إلى as a glued preposition."""
    words = phrase.split()
    others = [phrase]
    for country in dict.fromkeys(found.key for found in world.countries().values()):
        by_lang = world.country(country)
        names = by_lang.words.get("ar", {}).get("names", ()) if by_lang else ()
        at = next((words.index(name) for name in names if name in words), None)
        if at is not None:
            others.extend(" ".join((*words[:at], name, *words[at + 1 :])) for name in names if name != words[at])
    yield from others[1:]
    for other in others:
        if " إلى " in other:
            yield other.replace(" إلى ", " ل")


@cache
def grammar() -> Grammar:
    """Return where things stand around an Arabic title: its country after it, former after it, deputy before it."""
    data = _data()
    return Grammar(
        country_after=True,
        reach=4,
        linkers=frozenset(data["linkers"]),
        conjunctions=frozenset(data["list_words"]),
        article=_ARTICLE,
        bodies=frozenset(data["bodies"]),
        of="ل",
        qualifiers=tuple(
            Qualifier(text, meaning, side == "before", side == "after", reach)
            for meaning, sides in data["qualifiers"].items()
            for side, texts in sides.items()
            for text, reach in ((text, 3 if side == "after" else 1) for text in texts)
        ),
        counterparts=tuple(
            Title(text, "ar", number) for number, texts in data["counterparts"].items() for text in texts
        ),
    )
