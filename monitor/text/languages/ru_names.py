"""Russian names beyond their cases: other transliterations, initials, skipped and glued parts, titles inside a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from monitor.text.languages import KIN, Form
from monitor.text.languages.common import FATHERS, data
from monitor.text.languages.common import variants as common_variants
from monitor.text.languages.ru_declension import known_as

_APART = re.compile(r"[-'’ʼ]")
_ROMAN = re.compile(r"[IVXLC]+\Z")
_RUSSIAN = ("ов", "ова", "ев", "ева", "ёв", "ёва", "ин", "ина", "ский", "ская", "цкий", "цкая", "енко", "чук", "ич")


@cache
def particles() -> frozenset[str]:
    """Return the particles of foreign names, in small letters."""
    return frozenset(data("ru")["particles"])


def is_ordinal(word: str) -> bool:
    """Tell whether a word is a ruler's number (XVI, Второй)."""
    return bool(_ROMAN.match(word)) or word.lower() in data("ru")["ordinals"]


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
    return tuple(part for word in words for part in _APART.split(word) if part)


def spellings(words: Sequence[str]) -> Iterator[Form]:
    """Yield other ways to write a person's whole name."""
    words = split(words)
    if not words:
        return
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
    end = len(words) - (2 if is_ordinal(words[-1]) and len(words) > 2 else 1)
    title, name, middle = words[0], " ".join(words[end:]), words[1:end]
    if not name[:1].isupper():
        return
    if " " in name:
        yield Form(name, "title left out")
    yield Form(f"{title} {name}", "title and name")
    for size in range(1, len(middle)):
        yield Form(" ".join((title, *middle[:size], name)), "title shortened")
        yield Form(" ".join((title, *middle[size:], name)), "title shortened")


def short_forms(words: Sequence[str]) -> Iterator[Form]:
    """Yield the surname; of a ruler or a cleric the name itself."""
    written, words = words, split(words)
    if not words:
        return
    if is_ordinal(words[-1]):
        if len(words) > 1:
            yield Form(words[-2], "name without number", words)
    elif words[0][:1].islower():
        if words[-1][:1].isupper() and len(words) > 1:
            yield Form(words[-1], "name without title", words)
    elif len(words) > 1 and len(words[-1]) > 2:
        if "-" in written[-1] and words[-2].lower() not in particles():
            yield Form(written[-1], "surname alone", words)
            return
        if words[-2].lower() not in FATHERS:
            yield Form(words[-1], "surname alone", words)
        start = len(words) - 1
        while start > 1 and words[start - 1].lower() in particles():
            start -= 1
            yield Form(" ".join(words[start:]), "surname alone", words)
        if not is_initial(words[0]) and len(words[0]) > 2:
            yield Form(f"{data('ru')['kin'][0]} {words[0]}", KIN, words)  # the first stands for all of them
