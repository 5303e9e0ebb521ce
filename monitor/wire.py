"""The public JSON: Article JSONL in, `explain --json` and `replay --json` out. Pure; shapes are a promise.

Article JSONL is one object a line: `id`, `source`, `url`, `published` (ISO 8601, without offset UTC), `lang`, `title`,
`summary`, `body`. Unknown keys are ignored; anything but a string (or null, where allowed) is a bad line.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.errors import InputError
from monitor.model import Article, Decision, Findings, Kind, Match, Mention, Novelty, Rejection
from monitor.tally import Row, Tally

Json = dict[str, Any]
REQUIRED = ("id", "source", "title")
OPTIONAL = ("url", "lang", "summary", "body")


def parse_article(line: str) -> Article:
    """Read one line of Article JSONL.

    Raises InputError with the reason, in words for the person who wrote the line.
    """
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON ({error.msg} at column {error.colno})") from error
    if not isinstance(data, dict):
        raise InputError("not a JSON object")
    for key in REQUIRED:
        if not isinstance(data.get(key), str):
            raise InputError(f"`{key}` must be a string")
    for key in OPTIONAL:
        if not isinstance(data.get(key), str | None):
            raise InputError(f"`{key}` must be a string or null")
    if not data["id"]:
        raise InputError("`id` must not be empty")
    known: Json = {key: data.get(key) for key in REQUIRED + OPTIONAL}
    return Article(published=parse_time(data.get("published")), **known)


def parse_label(line: str) -> str | None:
    """Return the kind that a (well-formed) line's article is labelled with: one of Kind; None for any other word."""
    label = json.loads(line).get("label") if '"label"' in line else None
    kind = label.get("kind") if isinstance(label, dict) else None
    return kind if kind in set(Kind) else None


def parse_time(value: object) -> datetime | None:
    """Read an ISO 8601 time or date; without offset it is UTC. Raises InputError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("`published` must be an ISO 8601 string or null")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise InputError(f"`published` is no ISO 8601 time: {value[:40]!r}") from error
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise InputError(f"`published` is out of range: {value[:40]!r}") from error


def explained(article: Article, findings: Sequence[Findings], novelty: Mapping[str, Novelty]) -> Json:
    """Return one object of `explain --json`: what every watchlist found and rejected, and how new that is."""
    return {
        "id": article.id,
        "lang": article.lang,
        "matches": [_match(match) for found in findings for match in found.matches],
        "rejected": [_rejection(rejection) for found in findings for rejection in found.rejected],
        "novelty": {name: _novelty(one) for name, one in novelty.items()},
    }


def replayed(
    article: Article,
    findings: Sequence[Findings],
    novelty: Mapping[str, Novelty],
    decisions: Sequence[Decision],
) -> Json:
    """Return one object of `replay --json`: what was found, how new it was, and what followed."""
    return {
        **explained(article, findings, novelty),
        "decisions": [_decision(decision) for decision in decisions],
    }


def summarised(counts: Tally) -> Json:
    """Return what a whole replay came to: the object of `replay --summary --json`."""
    return {
        "articles": counts.articles,
        "matched": counts.matched,
        "kinds": dict(counts.kinds),
        "alerts": dict(counts.alerts),
        "decisions": dict(counts.actions),
        "stories": len(counts.stories),
        "linked": len(counts.linked),
        "outlets": len(counts.outlets),
        "agencies": dict(counts.agencies),
        "thresholds": [{"at": at, "articles": number} for at, number in counts.curve()],
        "labelled": dict(Counter(kind for _, kind, _ in counts.labelled)),
        "fares": [_row(row) for row in counts.rows()],
    }


def _row(row: Row) -> Json:
    """Return how labelled articles fare; a threshold that no article reaches is null."""
    threshold = row.threshold if row.threshold is not None and math.isfinite(row.threshold) else None
    chance = dataclasses.asdict(row.intervals) if row.intervals else None
    return {"by": row.by, "at": row.at, "threshold": threshold, **dataclasses.asdict(row.standing), "intervals": chance}


def _match(match: Match) -> Json:
    return {
        "watchlist": match.watchlist,
        "entity": match.entity,
        "via": match.via,
        "mentions": [_mention(mention) for mention in match.mentions],
        "evidence": list(match.evidence),
    }


def _mention(mention: Mention) -> Json:
    return {
        "field": mention.field,
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "alias": mention.alias,
        "zone": str(mention.zone),
        "steps": list(mention.steps),
    }


def _rejection(rejection: Rejection) -> Json:
    return {
        "watchlist": rejection.watchlist,
        "entity": rejection.entity,
        "field": rejection.field,
        "start": rejection.start,
        "end": rejection.end,
        "surface": rejection.surface,
        "why": rejection.why,
    }


def _novelty(novelty: Novelty) -> Json:
    return {
        "score": round(novelty.score, 4),
        "kind": str(novelty.kind),
        "story": novelty.story,
        "nearest": novelty.nearest,
        "reasons": list(novelty.reasons),
        "added": list(novelty.added),
        "outlets": novelty.outlets,
        "agency": novelty.agency,
        "linked": list(novelty.linked),
        "parallel": list(novelty.parallel),
        "first_in": novelty.first_in,
        "entities": {
            name: {
                "score": round(one.score, 4),
                "kind": str(one.kind),
                "of": one.of,
                "reasons": list(one.reasons),
                "added": list(one.added),
                "parts": {part.name: [round(part.value, 4), part.weight] for part in one.parts},
            }
            for name, one in novelty.entities.items()
        },
    }


def _decision(decision: Decision) -> Json:
    return {
        "watchlist": decision.watchlist,
        "rule": decision.rule,
        "action": decision.action,
        "reason": str(decision.reason),
        "entities": list(decision.entities),
        "score": round(decision.score, 4),
        "kind": str(decision.kind) if decision.kind else None,
        "until": decision.until.isoformat() if decision.until else None,
    }
