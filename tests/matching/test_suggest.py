"""Spellings that an author may want to add: found, counted, and never what is read already."""

from __future__ import annotations

import pytest

from monitor.matching import Matcher
from monitor.matching.scan import encode
from monitor.matching.suggest import Suggestion, _close, line_to_paste, suggestions
from monitor.model import Alias, Article, Entity, Watchlist

WATCHLIST = Watchlist(
    "desk",
    "Desk",
    {
        "fidan": Entity("fidan", "Hakan Fidan", aliases=(Alias("هاكان فيدان", "ar"), Alias("Hakan Fidan", "en"))),
        "chair": Entity("chair", "Ann Mary Lindqvist", aliases=(Alias("Ann Mary Lindqvist", "en"),)),
        "round": Entity("round", "Quellovano Accord", kind="process", aliases=(Alias("Quellovano Accord", "en"),)),
        "format": Entity("format", "Ramboliano", kind="process", aliases=(Alias("Ramboliano", "en"),)),
    },
)


def found(*texts: str, least: int = 1) -> dict[tuple[str, str], int]:
    articles = [Article(str(number), "s", None, None, None, text) for number, text in enumerate(texts)]
    return {(one.entity, one.spelling): one.count for one in suggestions(Matcher(WATCHLIST), articles, least)}


def test_a_name_with_one_word_of_its_own_is_suggested() -> None:
    """One word agrees and the other nearly does: suggested, with how often it stands there."""
    texts = ("Hakan Fidanji spoke", "later Hakan Fidanji left")
    assert found(*texts) == {("fidan", "Hakan Fidanji"): 2}
    assert found(*texts, least=3) == {}
    assert found("Ann Mary Lindqvistova spoke") == {("chair", "Ann Mary Lindqvistova"): 1}


def test_the_most_frequent_comes_first_with_an_example() -> None:
    """Suggestions are ordered by count, then entity, then spelling, each with the words around its first place."""
    long = "x" * 50
    texts = [f"{long} talks with Hakan Fidanji about the round, then {long}", "Hakan Fidanji left", "Hakan Fidanji"]
    texts += ["Rambolliano"] * 2 + ["Hakan Fidani"] * 2 + ["Hakan Fidano"] * 2 + ["Hakan Fidanu"]
    articles = [Article(str(number), "s", None, None, None, text) for number, text in enumerate(texts)]
    given = suggestions(Matcher(WATCHLIST), articles)
    around = f"{'x' * 28} talks with Hakan Fidanji about the round, then {'x' * 17}"
    assert given[0] == Suggestion("fidan", "Hakan Fidanji", "en", "Hakan Fidan", 3, around)
    assert [(one.spelling, one.count) for one in given[1:]] == [
        ("Hakan Fidani", 2),
        ("Hakan Fidano", 2),
        ("Rambolliano", 2),
    ]


@pytest.mark.parametrize(
    ("word", "other", "least", "close"),
    [
        ("fidanji", "fidan", 0.7, True),
        ("fidan", "fidan", 0.7, False),
        ("ab", "abc", 0.7, False),
        ("abc", "abd", 0.6, True),
        ("abc", "abd", 0.7, False),
        ("abcdefghij", "abcdef", 0.75, True),
        ("abcdefghij", "abcdef", 0.76, False),
        ("الفيدان", "الفيدن", 0.85, True),
        ("الزيد", "العمر", 0.4, False),
        ("abcdef", "fedcba", 0.7, False),
    ],
)
def test_words_are_close_by_their_letters(word: str, other: str, least: float, close: bool) -> None:
    """Two words agree in a share of their letters and order; an article that both have counts for nothing."""
    assert _close(encode(word), encode(other), least) is close


def test_the_first_word_may_be_the_odd_one() -> None:
    """A window is laid so that the word that agrees stands where it stands in the name."""
    assert found("the Quellovistano Accord began") == {("round", "Quellovistano Accord"): 1}
    assert found("Accord Quellovistano") == found("Accord") == {}


def test_what_is_read_already_is_not_suggested() -> None:
    """A mention that the matcher accepts is no suggestion."""
    assert found("قال هاكان فيدان إن بلاده مستعدة", "Hakan Fidan spoke") == {}


def test_another_name_is_not_suggested() -> None:
    """Sharing a given name, or the article, is not enough."""
    assert found("Hakan Sukur scored", "هاكان شكر سجل هدفا") == {}


def test_a_long_single_word_is_suggested_only_if_almost_all_of_it_agrees() -> None:
    """For a name of one word nearly every letter must agree."""
    assert found("the Rambolliano round") == {("format", "Rambolliano"): 1}
    assert found("the Rambling round") == {}


def test_the_line_to_paste_is_an_alias_list() -> None:
    """The author can paste the line into `aliases`."""
    suggestion = Suggestion("fidan", "Hakan Fidanji", "en", "Hakan Fidan", 2, "")
    assert line_to_paste(suggestion) == "en: [Hakan Fidan, Hakan Fidanji]"
