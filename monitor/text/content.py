"""Content words: what is left of a text for comparing it with another one.

A word is folded (diacritics, tatweel, letter variants, case), freed of clitics and inflection by a light stemmer of
its language, and given a stable 32-bit key. Stop words have the key 0. Nothing here depends on the process's hash
seed, so that keys of two runs agree. The light stemmer for Arabic follows the affix lists of "light10"
(Larkey, Ballesteros and Connell, 2007); Russian and English use the Snowball stemmers.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache

import snowballstemmer  # type: ignore[import-untyped]  # ships no types

from monitor.text.stopwords import STOP_WORDS

_WORD = re.compile(r"[\w\u0640\u064b-\u065f\u0670]+(?:[.,٫]\d+)*")
_ODD = re.compile(r"&#?\w{1,8};|(?:(?:cease|re|co|anti|multi|non|counter|mid)-)?" + _WORD.pattern, re.IGNORECASE)
_MARKS = re.compile(r"[\u0640\u064b-\u065f\u0670\u0610-\u061a\u06d6-\u06ed\u0300-\u036f]+")
_LETTERS = str.maketrans("أإآٱىةؤئیکۀھ", "ااااي" + "هويي" + "كهه")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_ARABIC = re.compile(r"[\u0620-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_PREFIXES = ("وال", "بال", "كال", "فال", "ولل", "ال", "لل")
_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "هم", "نا", "ه", "ي", "ا")
_CACHE_LIMIT = 30_000  # spellings in each of two generations
MAX_WORD = 40


@dataclass(frozen=True, slots=True)
class Term:
    """One distinct word: folded `form`, `stem`, and `key`, a stable hash of the stem (0: a stop word)."""

    form: str
    stem: str
    key: int
    number: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text in order: `terms[i]` stands at `text[starts[i]:ends[i]]`."""

    terms: tuple[Term, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@cache
def _stemmer(name: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(name)


def fold_word(word: str) -> str:
    """Fold one word for comparing: compatibility forms, marks, letter variants, digits and case."""
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word)
        word = _MARKS.sub("", unicodedata.normalize("NFD", word) if not _ARABIC.search(word) else word)
        word = word.translate(_LETTERS).translate(_DIGITS)
    return word.casefold().replace("-", "")


def stem_arabic(form: str) -> str:
    """Strip conjunction, preposition and article, then common suffixes, keeping at least three letters."""
    if len(form) > 4 and form[0] in "وف":
        form = form[1:]
    for prefix in _PREFIXES:
        if form.startswith(prefix) and len(form) - len(prefix) >= 3:
            form = form[len(prefix) :]
            break
    else:
        if len(form) > 4 and form[0] in "بل" and form[1] != "ا":
            form = form[1:]
    for _ in range(2):
        for suffix in _SUFFIXES:
            if form.endswith(suffix) and len(form) - len(suffix) >= 3:
                form = form[: -len(suffix)]
                break
    return form


def stem(form: str) -> str:
    """Return the light stem of a folded word, by its script."""
    if _ARABIC.search(form):
        return stem_arabic(form)
    name = "russian" if _CYRILLIC.search(form) else "english"
    result: str = _stemmer(name).stemWord(form)
    return result


_terms: dict[str, Term] = {}
_older: dict[str, Term] = {}


def term(word: str) -> Term:
    """Return the term of a word as written. Remembered by spelling; the memory of spellings is bounded."""
    found = _terms.get(word)
    if found is None:
        if len(_terms) >= _CACHE_LIMIT:
            _older.clear()
            _older.update(_terms)
            _terms.clear()
        found = _terms[word] = _older.get(word) or _make(word)
    return found


def _make(word: str) -> Term:
    form = fold_word(word[:MAX_WORD])
    if form[:1].isdigit():
        value = form.replace(",", "")
        return Term(form, value, zlib.crc32(value.encode()) | 1, number=True)
    if form in STOP_WORDS or (len(form) > 3 and form[0] in "وف" and form[1:] in STOP_WORDS) or len(form) < 2:
        return Term(form, form, 0)
    root = stem(form)
    return Term(form, root, zlib.crc32(root.encode()) | 1)


def words(text: str) -> Words:
    """Split a text into its words, in order. Linear in the text's length.

    A hyphenated prefix belongs to its word; a character reference that the feed left in is no word.
    """
    pattern = _ODD if "-" in text or "&" in text else _WORD
    spans = [found.span() for found in pattern.finditer(text)]
    if "&" in text:
        spans = [span for span in spans if text[span[0]] != "&"]
    known = _terms.get
    terms = [known(text[start:end]) or term(text[start:end]) for start, end in spans]
    return Words(tuple(terms), tuple(start for start, _ in spans), tuple(end for _, end in spans))
