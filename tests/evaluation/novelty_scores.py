"""Scores of labelled articles, pooled over streams; the held-out ones stand in `held_out.tsv`, without any text.

A line of it is an article and a watched entity in it: stream, article id, entity, labelled kind, and the chances of the
three heads (`monitor/novelty/heads.py`), grown without that stream; `novelty_train validate` writes it. The score is
not there: the heads' chances make it, and where its middle stands is another question.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from monitor.novelty.heads import Chances, shipped
from monitor.tally import Intervals, Standing, intervals, standing, threshold_for
from tests.evaluation.novelty_data import ROOT, WATCHED, kinds_of

HELD_OUT = Path(__file__).parent / "held_out.tsv"
COLUMNS = ("stream", "article", "entity", "kind", *Chances._fields)


class Row(NamedTuple):
    """One watched entity in one labelled article, and what the heads made of it."""

    stream: str
    article: str
    entity: str
    kind: str
    chances: Chances


@dataclass(frozen=True)
class Pooled:
    """Articles with their streams, labelled kinds and scores."""

    stream: tuple[str, ...]
    kind: tuple[str, ...]
    score: tuple[float, ...]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, float]]) -> Pooled:
        """Pool rows of stream, article, kind and score: an article's score is the best of its watched entities'."""
        best: dict[tuple[str, str], tuple[str, float]] = {}
        for stream, article, kind, score in rows:
            place = stream, article
            best[place] = (kind, max(score, best.get(place, ("", -1e9))[1]))
        kinds, scores = zip(*best.values(), strict=True)
        return cls(tuple(stream for stream, _ in best), kinds, scores)

    @property
    def streams(self) -> list[str]:
        """The streams, in their order."""
        return list(dict.fromkeys(self.stream))

    def take(self, chosen: Sequence[bool]) -> Pooled:
        """Return some of the articles."""
        return Pooled(*(tuple(compress(column, chosen)) for column in (self.stream, self.kind, self.score)))

    def only(self, name: str) -> Pooled:
        """Return the articles of one stream."""
        return self.take([stream == name for stream in self.stream])

    def at(self, threshold: float) -> Standing:
        """Return how the articles fare at a threshold."""
        return standing(self.score, self.kind, threshold)

    def threshold(self, recall: float) -> float:
        """Return the highest threshold that alerts on that share of the new articles."""
        return threshold_for(self.score, self.kind, recall)

    def interval(self, at: float) -> Intervals:
        """Return 95 % intervals at a threshold, by bootstrap over the articles within each stream."""
        return intervals(self.score, self.kind, at, streams=self.stream)

    def interval_at_recall(self, recall: float) -> Intervals:
        """Return 95 % intervals at a recall, the threshold found anew in each sample."""
        return intervals(self.score, self.kind, recall, by="recall", streams=self.stream)

    def nested(self, recall: float) -> Pooled:
        """Move each stream's scores so that 0 is where the other streams alone would have put that recall."""
        cut = {s: self.take([other != s for other in self.stream]).threshold(recall) for s in self.streams}
        moved = (score - cut[stream] for stream, score in zip(self.stream, self.score, strict=True))
        return Pooled(self.stream, self.kind, tuple(moved))


def write(rows: Iterable[Row], path: Path = HELD_OUT) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows((*row[:4], *(f"{chance:.6f}" for chance in row.chances)) for row in rows)


def read(path: Path = HELD_OUT) -> list[Row]:
    """Read the table."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = iter(csv.reader(file, delimiter="\t"))
        if (found := tuple(next(lines, ()))) != COLUMNS:
            raise ValueError(f"{path.name}: its columns are {found}, not {COLUMNS}")
        return [Row(*line[:4], Chances(*map(float, line[4:]))) for line in lines]


def check(rows: Iterable[Row]) -> None:
    """Raise ValueError where the table and the labels of the streams disagree; without the streams nothing is asked."""
    if not (ROOT / "novelty").is_dir():
        return
    table = {(row.stream, row.article): row.kind for row in rows}
    labels = {(name, article): kind for name in WATCHED for article, kind in kinds_of(name).items() if kind != "not"}
    for place in sorted(table.keys() | labels.keys()):
        if table.get(place) != labels.get(place):
            raise ValueError(
                f"{HELD_OUT.name}: article {place[1]} of {place[0]} is {table.get(place, 'absent')} in the table and "
                f"{labels.get(place, 'absent')} by the labels: write it anew (novelty_train measure, words, validate)"
            )


def held_out(score: Callable[[Chances], float] | None = None) -> Pooled:
    """Return the held-out scores, by default on the scale of the program, where rules compare with 0.5."""
    rows, score = read(), score or shipped().score
    check(rows)
    return Pooled.of((row.stream, row.article, row.kind, score(row.chances)) for row in rows)
