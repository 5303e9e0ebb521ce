"""One bad file for every rule of validation. The lines `#> …` at a file's end are exactly what must be said of it."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from monitor.errors import ConfigError
from monitor.watchlist import json_schema, load
from monitor.yamlfile import parse, plain

BAD = sorted((Path(__file__).parent / "bad").glob("*.yml"))
MARK = "#> "

# What no schema can see: it knows neither the text behind the values, nor other parts of the file, nor our data.
BEYOND_A_SCHEMA = {
    "alias-no-letters",
    "alias-short",
    "alias-strong-and-weak",
    "duplicate-key",
    "near-unknown",
    "no-entities",
    "no-title",  # without a title it may be a catalogue
    "quiet-nothing",
    "quiet-zone",
    "role-ends-at-once",
    "role-ends-before",
    "role-impossible-date",
    "role-unknown-country",
    "role-unknown-office",
    "rule-same-name",
    "rule-unknown-entity",
    "tag",
    "test-unknown-entity",
    "test-unknown-rule",
    "use-without-catalogue",
}
# Not even YAML, or nothing left of it.
NO_TREE = {"alias-without-anchor", "not-yaml", "tab", "too-deep", "two-documents"}


def said(path: Path) -> list[str]:
    """What the file expects to be told."""
    return [line.removeprefix(MARK) for line in path.read_text("utf-8").splitlines() if line.startswith(MARK)]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_is_told_with_place_and_fix(path: Path) -> None:
    """A bad file is refused with exactly the problems it names, each with line, column and fix."""
    with pytest.raises(ConfigError) as error:
        load([path])
    found = [f"{p.line}:{p.column}: {p.message}. Fix: {p.fix}" for p in error.value.problems]
    assert found
    assert [text.replace(f"{path.parent}/", "") for text in found] == said(path)


@pytest.mark.parametrize("path", [path for path in BAD if path.stem not in NO_TREE], ids=lambda path: path.stem)
def test_the_schema_sees_what_a_schema_can(path: Path) -> None:
    """An editor with the schema marks every bad file whose mistake lies in its own shape."""
    node, _ = parse(path.read_bytes(), path.name)
    valid = jsonschema.Draft202012Validator(json_schema()).is_valid(plain(node))
    assert valid == (path.stem in BEYOND_A_SCHEMA)


def test_all_problems_of_all_files_come_at_once() -> None:
    """Two bad files together give the problems of both, in the order of the files' names."""
    first, second = BAD[0], BAD[1]
    with pytest.raises(ConfigError) as error:
        load([second, first])
    assert [problem.file for problem in error.value.problems] == sorted(
        problem.file for problem in error.value.problems
    )
    assert len(error.value.problems) == len(said(first)) + len(said(second))
