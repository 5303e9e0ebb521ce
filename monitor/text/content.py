"""Content words: what is left of a text for comparing it with another one.

A word is folded (diacritics, tatweel, letter variants, case), freed of clitics and inflection by a light stemmer of
its language, and given a stable 32-bit key. Stop words have the key 0. Nothing here depends on the process's hash
seed, so that keys of two runs agree. The light stemmer for Arabic follows the affix lists of "light10"
(Larkey, Ballesteros and Connell, 2007); Russian and English use the Snowball stemmers; of a Turkish word its first five
letters count, which compares texts as well as a lemmatiser does (Can and others, 2008); a Persian one loses the endings
of number, comparison and indefiniteness. The script tells the first three apart, the last two have to be named.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import snowballstemmer  # type: ignore[import-untyped]  # ships no types

from monitor.text.fold import code_points
from monitor.text.stopwords import OWN_STOP_WORDS, STOP_WORDS

_WORD = re.compile(r"[\w\u0640\u064b-\u065f\u0670]+(?:[.,٫]\d+)*")
_ODD = re.compile(r"&#?\w{1,8};|(?:(?:cease|re|co|anti|multi|non|counter|mid)-)?" + _WORD.pattern, re.IGNORECASE)
_BMP = 0x10000
_IN_WORD, _DIGIT, _POINT, _HYPHEN = 1, 2, 4, 8  # what a character may be, as bits
_MARKS = re.compile(r"[\u0640\u064b-\u065f\u0670\u0610-\u061a\u06d6-\u06ed\u0300-\u036f]+")
_LETTERS = str.maketrans("أإآٱىةؤئیکۀھ", "ااااي" + "هويي" + "كهه")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_ARABIC = re.compile(r"[\u0620-\u06ff]")
_UNMARKED = _LETTERS | _DIGITS | {code: None for code in range(0x300, 0x700) if _MARKS.match(chr(code))}
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_PREFIXES = {3: {"وال", "بال", "كال", "فال", "ولل"}, 2: {"ال", "لل"}}
_SUFFIXES = {2: {"ها", "ان", "ات", "ون", "ين", "يه", "هم", "نا"}, 1: {"ه", "ي", "ا"}}
_PERSIAN_SUFFIXES = ("هايي", "هاي", "ها", "ترين", "تر", "ي")
_TURKISH_STEM = 5
Keys = npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]
MAX_WORD = 40


class Term(NamedTuple):
    """One distinct word: folded `form`, `stem`, and `key`, a stable hash of the stem (0: a stop word)."""

    form: str
    stem: str
    key: int
    number: bool = False


@cache
def _stemmer(name: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(name)


def fold_word(word: str) -> str:
    """Fold one word for comparing: compatibility forms, marks, letter variants, digits and case."""
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word)
        if _ARABIC.search(word):
            word = word.translate(_UNMARKED)
        else:
            word = _MARKS.sub("", unicodedata.normalize("NFD", word)).translate(_DIGITS)
    return word.casefold().replace("-", "")


def stem_arabic(form: str) -> str:
    """Strip conjunction, preposition and article, then common suffixes, keeping at least three letters."""
    if len(form) > 4 and form[0] in "وف":
        form = form[1:]
    size = len(form)
    if size >= 6 and form[:3] in _PREFIXES[3]:
        form = form[3:]
    elif size >= 5 and form[:2] in _PREFIXES[2]:
        form = form[2:]
    elif size > 4 and form[0] in "بل" and form[1] != "ا":
        form = form[1:]
    for _ in range(2):
        if len(form) >= 5 and form[-2:] in _SUFFIXES[2]:
            form = form[:-2]
        elif len(form) >= 4 and form[-1] in _SUFFIXES[1]:
            form = form[:-1]
    return form


def stem_persian(form: str) -> str:
    """Strip one ending, keeping at least three letters."""
    ending = next((one for one in _PERSIAN_SUFFIXES if form.endswith(one) and len(form) >= len(one) + 3), "")
    return form.removesuffix(ending)


def stem(form: str, language: str = "") -> str:
    """Return the light stem of a folded word, by its script, and by its language where that is Persian or Turkish."""
    if _ARABIC.search(form):
        return stem_persian(form) if language == "fa" else stem_arabic(form)
    if _CYRILLIC.search(form):
        name = "russian"
    elif language == "tr":
        return form[:_TURKISH_STEM]
    else:
        name = "english"
    result: str = _stemmer(name).stemWord(form)
    return result


def term(word: str, language: str = "") -> Term:
    """Make the term of a word as written; `language` is a code of two letters."""
    form = fold_word(word[:MAX_WORD])
    if language == "tr":
        form = form.replace("ı", "i")  # its capital is read as that of i
    if form[:1].isdigit():
        value = form.replace(",", "")
        return Term(form, value, zlib.crc32(value.encode()) | 1, number=True)
    if _is_stop_word(form, language) or len(form) < 2:
        return Term(form, form, 0)
    root = stem(form, language)
    return Term(form, root, zlib.crc32(root.encode()) | 1)


def _is_stop_word(form: str, language: str) -> bool:
    if form in STOP_WORDS or form in OWN_STOP_WORDS.get(language, ()):
        return True
    return len(form) > 3 and form[0] in "وف" and form[1:] in STOP_WORDS


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """Return for each character of the basic plane whether it stands in words, is a digit, or may join two words."""
    table = np.zeros(_BMP, np.uint8)
    for code in range(_BMP):
        character = chr(code)
        if _WORD.match(character):
            table[code] = _IN_WORD | (_DIGIT if character.isdecimal() else 0)
    table[[ord(mark) for mark in ".,٫"]] = _POINT
    table[ord("-")] = _HYPHEN
    table.setflags(write=False)
    return table


class Spans(NamedTuple):
    """Where the words of a text stand, in order, and the text's code points."""

    codes: Keys
    starts: Places
    ends: Places


def split(text: str) -> Spans:
    """Find the words of a text. Linear in the text's length.

    A hyphenated prefix belongs to its word; a character reference that the feed left in is no word. This is what
    `_ODD` finds, some times faster: all characters are looked up at once.
    """
    codes = code_points(text)
    if not len(codes) or "&" in text or codes.max() >= _BMP:
        spans = [one.span() for one in _ODD.finditer(text) if one[0][0] != "&"]
        starts, ends = np.array(spans, np.intp).reshape(-1, 2).T
        return Spans(codes, starts, ends)
    kinds = np.zeros(len(codes) + 3, np.uint8)  # one more before the text and two after it
    kinds[1:-2] = _classes().take(codes)
    inside = kinds & _IN_WORD
    borders = (inside[1:] != inside[:-1]).nonzero()[0]
    starts, ends = borders[::2], borders[1::2]
    after, beyond = kinds.take(ends + 1), kinds.take(ends + 2)
    joined = ((after == _POINT) & (beyond & _DIGIT > 0)) | ((after == _HYPHEN) & (beyond & _IN_WORD > 0))
    if joined.any():
        starts, ends = _mended(text, starts.tolist(), ends.tolist(), joined.nonzero()[0].tolist())
    return Spans(codes, starts, ends)


def _mended(text: str, starts: list[int], ends: list[int], joined: list[int]) -> tuple[Places, Places]:
    """Read the words at these places again, because what follows may belong to them; what they take in is gone."""
    gone: list[int] = []
    for place in joined:
        found = _ODD.match(text, starts[place])
        if found is None or found.end() == ends[place] or (gone and gone[-1] >= place):
            continue
        ends[place] = found.end()
        following = place + 1
        while following < len(starts) and starts[following] < found.end():
            if ends[following] <= found.end():
                gone.append(following)
            starts[following] = found.end()
            following += 1
    for place in reversed(gone):
        del starts[place], ends[place]
    return np.array(starts, np.intp), np.array(ends, np.intp)
