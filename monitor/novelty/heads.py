"""The two questions, answered from the measures: is something reported, and is it new? A head is a set of small trees.

A head's trees were grown by gradient boosting (Friedman, 2001) on labelled streams by
`python -m tests.evaluation.novelty_train`, which also chose the two constants below; they stand in `data/heads.json`
as plain tables, so that nothing but numpy is needed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Head:
    """Trees over named measures, all walked at once. A node is a row; a leaf points to itself."""

    names: tuple[str, ...]
    roots: npt.NDArray[np.int32]
    measure: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]
    depth: int
    scale: float

    @classmethod
    def load(cls, table: Mapping[str, Any]) -> Head:
        """Make a head of its table: names, depth, scale and the trees' nodes as columns."""
        return cls(
            tuple(table["names"]),
            np.array(table["roots"], np.int32),
            np.array(table["measure"], np.int32),
            np.array(table["threshold"], np.float64),
            np.array(table["left"], np.int32),
            np.array(table["right"], np.int32),
            np.array(table["value"], np.float64),
            int(table["depth"]),
            float(table["scale"]),
        )

    def probability(self, row: npt.NDArray[np.float64]) -> float:
        """Return how sure the head is (0..1) about the measures in the order of `names`."""
        node = self.roots
        for _ in range(self.depth):
            node = np.where(row[self.measure[node]] <= self.threshold[node], self.left[node], self.right[node])
        return sigmoid(float(self.value[node].sum()) * self.scale)


@dataclass(frozen=True, slots=True)
class Judge:
    """Both heads, and the constants that turn their product into the score that rules compare with 0.5."""

    news: Head
    fresh: Head
    center: float
    slope: float

    def probabilities(self, measures: Mapping[str, float]) -> tuple[float, float]:
        """Return how sure the heads are that something is reported, and that it is new."""
        row = np.array([measures[name] for name in self.news.names], np.float64)
        return self.news.probability(row), self.fresh.probability(row)

    def score(self, news: float, fresh: float) -> float:
        """Return the score: the product of both, moved so that 0.5 is where alerts should begin."""
        return sigmoid(self.slope * (logit(news * fresh) - self.center))


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
    return Judge(Head.load(table["news"]), Head.load(table["fresh"]), float(table["center"]), float(table["slope"]))
