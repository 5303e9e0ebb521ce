"""Words of a text, folded, with their places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.text.fold import fold
from monitor.text.tokens import tokens, words


def test_words_are_folded_and_placed() -> None:
    """A token is folded, its place is the source's, and a vowel mark does not split it."""
    text = "قال محمّدٌ: Erdoğan'ın sözü"
    assert [token.text for token in tokens(text)] == ["قال", "محمد", "erdogan", "in", "sozu"]
    assert [text[token.start : token.end] for token in tokens(text)] == ["قال", "محمّدٌ", "Erdoğan", "ın", "sözü"]


def test_hashtags_fall_apart() -> None:
    """An underscore joins no words."""
    assert words("#سيرغي_لافروف") == ["سيرغي", "لافروف"]


def test_folded_text_is_taken_as_it_is() -> None:
    """A text that was folded already is not folded again."""
    folded = fold("القاهرة الكبرى")
    assert words(folded) == words("القاهرة الكبرى") == ["القاهره", "الكبري"]


@given(st.text(max_size=60))
def test_tokens_slice_to_themselves(text: str) -> None:
    """A token's place in the source folds to the token, or to more of it where letters were pulled apart."""
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text in fold(text[token.start : token.end]).text or fold(text).broken
