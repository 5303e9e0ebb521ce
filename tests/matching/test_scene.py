"""What stands beside a word, and whose office a counterpart's is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.matching import Matcher
from monitor.matching.own_titles import OwnTitles
from monitor.matching.scan import fields, view
from monitor.matching.scene import Scene
from monitor.model import Role
from tests.matching.helpers import DAY, FIDAN, LAVROV, article, person, read, watchlist


def scene(body: str, **more: object) -> Scene:
    """Return the scene of a text in which nobody is watched."""
    one = article(body, lang="en", **more)  # type: ignore[arg-type]
    joined = fields(one)
    return Scene(one, joined, view(joined.text), OwnTitles(()), frozenset())


@pytest.mark.parametrize(
    ("gap", "beside", "loosely"),
    [
        (" ", True, True),
        ("  ", True, True),
        (" “", True, True),
        ("’ (", True, True),
        ("-", True, True),
        (" - ", False, True),
        (", ", False, True),
        ("، ", False, True),
        (". ", False, False),
        ("\n", True, True),
        (": ", False, False),
        ("; ", False, False),
    ],
)
def test_words_are_beside_each_other_across_spaces_and_quotes(gap: str, beside: bool, loosely: bool) -> None:
    """Nothing but space, quotation marks and a hyphen parts two words that belong together; a comma where it may."""
    seen = scene(f"one{gap}two")
    one, two = seen.words
    assert seen.before(1) == (one if beside else b"")
    assert seen.after(0) == (two if beside else b"")
    assert seen.before(1, comma=True) == (one if loosely else b"")
    assert seen.after(0, comma=True) == (two if loosely else b"")


def test_nothing_stands_outside_a_text() -> None:
    """The first word has nothing before it, the last one nothing behind."""
    seen = scene("one two three")
    assert (seen.before(0), seen.after(2)) == (b"", b"")
    assert (seen.before(2), seen.after(1)) == (seen.words[1], seen.words[2])


def test_no_word_is_beside_one_of_another_field() -> None:
    """The title's last word does not stand before the body's first."""
    seen = scene("two", title="one")
    assert (seen.before(1), seen.before(1, comma=True), seen.after(0)) == (b"", b"", b"")


def test_a_sentence_is_the_run_of_its_words() -> None:
    """Each word's sentence begins with its first word and ends before the next one's."""
    seen = scene("One two. Three four five. Six.")
    assert [seen.sentence(word) for word in range(6)] == [(0, 2), (0, 2), (2, 5), (2, 5), (2, 5), (5, 6)]
    assert [seen.surface(word) for word in (0, 4, 5)] == ["One", "five", "Six"]


@pytest.mark.parametrize(
    ("lang", "body", "code"), [("EN-gb", "x", "en"), (None, "قال الوزير", "ar"), ("", "он сказал", "ru")]
)
def test_the_language_is_the_feeds_else_the_letters(lang: str | None, body: str, code: str) -> None:
    """A region says nothing; without a language the script does."""
    one = article(body, lang=lang)
    joined = fields(one)
    assert Scene(one, joined, view(joined.text), OwnTitles(()), frozenset()).lang == code


def test_countries_are_counted_outside_boilerplate() -> None:
    """Names, adjectives and capitals count for their country."""
    counted = scene("Russian ships left Russia for Moscow. Turkish sailors met them.").countries
    assert (counted["Russia"], counted["Türkiye"]) == (3, 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("التقى وزير الخارجية الروسي نظيره التركي.", {"lavrov": ["وزير الخارجية الروسي"], "fidan": ["نظيره التركي"]}),
        ("التقى نائب وزير الخارجية الروسي نظيره التركي.", {}),
        ("التقى نجل وزير الخارجية الروسي نظيره التركي.", {}),
        ("التقى سيرغي لافروف نظيره التركي.", {"lavrov": ["سيرغي لافروف"], "fidan": ["نظيره التركي"]}),
        ("وصل " + "يوما " * 60 + "ثم التقى نظيره التركي.", {}),
        ("التقى وزير الخارجية الروسي " + "أمس " * 30 + "نظيره التركي.",
         {"lavrov": ["وزير الخارجية الروسي"], "fidan": ["نظيره التركي"]}),
        ("التقى وزير الخارجية الروسي " + "أمس " * 60 + "نظيره التركي.", {"lavrov": ["وزير الخارجية الروسي"]}),
    ],
)  # fmt: skip
def test_a_counterparts_office_is_the_one_before_it(text: str, found: dict[str, list[str]]) -> None:
    """A counterpart holds the office named, or held by who was named, shortly before; a deputy's is a deputy."""
    assert read(text, LAVROV, FIDAN) == found


KAYA = person(
    "kaya",
    "زيد عمرو",
    roles=(Role(office="foreign minister", of="Russia", since=date(2010, 1, 1), until=date(2020, 1, 1)),),
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("قال وزير الخارجية الروسي كلمة", True),
        ("قال نائب وزير الخارجية الروسي كلمة", False),
        ("قال وزير الخارجية الروسي عام 2005 كلمة", False),
        ("قال وزير الخارجية الروسي عام 2012 كلمة", True),
        ("قال وزير الخارجية الروسي عام 2010 كلمة", True),
        ("قالت وزيرة الخارجية الروسية كلمة", False),
        ("قال وزير الخارجية الروسي إيغور إيفانوف كلمة", False),
    ],
)
def test_a_title_is_its_holders_then_and_there(text: str, meant: bool) -> None:
    """A deputy, another year, a woman's form and another name beside it make a title somebody else's."""
    day = datetime(2015, 5, 1, tzinfo=UTC)
    assert bool(read(text, KAYA, at=day)) is meant
    assert read(text, KAYA, at=DAY) == {}


def test_a_titles_own_country_comes_before_the_sources() -> None:
    """At home a bare title is the home's; one that names its country is that country's wherever it is printed."""
    text = "قال وزير الخارجية الروسي كلمة. ثم قال وزير الخارجية كلمة."
    said = read(text, LAVROV, FIDAN, country="TR")
    assert said == {"lavrov": ["وزير الخارجية الروسي"], "fidan": ["وزير الخارجية"]}
    assert read(text, LAVROV, FIDAN, country="EG") == {"lavrov": ["وزير الخارجية الروسي"]}


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("قال سيرجي لافروف", ("another Arabic rendering of a foreign sound",)),
        ("قالوا وسيرغي لافروف", ("prefix: and",)),
        ("بسيرجي لافروف", ("prefix: with", "another Arabic rendering of a foreign sound")),
        ("سيرغي ولافروف", None),
        ("سيرغي بلافرف", None),
    ],
)
def test_a_glued_letter_stands_before_a_name_and_not_inside(text: str, steps: tuple[str, ...] | None) -> None:
    """A particle may begin a name's first word, respelled or not; inside the name it makes two of it."""
    named = Matcher(watchlist(person("lavrov", "سيرغي لافروف"))).match(article(text))
    whole = [one for match in named.matches for one in match.mentions if len(one.surface.split()) == 2]
    assert [one.steps for one in whole] == ([steps] if steps else [])


@pytest.mark.parametrize("text", ["They spoke of Russia and foreign minister posts.", "Russia, and foreign ministers."])
def test_a_country_and_a_title_are_two_things(text: str) -> None:
    """What "and" parts from a single title does not belong to it."""
    assert read(text, LAVROV, lang="en") == {}
