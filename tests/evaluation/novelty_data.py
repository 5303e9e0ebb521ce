"""The labelled streams, and a simple matcher for research that needs nothing but the watched spellings."""

from __future__ import annotations

import gzip
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.model import FIELDS, Article, Findings, Match, Mention, Zone

ROOT = Path(os.environ.get("MONITOR_EVAL_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
WATCHED = {
    "lavrov": ("lavrov",), "turkey": ("erdogan", "cavusoglu"), "kerry": ("kerry",), "putin": ("putin",),
    "zarif": ("zarif",), "nasrallah": ("nasrallah",), "hadi": ("hadi",), "jubeir": ("jubeir",),
    "demistura": ("demistura",), "rouhani": ("rouhani",), "assad": ("assad",), "obama": ("obama",),
    "english-2023": ("lavrov", "fidan", "cavusoglu", "astana-format"), "english-erdogan-2023": ("erdogan",),
}  # fmt: skip
NEW = ("first", "development")
SPELLINGS = {
    "lavrov": "لافروف|lavrov|وزير الخارجية الروسي|وزير خارجية روسيا|الخارجيه الروسي",
    "erdogan": "اردوغان|اردوجان|الرئيس التركي|erdogan|turkish president|turkey's president",
    "cavusoglu": "جاويش اوغلو|شاويش اوغلو|تشاووش اوغلو|جاوش اوغلو|تشاوش اوغلو|وزير الخارجيه التركي|وزير خارجيه تركيا|cavusoglu|turkish foreign minister|turkey's foreign minister",
    "kerry": "كيري|وزير الخارجيه الاميركي|وزير الخارجيه الامريكي|وزير خارجيه الولايات المتحده",
    "putin": "بوتين|بوتن|الرئيس الروسي", "zarif": "ظريف|وزير الخارجيه الايراني|وزير خارجيه ايران",
    "nasrallah": "نصر الله|نصرالله|الامين العام لحزب الله|امين عام حزب الله", "hadi": "هادي|الرييس اليمني|الرئيس اليمني",
    "jubeir": "الجبير|وزير الخارجيه السعودي|وزير الخارجيه|وزير خارجيه المملكه",
    "demistura": "دي ميستورا|ديميستورا|دي مستورا|ديمستورا|المبعوث الاممي|المبعوث الدولي",
    "rouhani": "روحاني|الرئيس الايراني", "assad": "الاسد|بشار|الرئيس السوري", "obama": "اوباما|الرئيس الاميركي|الرئيس الامريكي",
    "fidan": "fidan", "astana-format": "astana",
}  # fmt: skip
_CLASSES = {"g": "[gğ]", "ا": "[اأإآٱ]", "ه": "[هة]", "ي": "[يىئیي]", "ئ": "[ئي]"}


def _pattern(text: str) -> re.Pattern[str]:
    parts = []
    for spelling in text.split("|"):
        letters = [r"\s+" if c == " " else _CLASSES.get(c, re.escape(c)) for c in spelling]
        parts.append(r"[\u0640\u064b-\u0652]*".join(letters))
    return re.compile(r"(?<!\w)[وفبلك]{0,2}(?:" + "|".join(parts) + r")(?:['’]s)?(?!\w)", re.IGNORECASE)


PATTERNS = {entity: _pattern(text) for entity, text in SPELLINGS.items()}


@dataclass(frozen=True)
class Labelled:
    """One labelled article of a stream."""

    stream: str
    article: Article
    findings: Findings
    kind: str
    story: str | None
    nearest: str | None
    new: str | None


def article_of(row: dict) -> Article:
    """Make an article of one line of Article JSONL."""
    at = datetime.fromisoformat(row["published"]) if row["published"] else None
    at = at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
    return Article(row["id"], row["source"], row["url"], at, row["lang"], row["title"], row["summary"], row["body"])


def find(article: Article, entities: tuple[str, ...]) -> Findings:
    """Find the entities' spellings."""
    matches = []
    for entity in entities:
        mentions = [
            Mention(name, m.start(), m.end(), m.group(), entity, Zone.TITLE if name == "title" else Zone.BODY)
            for name in FIELDS
            for m in PATTERNS[entity].finditer(article.text(name))
        ]
        if mentions:
            matches.append(Match("w", entity, "name", tuple(mentions)))
    return Findings(tuple(matches))


def streams() -> dict[str, list[Labelled]]:
    """Read every stream, in its order."""
    result: dict[str, list[Labelled]] = {}
    for name, entities in WATCHED.items():
        rows = []
        with gzip.open(ROOT / "novelty" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                article = article_of(row)
                label = row["label"]
                rows.append(Labelled(name, article, find(article, entities), label["kind"], label["story"],
                                     label["nearest"], label["new"]))
        result[name] = rows
    return result
