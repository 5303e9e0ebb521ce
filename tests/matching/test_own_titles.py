"""Titles in an author's own words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitor.matching import Matcher
from monitor.model import Alias, Article, Entity, Role, Watchlist

ENVOY = Entity(
    "envoy",
    "Astrid Lund",
    aliases=(Alias("Astrid Lund", "en"), Alias("أستريد لوند", "ar")),
    roles=(
        Role(
            titles={
                "en": ("mediator for the islands",),
                "ru": ("международный посредник по островам",),
                "tr": ("Adalar Arabulucusu",),
                "fa": ("میانجی جزایر",),
                "ar": ("وسيط الجزر",),
            },
            since=date(2020, 1, 1),
            until=date(2022, 1, 1),
        ),
    ),
)
MATCHER = Matcher(Watchlist("w", "w", {"envoy": ENVOY}))


def _found(text: str, lang: str, year: int = 2021) -> tuple[str, ...]:
    article = Article("a", "s", None, datetime(year, 6, 1, tzinfo=UTC), lang, "", None, text)
    return tuple(mention.surface for match in MATCHER.match(article).matches for mention in match.mentions)


@pytest.mark.parametrize(
    ("lang", "text", "surface"),
    [
        ("en", "The mediator for the islands left.", "mediator for the islands"),
        ("ru", "С международным посредником по островам говорили долго.", "международным посредником по островам"),
        ("tr", "Adalar Arabulucusuna mektup verildi.", "Adalar Arabulucusuna"),
        ("fa", "میانجی جزایر وارد شد.", "میانجی جزایر"),
        ("ar", "وقال وسيط الجزر إن الأمر صعب.", "وسيط الجزر"),
        ("ar", "اجتمع بوسيط الجزر أمس.", "وسيط الجزر"),
        ("ar", "وكان لوسيط الجزر رأي.", "وسيط الجزر"),
    ],
)
def test_a_title_means_its_holder(lang: str, text: str, surface: str) -> None:
    """A title is found in its language's cases, by role."""
    assert _found(text, lang) == (surface,)


def test_the_longest_of_several_titles_is_read() -> None:
    """A title that begins another one is not read inside it; alone it is read."""
    titles = {"en": ("mediator", "mediator for the islands")}
    both = Entity("both", "Astrid Lund", aliases=(Alias("Astrid Lund", "en"),), roles=(Role(titles=titles),))
    for said in ("mediator for the islands", "mediator"):
        one = Article("a", "s", None, datetime(2021, 6, 1, tzinfo=UTC), "en", "", None, f"The {said} left.")
        (match,) = Matcher(Watchlist("w", "w", {"both": both})).match(one).matches
        assert [mention.surface for mention in match.mentions] == [said]


def test_a_title_is_judged_by_its_date() -> None:
    """Before and after its term a title is nobody's."""
    assert _found("The mediator for the islands left.", "en", 2019) == ()
    assert _found("The mediator for the islands left.", "en", 2022) == ()


def test_a_title_with_another_name_is_not_theirs() -> None:
    """A name behind the title, or a deputy's word before it, makes it somebody else's."""
    assert _found("The mediator for the islands Robert Brown left early today.", "en") == ()
    assert _found("The deputy mediator for the islands left.", "en") == ()


def test_a_title_in_another_language_is_not_looked_for() -> None:
    """A title belongs to the language that its author gave it."""
    assert _found("The mediator for the islands left.", "tr") == ()
