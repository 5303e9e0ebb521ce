"""What is measured in a sentence and around a name: every count has its cap, every distance its end."""

from __future__ import annotations

from math import log1p

import pytest

from monitor.novelty.reading import read
from monitor.novelty.salience import LINE_FEATURES, lines
from tests.novelty.stories import article, findings


def measured(body: str, title: str = "") -> dict[str, float]:
    """Return the measures of the last sentence that names Lavrov."""
    one = article("a", (title, body), lang="en")
    return dict(zip(LINE_FEATURES, lines(read(one, findings(one)), "lavrov")[-1].values, strict=True))


@pytest.mark.parametrize(
    ("word", "name", "most"),
    [("said", "says", 4), ("met", "acts", 4), ("previously", "past", 3), ("why", "opinion", 3), ("1{}", "number", 3)],
)
def test_words_of_a_sentence_are_counted_up_to_a_cap(word: str, name: str, most: int) -> None:
    """One, two and so on, numbers if they differ, and no more however often the words stand there."""
    told = [" ".join(word.format(number) for number in range(times)) for times in range(most + 3)]
    counted = [measured(f"Lavrov went {words} home.")[name] for words in told]
    assert counted == [float(min(times, most)) for times in range(most + 3)]


@pytest.mark.parametrize(
    ("word", "name", "most", "reach"), [("president", "listed", 6, 15), ("وسفير", "joined", 4, 10)]
)
def test_words_around_a_name_are_counted_up_to_a_cap(word: str, name: str, most: int, reach: int) -> None:
    """Titles and words that begin with "and" make a list; those further away belong to another one."""
    share = most / 3 if name == "listed" else most / 2
    counted = [measured(f"Lavrov went {f'{word} ' * times}home.")[name] for times in range(most + 2)]
    assert counted == pytest.approx([min(times, most) / most * share for times in range(most + 2)])
    for away, there in ((reach - 1, True), (reach, False)):
        assert bool(measured(f"Lavrov {'went ' * away}{word} home.")[name]) is there
    for away, there in ((reach - 1, True), (reach, False)):
        assert bool(measured(f"{word} {'went ' * away}Lavrov left home.")[name]) is there


@pytest.mark.parametrize(
    ("word", "name", "before", "after"),
    [
        ("said", "verb_before", 5, 0),
        ("said", "verb_after", 0, 3),
        ("said", "say_near", 8, 6),
        ("met", "act_near", 8, 6),
        ("visit", "event_near", 6, 5),
        ("regime", "head", 3, 0),
        ("regime", "head_after", 0, 3),
        ("spokesman", "deputy", 4, 0),
        ("president", "title_form", 3, 0),
    ],
)
def test_each_word_counts_within_its_reach(word: str, name: str, before: int, after: int) -> None:
    """A word so many places before or behind the name is beside it, and one place further it is not."""
    for away in range(1, 11):
        assert measured(f"{word} {'went ' * (away - 1)}Lavrov left home.")[name] == float(away <= before), away
        assert measured(f"Lavrov {'went ' * (away - 1)}{word} home.")[name] == float(away <= after), away


@pytest.mark.parametrize(
    ("text", "subject", "object_"),
    [
        ("said Lavrov at home", 1.0, 0.0),
        ("said president Lavrov at home", 1.0, 0.0),
        ("said went went went went Lavrov at home", 1.0, 0.0),
        ("said went went went went went Lavrov at home", 0.0, 0.0),
        ("said president president president president president Lavrov left", 0.5, 0.0),
        ("said president president president president president president Lavrov left", 0.0, 0.0),
        ("said regime Lavrov at home", 0.0, 1.0),
        ("said spokesman Lavrov at home", 0.0, 1.0),
        ("went Lavrov at home", 0.0, 0.0),
    ],
)
def test_a_verb_before_a_name_makes_it_the_subject(text: str, subject: float, object_: float) -> None:
    """Titles and a few other words may stand between; what belongs to somebody, or speaks for him, takes the verb."""
    found = measured(text)
    assert (found["subject"], found["object"]) == (subject, object_)


def test_where_a_sentence_stands() -> None:
    """The first of the text is the lead, the next two follow it, and the title is neither."""
    sentences = [f"Lavrov went home number{number}." for number in range(5)]
    rows = [measured(" ".join(sentences[: count + 1])) for count in range(5)]
    assert [row["lead"] for row in rows] == [1, 0, 0, 0, 0]
    assert [row["second"] for row in rows] == [0, 1, 1, 0, 0]
    assert [row["place"] for row in rows] == [log1p(place) for place in range(5)]
    title = measured("They went home early today.", "Lavrov leaves")
    assert title["title"] == 0.0  # the short text's own sentence follows it
    one = article("a", ("Lavrov leaves", "They went home early today."), lang="en")
    first = dict(zip(LINE_FEATURES, lines(read(one, findings(one)), "lavrov")[0].values, strict=True))
    assert (first["title"], first["lead"], first["place"], first["named"]) == (1.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(("places", "opens"), [(0, True), (2, True), (3, False)])
def test_a_name_opens_its_sentence(places: int, opens: bool) -> None:
    """Among the first three words."""
    assert measured(f"{'went ' * places}Lavrov left home.")["opens"] == float(opens)
