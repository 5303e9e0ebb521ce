"""Where sentences end, what is left out, and where a mention stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.novelty.reading import LONG, read
from tests.novelty.stories import article, findings


def sentences(body: str, title: str = "", lang: str = "en") -> list[str]:
    """Return the sentences of a text as they stand in it, the title's first."""
    one = article("a", (title, body), lang=lang)
    return [one.text(row.field)[row.start : row.end].strip() for row in read(one, findings(one)).sentences]


@pytest.mark.parametrize(
    "short",
    "Jan Feb Aug Sept Oct Nov Dec Gen Sen Rep Gov Mr U.S U.N J e.g".split(),  # noqa: SIM905  # a table
)
def test_a_shortened_word_ends_no_sentence(short: str) -> None:
    """Initials, months, titles and countries with their stops stand inside a sentence."""
    text = f"They met {short}. Kaya and left."
    assert sentences(text) == [text]


@pytest.mark.parametrize("word", ["Cairo", "jan", "JAN", "SEPT", "12", "oct"])
def test_another_word_ends_one(word: str) -> None:
    """Any other word before a full stop ends its sentence, as do spellings that are no abbreviation."""
    assert sentences(f"They met {word}. Kaya had left.") == [f"They met {word}.", "Kaya had left."]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One is here! Two is here? Three is", ["One is here!", "Two is here?", "Three is"]),
        ("He said: “Go now!” They went off.", ["He said: “Go now!”", "They went off."]),
        ("They waited... Then they left.", ["They waited...", "Then they left."]),
        ("Some 3.5 million and more", ["Some 3.5 million and more"]),
        ("A line\nanother line\n\n\nthe last", ["A line", "another line", "the last"]),
        ("وصل الوفد؟ نعم وصل… ثم غادر.", ["وصل الوفد؟", "نعم وصل…", "ثم غادر."]),
        ("Gone. They left early.", ["They left early."]),
    ],
)
def test_sentences_end_where_readers_stop(text: str, parts: list[str]) -> None:
    """Marks of both scripts, closing quotes, dots in a row, numbers and line ends; one word alone is no sentence."""
    assert sentences(text) == parts


def test_a_title_of_one_word_is_a_sentence() -> None:
    """A headline counts however short it is."""
    assert sentences("They left early.", title="Lavrov") == ["Lavrov", "They left early."]


def test_a_very_long_sentence_is_read_in_clauses() -> None:
    """What is longer than a reader's breath is cut at commas, into parts of some length, and nothing is lost."""
    clause = "one two three four five six seven eight nine ten, "
    text = (clause * 6).strip(", ")
    parts = sentences(text)
    assert len(parts) > 1
    assert " ".join(parts) == text
    assert all(len(part.split()) >= LONG // 3 for part in parts)
    assert sentences((clause * 4).strip(", ")) == [(clause * 4).strip(", ")]


@pytest.mark.parametrize("sign", ["Tags: a, b", "Read more: that", "كلمات دلالية خبر", "رابط الخبر هنا", "Теги: это"])
def test_what_stands_below_an_article_is_not_read(sign: str) -> None:
    """Tags and links after the text are left out; so near the beginning they are text."""
    long = "They met again in the city and spoke of wheat. " * 6
    assert sentences(f"{long}\n{sign}\nand so on it goes") == sentences(long)
    assert len(sentences(f"They met.\n{sign} and so on it goes")) > 1


def test_a_summary_that_begins_the_body_is_read_once() -> None:
    """A summary that is the body's own beginning adds nothing; another one is read."""
    one = article("a", ("They meet", "They met in the city. They spoke of wheat."), lang="en")
    for summary, fields in (
        ("They met in the city.", ["title", "body", "body"]),
        ("He left.", ["title", "summary", "body", "body"]),
    ):
        with_summary = replace(one, summary=summary)
        assert [row.field for row in read(with_summary, findings(with_summary)).sentences] == fields
