"""Small complete values for tests of alerts and channels: say what matters, the rest is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from monitor.model import (
    Alert,
    Article,
    Condition,
    Entity,
    EntityNovelty,
    Findings,
    Kind,
    Match,
    Mention,
    Novelty,
    Part,
    Rule,
    Watchlist,
    Zone,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
WATCHLIST = Watchlist(
    "box",
    "Box",
    {
        "anna": Entity("anna", "Anna Orlova"),
        "omar": Entity("omar", "Omar Haddad"),
        "selim": Entity("selim", "Selim Kaya"),
    },
)
ARABIC = "أعلن عمر حداد أن الاجتماع سيعقد غداً. وأضاف أن الوفد وصل."


#: Moments of twenty years, for Hypothesis.
MOMENTS = st.timedeltas(timedelta(), timedelta(days=20 * 365)).map(
    lambda since: datetime(2010, 1, 1, tzinfo=UTC) + since
)


def article(**changes: Any) -> Article:
    """An Arabic article, published half an hour before NOW."""
    values: dict[str, Any] = {
        "id": "article-1",
        "source": "news.example",
        "url": "https://news.example/1",
        "published": NOW.replace(hour=11, minute=30),
        "lang": "ar",
        "title": "عمر حداد يعلن موعد الاجتماع",
        "summary": ARABIC,
        "first_seen": NOW,
    }
    return Article(**values | changes)


def rule(*every: str, **changes: Any) -> Rule:
    """A rule on all of the entities (anna by default) that sends to the desk."""
    values: dict[str, Any] = {"name": "News", "when": Condition(all=every or ("anna",)), "send_to": ("desk",)}
    return Rule(**values | changes)


def mention(start: int, end: int, surface: str = "", **changes: Any) -> Mention:
    """A mention by name in the summary."""
    values: dict[str, Any] = {"field": "summary", "alias": surface or "x", "zone": Zone.LEAD}
    return Mention(start=start, end=end, surface=surface, **values | changes)


def match(entity: str, *mentions: Mention) -> Match:
    """A match; without mentions, one by name at the start of the summary."""
    found = mentions or (mention(0, 4),)
    return Match("box", entity, "name" if any(one.via == "name" for one in found) else "role", found)


def found(*entities: str) -> Findings:
    """Findings of these entities, by name."""
    return Findings(tuple(match(entity) for entity in entities or ("anna",)))


def novelty(score: float = 0.8, kind: Kind = Kind.FIRST, **entities: EntityNovelty | tuple[float, Kind]) -> Novelty:
    """A judgement of the story `tale`; entities as EntityNovelty or (score, kind)."""
    given: Mapping[str, EntityNovelty | tuple[float, Kind]] = entities or {"anna": (score, kind)}
    made = {name: one if isinstance(one, EntityNovelty) else EntityNovelty(*one) for name, one in given.items()}
    return Novelty(score, kind, "tale", entities=made)


def alert(**changes: Any) -> Alert:
    """An alert about Omar with everything filled in."""
    at = ARABIC.index("عمر حداد")
    values: dict[str, Any] = {
        "key": "ab" * 32,
        "watchlist": "box",
        "rule": "News on Omar",
        "severity": "high",
        "created": NOW,
        "article": article(),
        "story": "tale",
        "kind": Kind.DEVELOPMENT,
        "score": 0.75,
        "names": {"omar": "Omar Haddad"},
        "matches": (match("omar", mention(at, at + 8, "عمر حداد")),),
        "reasons": ("a statement that no earlier article has",),
        "added": ("أعلن عمر حداد أن الاجتماع سيعقد غداً.",),
        "parts": (Part("statement", 0.9, 0.5),),
        "nearest": "article-0",
        "outlets": 2,
        "agency": "Example Wire",
    }
    return Alert(**values | changes)
