"""Which offices and countries an author may name, resolved to the keys of the program's language data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from monitor.yamlfile import parse, plain

_LANGUAGES = ("ar", "ru", "tr", "fa", "en")


def office(text: str) -> str | None:
    """Return the key of an office in its usual English spellings, or None."""
    return _offices().get(_folded(text))


def country(text: str) -> str | None:
    """Return the key of a country or organisation by any of its names or its ISO code, or None."""
    return _countries().get(_folded(text))


def offices() -> tuple[str, ...]:
    """Return the keys of all offices."""
    return tuple(dict.fromkeys(_offices().values()))


def countries() -> tuple[str, ...]:
    """Return the keys of all countries and organisations."""
    return tuple(dict.fromkeys(_countries().values()))


def _folded(text: str) -> str:
    """Fold case, accents and hyphens, so that Türkiye, Turkiye and TÜRKİYE are one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.replace("-", " ").replace("’", "'").replace("ı", "i").split())


@cache
def _offices() -> Mapping[str, str]:
    return _spellings("offices.yml")


@cache
def _countries() -> Mapping[str, str]:
    return _spellings("countries.yml")


def _spellings(name: str) -> dict[str, str]:
    """Map every spelling that the data file knows to its key."""
    data = files("monitor.text.languages").joinpath("data", name).read_bytes()
    node, _ = parse(data, name)
    found: dict[str, str] = {}
    for key, entry in plain(node).items():
        spellings = [key, entry.get("code", key), *entry.get("also", ())]
        for language in _LANGUAGES:
            names = entry.get(language, {})
            spellings += names.get("names", ()) if isinstance(names, dict) else ()
        for spelling in spellings:
            found.setdefault(_folded(spelling), key)
    return found
