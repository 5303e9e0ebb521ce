"""Folding: one spelling for letters that writers use alike, with the way back to the text as it was given.

    text -> broken words joined -> each character looked up: kept, replaced, spread over several, or dropped

Arabic knowledge (which characters are letters, which are marks, what a foreign or presentation form stands for) comes
from camel-tools' character sets, its cleaning map and its normalisers; they are asked once per character when the table
is built, because asking them for every text would be far too slow. What they leave open is decided here: hamza on its
carriers, Latin accents, the Turkish dotless i, Cyrillic ё, invisible characters.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
_BMP = 0x10000
_SPREAD = 0xFFFF  # stands in the table for "several characters"; it is no character itself
_OTHER = 0x25A0  # what a character beyond the basic plane (an emoji, a rare script) becomes: a sign, never a letter

TATWEEL = "ـ"
_LETTER = "\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdfb\ufe70-\ufefc"
_SEPARATOR = r".*·•…\-–"
# Three ways in which letters are pulled apart to get past a filter; each only between Arabic letters.
# The abbreviation of a Hijri year is written with a tatweel, and a full stop may follow it.
_PULLED = re.compile(rf"(?<=[{_LETTER}])(?<![\d\s]ه)(?:ـ+[{_SEPARATOR}]+ـ*|[{_SEPARATOR}]+ـ+)(?=[{_LETTER}])")
_STARRED = re.compile(rf"(?<=[{_LETTER}])[*•·]+(?=[{_LETTER}])")
_SPELLED = re.compile(rf"(?<![\w{_SEPARATOR}])[{_LETTER}](?:[{_SEPARATOR}][{_LETTER}]){{2,}}(?![\w])")
_SHORT = 40  # characters up to which a text is folded one by one
_STARS = "*•·"
_SEPARATORS = ".*·•…-–"
_SEPARATOR_SET = frozenset(_SEPARATORS)
_BESIDE_TATWEEL = frozenset(_SEPARATORS) | {TATWEEL}
_SPELLED_SEPARATORS = re.compile(rf"[{_SEPARATOR}]")

_CARRIERS = {"ؤ": "و", "ئ": "ي"}
_OWN = {
    "ı": "i", "İ": "i", "ё": "е", "Ё": "е", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d",
    "þ": "th", "ə": "e", "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "′": "'", "`": "'", "´": "'", "“": '"', "”": '"',
    "„": '"', "‟": '"', "«": '"', "»": '"', "‹": '"', "›": '"', "″": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-",
    "—": "-", "―": "-", "−": "-", "…": ".", "،": ",", "؛": ";", "؟": "?", "٪": "%", "٫": ",", "٬": "'", "۔": ".",
    "ە": "ه", "ۀ": "ه", "ﷺ": " ", "ﷻ": " ", "ﷲ": "الله", "\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip

_ASCII = dict.fromkeys((*range(0x20), 0x7F), " ") | {ord("\n"): "\n", ord("\r"): "\n", ord("`"): "'"}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and the way back. `offsets[i]` is the place in `source` that folded character `i` came from."""

    source: str
    text: str
    offsets: Offsets | None = None
    broken: tuple[tuple[int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of `source` that `text[start:end]` stands for, its vowel marks included."""
        if start >= end:
            raise ValueError("an empty span stands for nothing")
        if self.offsets is None:
            return start, end
        left, right = int(self.offsets[start]), int(self.offsets[end - 1]) + 1
        return left, with_marks(self.source, right)


def _fold_short(text: str) -> Folded:
    """Fold a word or a few: for so little text, setting up arrays would take longer than the work."""
    pieces = [fold_character(character) for character in text]
    folded = "".join(pieces)
    if len(folded) == len(text) and all(pieces):
        return Folded(text, folded)
    offsets = [place for place, piece in enumerate(pieces) for _ in piece]
    return Folded(text, folded, np.array(offsets, np.int64))


def with_marks(text: str, end: int) -> int:
    """Move an end over the combining marks that belong to the letter before it."""
    if end < len(text) and (text[end] < "\u0300" or "\u0621" <= text[end] <= "\u064a"):
        return end  # the usual case: a letter, a space or a sign follows
    while end < len(text) and unicodedata.category(text[end]) == "Mn":
        end += 1
    return end


def fold(text: str) -> Folded:
    """Fold a text: lower case, without marks, one letter for each group of letters that writers use alike.

    Punctuation is reduced to its plain forms and kept; line ends stay line ends, other white space becomes a space.
    Folding what is already folded changes nothing.
    """
    if text.isascii():
        return Folded(text, text.lower().translate(_ASCII))
    short = len(text) <= _SHORT and TATWEEL not in text and not _SEPARATOR_SET.intersection(text)
    folded = _fold_short(text) if short else _fold_long(text)
    while again := broken_words(folded.text):  # marks between the letters hid that they were pulled apart
        folded = _without(folded, again)
    return folded


def _fold_long(text: str) -> Folded:
    broken = broken_words(text)
    codes = code_points(text)
    table, spread = plane()
    folded = table[np.minimum(codes, _BMP - 1)]
    folded[codes >= _BMP] = _OTHER
    for start, end in broken:
        folded[start:end] = 0
    if spread and (folded == _SPREAD).any():
        return _spread_out(text, folded, spread, broken)
    if folded.all():
        return Folded(text, _string(folded), None, broken)
    offsets = np.flatnonzero(folded)
    return Folded(text, _string(folded[offsets]), offsets, broken)


def _without(folded: Folded, spans: tuple[tuple[int, int], ...]) -> Folded:
    """Leave spans out of a folded text, and note where in the source they were."""
    kept = np.ones(len(folded.text), dtype=bool)
    for start, end in spans:
        kept[start:end] = False
    offsets = folded.offsets if folded.offsets is not None else np.arange(len(folded.text))
    text = "".join(letter for letter, keep in zip(folded.text, kept.tolist(), strict=True) if keep)
    broken = (*folded.broken, *(folded.span(start, end) for start, end in spans))
    return Folded(folded.source, text, offsets[kept], tuple(sorted(broken)))


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return the text's code points as numbers; lone surrogates, which no encoding carries, included."""
    return np.frombuffer(
        text.encode("utf-32-le" if sys.byteorder == "little" else "utf-32-be", "surrogatepass"), np.uint32
    )


def broken_words(text: str) -> tuple[tuple[int, int], ...]:
    """Find the separators inside words that were pulled apart with tatweel, dots or stars, as spans to leave out."""
    spans: set[tuple[int, int]] = set()
    if TATWEEL in text:
        spans.update(_pulled(text))
    if any(star in text for star in _STARS):
        spans.update(match.span() for match in _STARRED.finditer(text))
    for dot in _SEPARATORS:
        if _spelled_with(text, dot):
            spans.update(_spelled(text))
            break
    return tuple(sorted(spans))


def _pulled(text: str) -> Iterator[tuple[int, int]]:
    """Yield the separators beside each tatweel; goes from one tatweel to the next, so that it costs next to nothing."""
    at = text.find(TATWEEL)
    while at >= 0:
        if text[at + 1 : at + 2] in _BESIDE_TATWEEL or text[at - 1 : at] in _BESIDE_TATWEEL:
            start = at
            while start > 0 and (text[start - 1] == TATWEEL or text[start - 1] in _SEPARATORS):
                start -= 1
            match = _PULLED.match(text, start)
            if match:
                yield match.span()
                at = match.end() - 1
        at = text.find(TATWEEL, at + 1)


def _spelled_with(text: str, dot: str) -> bool:
    """Tell whether the same separator stands on both sides of a single character somewhere."""
    at = text.find(dot)
    while at >= 0:
        following = text.find(dot, at + 1)
        if following == at + 2 and "\u0621" <= text[at + 1] <= "\u06d3":
            return True
        at = following
    return False


def _spelled(text: str) -> Iterator[tuple[int, int]]:
    for word in _SPELLED.finditer(text):
        start = word.start()
        for dot in _SPELLED_SEPARATORS.finditer(word.group()):
            yield start + dot.start(), start + dot.end()


@cache
def fold_character(character: str) -> str:
    """Return what one character becomes; the empty string if it is dropped."""
    code = ord(character)
    if code >= _BMP:
        return chr(_OTHER)
    table, spread = plane()
    value = int(table[code])
    if value == _SPREAD:
        return spread[code]
    return chr(value) if value else ""


def steps(surface: str) -> tuple[str, ...]:
    """Say in plain English what folding did to a surface, for a mention's explanation."""
    said = []
    if broken_words(surface):
        said.append("letters that were pulled apart are joined")
    elif TATWEEL in surface:
        said.append("tatweel removed")
    if any(unicodedata.category(character) == "Mn" for character in surface):
        said.append("vowel marks removed")
    if any(character in "أإآٱىةؤئ" for character in surface):
        said.append("hamza, alef, ya and ta marbuta forms made one")
    if any(unicodedata.category(character) == "Cf" for character in surface):
        said.append("invisible characters removed")
    if any(character in "\u00a0\u202f\u2007" for character in surface):
        said.append("no-break space read as a space")
    if any(0xFB50 <= ord(character) <= 0xFEFC for character in surface):
        said.append("presentation forms read as letters")
    if any(character in "پچژڤگکیھہے" for character in surface):
        said.append("Persian and Urdu letters read as Arabic ones")
    return tuple(said)


def _string(codes: npt.NDArray[np.uint16]) -> str:
    return codes.astype("<u2", copy=False).tobytes().decode("utf-16-le", "surrogatepass")


def _spread_out(
    text: str, folded: npt.NDArray[np.uint16], spread: dict[int, str], broken: tuple[tuple[int, int], ...]
) -> Folded:
    """Fold character by character where one becomes several: rare, so it may be slow."""
    parts: list[str] = []
    offsets: list[int] = []
    for place, code in enumerate(folded.tolist()):
        piece = spread[ord(text[place])] if code == _SPREAD else chr(code) if code else ""
        parts.append(piece)
        offsets.extend([place] * len(piece))
    return Folded(text, "".join(parts), np.array(offsets, np.int64), broken)


@cache
def plane() -> tuple[npt.NDArray[np.uint16], dict[int, str]]:
    """Return what each code of the basic plane becomes, and apart the ones that become several letters.

    In the table 0 drops a character, and `_SPREAD` looks it up among the longer ones.
    """
    table = np.arange(_BMP, dtype=np.uint16)
    spread: dict[int, str] = {}
    with _only_now("camel_tools.utils.charsets", "emoji"):
        for code in range(_BMP):
            if 0xD800 <= code <= 0xDFFF or 0x3000 <= code < 0xFB00:
                continue  # surrogates, and scripts that have nothing to fold
            value = _folded(chr(code))
            if len(value) > 1:
                spread[code] = value
                table[code] = _SPREAD
            else:
                table[code] = ord(value) if value else 0
        _arabic.cache_clear()
    table[0xD800:0xE000] = _OTHER
    table[0xFFFF] = _OTHER
    table.setflags(write=False)
    return table, spread


@contextmanager
def _only_now(*names: str) -> Iterator[None]:
    """Let go, at the end, of modules imported inside: camel-tools' sets of all letters take 30 MB, asked once."""
    before = frozenset(sys.modules)
    yield
    for name in frozenset(sys.modules) - before:
        package, _, last = name.rpartition(".")
        if name.startswith(names):
            del sys.modules[name]
            if package in sys.modules:
                delattr(sys.modules[package], last)


@cache
def _arabic() -> tuple[object, ...]:
    """Ask for camel-tools only when the table is built: its character sets take half a second to load."""
    from camel_tools.utils.charmap import CharMapper  # noqa: PLC0415 - see the docstring
    from camel_tools.utils.charsets import AR_DIAC_CHARSET, UNICODE_MARK_CHARSET  # noqa: PLC0415 - the same reason
    from camel_tools.utils.normalize import (  # noqa: PLC0415 - the same reason
        normalize_alef_ar,
        normalize_alef_maksura_ar,
        normalize_teh_marbuta_ar,
    )

    def letters(text: str) -> str:
        return str(normalize_alef_ar(normalize_alef_maksura_ar(normalize_teh_marbuta_ar(text))))

    return CharMapper.builtin_mapper("arclean"), letters, AR_DIAC_CHARSET | UNICODE_MARK_CHARSET


def _folded(character: str) -> str:
    """Decide one character; called once for each, when the table is built."""
    clean, letters, marks = _arabic()
    if character in _OWN:
        return _OWN[character]
    category = unicodedata.category(character)
    if character in marks or category in ("Cf", "Mn", "Me") or character == TATWEEL:  # type: ignore[operator]
        return ""
    if category in ("Zs", "Cc"):
        return " "
    plain = unicodedata.normalize("NFKC", character)
    if any("\u0600" <= part <= "\u06ff" or "\u0750" <= part <= "\u08ff" for part in plain):
        cleaned = "".join(part if part in " " else str(clean(part)) for part in plain)  # type: ignore[operator]
        arabic = str(letters(cleaned))  # type: ignore[operator]
        return "".join(_CARRIERS.get(part, part) for part in arabic) or ("" if category == "Lm" else plain)
    if "\u0400" <= plain[0] <= "\u052f":
        return plain.lower().replace("ё", "е")
    lowered = unicodedata.normalize("NFKD", plain).lower()
    bare = "".join(part for part in lowered if unicodedata.category(part) != "Mn")
    folded = "".join(_OWN.get(part, part) for part in bare)
    return folded if folded.strip() else " "
