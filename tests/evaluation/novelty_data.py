"""The labelled streams, matched by the program's own matcher."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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


def matched_streams(names: Sequence[str] = tuple(WATCHED)) -> dict[str, tuple[Watchlist, list[Labelled]]]:
    """Read every stream in its order, with what the matcher finds by the watchlist that its labels speak of."""
    lists = {name: load([ROOT / f"watchlist-{name}.yml"])[0] for name in ("2015", "2023")}
    matchers = {name: Matcher(watchlist) for name, watchlist in lists.items()}
    result: dict[str, tuple[Watchlist, list[Labelled]]] = {}
    for name in names:
        era = "2023" if name.startswith("english") else "2015"
        labelled = []
        with gzip.open(ROOT / "novelty" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                article, label = article_of(row), row["label"]
                findings = matchers[era].match(article)
                labelled.append(Labelled(name, article, findings, label["kind"], label["story"], label["nearest"]))
        result[name] = (lists[era], labelled)
    return result


def more_streams() -> dict[str, tuple[Watchlist, list[Labelled]]]:
    """Read the streams of MORE: the texts by id from the corpora, the labels from beside this file."""
    result: dict[str, tuple[Watchlist, list[Labelled]]] = {}
    for era, streams in MORE.items():
        labels = {
            name: [line.split("\t") for line in (LABELS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()]
            for name in streams
        }
        wanted = {row[0] for rows in labels.values() for row in rows}
        with gzip.open(ROOT / f"{CORPUS[era]}.jsonl.gz", "rt", encoding="utf-8") as lines:
            articles = {row["id"]: article_of(row) for row in map(json.loads, lines) if row["id"] in wanted}
        watchlist = load([LABELS / f"watchlist-{era}.yml"])[0]
        matcher = Matcher(watchlist)
        for name, rows in labels.items():
            result[name] = (watchlist, [
                Labelled(name, articles[i], matcher.match(articles[i]), kind, story, None if near == "-" else near)
                for i, kind, story, near in rows
            ])  # fmt: skip
    return result
