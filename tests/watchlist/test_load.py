"""What a watchlist's author writes becomes what was meant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ConfigError, Problem
from monitor.model import Alias, Condition, Kind, Near, Quiet, Watchlist
from monitor.watchlist import load, load_catalogue, references

ENTITIES = """\
watchlist: Test
entities:
  lavrov: {name: Sergey Lavrov, aliases: {en: Lavrov}}
  fidan: {name: Hakan Fidan, aliases: {en: Hakan Fidan}}
  putin: {name: Vladimir Putin, aliases: {en: Putin}}
"""
CATALOGUE = "entities:\n  lavrov: {name: Sergey Lavrov, aliases: {en: Lavrov}}\n"


def write(directory: Path, **files: str) -> Path:
    """Write files named by `directory__name`, all `.yml`."""
    for name, text in files.items():
        path = directory / f"{name.replace('__', '/')}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return directory


def one(tmp_path: Path, text: str) -> Watchlist:
    """Load one watchlist from text."""
    (watchlist,) = load([write(tmp_path, test=text) / "test.yml"])
    return watchlist


def rule(tmp_path: Path, body: str) -> Watchlist:
    """Load a watchlist with one rule of this body."""
    return one(tmp_path, f"{ENTITIES}rules:\n  - name: One\n    send_to: console\n{body}")


def problems(*paths: Path) -> list[str]:
    """The problems that loading these paths gives."""
    with pytest.raises(ConfigError) as error:
        load(paths)
    return [f"{Path(p.file).name}:{p.line}:{p.column}: {p.message}. Fix: {p.fix}" for p in error.value.problems]


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
    novelty: {at_least: 0.25, kinds: [first, development]}
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


def test_a_directory_is_watchlists_and_their_catalogue(tmp_path: Path) -> None:
    """A directory's files are watchlists by name, its `entities/` is what they use; a single file finds it too."""
    write(
        tmp_path,
        b="watchlist: B\nuse: lavrov\n",
        a="watchlist: A\nuse: [lavrov]\n",
        entities__people=CATALOGUE,
    )
    (tmp_path / "README.md").write_text("no watchlist", "utf-8")
    first, second = load([tmp_path])
    assert (first.id, second.id, first.title) == ("a", "b", "A")
    assert first.entities["lavrov"] == second.entities["lavrov"]
    assert load([tmp_path / "a.yml"]) == (first,)
    assert load([tmp_path / "a.yml", tmp_path]) == (first, second)


def test_a_broken_catalogue_is_told_even_where_nobody_uses_it(tmp_path: Path) -> None:
    """A directory is checked as a whole."""
    write(tmp_path, a=ENTITIES, entities__people="entities:\n  x: {name: X}\n", entities__more="entity: {}\n")
    assert problems(tmp_path) == [
        "more.yml:1:1: unknown key 'entity' in catalogue. Fix: did you mean 'entities'?",
        "people.yml:2:3: entity 'x' has nothing to be found by. Fix: add `aliases: {ar: …, en: …}`",
    ]


def test_an_entity_stands_in_one_place(tmp_path: Path) -> None:
    """One id in two catalogue files, or used and also defined, is a mistake: which one would hold?"""
    own = "watchlist: A\nuse: [lavrov]\nentities:\n  lavrov: {name: Other, aliases: {en: Other}}\n"
    write(tmp_path, a=own, entities__one=CATALOGUE, entities__two=CATALOGUE)
    told = problems(tmp_path)
    assert told[0] == (
        "a.yml:4:3: entity 'lavrov' is defined here and also used from the catalogue. "
        "Fix: remove lavrov from `use`, or give this one another id"
    )
    assert told[1].startswith("two.yml:2:3: entity 'lavrov' stands also in ")
    assert len(told) == 2


def test_what_is_in_the_catalogue_is_suggested(tmp_path: Path) -> None:
    """A misspelt `use` gets the nearest entity; an entity that is there but not used is said to be so."""
    text = """\
watchlist: A
use: [lavrow]
entities: {fidan: {name: F, aliases: {en: Fidan}}}
rules:
  - {name: One, when: lavrov, send_to: console}
"""
    write(tmp_path, a=text, entities__people=CATALOGUE)
    told = problems(tmp_path)
    assert told == [
        f"a.yml:2:7: entity 'lavrow' is not in the catalogue {tmp_path / 'entities'}. Fix: did you mean 'lavrov'?",
        "a.yml:5:23: entity 'lavrov' is in the catalogue but not used here. Fix: add lavrov to `use`",
    ]


def test_one_name_is_one_watchlist(tmp_path: Path) -> None:
    """Two files of the same name would share an identity in the store."""
    write(tmp_path, one__a=ENTITIES, two__a=ENTITIES)
    told = problems(tmp_path / "one", tmp_path / "two")
    assert told == [
        f"a.yml:1:1: watchlist 'a' is also read from {tmp_path / 'one' / 'a.yml'}. Fix: rename one of the two files"
    ]


def test_nothing_to_read_is_a_mistake(tmp_path: Path) -> None:
    """An empty directory and a missing file are told, with what to do."""
    empty = tmp_path / "empty"
    empty.mkdir()
    assert problems(empty) == [
        "empty:1:1: no watchlist in this directory. Fix: add a `name.yml`, or point somewhere else"
    ]
    assert problems(tmp_path / "none.yml") == [
        "none.yml:1:1: can't be read: No such file or directory. Fix: check path and permissions"
    ]


def test_the_version_is_what_the_watchlist_says(tmp_path: Path) -> None:
    """Comments, layout and tests leave the version alone; a spelling, a rule or a used entity changes it."""
    use = "watchlist: A\nuse: [lavrov]\n"
    rules = "rules:\n  - {name: One, when: lavrov, send_to: console}\n"
    base = write(tmp_path / "1", a=use + rules, entities__p=CATALOGUE)
    same = write(
        tmp_path / "2",
        a=f"# a comment\n{rules.replace('  - ', '- ')}{use}tests: [{{text: Lavrov, expect: lavrov}}]\n",
        entities__p="# another\n" + CATALOGUE + "  putin: {name: P, aliases: {en: Putin}}\n",
    )
    other_rule = write(tmp_path / "3", a=use + rules.replace("One", "Two"), entities__p=CATALOGUE)
    other_entity = write(tmp_path / "4", a=use + rules, entities__p=CATALOGUE.replace("en: Lavrov", "ru: Лавров"))
    versions = [load([path])[0].version for path in (base, same, other_rule, other_entity)]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3
    assert all(version.isalnum() for version in versions)


def test_channels_are_found_where_they_are_named(tmp_path: Path) -> None:
    """A channel's place in the file is known, so that an unknown one can be pointed at."""
    text = ENTITIES + "rules:\n  - name: One\n    when: lavrov\n    send_to:\n      - desk\n      - archive\n"
    first, second = references(one(tmp_path, text))
    assert (first.channel, first.rule, first.line, first.column) == ("desk", "One", 10, 9)
    assert (second.channel, second.line, Path(second.file).name) == ("archive", 11, "test.yml")


SAMPLE = """\
watchlist: Test
use: lavrov
entities:
  fidan:
    name: Hakan Fidan
    kind: person
    aliases: {ar: هاكان فيدان}
    weak: {tr: [Fidan]}
    support: {tr: Dışişleri}
    against: {tr: [bahçe]}
    roles:
      - {office: foreign minister, of: Türkiye, since: 2023-06-03}
      - {title: {tr: [MİT Başkanı]}, until: 2023-06-03}
rules:
  - name: One
    when: {all: [fidan, {any: lavrov}], near: {entities: [lavrov, fidan], within: {words: 3}}, sources: {none: [x]}}
    novelty: {at_least: 0.25, kinds: [first]}
    quiet: {from: "23:00", to: "06:30", timezone: UTC}
    digest: {at: ["08:00"]}
    send_to: console
tests:
  - {text: Fidan, expect: [fidan], alerts: [One], published: 2023-06-03}
"""
ODD = ("", "~", "[]", "{}", "[[]]", "{a: {b: [c]}}", "x", "-1", "2023-13-45", "99999999999999999999", "[x, [y]]", '""')


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_word_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever stands in place of any word of a watchlist, it loads or its problems are told."""
    words = re.findall(r"[^\s:,\[\]{}]+", SAMPLE)
    text = SAMPLE
    for _ in range(data.draw(st.integers(1, 3))):
        text = text.replace(data.draw(st.sampled_from(words)), data.draw(st.sampled_from(ODD)), 1)
    directory = write(tmp_path_factory.mktemp("odd"), w=text, entities__p=CATALOGUE)
    told: tuple[Problem, ...] = ()
    try:
        assert load([directory])
    except ConfigError as error:
        told = error.problems
    assert all(problem.message and problem.fix and problem.line for problem in told)


def test_too_many_problems_are_cut_short(tmp_path: Path) -> None:
    """A file that is wrong everywhere is told its first hundred problems, and that there are more."""
    text = ENTITIES + "rules:\n" + "".join(f"  - {{name: R{n}, when: nobody, send_to: x}}\n" for n in range(500))
    told = problems(write(tmp_path, w=text) / "w.yml")
    assert len(told) == 101
    assert any(text.endswith("reading stops here, there is too much wrong. Fix: mend the above first") for text in told)
    catalogue = "entities:\n" + "".join(f"  e{n}: {{name: E}}\n" for n in range(500))
    with pytest.raises(ConfigError) as error:
        load_catalogue(write(tmp_path, entities__p=catalogue) / "entities")
    assert len(error.value.problems) == 101


def test_marks_that_nobody_sees_do_no_harm(tmp_path: Path) -> None:
    """A mark of direction copied with a name, and odd spaces in it, are no part of it; a test's lines are kept."""
    text = """\
watchlist: Test
entities:
  x: {name: X, aliases: {ar: "\u200fهاكان  فيدان\u200f"}, roles: {office: foreign minister, of: "Türkiye\u200e"}}
tests:
  - {text: "one\\n\\ntwo", expect: x}
"""
    watchlist = one(tmp_path, text)
    assert watchlist.entities["x"].aliases == (Alias("هاكان فيدان", "ar"),)
    assert watchlist.entities["x"].roles[0].of == "Türkiye"
    assert watchlist.tests[0].article.body == "one\n\ntwo"


def test_a_directory_that_can_not_be_read_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory without permission is told like a file without permission, not raised."""

    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    write(tmp_path, w=ENTITIES)
    monkeypatch.setattr(Path, "iterdir", refuse)
    (told,) = problems(tmp_path)
    assert told.endswith(":1:1: can't be read: Permission denied. Fix: check its permissions")
