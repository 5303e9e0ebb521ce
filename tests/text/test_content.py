"""Content words: folding, light stems and stable keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.content import Term, fold_word, split, term


def words(text: str) -> list[Term]:
    """Return the terms of a text."""
    _, starts, ends = split(text)
    return [term(text[start:end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("والرئيس", "الرئيس"), ("بالاتفاق", "اتفاق"), ("للمباحثات", "مباحثات"), ("إعلان", "اعلان"),
        ("الحُكومَة", "الحكومة"), ("meetings", "meeting"), ("CEASE-FIRE", "ceasefire"), ("Lavrov", "LAVROV"),
        ("переговоры", "переговоров"), ("١٢", "12"), ("3,000", "3000"),
    ],
)  # fmt: skip
def test_inflection_and_spelling_fold_together(one: str, other: str) -> None:
    """Clitics, endings, letter variants, digits and case do not make another word."""
    assert words(one)[0].key == words(other)[0].key


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("tr", "görüşmeler", "görüşmelerde"), ("tr", "açıklaması", "açıklamasına"), ("tr", "İSTANBUL", "istanbul"),
        ("tr", "IŞIK", "ışık"), ("tr", "Altı", "ALTI"),
        ("fa", "دیدارهای", "دیدار"), ("fa", "بزرگ‌ترین", "بزرگ"), ("fa", "گفتگوهايی", "گفتگوها"),
    ],
)  # fmt: skip
def test_turkish_and_persian_endings_make_no_other_word(language: str, one: str, other: str) -> None:
    """In a text of that language a word with its endings is the same word."""
    assert term(one.replace("\u200c", ""), language).key == term(other, language).key != 0


@pytest.mark.parametrize(
    ("language", "word"), [("tr", "için"), ("tr", "nin"), ("tr", "bir"), ("fa", "است"), ("fa", "که")]
)
def test_function_words_of_a_language_are_its_own(language: str, word: str) -> None:
    """They are not compared in texts of their language; in others they may be names and things."""
    assert term(word, language).key == 0 != term(word).key


@pytest.mark.parametrize(("one", "other"), [("حرب", "سلام"), ("war", "peace"), ("12", "13"), ("мир", "война")])
def test_other_words_stay_other(one: str, other: str) -> None:
    """Different words have different keys."""
    assert term(one).key != term(other).key


@pytest.mark.parametrize("word", ["في", "وعلى", "the", "и"])
def test_stop_words_have_no_key(word: str) -> None:
    """Function words are not compared."""
    assert term(word).key == 0


def test_character_references_are_no_words() -> None:
    """What a feed left unescaped is neither a word nor a number."""
    assert [t.form for t in words("Erdogan&#039;s plan &amp; vote")] == ["erdogan", "s", "plan", "vote"]


@given(st.text(max_size=200))
def test_words_stand_where_they_say(text: str) -> None:
    """Spans are in order, inside the text, not empty, and do not overlap."""
    _, starts, ends = split(text)
    borders = [border for span in zip(starts.tolist(), ends.tolist(), strict=True) for border in span]
    assert borders == sorted(borders)
    assert all(starts < ends)
    assert not borders or borders[-1] <= len(text)


@given(st.text(max_size=30))
def test_folding_is_idempotent(word: str) -> None:
    """Folding a folded word changes nothing."""
    assert fold_word(fold_word(word)) == fold_word(word)
