"""Files and directories become watchlists that hold together, or their problems are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ConfigError, Problem
from monitor.model import Alias
from monitor.watchlist import load, load_catalogue, references
from tests.watchlist.build import CATALOGUE, ENTITIES, one, problems, write


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
