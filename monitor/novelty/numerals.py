"""Numbers that are written as words, so that "three" is no other number than 3, and "five" is one."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.text.content import fold_word, term

_WORDS = {
    2: "اثنان اثنين اثنتان اثنتين two два две двое двух",
    3: "ثلاثة ثلاث three три трое трех",
    4: "أربعة أربع four четыре четверо четырех",
    5: "خمسة خمس five пять пяти",
    6: "ستة six шесть шести",
    7: "سبعة سبع seven семь семи",
    8: "ثمانية ثماني eight восемь восьми",
    9: "تسعة تسع nine девять девяти",
    10: "عشرة عشر ten десять десяти",
    11: "eleven одиннадцать",
    12: "twelve двенадцать",
    13: "thirteen тринадцать",
    14: "fourteen четырнадцать",
    15: "fifteen пятнадцать",
    16: "sixteen шестнадцать",
    17: "seventeen семнадцать",
    18: "eighteen восемнадцать",
    19: "nineteen девятнадцать",
    20: "عشرون عشرين twenty двадцать двадцати",
    30: "ثلاثون ثلاثين thirty тридцать",
    40: "أربعون أربعين forty сорок",
    50: "خمسون خمسين fifty пятьдесят",
    60: "ستون ستين sixty шестьдесят",
    70: "سبعون سبعين seventy семьдесят",
    80: "ثمانون ثمانين eighty восемьдесят",
    90: "تسعون تسعين ninety девяносто",
    100: "مئة مائة hundred сто",
    1000: "thousand тысяча",
}
# "One" is left out, which is an article and a pronoun as often, and what means other things too.
_OF_LANGUAGE = {
    "tr": {
        2: "iki",
        3: "üç",
        4: "dört",
        5: "beş",
        6: "altı",
        7: "yedi",
        8: "sekiz",
        9: "dokuz",
        20: "yirmi",
        30: "otuz",
    },
    "fa": {2: "دو", 3: "سه", 4: "چهار", 5: "پنج", 6: "شش", 7: "هفت", 8: "هشت", 20: "بیست"},
}


def _build() -> dict[int, frozenset[int]]:
    forms = {
        value: {term(str(value)).key, *(term(word).key for word in words.split())} for value, words in _WORDS.items()
    }
    for language, own in _OF_LANGUAGE.items():
        for value, word in own.items():
            forms[value].add(term(word, language).key)
    known: dict[int, frozenset[int]] = {}
    for same in forms.values():
        for key in same:  # thirty has the stem of three in Arabic: it is either
            known[key] = known.get(key, frozenset()) | same
    return known


NUMERALS: Mapping[int, frozenset[int]] = _build()
"""The key of a number's word or digits (see `content.term`) -> the keys of all its forms: by them it was heard."""

_SPELLED = frozenset(
    fold_word(word)
    for words in (_WORDS, *_OF_LANGUAGE.values())
    for value, some in words.items()
    for word in some.split()
    if value > 2
)


def is_numeral(word: str) -> bool:
    """Tell whether a word as written says a number: others share its stem, as Monday does that of two in Arabic.

    Two itself is none: it says no more than "both".
    """
    return fold_word(word) in _SPELLED
