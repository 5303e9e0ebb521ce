"""Folding: one spelling for letters that writers use alike, and the way back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import fold as module
from monitor.text.fold import broken_words, fold, fold_character, steps

ARABIC = st.text(st.characters(min_codepoint=0x0600, max_codepoint=0x06FF) | st.sampled_from(" .*ـ-•\n"), max_size=80)
ANYTHING = st.text(max_size=80)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("أإآٱ", "اااا"),
        ("مدرسة على", "مدرسه علي"),
        ("مُحَمَّدٌ", "محمد"),
        ("ســلام", "سلام"),
        ("پژچڤگ", "بزجفك"),
        ("کتابی", "كتابي"),
        ("ﻻ ﺳﻼم", "لا سلام"),
        ("٢٠١٥ ۲۰۱۶", "2015 2016"),
        ("مسؤول رئيس", "مسوول رييس"),
        ("لا\u200cفروف", "لافروف"),
        ("\u200fلافروف\u202c", "لافروف"),
        ("سيرغي\u00a0لافروف", "سيرغي لافروف"),
        ("«نعم» “لا”", '"نعم" "لا"'),
        ("İSTANBUL Iğdır çöğüş", "istanbul igdir cogus"),
        ("Ёлкин Й", "елкин й"),
        ("Straße", "strasse"),
        ("line\r\nend\ttab", "line\n\nend tab"),
    ],
)
def test_folds_to(written: str, folded: str) -> None:
    """Hamza and alef, marks, foreign letters, presentation forms, digits, invisibles, quotation marks and case fold."""
    assert fold(written).text == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [("إطـ.ـلاق", "اطلاق"), ("ر.و.س.ي.ا", "روسيا"), ("ب*و*تين", "بوتين"), ("مكـ•ـافحة", "مكافحه"), ("ح-ر-ب", "حرب")],
)
def test_joins_what_was_pulled_apart(written: str, folded: str) -> None:
    """Letters split by tatweel, dots, stars or dashes are read as one word."""
    assert fold(written).text == folded
    assert "letters that were pulled apart are joined" in steps(written)


@pytest.mark.parametrize(
    "written", ["قال.وأضاف", "1436هـ.ودعت", "سنة 1436 هـ.ودعت", "د.محمد", "#خبر_عاجل", "كلمة - كلمة", "3.5"]
)
def test_leaves_sentences_and_abbreviations(written: str) -> None:
    """A forgotten space after a full stop, an abbreviation, a hashtag or a number is no broken word."""
    assert broken_words(written) == ()


@given(ARABIC | ANYTHING)
def test_folding_is_idempotent(text: str) -> None:
    """Folding what is folded changes nothing."""
    once = fold(text).text
    assert fold(once).text == once


@given(ARABIC | ANYTHING)
def test_every_span_leads_back(text: str) -> None:
    """Every folded character's span lies in the source, in order, and folds to what stands there."""
    folded = fold(text)
    last = 0
    for at in range(len(folded.text)):
        start, end = folded.span(at, at + 1)
        assert last <= start < end <= len(text)
        assert folded.text[at] in "".join(fold_character(character) for character in text[start:end])
        last = start


@given(ANYTHING)
def test_short_and_long_texts_fold_alike(text: str) -> None:
    """The way for a few characters and the way for whole articles agree."""
    long = fold(f"{text}{'ا' * 60}").text
    assert long[: len(long) - 60] == fold(text).text or broken_words(f"{text}{'ا' * 60}") != broken_words(text)


def test_a_span_takes_its_marks_along() -> None:
    """A surface ends with the vowel marks of its last letter."""
    text = "قال محمّدٌ نعم"
    folded = fold(text)
    start, end = folded.span(4, 8)
    assert text[start:end] == "محمّدٌ"


def test_an_empty_span_is_refused() -> None:
    """Asking where nothing came from is a mistake of the caller."""
    with pytest.raises(ValueError, match="empty"):
        fold("abc").span(1, 1)


def test_emoji_are_signs() -> None:
    """What lies beyond the basic plane keeps its place and is no letter."""
    folded = fold("ا🙂ب")
    assert len(folded.text) == 3
    assert not folded.text[1].isalpha()
    assert folded.span(2, 3) == (2, 3)


@pytest.fixture
def _fresh_table() -> Iterator[None]:
    for cached in (module.plane, module._arabic, fold_character):
        cached.cache_clear()
    yield
    for cached in (module.plane, module._arabic, fold_character):
        cached.cache_clear()


@pytest.mark.usefixtures("_fresh_table")
def test_camel_tools_normalisers_are_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The letters that count as one come from camel-tools: without its alef normaliser alef forms stay apart."""
    monkeypatch.setattr("camel_tools.utils.normalize.normalize_alef_ar", lambda text: text)
    assert fold("أحمد").text != fold("احمد").text


@pytest.mark.usefixtures("_fresh_table")
@pytest.mark.parametrize("name", ["charmap", "charsets", "normalize"])
def test_camel_tools_cannot_be_taken_away(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Folding, and with it every reader of text, needs camel-tools' character sets, maps and normalisers."""
    monkeypatch.setitem(sys.modules, f"camel_tools.utils.{name}", None)
    with pytest.raises(ImportError):
        fold("أحمد")


def test_sets_of_all_letters_are_let_go() -> None:
    """camel-tools' sets of every letter of Unicode, 30 MB, don't stay in memory once the table is made."""
    program = "import sys; from monitor.text.fold import fold; fold('أحمد'); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "camel_tools.utils" in modules
    assert not [name for name in modules if name.endswith("charsets") or name.startswith("emoji")]


def test_steps_say_what_happened() -> None:
    """A mention's explanation names what folding did to its surface."""
    assert steps("ســلام") == ("tatweel removed",)
    assert "vowel marks removed" in steps("سَلام")
    assert "Persian and Urdu letters read as Arabic ones" in steps("لاڤروف")
    assert "presentation forms read as letters" in steps("ﻻفروف")
    assert "no-break space read as a space" in steps("سيرغي\u00a0لافروف")
    assert "invisible characters removed" in steps("لا\u200cفروف")
    assert steps("سلام") == ()
