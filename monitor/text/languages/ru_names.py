"""Russian names beyond their cases: other transliterations, initials, skipped and glued parts, titles inside a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from monitor.text.languages import Form
from monitor.text.languages.common import data
from monitor.text.languages.ru_declension import known_as

_MOST_VARIANTS = 40  # a limit for freak names; the usual name has five to fifteen
_SHORTEST = 4  # letters below which two different names are too easily one letter apart
_ROMAN = re.compile(r"[IVXLC]+\Z")
_RUSSIAN = ("ов", "ова", "ев", "ева", "ёв", "ёва", "ин", "ина", "ский", "ская", "цкий", "цкая", "енко", "чук", "ич")


@cache
def particles() -> frozenset[str]:
    """Return the particles of foreign names, in small letters."""
    return frozenset(data("ru")["particles"])


@cache
def _same() -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(row) for row in data("ru")["same"] for name in row}


@cache
def _rules(second: bool) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    rows = (row for row in data("ru")["variants"] if not (second and row.get("alone")))
    return tuple((re.compile(row["pattern"]), row["to"], row["rule"]) for row in rows)


def is_ordinal(word: str) -> bool:
    """Tell whether a word is a ruler's number (XVI)."""
    return bool(_ROMAN.match(word))


def is_initial(word: str) -> bool:
    """Tell whether a word is an initial, with or without its full stop."""
    bare = word.rstrip(".")
    return 0 < len(bare) <= 2 and bare[:1].isupper() and (len(bare) == 1 or bare in ("Дж", "Ю", "Дз", "Ст", "Ж"))


@cache
def variants(word: str) -> Mapping[str, str]:
    """Return other spellings of one word of a name, each with its rule.

    Given names that are one and the same stand in a table. Transliterations follow the rules of the data, one at a
    time or two together, and only where the word is long enough and no ordinary Russian name.
    """
    found: dict[str, str] = {
        other: "another form of the given name" for other in _same().get(word, ()) if other != word
    }
    if len(word) < _SHORTEST - 1 or _ordinary(word):
        return found
    first = _applied(word.lower())
    for spelling, rule in first.items():
        found.setdefault(spelling.capitalize(), rule)
    if len(word) > _SHORTEST:
        for spelling, rule in first.items():
            for second, other in _applied(spelling, second=True).items():
                if second != word.lower() and len(found) < _MOST_VARIANTS:
                    found.setdefault(second.capitalize(), rule if rule == other else f"{rule}, {other}")
    found.pop(word, None)
    return found


def _ordinary(word: str) -> bool:
    """Tell whether a word is spelled in one way only: a Russian name that the dictionary knows."""
    return word.lower().endswith(_RUSSIAN) and known_as(word, "Surn", "Patr")


def _applied(word: str, *, second: bool = False) -> dict[str, str]:
    """Apply each rule at each place; for a `second` change, leave out those that only make sense alone."""
    found: dict[str, str] = {}
    for pattern, to, rule in _rules(second):
        for match in pattern.finditer(word):
            spelling = word[: match.start()] + match.expand(to) + word[match.end() :]
            if spelling != word:
                found.setdefault(spelling, rule)
    return found


def spellings(words: Sequence[str]) -> Iterator[Form]:
    """Yield other ways to write a person's whole name."""
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
    if words[0][:1].islower():
        if words[-1][:1].isupper() and len(words) > 1:
            yield Form(words[-1], "name without title")
    elif is_ordinal(words[-1]):
        if len(words) > 1:
            yield Form(words[-2], "name without number")
    elif len(words) > 1 and len(words[-1]) > 2:
        yield Form(words[-1], "surname alone")
        if words[-2].lower() in particles():
            yield Form(f"{words[-2]} {words[-1]}", "surname alone")
