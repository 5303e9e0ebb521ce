"""What must hold of every language whatever an author writes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.text.languages import CODES, language

WORD = st.one_of(
    st.text(alphabet="абвгйьяАБВЕёЁ-'.", min_size=1, max_size=9),
    st.text(alphabet="abcizşığİÇ-’.0 3", min_size=1, max_size=9).map(lambda text: text.replace(" ", "") or "x"),
    st.text(alphabet="ابتمحدزرکگیئآ\u200c-", min_size=1, max_size=9),
    st.sampled_from(["-", ".", "'", "II", "XVI", "бин", "al", "oğlu", "С.", "ال", "\u200c", "😀", "1", "Второй"]),
)
NAME = st.lists(WORD, min_size=1, max_size=4)


@pytest.mark.parametrize("code", CODES)
@given(words=NAME, kind=st.sampled_from(["person", "process"]))
@settings(max_examples=150, deadline=None)
def test_any_name_gives_forms(code: str, words: list[str], kind: str) -> None:
    """No spelling of a name breaks a language, and every form says which rule made it."""
    knows = language(code)
    forms = [*knows.spellings(words, kind), *knows.short_forms(words, kind)]
    forms += [form for index in range(len(words)) for form in knows.inflect(words, index, kind)]
    assert all(form.rule for form in forms)
    assert all(form.text.strip() for form in forms)


@pytest.mark.parametrize("code", CODES)
@given(word=WORD, own=st.frozensets(WORD, max_size=3), following=st.text(max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_word_can_be_judged(code: str, word: str, own: frozenset[str], following: str) -> None:
    """Whatever stands before, behind or in place of a surname gets an answer."""
    knows = language(code)
    assert knows.names_another(word, own) in (True, False)
    assert knows.stands_alone(word, inside=True, following=following) in (True, False)
    assert knows.agrees(word, word, following) in (True, False)
    assert all(isinstance(form, str) for form in knows.phrase_forms(word))
