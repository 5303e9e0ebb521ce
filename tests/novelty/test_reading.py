"""Where sentences end, what is left out, and where a mention stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import Article, Findings
from monitor.novelty.reading import LONG, read
from monitor.novelty.salience import lines
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


@pytest.mark.parametrize(
    ("body", "captions"),
    [
        ("Lavrov speaks at a forum in Baku on March 2. (Some Body/AP Photo)", 1),
        ("Talks went on for hours.\nLavrov greets Fidan in Baku. (Pool via AP)\nNo date was set.", 1),
        ("Lavrov leaves the hall. (Some Body/Reuters)", 1),
        ("لافروف يصافح نظيره في باكو (تصوير: فلان)\nاستمرت المحادثات ساعات.", 1),
        ("قال لافروف إن المحادثات استمرت ساعات (رويترز)", 0),
        ("Lavrov said that talks went on for hours (AP)", 0),
        ("Lavrov said the (photo) archive was closed.", 0),
        ("Lavrov spoke for hours about many things. " * 12 + "(Some Body/AP Photo)", 0),
    ],
)
def test_captions_are_known_by_their_credit(body: str, captions: int) -> None:
    """A short line that ends in a picture's credit is a caption; a report that an agency signed is none."""
    found = [one for one in read(article("a", ("بيان", body)), Findings()).sentences if one.caption]
    named = [one for one in found if "Lavrov" in body[one.start : one.end] or "لافروف" in body[one.start : one.end]]
    assert len(named) == captions


def test_a_caption_reports_nothing() -> None:
    """Whoever is named only under a picture has no line of his own in the article."""
    body = "Talks went on for hours in the capital.\nLavrov greets a guest in Baku. (Some Body/AP Photo)"
    one = article("a", ("Grain prices fall again", body), lang="en")
    assert not any("Lavrov" in line for line in _quoted(one))
    assert any("Lavrov" in line for line in _quoted(article("b", ("Lavrov in Baku", body), lang="en")))


def _quoted(one: Article) -> list[str]:
    """Return the candidate sentences about him."""
    reading = read(one, findings(one))
    said = [reading.sentences[line.sentence] for line in lines(reading, "lavrov")]
    return [one.text(sentence.field)[sentence.start : sentence.end] for sentence in said]
