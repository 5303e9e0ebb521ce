"""The matcher's own view of a text: one byte a letter, words between single spaces, made as fast as the machine allows.

    code points -> table -> bytes (letter, digit, or a space for everything else) -> words

Letters get the byte of what they fold to (`text.fold`), so that the view says the same as folding, at several times its
speed. Scripts without a place in the alphabet share bytes; a name in such a script is checked against the folded text.
"""

from __future__ import annotations

import string
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from monitor.model import FIELDS, Article, Field
from monitor.text.fold import broken_words, fold_character, plane, with_marks

ARABIC = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_ARABIC_AT, _CYRILLIC_AT, SHARED = 0x80, 0xA0, 0xC0  # from the last on, letters of other scripts share bytes
SPACE = 0x20
_BMP = 0x10000
_SPREAD = 1  # a byte no letter has: the character becomes several letters, which are written out first
FIELD_BREAK = "\n\x1e\n"

ALPHABET: dict[str, int] = {
    **{letter: ord(letter) for letter in string.ascii_lowercase + string.digits},
    **{letter: _ARABIC_AT + place for place, letter in enumerate(ARABIC)},
    **{letter: _CYRILLIC_AT + place for place, letter in enumerate(CYRILLIC)},
}


def letter_byte(letter: str) -> int:
    """Return the byte of a folded character: its own, a shared one for other scripts, a space for what is no letter."""
    code = ALPHABET.get(letter)
    if code is not None:
        return code
    return SHARED + ord(letter) % 0x30 if letter.isalnum() else SPACE


def written(text: str) -> bytes:
    """Return the words of a text as the view writes them, joined by single spaces; for names and titles only."""
    return b" ".join(b"".join(map(_character, text)).split())


@lru_cache(maxsize=50_000)
def encode(text: str) -> bytes:
    """Return what `written` does, and remember it: for what is asked again and again."""
    return written(text)


@cache
def _character(character: str) -> bytes:
    return bytes(letter_byte(letter) for letter in fold_character(character))


@cache
def _table() -> npt.NDArray[np.uint8]:
    folded, spread = plane()
    table = np.fromiter((letter_byte(chr(code)) if code else 0 for code in folded.tolist()), np.uint8, _BMP)
    for code in spread:  # signs that fold to several letters (™, ½) are no letters of any word
        table[code] = _SPREAD if chr(code).isalpha() else SPACE
    table.setflags(write=False)
    return table


@dataclass(slots=True)
class View:
    """A text as words of bytes. Where each word stands in the text is found when first asked for."""

    text: str
    raw: bytes
    kept: npt.NDArray[np.int64] | None
    words: list[bytes]
    _begins: list[int] | None = None
    _ends: list[int] | None = None

    def span(self, first: int, last: int, skip: int = 0) -> tuple[int, int]:
        """Return the place in the text of words `first` to `last` (both included), without `skip` leading letters."""
        begins, ends = self.places()
        left = begins[first] if not skip else self._inside(first, skip)
        return left, with_marks(self.text, ends[last])

    def gap(self, before: int) -> str:
        """Return what stands in the text between word `before` and the next one."""
        begins, ends = self.places()
        return self.text[ends[before] : begins[before + 1]]

    def places(self) -> tuple[list[int], list[int]]:
        """Return where each word begins in the text, and where it ends, without the marks on its last letter."""
        if self._begins is None or self._ends is None:
            first = self._first_letters()
            last = first + np.fromiter(map(len, self.words), np.int64, len(self.words)) - 1
            if self.kept is not None:
                first, last = self.kept[first], self.kept[last]
            self._begins, self._ends = first.tolist(), (last + 1).tolist()
        return self._begins, self._ends

    def word_at(self, position: int) -> int:
        """Return the index of the first word that starts at or after a place in the text."""
        return bisect_left(self.places()[0], position)

    def _first_letters(self) -> npt.NDArray[np.int64]:
        inside = np.frombuffer(self.raw, np.uint8) != SPACE
        first = inside.copy()
        first[1:] &= ~inside[:-1]
        return np.flatnonzero(first)

    def _inside(self, word: int, skip: int) -> int:
        """Return the place in the text of a letter inside a word."""
        letter = int(self._first_letters()[word]) + skip
        return int(self.kept[letter]) if self.kept is not None else letter


def view(text: str) -> View:
    """Read a text as words of bytes; linear, and nearly all of it outside Python."""
    data = text.encode("utf-16-le", "surrogatepass")
    codes: npt.NDArray[np.uint16] | npt.NDArray[np.uint32] = np.frombuffer(data, "<u2")
    if len(codes) != len(text):
        wide = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        codes = np.where(wide < _BMP, wide, 0x25A0).astype(np.uint16)
    letters = _table()[codes]
    for start, end in broken_words(text):
        letters[start:end] = 0
    if letters.size and int(letters.min()) <= _SPREAD:
        spread = np.flatnonzero(letters == _SPREAD)
        if spread.size:
            return _spread_out(text, spread)
        kept = np.flatnonzero(letters)
        raw = letters[kept].tobytes()
        return View(text, raw, kept, raw.split())
    raw = letters.tobytes()
    return View(text, raw, None, raw.split())


def _spread_out(text: str, places: npt.NDArray[np.int64]) -> View:
    """Read a text in which some characters become several letters, such as ligatures: they are written out first."""
    lengths = np.ones(len(text), np.int64)
    parts: list[str] = []
    at = 0
    for place in places.tolist():
        written_out = fold_character(text[place])
        lengths[place] = len(written_out)
        parts += (text[at:place], written_out)
        at = place + 1
    offsets = np.repeat(np.arange(len(text)), lengths)
    seen = view("".join([*parts, text[at:]]))
    return View(text, seen.raw, offsets if seen.kept is None else offsets[seen.kept], seen.words)


@dataclass(frozen=True, slots=True)
class Fields:
    """An article's fields in one text, so that it is read once, and the way back to each field."""

    text: str
    begins: tuple[tuple[int, Field], ...]

    def locate(self, start: int, end: int) -> tuple[Field, int, int]:
        """Return the field of a span and its offsets in that field."""
        begin, name = next(row for row in reversed(self.begins) if row[0] <= start)
        return name, start - begin, end - begin


def fields(article: Article) -> Fields:
    """Join an article's fields with a break that no name crosses."""
    parts: list[str] = []
    begins: list[tuple[int, Field]] = []
    at = 0
    for name in FIELDS:
        text = article.text(name)
        if text:
            begins.append((at, name))
            parts.append(text)
            at += len(text) + len(FIELD_BREAK)
    return Fields(FIELD_BREAK.join(parts), tuple(begins))
