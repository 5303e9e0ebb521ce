"""A slice of the mutation campaign: that its mutants differ, its samples repeat, and its verdicts are true."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign import mutate

HOURS = mutate.Part(("alerts/hours.py",), ("tests/alerts/test_hours.py",))


def test_every_part_has_its_modules_and_tests() -> None:
    """What a part names is there."""
    for part in mutate.PARTS.values():
        for pattern in part.modules:
            assert list((mutate.ROOT / "monitor").glob(pattern)), pattern
        for test in part.tests:
            assert (mutate.ROOT / test).exists(), test


def test_the_guards_are_judged_by_every_test_that_uses_one() -> None:
    """No file of tests that imports a guard is left out of its part, whatever files the tests are parted into."""
    guards = {Path(name).stem for name in mutate.PARTS["guards"].modules}
    for file in sorted((mutate.ROOT / "tests/feeds").glob("test_*.py")):
        imports = [one for one in ast.parse(file.read_bytes()).body if isinstance(one, ast.ImportFrom)]
        used = {f"{one.module}.{name.name}" for one in imports for name in one.names}
        if any(f"{name}.".startswith(f"monitor.feeds.{guard}.") for name in used for guard in guards):
            assert f"tests/feeds/{file.name}" in mutate.PARTS["guards"].tests


def test_each_mutant_is_another_program() -> None:
    """A mutant parses, differs from the original in one place, and says the lines that differ."""
    source = mutate.Source(mutate.ROOT / "monitor/alerts/hours.py")
    original = ast.dump(ast.parse(source.text))
    assert len(source) > 50
    for number in range(0, len(source), 10):
        assert ast.dump(ast.parse(source.changed(number))) != original
        mutant = source.mutant(number)
        assert mutant.before != mutant.after
        assert mutant.before.split()[0] in source.text.splitlines()[mutant.line - 1]


def test_a_sample_is_drawn_alike() -> None:
    """The same seed draws the same mutants, none twice; another seed draws others."""
    drawn = mutate.sample(HOURS, 40, seed=3)[1]
    assert drawn == mutate.sample(HOURS, 40, seed=3)[1]
    assert len(set(drawn)) == 40
    assert drawn != mutate.sample(HOURS, 40, seed=4)[1]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mutate.Bench]:
    """A copy of the tree, with what the tests of hours reach."""
    with mutate.Bench(HOURS, tmp_path_factory.mktemp("bench"), jobs=1) as one:
        yield one


def judged(bench: mutate.Bench, before: str, after: str) -> mutate.Fate:
    """Judge a change of ours, made where that text stands."""
    source = mutate.Source(mutate.ROOT / "monitor/alerts/hours.py")
    assert before in source.text
    line = source.text[: source.text.index(before)].count("\n") + 1
    changed = source.text.replace(before, after, 1)
    return bench.judge(mutate.Mutant(source.name, 0, line, before, after), changed)


def test_a_verdict_is_true(bench: mutate.Bench) -> None:
    """A wrong answer is noticed by a test, a comment by none, and an endless loop by the time."""
    bench.limit = 300
    module = bench.trees[0] / "monitor/alerts/hours.py"
    original = module.read_bytes()
    wrong = judged(bench, "return late\n", "return None\n")
    assert wrong.fate == "killed"
    assert "tests/alerts/test_hours.py::" in wrong.test
    assert judged(bench, "return late\n", "return late  # the first\n").fate == "survived"
    bench.limit = 4
    assert judged(bench, "(late - early) // 2\n", "(late - early) * 0\n").fate == "timeout"
    assert module.read_bytes() == original


def test_what_a_file_does_when_it_is_read_is_judged_by_its_tests(tmp_path: Path) -> None:
    """A wrong answer that many tests reach is noticed by one that finds it in a table made before."""
    part = mutate.Part(("alerts/decide.py",), ("tests/alerts/test_decide.py", "tests/alerts/test_reasons.py"))
    source = mutate.Source(mutate.ROOT / "monitor/alerts/decide.py")
    before, after = 'each_language != "first"', 'each_language != "never"'
    line = source.text[: source.text.index(before)].count("\n") + 1
    with mutate.Bench(part, tmp_path, jobs=1) as bench:
        mutant = mutate.Mutant(source.name, 0, line, before, after)
        fate = bench.judge(mutant, source.text.replace(before, after, 1))
    assert "test_reasons.py::" in fate.test


def test_a_journal_knows_what_was_judged(tmp_path: Path) -> None:
    """What was noted is known again on the same code and tests, and by no other part."""
    (mutant,) = mutate.sample(HOURS, 1, seed=1)[1]
    fate = mutate.Fate("killed", 1.5, "FAILED tests/alerts/test_hours.py::test_x")
    file = tmp_path / "journal"
    mutate.Journal(file, HOURS).add(mutant, fate)
    assert mutate.Journal(file, HOURS).known(mutant) == fate
    assert mutate.Journal(file, mutate.PARTS["alerts"]).known(mutant) is None


def test_a_share_has_its_interval() -> None:
    """Wilson's interval holds the share, and is narrower for more mutants."""
    low, high = mutate.wilson(90, 100)
    assert 0.82 < low < 0.9 < high < 0.95
    assert mutate.wilson(900, 1000)[0] > low
