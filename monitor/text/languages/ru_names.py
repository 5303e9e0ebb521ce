"""Russian names beyond their cases: other transliterations, initials, skipped and glued parts, titles inside a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from monitor.text.languages import KIN, Form
from monitor.text.languages.common import data
from monitor.text.languages.common import variants as common_variants
from monitor.text.languages.ru_declension import known_as

_ROMAN = re.compile(r"[IVXLC]+\Z")
_RUSSIAN = ("ов", "ова", "ев", "ева", "ёв", "ёва", "ин", "ина", "ский", "ская", "цкий", "цкая", "енко", "чук", "ич")


@cache
def particles() -> frozenset[str]:
    """Return the particles of foreign names, in small letters."""
    return frozenset(data("ru")["particles"])


def is_ordinal(word: str) -> bool:
    """Tell whether a word is a ruler's number (XVI)."""
    return bool(_ROMAN.match(word))


def is_initial(word: str) -> bool:
    """Tell whether a word is an initial, with or without its full stop."""
    bare = word.rstrip(".")
    return 0 < len(bare) <= 2 and bare[:1].isupper() and (len(bare) == 1 or bare in ("Дж", "Ю", "Дз", "Ст", "Ж"))


def variants(word: str) -> Mapping[str, str]:
    """Return other spellings of one word of a name, each with its rule; an ordinary Russian name has none."""
    return {} if _ordinary(word) else common_variants("ru", word)


def _ordinary(word: str) -> bool:
    """Tell whether a word is spelled in one way only: a Russian name that the dictionary knows."""
    return word.lower().endswith(_RUSSIAN) and known_as(word, "Surn", "Patr")


def split(words: Sequence[str]) -> tuple[str, ...]:
    """Take words apart at their hyphens, as the matcher reads them."""
    return tuple(part for word in words for part in word.split("-") if part)


def spellings(words: Sequence[str]) -> Iterator[Form]:
    """Yield other ways to write a person's whole name."""
    words = split(words)
    if words[0][:1].islower():
        yield from _titled(words)
        return
    if is_ordinal(words[-1]) or len(words) < 2:
        return
    given, surname = words[0], words[-1]
    if not is_initial(given):
        for initial in _initials(given):
            yield Form(f"{initial}. {surname}", "initial and surname")
    if len(words) == 2:
        yield Form(f"{surname} {given}", "surname first")
    elif not any(word.lower() in particles() for word in words):
        yield Form(f"{given} {surname}", "middle name left out")
    yield from _glued(words)


def _initials(given: str) -> tuple[str, ...]:
    first = given[0]
    return (first, "Дж") if given.startswith("Дж") else (first,)


def _glued(words: Sequence[str]) -> Iterator[Form]:
    """Write a particle together with the word before it: Саиф уль-… as Саифуль …."""
    table = data("ru")["glued"]
    for at in range(1, len(words) - 1):
        for particle in table.get(words[at].lower(), ()):
            joined = (*words[: at - 1], words[at - 1] + particle, *words[at + 1 :])
            yield Form(" ".join(joined), "particle written together")
            yield Form(" ".join((*words[:at], particle, *words[at + 1 :])), "particle written otherwise")


def _titled(words: Sequence[str]) -> Iterator[Form]:
    """Shorten a name that begins with a title: the title with the name itself, and with the places it names."""
    title, name, middle = words[0], words[-1], words[1:-1]
    if not name[:1].isupper():
        return
    yield Form(f"{title} {name}", "title and name")
    for size in range(1, len(middle)):
        yield Form(" ".join((title, *middle[:size], name)), "title shortened")
        yield Form(" ".join((title, *middle[size:], name)), "title shortened")


def short_forms(words: Sequence[str]) -> Iterator[Form]:
    """Yield the surname; of a ruler or a cleric the name itself."""
    written, words = words, split(words)
    if words[0][:1].islower():
        if words[-1][:1].isupper() and len(words) > 1:
            yield Form(words[-1], "name without title", words)
    elif is_ordinal(words[-1]):
        if len(words) > 1:
            yield Form(words[-2], "name without number", words)
    elif len(words) > 1 and len(words[-1]) > 2:
        if "-" in written[-1] and words[-2].lower() not in particles():
            yield Form(written[-1], "surname alone", words)
            return
        yield Form(words[-1], "surname alone", words)
        if words[-2].lower() in particles():
            yield Form(f"{words[-2]} {words[-1]}", "surname alone", words)
        if not is_initial(words[0]) and len(words[0]) > 2:
            yield from (Form(f"{kin} {words[0]}", KIN, words) for kin in data("ru")["kin"])
