"""How well Russian names are found: per topic and over all, with bootstrap intervals.

Run `python -m tests.evaluation.russian [--errors]`. The data is SlavNER's Russian part; every person is watched by one
alias, the full name in the nominative, and an article counts as found or not per person.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.matching import Matcher
from monitor.model import Alias, Article, Entity, Mention, Rejection, Watchlist

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("MONITOR_EVAL_DATA", ROOT / "../shared/data"))
ARTICLES, ALIASES = DATA / "russian-names.jsonl.gz", DATA / "russian-names.aliases.json"
ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Result:
    """One article: its topic, the persons it names, and those that were found."""

    article: str
    topic: str
    named: frozenset[str]
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of a set of articles."""

    precision: float
    recall: float
    f1: float


def watchlist(aliases: Mapping[str, str]) -> Watchlist:
    """Return a watchlist with one strong alias a person."""
    entities = {key: Entity(key, name, aliases=(Alias(name, "ru"),)) for key, name in aliases.items()}
    return Watchlist("russian", "Russian names", entities)


def rows_of_data() -> Iterator[dict[str, Any]]:
    """Yield the data's articles as they are stored."""
    with gzip.open(ARTICLES, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def matcher() -> Matcher:
    """Compile the watchlist of the data's persons."""
    return Matcher(watchlist(json.loads(ALIASES.read_text(encoding="utf-8"))))


def results() -> tuple[Result, ...]:
    """Match every article of the data."""
    watching = matcher()
    rows = []
    for row in rows_of_data():
        found = frozenset(match.entity for match in watching.match(article(row)).matches)
        rows.append(Result(row["id"], row["id"].split("/")[0], frozenset(row["persons"]), found))
    return tuple(rows)


def sliced_wrongly() -> list[tuple[str, str]]:
    """Return every (article, surface) whose offsets do not slice to it."""
    watching = matcher()
    wrong = []
    for row in rows_of_data():
        text = article(row)
        findings = watching.match(text)
        spans: list[Mention | Rejection] = [
            *(mention for match in findings.matches for mention in match.mentions),
            *findings.rejected,
        ]
        wrong += [(text.id, one.surface) for one in spans if text.text(one.field)[one.start : one.end] != one.surface]
    return wrong


def article(row: Mapping[str, Any]) -> Article:
    """Read an article of the data."""
    day = row.get("published")
    published = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
    return Article(
        row["id"], row["source"], row["url"], published, row["lang"], row["title"] or "", row["summary"], row["body"]
    )


def score(rows: Iterable[Result]) -> Score:
    """Count articles and persons."""
    right = wrong = missed = 0
    for row in rows:
        right += len(row.named & row.found)
        wrong += len(row.found - row.named)
        missed += len(row.named - row.found)
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0)


def interval(rows: Sequence[Result], seed: int = 7) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the 95 % intervals of precision and recall over articles drawn anew."""
    chance = random.Random(seed)
    drawn = [score(chance.choices(rows, k=len(rows))) for _ in range(ROUNDS)]
    low, high = int(ROUNDS * 0.025), int(ROUNDS * 0.975)
    precisions, recalls = sorted(one.precision for one in drawn), sorted(one.recall for one in drawn)
    return (precisions[low], precisions[high]), (recalls[low], recalls[high])


def report(rows: Sequence[Result]) -> Iterable[str]:
    """Yield the table's lines."""
    topics = sorted({row.topic for row in rows})
    yield f"{'topic':<14}{'articles':>9}{'precision':>11}{'':>17}{'recall':>9}{'':>17}{'F1':>8}"
    for topic in (*topics, "all"):
        part = [row for row in rows if topic in ("all", row.topic)]
        one, (precision, recall) = score(part), interval(part)
        yield (
            f"{topic:<14}{len(part):>9}{one.precision:>11.3f} [{precision[0]:.3f}, {precision[1]:.3f}]"
            f"{one.recall:>9.3f} [{recall[0]:.3f}, {recall[1]:.3f}]{one.f1:>8.3f}"
        )


def errors(rows: Iterable[Result]) -> Iterable[str]:
    """Yield every person found wrongly or missed."""
    for row in rows:
        for sign, persons in (("+", row.found - row.named), ("-", row.named - row.found)):
            yield from (f"{sign} {row.article} {person}" for person in sorted(persons))


def main(arguments: Sequence[str]) -> int:
    """Print the table, and the errors where asked."""
    parser = argparse.ArgumentParser(description="Evaluate Russian names.")
    parser.add_argument("--errors", action="store_true")
    wanted = parser.parse_args(arguments)
    rows = results()
    for line in (*report(rows), *(errors(rows) if wanted.errors else ())):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
