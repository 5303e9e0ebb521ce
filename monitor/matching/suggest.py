"""Spellings that look like a watched name and are not read as one: what an author may want to add to an alias.

A window of words is like an alias if one word of it is the alias's own and the others are close; a single long word is
like a one-word alias if almost all of it agrees. Close is `difflib`'s ratio over folded letters, so that the measure is
the same in every script.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from monitor.matching.matcher import Matcher
from monitor.matching.scan import encode
from monitor.model import FIELDS, Article, Field, Findings

_WORD = re.compile(r"\w+")
_NEAR_WORD = 0.7
_NEAR_NAME = 0.85
_LONG = 6
_ARTICLE = encode("ال")
_AROUND = 40


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A spelling that may be the entity's: how often it stands unread, the alias it is like, and one place of it."""

    entity: str
    spelling: str
    lang: str
    like: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class _Name:
    entity: str
    alias: str
    lang: str
    words: tuple[bytes, ...]


@dataclass(slots=True)
class _Seen:
    name: _Name
    spelling: str
    example: str
    count: int = 0


@dataclass(slots=True)
class _Names:
    """Aliases by each of their words, and those of a single long word."""

    by_word: dict[bytes, list[tuple[_Name, int]]] = field(default_factory=lambda: defaultdict(list))
    single: list[_Name] = field(default_factory=list)


def suggestions(matcher: Matcher, articles: Iterable[Article], least: int = 2) -> list[Suggestion]:
    """Return the unread spellings that stand at least `least` times in the articles, the most frequent first."""
    names = _names(matcher)
    seen: dict[tuple[str, tuple[bytes, ...]], _Seen] = {}
    for article in articles:
        findings = matcher.match(article)
        for name in FIELDS:
            _read(article, name, _taken(findings, name), names, seen)
    found = [
        Suggestion(one.name.entity, one.spelling, one.name.lang, one.name.alias, one.count, one.example)
        for one in seen.values()
        if one.count >= least
    ]
    return sorted(found, key=lambda one: (-one.count, one.entity, one.spelling))


def _names(matcher: Matcher) -> _Names:
    names = _Names()
    for entity in matcher.watchlist.entities.values():
        for alias in entity.aliases:
            name = _Name(entity.id, alias.text, alias.lang, tuple(encode(alias.text).split()))
            if len(name.words) > 1:
                for place, word in enumerate(name.words):
                    names.by_word[word].append((name, place))
            elif name.words and len(name.words[0]) >= _LONG and not alias.weak:
                names.single.append(name)
    return names


def _taken(findings: Findings, name: Field) -> list[tuple[int, int]]:
    """Return the spans of a field that were read as somebody, or looked at and rejected."""
    accepted = [(m.start, m.end) for match in findings.matches for m in match.mentions if m.field == name]
    return accepted + [(one.start, one.end) for one in findings.rejected if one.field == name]


def _read(
    article: Article,
    name: Field,
    taken: list[tuple[int, int]],
    names: _Names,
    seen: dict[tuple[str, tuple[bytes, ...]], _Seen],
) -> None:
    """Count what stands in one field."""
    text = article.text(name)
    words = [(found.start(), found.end(), encode(found.group())) for found in _WORD.finditer(text)]
    for like, first, last in _windows([word for _, _, word in words], names):
        start, end = words[first][0], words[last][1]
        if any(start < until and since < end for since, until in taken):
            continue
        key = (like.entity, tuple(word for _, _, word in words[first : last + 1]))
        example = " ".join(text[max(0, start - _AROUND) : end + _AROUND].split())
        seen.setdefault(key, _Seen(like, text[start:end], example)).count += 1


def _windows(words: list[bytes], names: _Names) -> Iterator[tuple[_Name, int, int]]:
    """Yield (the alias, first word, last word) of everything that is like an alias; each window once an entity."""
    told: set[tuple[str, int, int]] = set()
    for at, word in enumerate(words):
        near: Iterable[tuple[_Name, int]] = names.by_word.get(word, ())
        for name, place in near:
            first = at - place
            last = first + len(name.words) - 1
            inside = first >= 0 and last < len(words) and (name.entity, first, last) not in told
            if inside and _like(words[first : last + 1], name.words):
                told.add((name.entity, first, last))
                yield name, first, last
        for name in names.single:
            if (name.entity, at, at) not in told and _close(word, name.words[0], _NEAR_NAME):
                told.add((name.entity, at, at))
                yield name, at, at


def _like(window: list[bytes], words: tuple[bytes, ...]) -> bool:
    """Tell whether a window is like a name without being it."""
    return any(a != b for a, b in zip(window, words, strict=True)) and all(
        a == b or _close(a, b, _NEAR_WORD) for a, b in zip(window, words, strict=True)
    )


@lru_cache(maxsize=200_000)
def _close(word: bytes, other: bytes, least: float) -> bool:
    """Tell whether two different words agree in at least that share of their letters, the article left aside."""
    if word.startswith(_ARTICLE) and other.startswith(_ARTICLE):
        word, other = word.removeprefix(_ARTICLE), other.removeprefix(_ARTICLE)
    longest, shortest = max(len(word), len(other)), min(len(word), len(other))
    if word == other or shortest < 3 or 2 * shortest < least * (longest + shortest):
        return False
    matcher = SequenceMatcher(None, word, other, autojunk=False)
    return matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least and matcher.ratio() >= least


def line_to_paste(suggestion: Suggestion) -> str:
    """Return the alias as a watchlist's author would write it."""
    return f"{suggestion.lang}: [{suggestion.like}, {suggestion.spelling}]"
