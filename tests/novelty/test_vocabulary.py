"""The table of words: what it says of a word does not depend on what else it has met."""

from __future__ import annotations

from math import fsum

import pytest

from monitor.novelty.lexical import entity_voices, page_voices
from monitor.novelty.lexicon import Tag
from monitor.novelty.reading import read
from monitor.novelty.vocabulary import Vocabulary, vocabulary, weights
from monitor.text.content import split, term
from tests.evaluation.novelty_words import entity_words, page_words
from tests.novelty.stories import DENIAL, MEETING, PASSING, article, findings


@pytest.mark.parametrize("bits", [1, 4, 12])
def test_a_word_is_the_same_in_a_full_table(bits: int) -> None:
    """New, known or pushed out by another one of its own text: each word has the key of its spelling."""
    known = Vocabulary({}, bits)
    for round_ in range(3):
        for begin in range(0, 200, 40):
            words = [f"name{number}" for number in range(begin, begin + 60)] * 2
            text = " ".join(words)
            found = known.look(text, split(text))
            assert found.keys.tolist() == [term(word).key for word in words], round_


def test_spellings_that_differ_in_one_letter_are_told_apart() -> None:
    """Neighbours in the alphabet, at every place of the word, are other words."""
    text = "من لن مم لم 200 300 201 abc abd bbc acc"
    known = Vocabulary({})
    for _ in range(2):
        assert known.look(text, split(text)).keys.tolist() == [term(word).key for word in text.split()]


@pytest.mark.parametrize(("language", "text"), [("tr", "görüşmeler için görüşmelerde"), ("fa", "بزرگترین است بزرگ")])
def test_words_are_folded_in_the_language_of_the_text(language: str, text: str) -> None:
    """A language without models of its own still has its endings and its function words."""
    one, between, other = vocabulary(language).look(text, split(text)).keys.tolist()
    assert one == other != 0 == between
    one, between, other = vocabulary("xx").look(text, split(text)).keys.tolist()
    assert one != other
    assert between


def test_what_a_word_does() -> None:
    """Numbers and words that begin with the letter of "and" are marked; the lists of the lexicon count."""
    text = "قال 12 وقال كتاب"
    tags = Vocabulary({}).look(text, split(text)).tags.tolist()
    assert tags == [Tag.SAY, Tag.NUMBER, Tag.SAY | Tag.AND, 0]


@pytest.mark.parametrize("text", [MEETING, DENIAL, PASSING])
def test_voices_are_sums_over_different_words(text: tuple[str, str]) -> None:
    """Each model's value is its constant and the weights of the words that it was trained on, each counted once."""
    one = article("a", text)
    reading, models = read(one, findings(one)), weights()["ar"]
    page, opening = page_words(reading)
    context, sentence = entity_words(reading, "lavrov")
    said = page_voices(reading) | entity_voices(reading, "lavrov")
    for name, words in (("page", page), ("opening", opening), ("context", context), ("sentence", sentence)):
        told = [models[name][word] for word in words if word in models[name]]
        assert len(told) > 2
        assert said[f"l_{name}"] == pytest.approx(fsum((models[name][""], *told)))
