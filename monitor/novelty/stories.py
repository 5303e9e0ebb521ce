"""Stories: articles chained by what they report, with their independent outlets. They close by silence, never merge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import Article
from monitor.novelty.lexicon import AGENCIES
from monitor.text.content import fold_word

CREDIT_REACH = 160
_AGENCIES = {fold_word(word): name for word, name in AGENCIES.items()}


def story_id(watchlist: str, article: str) -> str:
    """Return the story's identity: a hash of the watchlist and the story's first article."""
    return hashlib.sha256(f"{watchlist}\0{article}".encode()).hexdigest()[:16]


def agency(article: Article) -> str | None:
    """Return the agency that the article credits in its first or last lines, if it credits one."""
    text = article.body or article.summary or ""
    for part in (text[:CREDIT_REACH], text[-CREDIT_REACH:]):
        for word in part.replace("(", " ").replace(")", " ").replace("«", " ").replace("»", " ").split():
            name = _AGENCIES.get(fold_word(word.strip(".,:،؛-–—\"'")))
            if name:
                return name
    return None


@dataclass(slots=True)
class Story:
    """A running story: when it was last heard of, and its independent outlets (an agency counts once)."""

    id: str
    last: datetime
    outlets: set[str] = field(default_factory=set)

    def closed(self, now: datetime, silence: timedelta) -> bool:
        """Tell whether the story has been silent for so long that it is over."""
        return now - self.last > silence
