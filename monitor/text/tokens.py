"""Words: runs of letters and digits in a folded text, with the way back to the text as it was given.

Fold first: in an unfolded text a vowel mark or a tatweel splits a word. An apostrophe ends a word, so that a Turkish
or English ending after it is a word of its own; an underscore does too, because hashtags join words with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.text.fold import Folded, fold

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One folded word; `start` and `end` are its place in the source text, not in the folded one."""

    text: str
    start: int
    end: int


def tokens(text: str | Folded) -> tuple[Token, ...]:
    """Return the words of a text in order, folded, each with its place in the source."""
    folded = fold(text) if isinstance(text, str) else text
    found = []
    for word in _WORD.finditer(folded.text):
        start, end = folded.span(*word.span())
        found.append(Token(word.group(), start, end))
    return tuple(found)


def words(text: str | Folded) -> list[str]:
    """Return the folded words of a text without their places; the fast way where no offsets are needed."""
    folded = fold(text) if isinstance(text, str) else text
    return _WORD.findall(folded.text)
