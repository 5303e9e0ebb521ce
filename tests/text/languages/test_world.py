"""The data of offices and countries: complete, consistent, and found by whatever an author writes."""

from __future__ import annotations

import re

import pytest

from monitor.text.languages import CODES, language
from monitor.text.languages.common import data
from monitor.text.languages.world import PARTS, countries, country, load_data, office, offices

COUNTRIES = load_data("countries.yml")
OFFICES = load_data("offices.yml")


def test_sixty_countries_and_the_organisations() -> None:
    """At least sixty countries are known, and the organisations that hold offices."""
    states = [entry for entry in COUNTRIES.values() if entry.get("kind", "country") == "country"]
    assert len(states) >= 60
    for name in ("UN", "EU", "NATO", "Arab League", "GCC"):
        assert country(name) is not None, name


def test_every_country_is_named_in_every_language() -> None:
    """A country has a name in five languages and an adjective where it is a state; no part is unknown."""
    for key, entry in COUNTRIES.items():
        for code in CODES:
            assert entry[code]["names"], (key, code)
            assert set(entry[code]) <= set(PARTS), (key, code)
            if entry.get("kind", "country") == "country":
                assert entry[code]["adj"], (key, code)


def test_codes_are_unique() -> None:
    """No two countries share a code."""
    codes = [entry["code"] for entry in COUNTRIES.values()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("written", "key"),
    [("Turkey", "Türkiye"), ("turkey", "Türkiye"), ("TR", "Türkiye"), ("USA", "United States"), ("us", "United States"),
     ("روسيا", "Russia"), ("Россия", "Russia"), ("İran", "Iran"), ("Britain", "United Kingdom"), ("NO", "Norway")],
)  # fmt: skip
def test_countries_are_found_by_what_authors_write(written: str, key: str) -> None:
    """A key, a code, and a name in any language mean the country."""
    found = country(written)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("written", ["Foreign Minister", "minister of foreign affairs", "premier", "speaker", "envoy"])
def test_offices_are_found_by_what_authors_write(written: str) -> None:
    """An office has other names that an author may use."""
    assert office(written) is not None


def test_unknown_names_are_unknown() -> None:
    """What the data does not know is not guessed."""
    assert country("Atlantis") is None
    assert office("court jester") is None


def test_every_office_has_a_title_in_every_language() -> None:
    """An office can be recognised in five languages, by a title of its own or one of a country's."""
    for found in {id(found): found for found in offices().values()}.values():
        for code in CODES:
            own = found.titles.get(code) or found.short.get(code)
            assert own or any(code in by for by in found.only.values()), (found.key, code)


def test_only_and_never_name_known_countries() -> None:
    """A title that belongs to one country names one that the data knows."""
    for found in offices().values():
        for place in (*found.only, *found.never):
            assert place in COUNTRIES, (found.key, place)


def test_alternatives_are_spread() -> None:
    """No bracket of an alternative is left in a title."""
    for found in offices().values():
        every = [
            *found.titles.values(),
            *found.short.values(),
            *(row for by in found.only.values() for row in by.values()),
        ]
        assert not [text for texts in every for text in texts if re.search(r"[()|]|  ", text)], found.key


@pytest.mark.parametrize("code", CODES)
def test_every_title_has_forms(code: str) -> None:
    """Each language makes at least the base form of each of its titles, and no placeholder is left in it."""
    knows = language(code)
    for key in OFFICES:
        titles = tuple(knows.office_titles(key))
        assert titles, key
        assert not [title.text for title in titles if "{" in title.text or "*" in title.text or "(" in title.text], key


@pytest.mark.parametrize("code", CODES)
def test_every_country_has_words(code: str) -> None:
    """Each language names each country."""
    for key in COUNTRIES:
        assert language(code).country_words(key).names, key


@pytest.mark.parametrize("code", ["ru", "tr", "en", "fa"])
def test_rules_compile_and_have_words(code: str) -> None:
    """Every spelling rule is an expression with a reason in plain English, and none repeats over repeats."""
    for row in data(code)["variants"]:
        re.compile(row["pattern"])
        assert row["rule"]
        assert not re.search(r"[+*}]\)?[+*{]", row["pattern"])


def test_countries_are_shared_values() -> None:
    """Looking a country up by two names gives one value."""
    assert countries()["turkey"] is countries()["tr"]


@pytest.mark.parametrize("code", ["ru", "tr", "en", "fa"])
def test_every_spelling_rule_has_an_example_and_a_counterexample(code: str) -> None:
    """Each rule makes of its example what it says, and leaves its counterexample alone."""
    for row in data(code)["variants"]:
        word, other = (text.lower() for text in row["yes"])
        made = {word[: m.start()] + m.expand(row["to"]) + word[m.end() :] for m in re.finditer(row["pattern"], word)}
        assert other in made, row
        assert not re.search(row["pattern"], row["no"].lower()), row
