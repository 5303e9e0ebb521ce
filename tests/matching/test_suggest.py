"""Spellings that an author may want to add: found, counted, and never what is read already."""

from __future__ import annotations

from monitor.matching import Matcher
from monitor.matching.suggest import Suggestion, line_to_paste, suggestions
from monitor.model import Alias, Article, Entity, Watchlist

WATCHLIST = Watchlist(
    "desk",
    "Desk",
    {
        "fidan": Entity("fidan", "Hakan Fidan", aliases=(Alias("هاكان فيدان", "ar"), Alias("Hakan Fidan", "en"))),
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
