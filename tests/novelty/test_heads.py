"""The heads: trees walked as they are written down, and the constants that make a score of two probabilities."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from monitor.novelty.heads import WEIGHTS, Chances, Forest, Judge, logit, shipped, sigmoid
from monitor.novelty.measures import NEWNESS

TABLE = {
    "names": ["x", "y"], "roots": [0, 5], "depth": 2, "scale": 0.5,
    "measure": [0, 0, 1, 0, 0, 0], "threshold": [0.5, 0, 2.0, 0, 0, 0],
    "left": [1, 1, 3, 3, 4, 5], "right": [2, 1, 4, 3, 4, 5], "value": [0, -1.0, 0, 1.0, 3.0, 2.0],
}  # fmt: skip


@pytest.mark.parametrize(("row", "total"), [((0.5, 9.0), -1.0 + 2.0), ((0.6, 2.0), 1.0 + 2.0), ((0.6, 2.1), 3.0 + 2.0)])
def test_trees_are_walked(row: tuple[float, float], total: float) -> None:
    """Each tree gives the value of the leaf that the measures lead to; the head adds them up."""
    assert Forest.load([TABLE]).probabilities(np.array(row)) == pytest.approx([sigmoid(total / 2)])


def test_each_head_has_its_own_trees() -> None:
    """Heads that are answered together answer as they do alone, also where their trees differ in size."""
    other = TABLE | {"roots": [0], "scale": 2.0}
    together = Forest.load([TABLE, other, TABLE]).probabilities(np.array((0.6, 2.1)))
    assert together == pytest.approx([sigmoid(5.0 / 2), sigmoid(3.0 * 2), sigmoid(5.0 / 2)])


def test_the_score_is_half_at_the_center() -> None:
    """The heads' weighted odds at the chosen center are a score of exactly one half, and more is more."""
    heads = Forest.load([TABLE] * 3)
    center = sum(weight * logit(chance) for weight, chance in zip(WEIGHTS.values(), (0.4, 0.5, 0.3), strict=True))
    judge = Judge(heads, center=center, slope=0.5)
    assert judge.score(Chances(0.4, 0.5, 0.3)) == pytest.approx(0.5)
    assert judge.score(Chances(0.5, 0.5, 0.4)) > 0.5 > judge.score(Chances(0.3, 0.5, 0.2))


def test_all_heads_ask_for_the_same_measures() -> None:
    """The shipped heads read one row, of measures that the program makes."""
    table = json.loads((files("monitor.novelty") / "data" / "heads.json").read_text(encoding="utf-8"))
    assert table["reported"]["names"] == table["new"]["names"] == table["both"]["names"]
    assert {f"x_{name}" for name in NEWNESS} <= set(shipped().heads.names)


def test_the_shipped_word_tables_are_readable() -> None:
    """Every model of every language has a constant and finite weights."""
    table = json.loads((files("monitor.novelty") / "data" / "words.json").read_text(encoding="utf-8"))
    assert set(table) == {"ar", "en"}
    for models in table.values():
        assert set(models) == {"context", "sentence", "opening", "page"}
        assert all("" in weights and all(abs(w) < 10 for w in weights.values()) for weights in models.values())
