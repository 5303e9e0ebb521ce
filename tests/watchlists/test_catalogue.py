"""What lies in `watchlists/`: enough, complete, without contradictions, and doing what its own tests say."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.matching import Matcher
from monitor.model import Alias, Article, Entity, Role, Watchlist
from monitor.watchlist import load, load_catalogue, sentence
from tests.watchlists.runner import failures

BOX = Path(__file__).parents[2] / "watchlists"
FILES = sorted((BOX / "entities").glob("*.yml"))
LANGUAGES = {"ar", "ru", "tr", "fa", "en"}
FIRST = {
    "lavrov", "fidan", "cavusoglu", "erdogan", "putin", "assad", "mekdad", "shaibani", "sharaa", "bogdanov", "peskov",
    "pashinyan", "aliyev", "astana-format",
}  # fmt: skip
CARRIERS = {
    "ar": "جاء ذلك في تقرير عن {} نشر أمس.",
    "ru": "Вчера обсуждалась тема: {} и погода.",
    "tr": "Dün {} hakkında bir yazı yayımlandı.",
    "fa": "دیروز درباره {} گزارشی منتشر شد.",
    "en": "A report about {} came out yesterday.",
}
# Offices that several people hold at a time.
SHARED = {"deputy foreign minister", "vice president", "special envoy", "ambassador", "spokesman"}


@cache
def watchlists() -> tuple[Watchlist, ...]:
    """The watchlists in the box."""
    return load([BOX])


@cache
def catalogue() -> dict[str, Entity]:
    """All entities of the catalogue."""
    return dict(load_catalogue(BOX / "entities"))


def roles() -> list[tuple[str, Role]]:
    """Every role with whose it is."""
    return [(entity.id, role) for entity in catalogue().values() for role in entity.roles]


def test_the_box_is_full() -> None:
    """At least sixty entities, the fourteen of the samples among them, and three watchlists."""
    assert len(catalogue()) >= 60
    assert set(catalogue()) >= FIRST
    assert [watchlist.id for watchlist in watchlists()] == ["russia", "south-caucasus", "syria-turkiye"]


def test_every_entity_is_spelled_in_five_languages() -> None:
    """Whoever is in the catalogue is found in Arabic, Russian, Turkish, Persian and English."""
    lacking = {
        entity.id: missing
        for entity in catalogue().values()
        if (missing := LANGUAGES - {alias.lang for alias in entity.aliases if not alias.weak})
    }
    assert lacking == {}


def test_a_strong_spelling_is_one_entitys_alone() -> None:
    """What is enough on its own never points at two."""
    owners = defaultdict(set)
    for entity in catalogue().values():
        for alias in entity.aliases:
            if not alias.weak:
                owners[alias.lang, alias.text.casefold()].add(entity.id)
    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


def test_a_weak_spelling_has_something_to_support_it() -> None:
    """A weak spelling without any words that speak for it, in its language, could hardly ever count."""
    lacking = {
        (entity.id, alias.lang)
        for entity in catalogue().values()
        for alias in entity.aliases
        if alias.weak and alias.lang not in entity.support
    }
    assert lacking == set()


def test_an_office_has_one_holder_at_a_time() -> None:
    """The terms of one office of one country, and of one title, never overlap: else a title would be two people."""
    terms = defaultdict(list)
    for owner, role in roles():
        if role.office not in SHARED:
            key = (role.office, role.of) if role.office else role.titles["en"][0]
            terms[key].append((role.since or date.min, role.until or date.max, owner))
    overlapping = [
        (key, first[2], second[2])
        for key, held in terms.items()
        for first, second in pairwise(sorted(held))
        if second[0] < first[1]
    ]
    assert overlapping == []


def test_every_title_is_said_in_five_languages() -> None:
    """A title that the program has no office for is written out in every language."""
    assert {owner: set(role.titles) for owner, role in roles() if role.titles and set(role.titles) != LANGUAGES} == {}


def test_every_role_has_a_date() -> None:
    """A role without any date would hold for ever."""
    assert [owner for owner, role in roles() if role.since is None and role.until is None] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_with_offices_says_where_its_dates_are_from(path: Path) -> None:
    """The comment at the head of a catalogue file names the source of its dates."""
    text = path.read_text("utf-8")
    if "roles:" in text:
        assert "Dates:" in text[: text.index("entities:")]
    else:
        assert text.startswith("# ")


@cache
def matcher() -> Matcher:
    """One matcher for the whole catalogue, so that entities can get into each other's way."""
    return Matcher(Watchlist("catalogue", "Catalogue", catalogue()))


def found(alias: Alias) -> set[str]:
    """Who is found in a sentence that says nothing but this spelling."""
    body = CARRIERS[alias.lang].format(alias.text)
    article = Article("a", "test", None, datetime(2015, 3, 1, tzinfo=UTC), alias.lang, "", None, body)
    return {match.entity for match in matcher().match(article).matches}


def figures(alias: Alias) -> bool:
    """Tell whether a spelling has figures joined by a sign."""
    return "+" in alias.text


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_signs_in_a_spelling(language: str) -> None:
    """A format that is written in figures is found as it is written."""
    aliases = [alias for alias in catalogue()["three-plus-three"].aliases if alias.lang == language and figures(alias)]
    assert aliases
    assert [alias.text for alias in aliases if found(alias) != {"three-plus-three"}] == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_title_means_its_holder(language: str) -> None:
    """Every title of the catalogue, alone in a sentence of a day on which it was held, finds its holder by role."""
    lacking = [
        (owner, title)
        for owner, role in roles()
        for title in role.titles.get(language, ())
        if owner not in _by_role(title, language, (role.until or date(2026, 1, 2)) - timedelta(days=1))
    ]
    assert lacking == []


def _by_role(title: str, language: str, day: date) -> set[str]:
    body = CARRIERS[language].format(title)
    when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    article = Article("a", "test", None, when, language, "", None, body)
    return {match.entity for match in matcher().match(article).matches if match.via == "role"}


@pytest.mark.parametrize(
    "text",
    [
        "أصدر الشيخ خليفة بن زايد قانونا جديدا.",
        "زار الأمير فيصل بن سلمان المعرض.",
        pytest.param(
            "لكل مجتهد بعد الله كل تقدير.",
            marks=pytest.mark.xfail(reason="half of a compound name, respelled, is taken for the name", strict=True),
        ),
    ],
)
def test_half_a_name_is_somebody_else(text: str) -> None:
    """A brother, a namesake and a common phrase share a part of a name with somebody of the catalogue."""
    article = Article("a", "test", None, datetime(2015, 8, 1, tzinfo=UTC), "ar", "", None, text)
    assert [match.entity for match in matcher().match(article).matches] == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_strong_spelling_is_enough(language: str) -> None:
    """Every strong spelling finds its entity, and nobody else, in a sentence that says nothing about it."""
    wrong = {
        (entity.id, alias.text): ids
        for entity in catalogue().values()
        for alias in entity.aliases
        if alias.lang == language and not alias.weak and (ids := found(alias)) != {entity.id}
    }
    assert wrong == {}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_weak_spelling_is_not_enough(language: str) -> None:
    """No weak spelling counts in a sentence that says nothing about its entity."""
    wrong = [
        (entity.id, alias.text)
        for entity in catalogue().values()
        for alias in entity.aliases
        if alias.lang == language and alias.weak and entity.id in found(alias)
    ]
    assert wrong == []


@pytest.mark.parametrize("watchlist", watchlists(), ids=lambda watchlist: watchlist.id)
def test_its_own_tests_pass(watchlist: Watchlist) -> None:
    """Every test that stands beside a shipped watchlist holds."""
    assert watchlist.tests
    assert failures(watchlist) == []


@pytest.mark.parametrize("watchlist", watchlists(), ids=lambda watchlist: watchlist.id)
def test_every_rule_is_tested_and_reads_as_a_sentence(watchlist: Watchlist) -> None:
    """Each rule of the box is satisfied by one of the tests beside it, and can be said in English."""
    shown = {name for test in watchlist.tests for name in test.alerts or ()}
    assert {rule.name for rule in watchlist.rules} == shown
    assert all(sentence(watchlist, rule).endswith(".") for rule in watchlist.rules)
