"""Which offices and countries an author may name, resolved to the keys of the program's language data."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from monitor.text.languages import world


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
    return {_folded(name): found.key for name, found in world.offices().items()}


@cache
def _countries() -> Mapping[str, str]:
    return {_folded(name): found.key for name, found in world.countries().items()}
