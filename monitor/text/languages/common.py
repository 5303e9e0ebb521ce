"""What the language modules share: reading a language's YAML file and building its grammar from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, get_args

from monitor.text.languages import Grammar, Meaning, Qualifier, Title
from monitor.text.languages.world import load_data

Inflect = Callable[[str], Iterable[str]]


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
        linkers=frozenset(given.get("linkers", ())),
        conjunctions=frozenset(given.get("conjunctions", ())),
        qualifiers=tuple(_qualifiers(given, inflect)),
        counterparts=tuple(
            Title(form, lang, rule="counterpart") for text in given.get("counterparts", ()) for form in inflect(text)
        ),
    )


def _qualifiers(given: Mapping[str, Any], inflect: Inflect) -> Iterable[Qualifier]:
    for meaning in get_args(Meaning):
        sides = given.get(meaning) or {}
        for side in ("before", "after"):
            for text in sides.get(side, ()):
                for form in dict.fromkeys((text, *inflect(text))):
                    yield Qualifier(form, meaning, before=side == "before", after=side == "after")
