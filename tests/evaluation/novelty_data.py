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
