"""A slice of the mutation campaign: the one line of a part that must never go unnoticed."""

from __future__ import annotations

import ast

import pytest

from tests.campaign import mutate


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("a < b", "a <= b"),
        ("a in b", "a not in b"),
        ("a and b", "a or b"),
        ("a + 1", "a - 1"),
        ("not a", "a"),
        ("True", "False"),
        ("7", "8"),
    ],
)
def test_each_kind_of_place_is_changed(source: str, becomes: str) -> None:
    """A place that can be changed becomes another one that can be told from it."""
    new = mutate.changed(ast.parse(source, mode="eval").body)
    assert new is not None
    assert ast.unparse(new) == becomes


def test_words_are_left_alone() -> None:
    """A text is no place to change: whether its wording is right no test should say."""
    assert mutate.changed(ast.parse("'words'", mode="eval").body) is None
    assert mutate.changed(ast.parse("'a' + b", mode="eval").body) is None


def test_a_sample_is_drawn_alike_and_over_all_modules() -> None:
    """The same seed draws the same mutants, from more than one module, and none twice."""
    for part in mutate.PARTS.values():
        drawn = mutate.sample(part, 60, seed=3)
        assert drawn == mutate.sample(part, 60, seed=3)
        assert len(set(drawn)) == 60
        assert len({mutant.module for mutant in drawn}) > 1


def test_a_share_has_its_interval() -> None:
    """Wilson's interval holds the share, and is narrower for more mutants."""
    low, high = mutate.wilson(90, 100)
    assert 0.82 < low < 0.9 < high < 0.95
    assert mutate.wilson(900, 1000)[0] > low
