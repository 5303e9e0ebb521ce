"""How well names and titles are found in the labelled Arabic articles, per entity and over all, with intervals.

Run `python -m tests.evaluation.names [--no-support] [--half odd|even] [--errors]`. Only labelled pairs of article and
entity count: `name` and `role` as present, `none` and `boilerplate` as absent; a match counts however it was made.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.matching import Matcher
from monitor.model import Article, Watchlist
from monitor.watchlist import load

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MONITOR_EVAL_DATA", ROOT / "../shared/data"))
ARTICLES, WATCHLIST = DATA / "entities-dev.jsonl.gz", DATA / "watchlist-2015.yml"
PRESENT = ("name", "role")
ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Pair:
    """One labelled entity of one article: what the label says, what was found, and what explains it."""

    article: str
    lang: str
    entity: str
    label: str
    found: bool
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of some pairs, with how many are present and how many were found."""

    precision: float
    recall: float
    f1: float
    present: int
    found: int


def watchlist(*, support: bool = True) -> Watchlist:
    """Read the labels' watchlist, with or without its authors' support words."""
    given = load([WATCHLIST])[0]
    if support:
        return given
    bare = {key: replace(entity, support={}) for key, entity in given.entities.items()}
    return replace(given, entities=bare)


def rows() -> Iterator[dict[str, Any]]:
    """Read the labelled articles."""
    with gzip.open(ARTICLES, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def article(row: dict[str, Any]) -> Article:
    """Make an article of one line; a time without offset is UTC."""
    published = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
    return Article(
        row["id"], row["source"], row["url"], published, row["lang"], row["title"], row["summary"], row["body"]
    )


def pairs(given: Watchlist, labelled: Iterable[dict[str, Any]]) -> tuple[Pair, ...]:
    """Match the articles and pair every label with what was found; every offset must slice to its surface."""
    matcher = Matcher(given)
    found: list[Pair] = []
    for row in labelled:
        read = article(row)
        findings = matcher.match(read)
        matches = {match.entity: match for match in findings.matches}
        for span in (*(mention for match in findings.matches for mention in match.mentions), *findings.rejected):
            assert read.text(span.field)[span.start : span.end] == span.surface, (read.id, span)
        for entity, label in row["labels"].items():
            match = matches.get(entity)
            why = tuple(f"{span.surface}: {span.why}" for span in findings.rejected if span.entity == entity)
            found.append(Pair(read.id, read.lang or "", entity, label, bool(match), match.evidence if match else why))
    return tuple(found)


def score(given: Iterable[Pair]) -> Score:
    """Return the figures of some pairs."""
    both = list(given)
    present = sum(pair.label in PRESENT for pair in both)
    found = sum(pair.found for pair in both)
    right = sum(pair.found and pair.label in PRESENT for pair in both)
    precision, recall = right / found if found else 1.0, right / present if present else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(precision, recall, f1, present, found)


def interval(given: Sequence[Pair], rounds: int = ROUNDS) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the 95 % bootstrap intervals of precision and recall, drawing whole articles."""
    by_article: dict[str, list[Pair]] = {}
    for pair in given:
        by_article.setdefault(pair.article, []).append(pair)
    articles, draw = list(by_article.values()), random.Random(1)
    drawn = [score(pair for one in draw.choices(articles, k=len(articles)) for pair in one) for _ in range(rounds)]
    low, high = int(rounds * 0.025), int(rounds * 0.975) - 1
    precision, recall = sorted(one.precision for one in drawn), sorted(one.recall for one in drawn)
    return (precision[low], precision[high]), (recall[low], recall[high])


def report(given: Sequence[Pair]) -> Iterator[str]:
    """Yield the table's lines: one an entity, one a language."""
    yield f"{'':14}{'precision':>10}{'recall':>10}{'F1':>8}{'present':>9}{'found':>7}"
    for entity in sorted({pair.entity for pair in given}):
        yield _line(entity, score(pair for pair in given if pair.entity == entity))
    for lang in sorted({pair.lang for pair in given}):
        chosen = [pair for pair in given if pair.lang == lang]
        yield _line(f"all {lang}", score(chosen))
        precision, recall = interval(chosen)
        yield f"{'95 %':14}{precision[0]:.3f}-{precision[1]:.3f} {recall[0]:.3f}-{recall[1]:.3f}"


def _line(name: str, one: Score) -> str:
    return f"{name:14}{one.precision:10.4f}{one.recall:10.4f}{one.f1:8.4f}{one.present:9}{one.found:7}"


def main(arguments: Sequence[str]) -> None:
    """Print the table and, if asked, every wrong pair with its evidence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-support", action="store_true", help="leave the watchlist's support words out")
    parser.add_argument("--half", choices=("odd", "even"), help="only every second article, for holding out")
    parser.add_argument("--errors", action="store_true", help="print every wrong pair with what explains it")
    asked = parser.parse_args(arguments)
    chosen = [row for place, row in enumerate(rows()) if asked.half is None or place % 2 == (asked.half == "odd")]
    result = pairs(watchlist(support=not asked.no_support), chosen)
    sys.stdout.write("\n".join(report(result)) + "\n")
    for pair in result:
        if asked.errors and pair.found != (pair.label in PRESENT):
            sys.stdout.write(f"{pair.article} {pair.entity} is {pair.label}: {'; '.join(pair.because) or 'nothing'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
