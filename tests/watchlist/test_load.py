"""What a watchlist's author writes becomes what was meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import Alias, Condition, Kind, Near, Quiet
from tests.watchlist.build import ENTITIES, one, problems, rule, write


def test_every_key_of_an_entity_is_read(tmp_path: Path) -> None:
    """Aliases, strong and weak, roles by office and by title, words for and against arrive with their languages."""
    watchlist = one(
        tmp_path,
        """\
watchlist: Test
entities:
  fidan:
    name: Hakan Fidan
    kind: person
    aliases: {ar: هاكان فيدان, tr: [Hakan  Fidan, H. Fidan]}
    weak: {tr: Fidan}
    support: {tr: [Dışişleri]}
    against: {tr: bahçe}
    roles:
      - {office: Foreign Minister, of: turkey, since: 2023-06-03}
      - {title: {tr: MİT Başkanı}, since: 2010-05-27, until: 2023-06-03}
""",
    )
    entity = watchlist.entities["fidan"]
    assert entity.aliases == (
        Alias("هاكان فيدان", "ar"),
        Alias("Hakan Fidan", "tr"),
        Alias("H. Fidan", "tr"),
        Alias("Fidan", "tr", weak=True),
    )
    assert (entity.support, entity.against) == ({"tr": ("Dışişleri",)}, {"tr": ("bahçe",)})
    office, title = entity.roles
    assert (office.office, office.of, office.since, office.until) == (
        "foreign minister",
        "Türkiye",
        date(2023, 6, 3),
        None,
    )
    assert (title.office, dict(title.titles), title.until) == (None, {"tr": ("MİT Başkanı",)}, date(2023, 6, 3))


@pytest.mark.parametrize("name", ["Türkiye", "Turkey", "TÜRKİYE", "turkiye", "TR", "Турция", "تركيا"])
def test_a_country_may_be_written_as_usual(tmp_path: Path, name: str) -> None:
    """A country is known by its English names, its ISO code, and its names in the program's languages."""
    watchlist = one(
        tmp_path,
        f"watchlist: Test\nentities:\n  x: {{name: X, roles: {{office: foreign minister, of: {name}}}}}\n",
    )
    assert watchlist.entities["x"].roles[0].of == "Türkiye"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("US", "United States"),
        ("UN", "United Nations"),
        ("NATO", "NATO"),
        ("EU", "European Union"),
        ("Arab League",) * 2,
    ],
)
def test_an_organisation_has_offices_too(tmp_path: Path, name: str, key: str) -> None:
    """`of` takes organisations and short names."""
    text = f"watchlist: Test\nentities:\n  x: {{name: X, roles: {{office: secretary-general, of: {name}}}}}\n"
    assert one(tmp_path, text).entities["x"].roles[0].of == key


def test_an_office_that_nobody_knows_is_told_with_those_that_are(tmp_path: Path) -> None:
    """The fix names known offices, and the way out."""
    text = "watchlist: Test\nentities:\n  x: {name: X, roles: {office: astronaut, of: RU}}\n"
    (told,) = problems(write(tmp_path, w=text) / "w.yml")
    assert told.startswith("w.yml:3:32: unknown office 'astronaut'. Fix: known offices: ambassador, ")
    assert told.endswith(", … Or write `title: {ar: …, en: …}`")


def test_words_that_yaml_once_read_as_something_else_stay_words(tmp_path: Path) -> None:
    """`no` is Norwegian and a word, 10:00 is a time, `on` and `1_000` are text: nothing is guessed."""
    text = """\
watchlist: 10:00
entities:
  on: {name: Off, aliases: {no: Nei da, en: [yes, null it]}}
  "1": {name: 1_000, aliases: {en: "null"}}
rules:
  - {name: no, when: on, send_to: console, digest: {at: 10:00}}
"""
    watchlist = one(tmp_path, text)
    assert watchlist.title == "10:00"
    assert watchlist.entities["on"].aliases[0] == Alias("Nei da", "no")
    assert watchlist.entities["1"].aliases == (Alias("null", "en"),)
    assert watchlist.rules[0].name == "no"
    assert watchlist.rules[0].digest is not None
    assert watchlist.rules[0].digest.at == ("10:00",)


def test_when_in_short_is_all(tmp_path: Path) -> None:
    """`when: lavrov` and a bare list both mean that all must be found."""
    assert rule(tmp_path, "    when: lavrov\n").rules[0].when == Condition(all=("lavrov",))
    assert rule(tmp_path, "    when: [lavrov, fidan]\n").rules[0].when == Condition(all=("lavrov", "fidan"))


def test_conditions_nest(tmp_path: Path) -> None:
    """Lists hold entities and conditions, at any depth."""
    found = rule(tmp_path, "    when: {all: [lavrov, {any: [fidan, {none: putin}]}], none: putin}\n").rules[0].when
    inner = Condition(any=("fidan", Condition(none=("putin",))))
    assert found == Condition(all=("lavrov", inner), none=("putin",))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{entities: [lavrov, fidan]}", None),
        ("{entities: [lavrov, fidan], within: sentence}", None),
        ("{entities: [lavrov, fidan], within: {words: 15}}", 15),
        ("{entities: [lavrov, fidan], words: 15}", 15),
    ],
)
def test_near_in_its_spellings(tmp_path: Path, written: str, words: int | None) -> None:
    """Near is the same sentence, or so many words; alone it asks for all of its entities."""
    found = rule(tmp_path, f"    when: {{near: {written}}}\n").rules[0]
    assert found.near == Near(("lavrov", "fidan"), words)
    assert found.when == Condition(all=("lavrov", "fidan"))


def test_every_key_of_a_rule_is_read(tmp_path: Path) -> None:
    """Novelty, kinds, cooldown, budget, quiet hours, severity, sources, languages and via arrive as values."""
    found = rule(
        tmp_path,
        """\
    when: {any: lavrov, via: role, languages: ar, sources: {any: a.example, none: [b.example]}}
    novelty: {at_least: 0.25, kinds: [first, development], each_language: first}
    cooldown: 2h
    budget: 20/day
    quiet: {from: "23:00", to: 06:30, timezone: Europe/Istanbul}
    severity: high
    revisions: alert
""",
    ).rules[0]
    assert (found.via, found.languages, found.sources_any, found.sources_none) == (
        "role",
        ("ar",),
        ("a.example",),
        ("b.example",),
    )
    assert (found.at_least, found.kinds) == (0.25, (Kind.FIRST, Kind.DEVELOPMENT))
    assert found.each_language == "first"
    assert (found.cooldown, found.budget) == (timedelta(hours=2), 20)
    assert found.quiet == Quiet("23:00", "06:30", "Europe/Istanbul")
    assert (found.severity, found.revisions) == ("high", "alert")


def test_sources_in_short_are_the_only_ones(tmp_path: Path) -> None:
    """A bare list of sources means any of these."""
    found = rule(tmp_path, "    when: {all: lavrov, sources: [a.example, b.example]}\n").rules[0]
    assert found.sources_any == ("a.example", "b.example")


def test_tests_become_articles(tmp_path: Path) -> None:
    """A test's text is a body; a time without offset is UTC; its line is kept for the report."""
    text = f"""\
{ENTITIES}tests:
  - {{text: Lavrov came, title: News, lang: en, published: 2023-01-05, source: a.example, expect: lavrov, why: named}}
  - {{text: Nobody, expect: [], published: "2023-01-05T10:00:00+03:00"}}
"""
    first, second = one(tmp_path, text).tests
    assert (first.article.title, first.article.body, first.article.lang) == ("News", "Lavrov came", "en")
    assert (first.article.source, first.article.published) == ("a.example", datetime(2023, 1, 5, tzinfo=UTC))
    assert (first.expect, first.why, first.alerts, first.line) == (("lavrov",), "named", None, 7)
    assert (second.expect, second.article.published) == ((), datetime(2023, 1, 5, 7, tzinfo=UTC))
