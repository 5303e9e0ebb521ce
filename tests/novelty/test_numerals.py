"""Numbers in words are the numbers in digits, in every language that the program reads."""

from __future__ import annotations

import pytest

from monitor.novelty.numerals import NUMERALS
from monitor.text.content import term


@pytest.mark.parametrize(
    ("lang", "word", "digits", "other"),
    [
        ("en", "four", "4", "5"),
        ("en", "eleven", "11", "1"),
        ("ar", "أربعة", "4", "5"),
        ("ar", "تسعين", "90", "8"),
        ("ru", "четыре", "4", "5"),
        ("tr", "üç", "3", "4"),
        ("tr", "dört", "4", "5"),
        ("tr", "otuz", "30", "20"),
        ("fa", "چهار", "4", "5"),
        ("fa", "بیست", "20", "2"),
    ],
)
def test_a_word_is_its_number(lang: str, word: str, digits: str, other: str) -> None:
    """A word stands for its digits and they for it, as the words of its language are compared, and for no other."""
    spelled, figures = term(word, lang).key, term(digits).key
    assert figures in NUMERALS[spelled]
    assert spelled in NUMERALS[figures]
    assert term(other).key not in NUMERALS[spelled]


@pytest.mark.parametrize(("lang", "word"), [("en", "one"), ("ar", "واحد"), ("ru", "один"), ("tr", "bir"), ("fa", "یک")])
def test_one_is_no_number(lang: str, word: str) -> None:
    """What is an article or a pronoun as often is left out."""
    assert term(word, lang).key not in NUMERALS
