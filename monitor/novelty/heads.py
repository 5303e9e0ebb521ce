"""Three questions, answered from the measures: is something reported, is it new, is it both? A head is a set of small
trees.

A head's trees were grown by gradient boosting (Friedman, 2001) on labelled streams by
`python -m tests.evaluation.novelty_train`, which also chose `center`; they stand in `data/heads.json`
as plain tables, so that nothing but numpy is needed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, pairwise
from math import exp, log
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees of all heads over the same measures, all answered at once, in the manner of QuickScorer (Lucchese and
    others, 2015).

    Every split of every tree is asked, a column a tree. A split that sends the measures to the right strikes the leaves
    on its left side: `kept` has a bit for each of the others. The lowest leaf that nobody strikes is the tree's answer:
    `value` holds the trees' leaves one after the other, a tree's from `first` on. A head's trees are `heads[i]`.
    """

    names: tuple[str, ...]
    measure: npt.NDArray[np.intp]
    threshold: npt.NDArray[np.float64]
    kept: npt.NDArray[Any]
    value: npt.NDArray[np.float64]
    first: npt.NDArray[np.intp]
    heads: tuple[tuple[slice, float], ...]

    @classmethod
    def load(cls, tables: Sequence[Mapping[str, Any]]) -> Forest:
        """Make a forest of heads: names, scale and the trees' nodes as columns; a leaf points to itself."""
        trees = [(table, *_tree(table, root)) for table in tables for root in table["roots"]]
        splits, leaves = max(len(tree[1]) for tree in trees), max(len(tree[2]) for tree in trees)
        measure = np.zeros((splits, len(trees)), np.intp)
        threshold = np.full((splits, len(trees)), np.inf)
        struck = np.zeros((splits, len(trees)), np.min_scalar_type((1 << leaves) - 1))
        for column, (table, nodes, _) in enumerate(trees):
            for row, (node, left) in enumerate(nodes):
                measure[row, column], threshold[row, column] = table["measure"][node], table["threshold"][node]
                struck[row, column] = left
        upto = [0, *accumulate(len(table["roots"]) for table in tables)]
        heads = tuple(
            (slice(*border), float(table["scale"])) for border, table in zip(pairwise(upto), tables, strict=True)
        )
        first = np.array([0, *accumulate(len(values) for _, _, values in trees)], np.intp)[:-1]
        value = np.array([one for _, _, values in trees for one in values])
        return cls(tuple(tables[0]["names"]), measure, threshold, ~struck, value, first, heads)

    def probabilities(self, row: npt.NDArray[np.float64]) -> list[float]:
        """Return how sure each head is (0..1) about the measures in the order of `names`."""
        kept = self.kept | -(row.take(self.measure) <= self.threshold).astype(self.kept.dtype)
        left = np.bitwise_and.reduce(kept, axis=0)
        leaf = np.frexp((left & -left).astype(np.float32))[1] - 1
        answers = self.value.take(self.first + leaf)
        return [sigmoid(float(np.add.reduce(answers[trees])) * scale) for trees, scale in self.heads]


def _tree(table: Mapping[str, Any], root: int) -> tuple[list[tuple[int, int]], list[float]]:
    """Return a tree's splits, each with its left leaves as bits, and its leaves' values from left to right."""
    splits: list[tuple[int, int]] = []
    values: list[float] = []

    def walk(node: int) -> int:
        below = len(values)
        if table["left"][node] == node:
            values.append(table["value"][node])
            return 1 << below
        left = walk(table["left"][node])
        splits.append((node, left))
        return left | walk(table["right"][node])

    walk(root)
    return splits, values


# What each head's log-odds count for in the score. The third head alone does nearly as well: found by trying a few
# values on the held-out scores, where the differences are smaller than the intervals; the first two name the kind.
WEIGHTS = {"reported": 0.25, "new": 0.25, "both": 1.0}


class Chances(NamedTuple):
    """How sure the heads are (0..1) that something is reported, that it is new, and that something new is reported."""

    reported: float
    new: float
    both: float

    @property
    def odds(self) -> float:
        """The weighted sum of their log-odds."""
        return sum(weight * logit(chance) for chance, weight in zip(self, WEIGHTS.values(), strict=True))


@dataclass(frozen=True, slots=True)
class Judge:
    """The heads, in the order of Chances, and the constants that turn their odds into the score that rules compare
    with 0.5.
    """

    heads: Forest
    center: float
    slope: float

    def chances(self, measures: Mapping[str, float]) -> Chances:
        """Return how sure the heads are."""
        row = np.array(_picker(self.heads.names)(measures), np.float64)
        return Chances(*self.heads.probabilities(row))

    def score(self, chances: Chances) -> float:
        """Return the score: the odds, moved so that 0.5 is where alerts should begin."""
        return sigmoid(self.slope * (chances.odds - self.center))


@lru_cache(maxsize=8)
def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, float]], tuple[float, ...]]:
    """Return what takes the values of these names out of a mapping."""
    return itemgetter(*names)


def sigmoid(value: float) -> float:
    """Return the logistic function."""
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, value))))


def logit(share: float) -> float:
    """Return the inverse of the logistic function, finite everywhere."""
    bounded = max(1e-9, min(1 - 1e-9, share))
    return log(bounded / (1 - bounded))


@lru_cache(maxsize=1)
def shipped() -> Judge:
    """Return the judge that the program comes with."""
    table = json.loads((files("monitor.novelty") / "data" / "heads.json").read_text(encoding="utf-8"))
    heads = Forest.load([table[name] for name in Chances._fields])
    return Judge(heads, float(table["center"]), float(table["slope"]))
