"""Offices and countries: the program's own data, in five languages, behind every role.

`data/offices.yml`, one entry an office; its key is what a watchlist writes after `office:`. How each language writes
its base form is explained at the head of that file; the language module inflects it.

    foreign minister:
      also: [minister of foreign affairs]          # also accepted after `office:`
      ar: [وزير الخارجية, وزير الشؤون الخارجية]
      en: ["(foreign|external affairs) minister"]   # alternatives are spread
      short: {ar: [الوزير]}                         # counts only once its holder stands in the article
      only: {United Kingdom: {en: [foreign secretary]}}   # names its country by itself
      never: {France: {ar: [المستشار]}}             # means something else there

`data/countries.yml`, one entry a country or organisation; its key is what a watchlist writes after `of:`. The parts of
a language are explained at the head of that file.

    Russia:
      code: RU                         # ISO 3166 alpha-2, or an organisation's abbreviation: accepted after `of:` too
      also: [Russian Federation]       # also accepted after `of:`, as is every name in every language
      ar: {names: [روسيا, روسيا الاتحادية], adj: [روسي], people: [الروس], capital: [موسكو], seat: [الكرملين]}
      en: {names: [Russia, Russian Federation], adj: [Russian], capital: [Moscow], seat: [Kremlin]}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

_NOT_TITLES = ("also", "short", "only", "never")
_CHOICE = re.compile(r"\(([^()]*)\)")
PARTS = ("names", "adj", "people", "capital", "seat")


@dataclass(frozen=True, slots=True)
class Office:
    """An office with its titles per language in their base form; `only` and `never` are per country, then language.

    `short` are titles too general to count before the holder stands in the article.
    """

    key: str
    also: tuple[str, ...] = ()
    titles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    never: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Country:
    """A country or organisation: per language and part (see `PARTS`) its words in base form."""

    key: str
    code: str | None = None
    kind: str = "country"
    also: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


class _Loader(yaml.CSafeLoader):
    """libyaml's parser, an eighth of the start-up time of a pure one, reading plain words as YAML 1.2 does."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as the base class declares it: none of its own to begin with


# `no` is Norway's code, not a truth value; dates and numbers with points stay text.
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[0-9]+$"), list("0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:~|null|)$"), ["~", "n", ""])


@cache
def load_data(name: str) -> Any:
    """Read one YAML file of `languages/data/`; a missing one is a fault of the installation and raises."""
    text = resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, with fewer words of its own


@cache
def offices() -> Mapping[str, Office]:
    """Return every office by its key and by its other names, in small letters."""
    found: dict[str, Office] = {}
    for key, entry in load_data("offices.yml").items():
        titles = {lang: _spread(value) for lang, value in entry.items() if lang not in _NOT_TITLES}
        short = {lang: _spread(value) for lang, value in (entry.get("short") or {}).items()}
        also, only, never = _many(entry.get("also")), _nested(entry.get("only")), _nested(entry.get("never"))
        office = Office(key, also, titles, short, only, never)
        for name in (key, *office.also):
            found[name.lower()] = office
    return found


@cache
def countries() -> Mapping[str, Country]:
    """Return every country by its key, its code and every name in every language, in small letters."""
    found: dict[str, Country] = {}
    written: list[tuple[str, Country]] = []
    for key, entry in load_data("countries.yml").items():
        words = {
            lang: {part: _many(value.get(part)) for part in PARTS}
            for lang, value in entry.items()
            if isinstance(value, dict)
        }
        country = Country(key, entry.get("code"), entry.get("kind", "country"), _many(entry.get("also")), words)
        for name in (key, *country.also, *([country.code] if country.code else [])):
            found[name.lower()] = country
        written.extend((name.lower(), country) for parts in words.values() for name in parts["names"])
    for name, country in written:
        found.setdefault(name, country)
    return found


def office(name: str) -> Office | None:
    """Find an office by what a watchlist calls it."""
    return offices().get(name.strip().lower())


def country(name: str) -> Country | None:
    """Find a country or organisation by what a watchlist calls it."""
    return countries().get(name.strip().lower())


def _many(value: Any) -> tuple[str, ...]:
    """Read a value that may be absent, a single string or a list of them."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _spread(value: Any) -> tuple[str, ...]:
    """Read titles and write each alternative out: `(|deputy )head` is two titles."""
    pending, done = list(_many(value)), []
    while pending:
        text = pending.pop()
        match = _CHOICE.search(text)
        if match is None:
            done.append(" ".join(text.split()))
        else:
            pending.extend(text[: match.start()] + choice + text[match.end() :] for choice in match[1].split("|"))
    return tuple(dict.fromkeys(reversed(done)))


def _nested(value: Any) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return {place: {lang: _spread(titles) for lang, titles in by.items()} for place, by in (value or {}).items()}
