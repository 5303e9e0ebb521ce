"""Sentences: where one statement ends and the next begins, in Arabic, Russian, Turkish, English and Persian.

    line end -> always a border | . ! ? ؟ … ۔ -> a border if what stands before and after allows it

A full stop is no border after an abbreviation, an initial or an ordinal number, inside a number or an address, nor
before a small letter. Closing quotation marks and brackets belong to the sentence that they close.
"""

from __future__ import annotations

import re

from monitor.text.languages import primary

_CANDIDATE = re.compile(r"[.!?؟…۔]+[\"”’»)\]'›]*|\n+")
_BEFORE = 24  # characters looked back at for an abbreviation; longer words are none
_LAST_WORD = re.compile(r"[^\s\"“”«»()\[\]،,:;/]*\Z")
_DOTTED = re.compile(r"\A(?:[^\W\d_]{1,2}\.)+[^\W\d_]{0,2}\Z")  # U.S · a.m · т.е · ا.ف.ب
_NUMBER = re.compile(r"\A\d{1,3}\Z")
_MONTHS_AFTER_ORDINAL = ("tr",)  # languages that write "10. yıl": a number and a full stop make an ordinal

# Abbreviations after which the sentence goes on; without their last full stop, in small letters.
_COMMON = {"vs", "etc", "no", "nr"}
_ABBREVIATIONS = {
    "en": _COMMON
    | {"mr", "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "capt", "cmdr", "adm", "rev", "hon", "sen", "rep"}
    | {"gov", "pres", "st", "jr", "sr", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov"}
    | {"dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "inc", "ltd", "corp", "co", "approx", "dept", "fig"},
    "ru": {"г", "гг", "в", "вв", "т", "тыс", "млн", "млрд", "трлн", "руб", "коп", "им", "ул", "д", "кв", "стр", "см"}
    | {"напр", "проф", "акад", "доц", "ген", "полк", "янв", "фев", "мар", "апр", "авг", "сен", "сент", "окт", "ноя"}
    | {"дек", "св", "др", "пр", "обл", "р", "п", "ст", "долл", "рис"},
    "tr": {"dr", "prof", "doç", "av", "sn", "hz", "org", "gen", "yrd", "vb", "vs", "bkz", "cad", "sok", "mah", "no"}
    | {"alb", "tuğg", "kor", "ör", "age", "st", "ltd", "şti", "tic", "san"},
    "ar": {"د", "أ", "م", "ص", "ت", "ه", "هـ", "آر", "ا", "ب", "ج", "س", "إس", "بي", "إم", "إف", "سي"}
    | {"أي", "إن", "تي"},
    "fa": {"د", "م", "ق", "ص", "ش", "ه"},
}  # fmt: skip


def sentences(text: str, lang: str | None = None) -> tuple[tuple[int, int], ...]:
    """Return the sentences' spans in order, without the white space around them; linear in the text's length.

    `lang` is BCP 47 and only chooses the abbreviations; without it those of all languages count.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _CANDIDATE.finditer(text):
        if match.group()[0] == "\n":
            _add(found, text, start, match.start())
            start = match.end()
        elif _ends(text, match.start(), match.end(), lang):
            _add(found, text, start, match.end())
            start = match.end()
    _add(found, text, start, len(text))
    return tuple(found)


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def _ends(text: str, start: int, end: int, lang: str | None) -> bool:
    """Tell whether the punctuation at `text[start:end]` ends a sentence."""
    after = text[end : end + 1]
    if not after:
        return True
    mark = text[start]
    if not after.isspace():
        return _glued_border(text, start, end)
    following = text[end : end + _BEFORE].lstrip(" \t\u00a0\"“«'‘(")[:1]
    if mark != "." or text[start : start + 2] in ("..", ".…"):
        return not following.islower() and following not in {"،", ","}
    if text[start + 1 : end]:  # a quotation mark or bracket follows the full stop
        return not following.islower()
    return not following.islower() and not _abbreviated(text[max(0, start - _BEFORE) : start], following, lang)


def _glued_border(text: str, start: int, end: int) -> bool:
    """Decide where no space follows: Arabic writers often forget it, addresses and numbers never have it."""
    before, after = text[start - 1 : start], text[end]
    if not after.isalpha() or not (before.isalnum() or before in ')"”»'):
        return False
    if "\u0600" <= after <= "\u06ff":
        word = _LAST_WORD.search(text[max(0, start - _BEFORE) : start])
        following = text[end : end + 3]
        return len(word.group() if word else "") > 2 and not any(part in ".ـ" for part in following)
    return text[start] != "." and after.isupper()


def _abbreviated(before: str, following: str, lang: str | None) -> bool:
    """Tell whether the word before a full stop is an abbreviation, an initial or an ordinal number."""
    match = _LAST_WORD.search(before)
    word = match.group() if match else ""
    if not word:
        return False
    language = primary(lang)
    lowered = word.lower()
    if _NUMBER.match(word):
        return language in _MONTHS_AFTER_ORDINAL
    if _DOTTED.match(word + ".") and "." in word:
        return not following.isupper() or language != "en" or lowered in {"u.s", "u.n", "u.k", "e.u"}
    if len(word) == 1 and word.isupper():
        return True
    known = _ABBREVIATIONS.get(language)
    if known is None:
        return any(lowered in words for words in _ABBREVIATIONS.values())
    return lowered in known
