"""The labelled streams, matched by the program's own matcher."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from monitor.matching import Matcher
from monitor.model import Article, Findings, Watchlist
from monitor.watchlist import load

ROOT = Path(os.environ.get("MONITOR_EVAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
WATCHED = {
    "lavrov": ("lavrov",), "turkey": ("erdogan", "cavusoglu"), "kerry": ("kerry",), "putin": ("putin",),
    "zarif": ("zarif",), "nasrallah": ("nasrallah",), "hadi": ("hadi",), "jubeir": ("jubeir",),
    "demistura": ("demistura",), "rouhani": ("rouhani",), "assad": ("assad",), "obama": ("obama",),
    "english-2023": ("lavrov", "fidan", "cavusoglu", "astana-format"), "english-erdogan-2023": ("erdogan",),
}  # fmt: skip
MORE = {
    "2015": {
        "netanyahu-ar": ("netanyahu",), "davutoglu": ("davutoglu",), "abadi": ("abadi",),
        "ould-cheikh": ("ould-cheikh",), "khamenei": ("khamenei",), "cameron": ("cameron",), "carter": ("carter",),
        "tsipras": ("tsipras",), "shoukry": ("shoukry",), "sisi": ("sisi",), "saleh": ("saleh",),
        "obama-2": ("obama",), "hadi-2": ("hadi",), "assad-2": ("assad",), "jubeir-2": ("jubeir",),
        "europeans": ("fabius", "mogherini"), "bahah": ("bahah",), "leaders": ("hollande", "merkel"),
        "envoys": ("ban", "zayani"), "asiri": ("asiri",), "barzani-abbas": ("barzani", "abbas"),
    },
    "2023": {
        "putin-en": ("putin",), "zelensky": ("zelensky",), "netanyahu": ("netanyahu",), "macron": ("macron",),
        "scholz": ("scholz",), "blinken": ("blinken",), "asia": ("xi", "kim", "modi"), "lula": ("lula",),
        "officials": ("stoltenberg", "austin", "raisi", "von-der-leyen", "medvedev"),
        "zelensky-2": ("zelensky",), "putin-2": ("putin",), "sunak": ("sunak",), "trump": ("trump",),
        "ardern": ("ardern",), "others": ("prigozhin", "ben-gvir", "pope-francis"),
    },
}  # fmt: skip
"""Streams of other entities in the same corpora, labelled for training alone: `labels/*.tsv` (id, kind, story,
nearest). Read once by one reader each; the figures are measured on the streams of WATCHED."""
CORPUS = {"2015": "articles-2015", "2023": "rss-items-2023-01"}
LABELS = Path(__file__).parent / "labels"
ALL_WATCHED = WATCHED | {name: entities for era in MORE.values() for name, entities in era.items()}
NEW = ("first", "development")


@dataclass(frozen=True)
class Labelled:
    """One labelled article of a stream."""

    stream: str
    article: Article
    findings: Findings
    kind: str
    story: str | None
    nearest: str | None


def article_of(row: dict) -> Article:
    """Make an article of one line of Article JSONL."""
    at = datetime.fromisoformat(row["published"]) if row["published"] else None
    at = at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
    return Article(row["id"], row["source"], row["url"], at, row["lang"], row["title"], row["summary"], row["body"])


def era_of(stream: str) -> str:
    """Return the year, and with it the corpus, that a stream comes from."""
    more = next((era for era, streams in MORE.items() if stream in streams), None)
    return more or ("2023" if stream.startswith("english") else "2015")


def twins(stream: str) -> set[str]:
    """Return the other streams of the same year that watch somebody whom this one watches."""
    return {
        other
        for other, entities in ALL_WATCHED.items()
        if other != stream and era_of(other) == era_of(stream) and set(entities) & set(ALL_WATCHED[stream])
    }


@lru_cache(maxsize=1)
def alike() -> dict[str, set[str]]:
    """Map each labelled article to those that share half of the shorter one's three-word sequences with it."""
    said: dict[str, set[tuple[str, ...]]] = {}
    wanted = {row[0] for streams in MORE.values() for name in streams for row in _labels(name)}
    for path in (*map(_stream, WATCHED), *map(_corpus, CORPUS)):
        for row in _rows(path):
            if row["id"] in wanted or "label" in row:
                words = " ".join(row[field] for field in ("title", "summary", "body") if row.get(field)).split()
                said[row["id"]] = set(zip(words, words[1:], words[2:], strict=False))
    holders: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, sequences in said.items():
        for one in sequences:
            holders[one].append(name)
    result: dict[str, set[str]] = {}
    for name, sequences in said.items():
        shared = Counter(other for one in sequences for other in holders[one])
        result[name] = {o for o, n in shared.items() if o != name and 2 * n >= min(len(sequences), len(said[o]))}
    return result


def kinds_of(stream: str) -> dict[str, str]:
    """Return the labelled kind of each article of a stream of WATCHED."""
    return {row["id"]: row["label"]["kind"] for row in _rows(_stream(stream))}


def _rows(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _stream(name: str) -> Path:
    return ROOT / "novelty" / f"{name}.jsonl.gz"


def _corpus(era: str) -> Path:
    return ROOT / f"{CORPUS[era]}.jsonl.gz"


def _labels(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (LABELS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()]


def matched_streams(names: Sequence[str] = tuple(WATCHED)) -> dict[str, tuple[Watchlist, list[Labelled]]]:
    """Read every stream in its order, with what the matcher finds by the watchlist that its labels speak of."""
    lists = {name: load([ROOT / f"watchlist-{name}.yml"])[0] for name in ("2015", "2023")}
    matchers = {name: Matcher(watchlist) for name, watchlist in lists.items()}
    result: dict[str, tuple[Watchlist, list[Labelled]]] = {}
    for name in names:
        era, labelled = era_of(name), []
        for row in _rows(_stream(name)):
            article, label = article_of(row), row["label"]
            findings = matchers[era].match(article)
            labelled.append(Labelled(name, article, findings, label["kind"], label["story"], label["nearest"]))
        result[name] = (lists[era], labelled)
    return result


def more_streams() -> dict[str, tuple[Watchlist, list[Labelled]]]:
    """Read the streams of MORE: the texts by id from the corpora, the labels from beside this file."""
    result: dict[str, tuple[Watchlist, list[Labelled]]] = {}
    for era, streams in MORE.items():
        labels = {name: _labels(name) for name in streams}
        wanted = {row[0] for rows in labels.values() for row in rows}
        articles = {row["id"]: article_of(row) for row in _rows(_corpus(era)) if row["id"] in wanted}
        watchlist = load([LABELS / f"watchlist-{era}.yml"])[0]
        matcher = Matcher(watchlist)
        for name, rows in labels.items():
            result[name] = (watchlist, [
                Labelled(name, articles[i], matcher.match(articles[i]), kind, story, None if near == "-" else near)
                for i, kind, story, near in rows
            ])  # fmt: skip
    return result
